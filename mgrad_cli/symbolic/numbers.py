"""Numbers of formulas: fractions, as exact as the decimals that people write, and doubles where those grow unwieldy."""

import math
from fractions import Fraction
from typing import TypeAlias

Number: TypeAlias = Fraction | float

MAX_BITS = 256
MAX_DIGITS = 17
MAX_DENOMINATOR = 12
"""Up to here a fraction is written as one, `x/3`, where its decimals do not end."""


def from_double(value: float) -> Number:
    """The number that a double's shortest decimal spells; a double that is not finite stays what it is."""
    return limit_bits(Fraction(repr(value))) if math.isfinite(value) else value


def limit_bits(value: Number) -> Number:
    """The number, as a double where it takes more than `MAX_BITS` to hold."""
    if isinstance(value, float) or max(value.numerator.bit_length(), value.denominator.bit_length()) <= MAX_BITS:
        return value
    return as_double(value)


def as_double(value: Number) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def magnitude(value: Number) -> Number:
    return -value if value < 0 else value


ONE = Fraction(1)


def sum_of(a: Number, b: Number) -> Number:
    return limit_bits(a + b)


def product_of(a: Number, b: Number) -> Number:
    if a is ONE:
        return b
    return a if b is ONE else limit_bits(a * b)


def is_whole(value: Number) -> bool:
    return isinstance(value, Fraction) and value.denominator == 1


def power_of(base: Number, exponent: Number) -> Number | None:
    """The power where it is a fraction of moderate size, a root included; or `None`."""
    if not isinstance(base, Fraction) or not isinstance(exponent, Fraction):
        return None
    if exponent.denominator != 1:
        root = Fraction(*(root_of(part, exponent.denominator) for part in base.as_integer_ratio()))
        if root <= 0 or root**exponent.denominator != base:
            return None
        base, exponent = root, Fraction(exponent.numerator)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits * abs(exponent.numerator) > MAX_BITS or (base == 0 and exponent <= 0):
        return None
    return base**exponent.numerator


def root_of(value: int, degree: int) -> int:
    """The whole number nearest to a root of one that is small enough for doubles, or 1."""
    return round(value ** (1 / degree)) if 0 < value < 2**53 else 1


def written_fraction(value: Number) -> tuple[Number, int]:
    """A positive number as people write it: a numerator, a decimal perhaps, over a denominator, often 1."""
    if isinstance(value, float):
        return value, 1
    numerator, denominator = value.as_integer_ratio()
    if denominator == 1:
        return value, 1
    rest = denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    has_decimals = rest == 1 and Fraction(repr(as_double(value))) == value
    if has_decimals and not (numerator == 1 and denominator in {2, 4, 8, 16}):
        return as_double(value), 1
    if max(numerator, denominator) < 10**MAX_DIGITS:
        return Fraction(numerator), denominator
    return as_double(value), 1
