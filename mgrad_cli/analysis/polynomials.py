"""Polynomials as formulas of the language, from their coefficients."""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

from mgrad_cli.language.printing import constant, literal, unparse
from mgrad_cli.language.syntax import Call, Expression, Name, Number

MAX_DENOMINATOR = 1000
MAX_NUMERATOR = 10**6
LARGEST = 10**15
"""The largest numerator or denominator to write."""


def polynomial(around: Mapping[str, float], coefficients: Mapping[tuple[int, ...], float]) -> Expression:
    """Return the tree of a polynomial in the differences of variables from a point.

    A coefficient is written as a fraction if that is short and the same double.

    >>> unparse(polynomial({"x": 1.0}, {(0,): 0.5, (1,): 0.0, (3,): -1 / 6}))
    '1/2 - (x - 1)**3/6'
    """
    total: Expression | None = None
    for exponents, number in coefficients.items():
        if number == 0:
            continue
        is_negative = number < 0 and total is not None
        term = product(-number if is_negative else number, exponents, around)
        total = term if total is None else Call("subtract" if is_negative else "add", (total, term))
    return Number(0.0) if total is None else total


def polynomial_text(around: Mapping[str, float], coefficients: Mapping[tuple[int, ...], float]) -> str:
    """Return a polynomial as text that reads back to it."""
    return unparse(polynomial(around, coefficients))


def monomial_text(around: Mapping[str, float], exponents: tuple[int, ...]) -> str:
    """Return the product of powers that a coefficient stands before: `(x - 1)**2*y`."""
    return unparse(product(1.0, exponents, around))


def product(number: float, exponents: tuple[int, ...], around: Mapping[str, float]) -> Expression:
    """Return the tree of a number times powers of differences."""
    above, below = parts(number, math.prod(map(math.factorial, exponents)))
    factors = [constant(above)] if abs(above) != 1 or not any(exponents) else []
    factors += powers(exponents, around)
    if above == -1 and any(exponents):
        factors[0] = Call("negative", (factors[0],))
    tree = factors[0]
    for factor in factors[1:]:
        tree = Call("multiply", (tree, factor))
    return tree if below == 1 else Call("divide", (tree, Number(below)))


def powers(exponents: tuple[int, ...], around: Mapping[str, float]) -> Iterator[Expression]:
    """Yield the powers of differences that are not 1."""
    for (name, centre), exponent in zip(around.items(), exponents, strict=True):
        tree: Expression = Name(name)
        if centre:
            tree = Call("subtract" if centre > 0 else "add", (tree, Number(abs(centre))))
        if exponent:
            yield tree if exponent == 1 else Call("pow", (tree, Number(float(exponent))))


def parts(number: float, factorial: int) -> tuple[float, float]:
    """Return a number as a numerator and a denominator, which is 1 unless a fraction is as short and the same double.

    >>> parts(2 / 15, 120), parts(0.3, 1), parts(2.718281828459045, 1)
    ((2.0, 15.0), (0.3, 1.0), (2.718281828459045, 1.0))
    """
    if not math.isfinite(number) or not number:
        return number, 1.0
    for scale in (1, factorial):
        near = (Fraction(number) * scale).limit_denominator(MAX_DENOMINATOR)
        if not 0 < abs(near.numerator) <= MAX_NUMERATOR:
            continue
        above, below = (near / scale).as_integer_ratio()
        if max(abs(above), below) > LARGEST or above / below != number:
            continue
        length = len(str(below)) + (0 if abs(above) == 1 else len(str(abs(above))) + 1)
        if length <= len(literal(abs(number))):
            return float(above), float(below)
    return number, 1.0
