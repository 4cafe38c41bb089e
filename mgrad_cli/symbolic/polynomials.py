"""Polynomials over terms, and their exact division."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from mgrad_cli.symbolic.numbers import Number, is_whole
from mgrad_cli.symbolic.terms import Term

Monomial: TypeAlias = dict[Term, Number]
"""The exponent of each base."""

Exponents: TypeAlias = tuple[int, ...]

MAX_QUOTIENT = 40


def quotient(
    dividend: Sequence[tuple[Number, Monomial]], divisor: Sequence[tuple[Number, Monomial]]
) -> list[tuple[Number, Monomial]] | None:
    """Return the quotient of two sums of monomials.

    Return `None` if there is a remainder, or they are not polynomials with exact coefficients.
    """
    bases = sorted({base for _, monomial in (*dividend, *divisor) for base in monomial}, key=lambda base: base.index)
    rest, by = coefficients(dividend, bases), coefficients(divisor, bases)
    if not rest or not by:
        return None
    first = max(by)
    found: dict[Exponents, Fraction] = {}
    while rest:
        highest = max(rest)
        exponents = tuple(a - b for a, b in zip(highest, first, strict=True))
        if min(exponents, default=0) < 0 or len(found) == MAX_QUOTIENT:
            return None
        times = found[exponents] = rest[highest] / by[first]
        for powers, coefficient in by.items():
            index = tuple(a + b for a, b in zip(exponents, powers, strict=True))
            rest[index] = rest.get(index, Fraction(0)) - times * coefficient
            if not rest[index]:
                del rest[index]
    return [
        (times, {base: Fraction(power) for base, power in zip(bases, powers, strict=True) if power})
        for powers, times in found.items()
    ]


def coefficients(terms: Sequence[tuple[Number, Monomial]], bases: Sequence[Term]) -> dict[Exponents, Fraction] | None:
    """Return the coefficient of each tuple of exponents; `None` if one is a double, or an exponent is not whole."""
    found: dict[Exponents, Fraction] = {}
    for times, monomial in terms:
        powers = [monomial.get(base, Fraction(0)) for base in bases]
        if not isinstance(times, Fraction) or not all(is_whole(power) and power >= 0 for power in powers):
            return None
        key = tuple(int(power) for power in powers)
        found[key] = found.get(key, Fraction(0)) + times
    return {key: times for key, times in found.items() if times}
