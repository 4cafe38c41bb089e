"""Comparisons, logic and choice between formulas, in plainer words that say the same."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from mgrad_cli.operations import TABLE
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.symbolic.numbers import Number
from mgrad_cli.symbolic.terms import Algebra, Call, Operands, Term

(WHERE,), (NOT,) = TABLE["where"], TABLE["logical_not"]


MIRRORED = {
    "less": "greater", "greater": "less", "less_equal": "greater_equal", "greater_equal": "less_equal",
}  # fmt: skip


def is_boolean(term: Term) -> bool:
    """Whether a term is always 1 or 0."""
    form = term.form
    return term.number in (0, 1) or (isinstance(form, Call) and form.operation.name in COMPARISONS | CONNECTIVES)


def comparison(name: str) -> Any:
    """The rule of a comparison: with itself a formula is settled; the number, or what came up later, goes right."""
    holds = Fraction(name in {"equal", "less_equal", "greater_equal"})

    def rule(algebra: Algebra, operands: Operands) -> Term | None:
        a, b = operands
        if a is b:
            return algebra.constant(holds)
        if b.number is None and (a.number is not None or a.place > b.place):
            (mirrored,) = TABLE[MIRRORED.get(name, name)]
            return algebra.apply(mirrored, b, a)
        if b.number == 0 and is_boolean(a) and name in {"equal", "not_equal"}:
            return a if name == "not_equal" else algebra.apply(NOT, a)
        return largest_or_smallest(algebra, a, b) if name == "equal" else None

    return rule


def largest_or_smallest(algebra: Algebra, a: Term, b: Term) -> Term | None:
    """`max(a, b) == a` is `a > b` where they differ, and the like of min."""
    for one, other in ((a, b), (b, a)):
        for extreme, order in (("max", "greater"), ("min", "less")):
            operands = other.operands_of(extreme)
            if len(operands) == 2 and one in operands:
                rival = operands[1] if operands[0] is one else operands[0]
                return algebra.apply(*TABLE[order], one, rival)
    return None


def negation(algebra: Algebra, operands: Operands) -> Term | None:
    (x,) = operands
    if (inner := x.operands_of("logical_not")) and is_boolean(inner[0]):
        return inner[0]  # `not x > 0` stays: where x is nan, `x <= 0` is another thing
    return None


def conjunction(algebra: Algebra, operands: Operands) -> Term | None:
    return connected(algebra, operands, neutral=1)


def disjunction(algebra: Algebra, operands: Operands) -> Term | None:
    return connected(algebra, operands, neutral=0)


def connected(algebra: Algebra, operands: Operands, neutral: int) -> Term | None:
    """`and`, whose neutral operand is 1, or `or`, whose neutral operand is 0."""
    a, b = operands
    if a is b and is_boolean(a):
        return a
    for one, other in ((a, b), (b, a)):
        if is_boolean(one) and is_boolean(other) and other.number is not None:
            return one if other.number == neutral else other
    if is_boolean(a) and is_boolean(b) and algebra.apply(NOT, a) is b:
        return algebra.constant(Fraction(1 - neutral))
    return None


def choose(algebra: Algebra, operands: Operands) -> Term | None:
    condition, a, b = operands
    if condition.number is not None:
        return b if condition.number == 0 else a
    if a is b:
        return a
    if (a.number, b.number) == (1, 0) and is_boolean(condition):
        return condition
    if negated := condition.operands_of("logical_not"):
        return algebra.apply(WHERE, negated[0], b, a)
    inner = a.operands_of("where")
    if inner and inner[0] is condition:  # asked a second time
        return algebra.apply(WHERE, condition, inner[1], b)
    return None


def extreme(algebra: Algebra, operands: Operands) -> Term | None:
    """The largest or smallest of one formula is that formula."""
    return operands[0] if all(operand is operands[0] for operand in operands) else None


def merged_choices(algebra: Algebra, addends: dict[Term, Number]) -> Iterable[tuple[Term, Number]]:
    """Multiples of terms, of which where(c, a, 0) and where(c, 0, b) become where(c, a, b)."""
    chosen: dict[Term, tuple[Any, Any]] = {}
    rest: dict[Term, Number] = {}
    zero = algebra.constant(Fraction(0))
    for term, coefficient in addends.items():
        operands = term.operands_of("where")
        if zero not in operands[1:] or coefficient == 0:
            rest[term] = coefficient
            continue
        condition, a, b = operands
        before_a, before_b = chosen.get(condition, (zero, zero))
        chosen[condition] = before_a + a * coefficient, before_b + b * coefficient
    for condition, (a, b) in chosen.items():
        rest[algebra.apply(WHERE, condition, a, b)] = Fraction(1)
    return rivals_counted(algebra, rest)


def rivals_counted(algebra: Algebra, addends: dict[Term, Number]) -> Iterable[tuple[Term, Number]]:
    """The addends, (a > b) + (a < b) made 1, which it is where they differ."""
    for term, coefficient in list(addends.items()):
        if operands := term.operands_of("greater"):
            mirror = algebra.apply(*TABLE["less"], *operands)
            if addends.get(mirror) == coefficient:
                del addends[term], addends[mirror]
                addends[algebra.constant(Fraction(1))] = coefficient
    return addends.items()
