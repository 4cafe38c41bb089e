"""Simplify comparisons, logic and selection between formulas."""

from fractions import Fraction
from typing import Any

from mgrad_cli.operations import TABLE
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.symbolic.agreement import can_agree, is_never_nan
from mgrad_cli.symbolic.terms import Algebra, CallForm, Operands, Term

(WHERE,), (NOT,) = TABLE["where"], TABLE["logical_not"]
(GREATER,), (GREATER_EQUAL,), (LESS,), (LESS_EQUAL,) = (
    TABLE[name] for name in ("greater", "greater_equal", "less", "less_equal")
)

BOOLEAN = COMPARISONS | CONNECTIVES
MIRRORED = {
    "less": "greater", "greater": "less", "less_equal": "greater_equal", "greater_equal": "less_equal",
}  # fmt: skip


def is_boolean(term: Term) -> bool:
    """Return whether a term is always 1 or 0."""
    form = term.form
    return term.number in (0, 1) or (isinstance(form, CallForm) and form.operation.name in BOOLEAN)


def belongs_left(a: Term, b: Term) -> bool:
    """Return whether `a` is the left operand of a comparison: numbers and later terms go right."""
    return b.number is not None or (a.number is None and a.index <= b.index)


def comparison(name: str) -> Any:
    """Return the rule of a comparison.

    A formula compared with itself is decided, except in a traced text where it may be nan.
    """
    (operation,) = TABLE[name]
    holds = Fraction(name in {"equal", "less_equal", "greater_equal"})

    def rule(algebra: Algebra, operands: Operands) -> Term | None:
        a, b = operands
        if a is b:
            as_read = CallForm(operation, (a, b))
            if holds and (algebra.find(as_read) or (algebra.is_tracing and not is_never_nan(a))):
                return algebra.make(as_read)
            return algebra.constant(holds)
        if not belongs_left(a, b):
            (mirrored,) = TABLE[MIRRORED.get(name, name)]
            return algebra.apply(mirrored, b, a)
        if b.number == 0 and is_boolean(a) and name in {"equal", "not_equal"}:
            return a if name == "not_equal" else algebra.apply(NOT, a)
        if name in {"equal", "not_equal"} and algebra.is_general and not can_agree(a, b):
            return algebra.constant(Fraction(name == "not_equal"))
        if name == "equal" and b.number == 0 and any(each.number not in {None, 0} for each in a.operands_of("hypot")):
            return algebra.constant(Fraction(0))  # hypot is at least as large as each operand
        return compare_extremum(algebra, a, b) if name == "equal" else None

    return rule


def compare_extremum(algebra: Algebra, a: Term, b: Term) -> Term | None:
    """Return whether max or min of two formulas equals one of them, as a comparison of the two; or `None`."""
    for one, other in ((a, b), (b, a)):
        for extremum, strict, weak in (("max", GREATER, GREATER_EQUAL), ("min", LESS, LESS_EQUAL)):
            operands = other.operands_of(extremum)
            if len(operands) != 2 or one not in operands:
                continue
            rival = operands[1] if operands[0] is one else operands[0]
            if algebra.is_tracing or can_agree(one, rival):
                return algebra.apply(weak, one, rival)
            if belongs_left(one, rival):
                return algebra.apply(strict, one, rival)
            return algebra.apply(
                NOT, algebra.apply(strict, rival, one)
            )  # they differ, so one comparison or the other holds
    return None


def negation(algebra: Algebra, operands: Operands) -> Term | None:
    (x,) = operands
    if (inner := x.operands_of("logical_not")) and is_boolean(inner[0]):
        return inner[0]  # `not x > 0` stays, as it differs from `x <= 0` for nan
    return None


def conjunction(algebra: Algebra, operands: Operands) -> Term | None:
    return connective(algebra, operands, neutral=1)


def disjunction(algebra: Algebra, operands: Operands) -> Term | None:
    return connective(algebra, operands, neutral=0)


def connective(algebra: Algebra, operands: Operands, neutral: int) -> Term | None:
    """Simplify `and`, whose neutral operand is 1, or `or`, whose neutral operand is 0."""
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
    if (a.number, b.number) == (0, 1) and is_boolean(condition):
        return algebra.apply(NOT, condition)
    if condition.operands_of("logical_not"):
        while negated := condition.operands_of("logical_not"):
            (condition,), a, b = negated, b, a
        return algebra.apply(WHERE, condition, a, b)
    inner = a.operands_of("where")
    if inner and inner[0] is condition:  # the same condition again
        return algebra.apply(WHERE, condition, inner[1], b)
    inner = b.operands_of("where")
    if inner and inner[0] is condition:
        return algebra.apply(WHERE, condition, a, inner[2])
    return None


def extremum(algebra: Algebra, operands: Operands) -> Term | None:
    """Replace max or min of equal operands by the operand."""
    return operands[0] if all(operand is operands[0] for operand in operands) else None
