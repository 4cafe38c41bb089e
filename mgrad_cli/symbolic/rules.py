"""The rules of differentiation as they are taught: a name and a formula, by operation and by the parts that vary."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from mgrad_cli.language.printing import LEVELS, Formula, level, partial_formulas, unparse
from mgrad_cli.language.syntax import Call, Name
from mgrad_cli.operations import Operation, call_name

VARYING, FIXED = "uvwpqrs", "ckmn"
MAX_ADDENDS = len(VARYING)
SQUARE = re.compile(r"(?<![\w*/.)])(?:(?<=-)\((\w+)\*\1\)|(\w+)\*\2(?![\w*(]))")
"""A square that rules write as a product."""
RECIPROCAL = re.compile(r"(-)\(1(/\w+|/\([^()]*\))\)")
"""The negative of a reciprocal in parentheses."""


class Rule(NamedTuple):
    """A rule: its name, its formula, and the letter of each operand in it. A prime is a derivative: `(u*v)' = ...`."""

    name: str
    formula: str
    letters: tuple[str, ...]


class RulePart(NamedTuple):
    """What a letter of a rule stands for: an expression, and the step that differentiates it, if any."""

    letter: str
    expression: str
    step: int | None


class RuleStep(NamedTuple):
    """One step: the rule, the expression it is applied to, its parts, and the derivative.

    name    the name that the text gives to the expression, if any
    """

    name: str | None
    expression: str
    rule: Rule
    parts: tuple[RulePart, ...]
    derivative: str


class RuleSteps(NamedTuple):
    """The steps from an expression to its derivative by a variable, which is the formula that `diff` writes.

    output      the name of the expression
    is_partial  whether there are other variables
    """

    expr: str
    wrt: str
    steps: tuple[RuleStep, ...]
    derivative: str
    output: str
    is_partial: bool


BOTH, LEFT, RIGHT = (True, True), (True, False), (False, True)

ARITHMETIC: dict[tuple[str, tuple[bool, ...]], Rule] = {
    ("negative", (True,)): Rule("constant multiple", "(-u)' = -u'", ("u",)),
    ("multiply", BOTH): Rule("product rule", "(u*v)' = u'*v + u*v'", ("u", "v")),
    ("multiply", LEFT): Rule("constant multiple", "(u*c)' = u'*c", ("u", "c")),
    ("multiply", RIGHT): Rule("constant multiple", "(c*u)' = c*u'", ("c", "u")),
    ("divide", BOTH): Rule("quotient rule", "(u/v)' = (u'*v - u*v')/v**2", ("u", "v")),
    ("divide", LEFT): Rule("constant multiple", "(u/c)' = u'/c", ("u", "c")),
    ("divide", RIGHT): Rule("reciprocal rule", "(c/u)' = -c*u'/u**2", ("c", "u")),
    ("pow", BOTH): Rule("logarithmic differentiation", "(u**v)' = u**v*(v'*log(u) + v*u'/u)", ("u", "v")),
    ("pow", LEFT): Rule("power rule", "(u**n)' = n*u**(n - 1)*u'", ("u", "n")),
    ("pow", RIGHT): Rule("exponential rule", "(c**u)' = c**u*log(c)*u'", ("c", "u")),
}


def rule_of(operation: Operation, varies: Sequence[bool], is_chained: bool) -> Rule:
    """Return the rule for an operation of which some operands vary.

    `is_chained` says whether an operand that varies is more than the variable itself.
    """
    known = ARITHMETIC.get((operation.name, tuple(varies)))
    if known is not None:
        return known
    letters = letters_of(varies)
    name = "chain rule" if is_chained else f"derivative of {call_name(operation)}"
    call = unparse(Call(call_name(operation), tuple(map(Name, letters))))
    if operation.symbol and operation.name != "pow":
        call = f"({call})"
    if operation.name in {"max", "min"}:
        extreme = "largest" if operation.name == "max" else "smallest"
        cases = [f"{letter}{chr(39) * changes} where {letter} is the {extreme}" if changes else
                 f"0 where {letter} is" for letter, changes in zip(letters, varies, strict=True)]  # fmt: skip
        return Rule("choice rule", f"{call}' = {', '.join(cases)}", letters)
    if operation.name == "where":
        branches = [f"{letter}'" if changes else "0" for letter, changes in zip(letters, varies, strict=True)]
        return Rule("choice rule", f"{call}' = where({letters[0]}, {branches[1]}, {branches[2]})", letters)
    terms = [
        times_prime(partial, letter)
        for partial, letter, changes in zip(partials_of(operation, letters), letters, varies, strict=True)
        if changes and str(partial) != "0"
    ]
    if not terms:
        return Rule("step function", f"{call}' = 0", letters)
    return Rule(name, f"{call}' = {' + '.join(terms).replace('+ -', '- ')}", letters)


def partials_of(operation: Operation, letters: Sequence[str]) -> list[Formula | str]:
    """Return the partial derivatives of a row in these letters, as formulas, or as texts where the row has those."""
    if operation.variadic:
        operands = [Formula(Name(letter)) for letter in letters]
        (partial,) = operation.textbook
        assert callable(partial)
        return [*partial(*operands, operation(*operands))]
    if not operation.derivative_text:
        return [*partial_formulas(operation, letters, operation.textbook)]
    names = dict(zip(operation.operands, letters, strict=True))
    return [re.sub(r"\w+", lambda word: names.get(word[0], word[0]), text) for text in operation.derivative_text]


def sum_rule(signs: Sequence[int], varies: Sequence[bool]) -> Rule:
    """Return the rule for a sum of terms with these signs, of which some vary."""
    letters = letters_of(varies)
    left = signed(signs, letters)
    right = signed(
        [sign for sign, changes in zip(signs, varies, strict=True) if changes],
        [f"{letter}'" for letter, changes in zip(letters, varies, strict=True) if changes],
    )
    is_difference = len(signs) == 2 and signs[1] < 0
    return Rule("difference rule" if is_difference else "sum rule", f"({left})' = {right}", letters)


def signed(signs: Sequence[int], words: Sequence[str]) -> str:
    """Return a sum of words with these signs, as text."""
    text = "".join(f" {'-' if sign < 0 else '+'} {word}" for sign, word in zip(signs, words, strict=True))
    return text.removeprefix(" + ") if signs[0] > 0 else "-" + text.removeprefix(" - ")


def letters_of(varies: Sequence[bool]) -> tuple[str, ...]:
    """Return a letter for each operand: u, v, ... for those that vary, and c, k, ... for the others."""
    if len(varies) > MAX_ADDENDS:
        return tuple(f"{'u' if changes else 'c'}{index}" for index, changes in enumerate(varies, 1))
    varying, fixed = iter(VARYING), iter(FIXED + "abdefgh")
    return tuple(next(varying if changes else fixed) for changes in varies)


def times_prime(partial: Formula | str, letter: str) -> str:
    """Return a partial derivative times the derivative of an operand, as text: u'/u for 1/u."""
    text = SQUARE.sub(lambda match: f"{match[1] or match[2]}**2", str(partial))
    if text in {"1", "-1"}:
        return f"{text[:-1]}{letter}'"
    is_atomic = level(partial.tree) >= LEVELS["multiply"] if isinstance(partial, Formula) else bool(
        re.fullmatch(r"-?\w+(\([^()]*\))?", text)
    )  # fmt: skip
    if is_atomic and (reciprocal := re.fullmatch(r"(-?)1(/.*)", text) or RECIPROCAL.fullmatch(text)):
        return f"{reciprocal[1]}{letter}'{reciprocal[2]}"
    return f"{text}*{letter}'" if is_atomic else f"({text})*{letter}'"
