"""The primitive operations in a programming language; rules of all other operations are made of these.

Each spelling has a precedence, which decides where parentheses go. Operations that a language lacks, or that differ
from IEEE 754 at the edges, come with a definition in that language.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from mgrad_cli.codegen.names import Identifiers

ANY, CHOICE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, ATOM = range(10)
"""Precedence, from anything at all to an expression that never needs parentheses. All languages share this order."""

WORD = re.compile(r"(?<![\w.])[^\W\d]\w*")
"""A name that does not follow a point."""


class Spelled(NamedTuple):
    """An expression in the language, with its precedence."""

    text: str
    level: int = ATOM


class Primitive(NamedTuple):
    """An operation as a template such as `{0} - {1}`, its precedence, and the lowest precedence of each operand.

    Operands below that precedence go in parentheses. Every operand occurs once, so that texts grow no faster than
    formulas. A literal is a primitive without operands.
    """

    spelling: str
    level: int = ATOM
    operand_levels: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()


class Definition(NamedTuple):
    """The text of a function or constant that spellings use, with the imports and definitions it uses itself."""

    source: str
    needs: tuple[str, ...] = ()


class Language(NamedTuple):
    """A programming language.

    primitives  the operations by name, for any operands; `max` and `min` of two
    booleans    comparisons, logic and `where` on conditions of the language, which are never nan
    quotient    division by a number other than zero
    imports     import lines, by the word that needs them, or by "" if always present
    support     definitions by name, each after those it needs
    literal     a function that writes a double so that it reads back unchanged
    statement   the template that assigns an `{expression}` to a `{name}`
    comment     the template of a comment with one line of `{text}`
    identifiers the rules for names of variables
    """

    name: str
    primitives: Mapping[str, Primitive]
    booleans: Mapping[str, Primitive]
    quotient: Primitive
    imports: Mapping[str, str]
    support: dict[str, Definition]
    literal: Callable[[float], Primitive]
    statement: str
    comment: str
    identifiers: Identifiers


class Requirements(NamedTuple):
    """The imports and the sources of definitions that must precede a text."""

    imports: list[str]
    definitions: list[str]


def spell(primitive: Primitive, *operands: Spelled, parentheses: str = "({})") -> Spelled:
    """Return an operation on operands, with parentheses around operands of lower precedence."""
    texts = [
        operand.text if operand.level >= level else parentheses.format(operand.text)
        for operand, level in zip(operands, primitive.operand_levels, strict=True)
    ]
    return Spelled(primitive.spelling.format(*texts), primitive.level)


def requirements(language: Language, needs: Iterable[str]) -> Requirements:
    """Return what primitives with these needs require, directly and indirectly, each once and in order."""
    wanted = {"", *needs}
    for name in reversed(language.support):
        if name in wanted:
            wanted.update(language.support[name].needs)
    return Requirements(
        [line for word, line in language.imports.items() if word in wanted],
        [definition.source for name, definition in language.support.items() if name in wanted],
    )


def call(function: str, operands: int = 1) -> Primitive:
    """Return the primitive that calls a function by name."""
    indices = ", ".join(f"{{{index}}}" for index in range(operands))
    return Primitive(f"{function}({indices})", ATOM, (ANY,) * operands)


def language(
    name: str,
    *,
    primitives: Mapping[str, Primitive],
    booleans: Mapping[str, Primitive],
    imports: Mapping[str, str],
    support: str,
    nan: str,
    infinity: str,
    digits: Callable[[float], str] = repr,
    statement: str,
    comment: str,
    reserved: str,
    families: str = "",
    private: str = "__",
    is_ascii: bool = False,
) -> Language:
    """Return a language. Its definitions, with two blank lines between them, are in the file `support` of this folder.

    The needs of a text are the names it uses. `digits` writes a finite number without a sign. Names of variables are
    not in `reserved`, do not match the pattern `families`, and do not start with `private`.
    """
    definitions = Path(__file__).with_name(support).read_text(encoding="utf-8")
    sources = {defined_name(source): source for source in definitions.strip().split("\n\n\n")}
    known = [*imports, *sources]
    remark = re.compile(rf"{re.escape(comment.removesuffix('{text}'))}.*|\"{{3}}.*\"{{3}}")

    def needs(text: str, own: str = "") -> tuple[str, ...]:
        words = set(WORD.findall(remark.sub("", text))) - {own}
        return tuple(name for name in known if name in words)

    def complete(spellings: Mapping[str, Primitive]) -> dict[str, Primitive]:
        return {name: primitive._replace(needs=needs(primitive.spelling)) for name, primitive in spellings.items()}

    def literal(number: float) -> Primitive:
        size = abs(number)
        text = nan if number != number else infinity if math.isinf(number) else digits(size)
        is_negative = number == number and math.copysign(1.0, number) < 0
        return Primitive(f"-{text}", UNARY, needs=needs(text)) if is_negative else Primitive(text, needs=needs(text))

    return Language(
        name=name,
        primitives=complete(primitives),
        booleans=complete(booleans),
        quotient=QUOTIENT,
        imports=imports,
        support={name: Definition(source, needs(source, name)) for name, source in sources.items()},
        literal=literal,
        statement=statement,
        comment=comment,
        identifiers=Identifiers(
            frozenset({*reserved.split(), *filter(None, known)}),
            re.compile(families, re.VERBOSE),
            private,
            is_ascii,
        ),
    )


def defined_name(source: str) -> str:
    """Return the name that a definition defines: the first before a parenthesis, bracket or equals sign."""
    found = re.search(r"^(?!//|#).*?(\w+)(?:\(| =|\[)", source, re.MULTILINE)
    assert found is not None
    return found[1]


BESSEL = ("j0", "j1", "y0", "y1")
"""The Bessel functions by their number in a single definition."""

OPERATORS = {
    "add": Primitive("{0} + {1}", SUM, (SUM, PRODUCT)),
    "subtract": Primitive("{0} - {1}", SUM, (SUM, PRODUCT)),
    "multiply": Primitive("{0} * {1}", PRODUCT, (PRODUCT, UNARY)),
    "negative": Primitive("-{0}", UNARY, (ATOM,)),
}
"""Operators with the same spelling and IEEE 754 meaning in every language. In some, `--x` is another operator."""

QUOTIENT = Primitive("{0} / {1}", PRODUCT, (PRODUCT, UNARY))

COMPARISONS = {
    "less": Primitive("{0} < {1}", COMPARISON, (SUM, SUM)),
    "less_equal": Primitive("{0} <= {1}", COMPARISON, (SUM, SUM)),
    "greater": Primitive("{0} > {1}", COMPARISON, (SUM, SUM)),
    "greater_equal": Primitive("{0} >= {1}", COMPARISON, (SUM, SUM)),
    "equal": Primitive("{0} == {1}", COMPARISON, (SUM, SUM)),
}
"""Comparisons as conditions, which are false with nan."""


def numbers(booleans: Mapping[str, Primitive], spelling: str, level: int = ATOM) -> dict[str, Primitive]:
    """Return comparisons as the numbers 1 and 0, each wrapped in a template such as `float({})`."""
    return {
        name: Primitive(spelling.format(boolean.spelling), level, boolean.operand_levels)
        for name, boolean in booleans.items()
    }
