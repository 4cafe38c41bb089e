"""Coefficients of series: rational numbers while arithmetic is exact, else floats with an error bound."""

import math
from fractions import Fraction
from typing import Any, TypeAlias

ROUNDING = 2.0**-52
"""Twice the relative rounding error of an operation on floats."""
MAX_BITS = 2048
"""The longest numerator or denominator, in bits. Longer fractions become floats."""
MAX_EXACT_POWER = 64
SHORT_BITS = 24
"""The most bits of a float in a rule that counts as exact, as 0.5 does and log(2) does not."""


class Inexact:
    """A number that lies within `radius` of `mid`.

    >>> Inexact(2.0, 0.5) * Inexact(3.0) - 6
    Inexact(0.0, 1.5)
    """

    __slots__ = ("mid", "radius")

    def __init__(self, mid: float, radius: float = 0.0) -> None:
        self.mid = mid
        self.radius = radius

    def __repr__(self) -> str:
        return f"Inexact({self.mid!r}, {self.radius:.2g})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Inexact) and (self.mid, self.radius) == (other.mid, other.radius)

    def __hash__(self) -> int:
        return hash((self.mid, self.radius))

    def __float__(self) -> float:
        return self.mid

    def __neg__(self) -> "Inexact":
        return Inexact(-self.mid, self.radius)

    def __abs__(self) -> "Inexact":
        return -self if self.mid < 0 else self

    def __add__(self, other: Any) -> "Inexact":
        other = as_inexact(other)
        mid = self.mid + other.mid
        return Inexact(mid, self.radius + other.radius + ROUNDING * abs(mid))

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Inexact":
        return self + -as_inexact(other)

    def __rsub__(self, other: Any) -> "Inexact":
        return -self + as_inexact(other)

    def __mul__(self, other: Any) -> "Inexact":
        other = as_inexact(other)
        mid = self.mid * other.mid
        spread = abs(self.mid) * other.radius + (abs(other.mid) + other.radius) * self.radius
        return Inexact(mid, spread + ROUNDING * abs(mid))

    __rmul__ = __mul__

    @property
    def includes_zero(self) -> bool:
        return not abs(self.mid) > self.radius


Coefficient: TypeAlias = int | Fraction | Inexact


def as_inexact(number: Any) -> Inexact:
    """Return a number of any class with its error bound.

    Raises: OverflowError for a fraction beyond the range of doubles.
    """
    if isinstance(number, Inexact):
        return number
    mid = float(number)
    return Inexact(mid, 0.0 if isinstance(number, int) and mid == number else ROUNDING * abs(mid))


def simplified(number: Coefficient) -> Coefficient:
    """Return a number as an integer if it is one, and as an inexact one if it is long."""
    if isinstance(number, Inexact):
        return number
    if number.denominator == 1:
        number = number.numerator
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS:
        return as_inexact(number)
    return number


def inverse(number: Coefficient) -> Coefficient:
    """Return 1/number for a number that is not zero."""
    if isinstance(number, Inexact):
        mid = 1 / number.mid
        spread = number.radius / (abs(number.mid) * (abs(number.mid) - number.radius))
        return Inexact(mid, spread + ROUNDING * abs(mid))
    return simplified(1 / Fraction(number))


def power(number: Coefficient, exponent: Fraction) -> Coefficient:
    """Return a positive number to a rational power, exact if the result is rational and easily found."""
    if not isinstance(number, Inexact) and exponent.denominator <= 4 and abs(exponent) <= MAX_EXACT_POWER:
        above, below = (exact_root(part, exponent.denominator) for part in Fraction(number).as_integer_ratio())
        if above is not None and below is not None:
            return simplified(Fraction(above, below) ** exponent.numerator)
    around = as_inexact(number)
    mid = around.mid ** float(exponent)
    relative = abs(float(exponent)) * around.radius / (around.mid - around.radius) + 8 * ROUNDING
    return Inexact(mid, abs(mid) * relative * (1 + 4 * relative))


def exact_root(number: int, degree: int) -> int | None:
    """Return the integer whose power of this degree, 1 to 4, is the number, or `None`."""
    if degree == 3:
        root = round(number ** (1 / 3)) if number < 1 << 60 else 0
    else:
        root = number if degree == 1 else math.isqrt(number)
        root = math.isqrt(root) if degree == 4 else root
    return root if root**degree == number else None


def exact(number: float) -> Coefficient:
    """Return a finite float as the exact number."""
    return simplified(Fraction(number))


def meant(number: float) -> Coefficient:
    """Return a float in a rule: exact if it is short, else as the rounded form of a number such as log(2)."""
    fraction = Fraction(number)
    if max(fraction.numerator.bit_length(), fraction.denominator.bit_length()) <= SHORT_BITS:
        return simplified(fraction)
    return Inexact(number, ROUNDING * abs(number))


def product(one: Coefficient, other: Coefficient) -> Coefficient:
    return simplified(one * other)
