"""How a programming language spells the primitive operations, those that the rules of all the others are made of.

A spelling says how tightly it binds, so that a writer of formulas knows where parentheses belong; what a language
lacks, or has with other edges than IEEE 754, comes with it as a definition in that language.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from mgrad_cli.codegen.names import Identifiers

ANY, CHOICE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, UNARY, ATOM = range(10)
"""How tightly a text binds, from anything at all to what never needs parentheses; an order that all of them share."""

WORD = re.compile(r"(?<![\w.])[^\W\d]\w*")
"""A name, other than one after a point."""


class Spelled(NamedTuple):
    """An expression in the language, and how tightly it binds."""

    text: str
    level: int = ATOM


class Primitive(NamedTuple):
    """An operation: `{0} - {1}`, its level, and the least level of each operand that goes without parentheses.

    Every operand stands once, so that texts grow no faster than formulas. A literal is a primitive without operands.
    """

    spelling: str
    level: int = ATOM
    operand_levels: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()


class Definition(NamedTuple):
    """The text of a function or constant that spellings use, and the imports and definitions it uses itself."""

    source: str
    needs: tuple[str, ...] = ()


class Language(NamedTuple):
    """A programming language.

    primitives  the operations by their names, for any operands; `max` and `min` of two
    truths      comparisons, logic and `where` over truths: conditions as the language has them, never nan
    quotient    division by a number that is not zero
    imports     lines that go first, by the word that needs them, or by "" where the line is always there
    support     definitions by their names, each after what it needs
    literal     how a double is written, so that it reads back as the same
    statement   how a `{name}` is given to an `{expression}`
    comment     a line of comment with a `{text}` of one line
    identifiers what variables may be called
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
    """What goes before a text in a language: lines of import, and the sources of definitions."""

    imports: list[str]
    definitions: list[str]


def spell(primitive: Primitive, *operands: Spelled, parentheses: str = "({})") -> Spelled:
    """The operation on operands, in parentheses where they bind too loosely."""
    texts = [
        operand.text if operand.level >= level else parentheses.format(operand.text)
        for operand, level in zip(operands, primitive.operand_levels, strict=True)
    ]
    return Spelled(primitive.spelling.format(*texts), primitive.level)


def requirements(language: Language, needs: Iterable[str]) -> Requirements:
    """What the primitives with these needs ask for, and what that asks for in turn, each once and in order."""
    wanted = {"", *needs}
    for name in reversed(language.support):
        if name in wanted:
            wanted.update(language.support[name].needs)
    return Requirements(
        [line for word, line in language.imports.items() if word in wanted],
        [definition.source for name, definition in language.support.items() if name in wanted],
    )


def call(function: str, operands: int = 1) -> Primitive:
    """A call of a function by its name."""
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
    """A language, from a text of definitions with two blank lines between them; needs are the names that texts use.

    `digits` writes a finite number that is not negative; no variable has a name that is `reserved`, fits
    the pattern `families`, or begins with `private`.
    """
    sources = {defined_name(source): source for source in support.strip().split("\n\n\n")}
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

    used = {
        word for primitive in (*primitives.values(), *booleans.values()) for word in WORD.findall(primitive.spelling)
    }
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
            frozenset({*reserved.split(), *filter(None, known), *used}),
            re.compile(families, re.VERBOSE),
            private,
            is_ascii,
        ),
    )


def defined_name(source: str) -> str:
    """The name that a definition defines: the first before a parenthesis, a bracket or an equals sign in its text."""
    found = re.search(r"^(?!//|#).*?(\w+)(?:\(| =|\[)", source, re.MULTILINE)
    assert found is not None
    return found[1]


OPERATORS = {
    "add": Primitive("{0} + {1}", SUM, (SUM, PRODUCT)),
    "subtract": Primitive("{0} - {1}", SUM, (SUM, PRODUCT)),
    "multiply": Primitive("{0} * {1}", PRODUCT, (PRODUCT, UNARY)),
    "negative": Primitive("-{0}", UNARY, (ATOM,)),
}
"""What is written alike, and means IEEE 754, in every language; `--x` would be another operator in some."""

QUOTIENT = Primitive("{0} / {1}", PRODUCT, (PRODUCT, UNARY))

COMPARISONS = {
    "less": Primitive("{0} < {1}", COMPARISON, (SUM, SUM)),
    "less_equal": Primitive("{0} <= {1}", COMPARISON, (SUM, SUM)),
    "greater": Primitive("{0} > {1}", COMPARISON, (SUM, SUM)),
    "greater_equal": Primitive("{0} >= {1}", COMPARISON, (SUM, SUM)),
    "equal": Primitive("{0} == {1}", COMPARISON, (SUM, SUM)),
}
"""Comparisons that are false with nan, as truths."""


def numbers(booleans: Mapping[str, Primitive], spelling: str, level: int = ATOM) -> dict[str, Primitive]:
    """Comparisons as the numbers 1 and 0: each inside a spelling such as `float({})`."""
    return {
        name: Primitive(spelling.format(boolean.spelling), level, boolean.operand_levels)
        for name, boolean in booleans.items()
    }
