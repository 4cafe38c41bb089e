"""Arithmetic, powers and logarithms of germs, which determine the leading term at a singular point."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mgrad_cli.series.coefficients import Coefficient, Inexact, as_inexact, simplified
from mgrad_cli.series.exponents import CONSTANT, EXACT, FLAT, LOGARITHM
from mgrad_cli.series.germs import Germ, Unbounded, Unknown, UnresolvedError
from mgrad_cli.series.power_log import MAX_POWERS, Series, number_series

Rule = Callable[..., Germ]
"""A function of germs."""

EXPONENTIAL: list[Coefficient] = [simplified(Fraction(1, math.factorial(k))) for k in range(MAX_POWERS + 1)]
LOG1P: list[Coefficient] = [0, *(simplified(Fraction((-1) ** (k + 1), k)) for k in range(1, MAX_POWERS + 1))]
MAX_DENOMINATOR = 1000
"""A power such as 0.1 counts as the fraction with a denominator up to this whose nearest double it is."""


def known(germ: Any) -> Series | Unbounded:
    """Check that something is known of a germ.

    Raises: UnresolvedError otherwise.
    """
    if isinstance(germ, Unknown):
        raise germ.reason
    assert isinstance(germ, Series | Unbounded)
    return germ


def sign_of(germ: Germ) -> int:
    return known(germ).sign


def add(x: Germ, y: Germ) -> Germ:
    x, y = known(x), known(y)
    if isinstance(x, Series) and isinstance(y, Series):
        return x.plus(y)
    if isinstance(x, Unbounded) and isinstance(y, Unbounded) and x.sign != y.sign:
        raise UnresolvedError("inf - inf beyond every power")
    return x if isinstance(x, Unbounded) else y


def negative(x: Germ) -> Germ:
    x = known(x)
    return x.negated() if isinstance(x, Series) else Unbounded(x.expansion, -x.sign)


def subtract(x: Germ, y: Germ) -> Germ:
    return add(x, negative(y))


def multiply(x: Germ, y: Germ) -> Germ:
    x, y = known(x), known(y)
    if isinstance(x, Series) and isinstance(y, Series):
        return x.times(y)
    sign = x.sign * y.sign
    return Unbounded(x.expansion, sign) if sign else number_series(x.expansion, 0)


def divide(x: Germ, y: Germ) -> Germ:
    x, y = known(x), known(y)
    if isinstance(y, Unbounded):
        if isinstance(x, Unbounded):
            raise UnresolvedError("inf / inf beyond every power")
        return x if x.is_zero else Series(x.expansion, (), FLAT)
    if y.is_zero:
        raise UnresolvedError("division by zero", is_undefined=True)
    if isinstance(x, Series):
        y.leading()
        return x.times(y.power(Fraction(-1)))
    return multiply(x, Unbounded(x.expansion, y.sign))


def pow_(x: Germ, y: Germ) -> Germ:
    x, y = known(x), known(y)
    if isinstance(y, Series) and y.is_constant and isinstance(x, Series):
        number = y.coefficient(CONSTANT)
        if not isinstance(number, Inexact):
            exponent = as_written(number)
            if x.is_zero and exponent < 0:
                raise UnresolvedError("zero to a negative power", is_undefined=True)
            return x if x.is_zero and exponent else x.power(exponent)
    if isinstance(x, Series) and x.is_zero:
        if sign_of(y) < 0:
            raise UnresolvedError("zero to a negative power", is_undefined=True)
        return number_series(x.expansion, 0 if sign_of(y) else 1)
    if sign_of(x) < 0:
        raise UnresolvedError("a negative number to a power that is not whole", is_undefined=True)
    return exp(multiply(y, log(x)))


def as_written(number: int | Fraction) -> Fraction:
    """Return a power as written: 0.1 and 1/3 as these fractions, not as the nearest doubles."""
    near = Fraction(number).limit_denominator(MAX_DENOMINATOR)
    return near if float(near) == float(number) else Fraction(number)


def sqrt(x: Germ) -> Germ:
    return root(x, 2)


def root(x: Germ, degree: int) -> Germ:
    x = known(x)
    if isinstance(x, Unbounded):
        raise UnresolvedError("growth beyond every power") if x.sign > 0 else UnresolvedError("", is_undefined=True)
    return x if x.is_zero else x.power(Fraction(1, degree))


def cbrt(x: Germ) -> Germ:
    return negative(root(negative(x), 3)) if sign_of(x) < 0 else root(x, 3)


def log(x: Germ) -> Germ:
    x = known(x)
    if isinstance(x, Unbounded) and x.sign > 0:
        raise UnresolvedError("growth beyond every power")
    if isinstance(x, Unbounded) or x.sign <= 0:
        raise UnresolvedError("the logarithm of zero or a negative number", is_undefined=True)
    (power, logs), number = x.leading()
    if logs:
        raise UnresolvedError("a logarithm of a logarithm")
    value: Coefficient = 0
    if number != 1:
        around = as_inexact(number)
        mid = math.log(around.mid)
        value = Inexact(mid, around.radius / (around.mid - around.radius) + 2e-16 * abs(mid) + 2e-16)
    start = Series(x.expansion, ((LOGARITHM, -power),) if power else (), EXACT)
    return start.plus(number_series(x.expansion, value)).plus(x.small_part().composed(LOG1P))


def exp(x: Germ) -> Germ:
    x = known(x)
    if isinstance(x, Unbounded):
        return x if x.sign > 0 else Series(x.expansion, (), FLAT)
    if x.error <= CONSTANT:
        raise UnresolvedError("the exponent is not known to a constant", needs_order=True)
    growing = [term for term in x.terms if term[0] < CONSTANT]
    power: Any = 0
    if growing:
        exponent, number = x.leading()
        if exponent < LOGARITHM:
            return Unbounded(x.expansion, 1) if float(number) > 0 else Series(x.expansion, (), FLAT)
        if growing != [(LOGARITHM, number)] or isinstance(number, Inexact):
            raise UnresolvedError("growth that is no rational power")
        power = -number
    value = x.coefficient(CONSTANT)
    factor: Coefficient = 1
    if value:
        around = as_inexact(value)
        mid = math.exp(around.mid)
        factor = Inexact(mid, mid * (math.expm1(around.radius) + 5e-16))
    small = Series(x.expansion, tuple([term for term in x.terms if term[0] > CONSTANT]), x.error)
    return small.composed(EXPONENTIAL).scaled(factor, (power, 0))


RULES: dict[str, Rule] = {
    "add": add, "subtract": subtract, "multiply": multiply, "divide": divide, "negative": negative, "pow": pow_,
    "sqrt": sqrt, "cbrt": cbrt, "log": log, "exp": exp,
}  # fmt: skip
