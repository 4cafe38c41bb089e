"""Simplify arithmetic: sums with like terms combined, powers and roots."""

import math
from collections.abc import Iterable
from fractions import Fraction

from mgrad_cli.operations import TABLE
from mgrad_cli.symbolic.addends import Addends
from mgrad_cli.symbolic.choices import is_boolean
from mgrad_cli.symbolic.identities import combine
from mgrad_cli.symbolic.numbers import HALF, MINUS_ONE, ONE, ZERO, Number, is_whole, product_of
from mgrad_cli.symbolic.products import product, without_coefficient
from mgrad_cli.symbolic.terms import COMBINATIONS, Algebra, CallForm, Operands, SumForm, Term

(EQUAL,), (GREATER,), (LESS,), (LESS_EQUAL,), (WHERE,) = (
    TABLE[name] for name in ("equal", "greater", "less", "less_equal", "where")
)


def add(algebra: Algebra, operands: Operands) -> Term:
    return total(algebra, [(operand, ONE) for operand in operands])


def subtract(algebra: Algebra, operands: Operands) -> Term:
    a, b = operands
    return total(algebra, [(a, ONE), (b, MINUS_ONE)])


def negative(algebra: Algebra, operands: Operands) -> Term:
    return total(algebra, [(operands[0], MINUS_ONE)])


def multiply(algebra: Algebra, operands: Operands) -> Term:
    return product(algebra, ONE, [(operand, ONE) for operand in operands])


def divide(algebra: Algebra, operands: Operands) -> Term | None:
    a, b = operands
    return None if b.number == 0 else product(algebra, ONE, [(a, ONE), (b, MINUS_ONE)])


def square_root(algebra: Algebra, operands: Operands) -> Term | None:
    return constant_power(algebra, operands[0], HALF)


def power(algebra: Algebra, operands: Operands) -> Term | None:
    base, exponent = operands
    if base.number == 1:
        return base
    if base.number == 0 and exponent.number is None:
        not_positive = algebra.apply(WHERE, algebra.apply(LESS, exponent, base), algebra.constant(math.inf), ONE)
        return algebra.apply(WHERE, algebra.apply(GREATER, exponent, base), base, not_positive)
    return constant_power(algebra, base, exponent.number) if isinstance(exponent.number, Fraction) else None


def constant_power(algebra: Algebra, base: Term, exponent: Number) -> Term | None:
    """Return a power with a number as exponent, or `None` if only IEEE 754 defines the result."""
    if exponent == 0:
        return algebra.constant(ONE)
    number = base.number
    if number is not None and (
        not isinstance(number, Fraction) or number == 0 or (number < 0 and not is_whole(exponent))
    ):
        return None
    return product(algebra, ONE, [(base, exponent)])


def total(algebra: Algebra, parts: Iterable[tuple[Term, Number]]) -> Term:
    """Return the sum of multiples of terms, with like terms combined.

    The first part stays a group of its own if necessary, so that the sum is evaluated in the order of its parts.
    """
    (first, times), *others = parts = list(parts) or [(algebra.constant(ZERO), ONE)]
    if times is ONE and not others and not isinstance(first.form, COMBINATIONS):
        return first
    addends = Addends(parts)
    collect_conditions(algebra, addends)
    if not algebra.is_tracing:
        combine(algebra, addends)
    constant, kept = addends.constant, addends.kept
    if not kept:
        return algebra.constant(constant)
    if len(kept) == 1 and constant == 0:
        ((term, coefficient),) = kept
        return product(algebra, coefficient, [(term, ONE)])
    result = algebra.make(SumForm(constant, kept))
    inner, coefficient = without_coefficient(first)
    assert isinstance(result.form, SumForm)
    if inner is None or not isinstance(inner.form, SumForm) or not others or addends.adds_up_as(result.form):
        return result
    grouped = Addends()
    grouped.add_multiple(inner, product_of(coefficient, times))
    for part, multiple in others:
        grouped.add(part, multiple)
    return algebra.make(SumForm(grouped.constant, grouped.kept))


def collect_conditions(algebra: Algebra, addends: Addends) -> None:
    """Replace a condition plus its negation by 1, and (a >= b) + (a <= b) by 1 + (a == b)."""
    for term, times in addends.kept:
        if not isinstance(term.form, CallForm):
            continue
        both = term.operands_of("greater_equal")
        inner = term.operands_of("logical_not")
        other = inner[0] if inner else algebra.find(CallForm(LESS_EQUAL, tuple(both))) if both else None
        if other is not None and addends.multiples.get(other) == times and (both or is_boolean(other)):
            for each in (term, other):
                addends.pop(each)
            addends.add(algebra.constant(ONE), times)
            if both:
                addends.add(algebra.apply(EQUAL, *both), times)
