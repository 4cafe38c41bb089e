"""Numbers in formulas: exact fractions of the decimals people write, or doubles if the fractions get too long."""

import math
from fractions import Fraction
from typing import TypeAlias

Number: TypeAlias = Fraction | float

MAX_BITS = 256
MAX_DIGITS = 17
MAX_WHOLE = 2.0**53
"""Below it, doubles that are whole are the numbers that they spell."""
MAX_DENOMINATOR = 12
"""The largest denominator of a fraction without a finite decimal form to be written as one, as in `x/3`."""


def from_double(value: float) -> Number:
    """Return the fraction that a double's shortest decimal spells; infinities and nan stay doubles."""
    if value == 1:
        return ONE
    if -MAX_WHOLE < value < MAX_WHOLE and value.is_integer():
        return Fraction(int(value))
    return limit_bits(Fraction(repr(value))) if math.isfinite(value) else value


def limit_bits(value: Number) -> Number:
    """Return a number, as a double if it takes more than `MAX_BITS` bits."""
    if isinstance(value, float) or max(value.numerator.bit_length(), value.denominator.bit_length()) <= MAX_BITS:
        return value
    return as_double(value)


def as_double(value: Number) -> float:
    """Return a number as a double; inf on overflow."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def magnitude(value: Number) -> Number:
    """Return the absolute value."""
    return negated(value) if is_negative(value) else value


ZERO, ONE, MINUS_ONE = map(Fraction, (0, 1, -1))
HALF = Fraction(1, 2)


def negated(value: Number) -> Number:
    """Return the negative; that of 1 and -1 is `MINUS_ONE` and `ONE`, which answer sooner than their equals."""
    return MINUS_ONE if value is ONE else ONE if value is MINUS_ONE else -value


def is_negative(value: Number) -> bool:
    """Return whether a number is less than zero. A fraction answers much sooner than it compares itself with 0."""
    return value < 0 if value.__class__ is float else value.numerator < 0  # type: ignore[union-attr]


def is_positive(value: Number) -> bool:
    """Return whether a number is greater than zero."""
    return value > 0 if value.__class__ is float else value.numerator > 0  # type: ignore[union-attr]


def is_zero(value: Number) -> bool:
    """Return whether a number is zero."""
    return value == 0 if value.__class__ is float else not value.numerator  # type: ignore[union-attr]


def is_unit(value: Number) -> bool:
    """Return whether a number is 1 or -1."""
    if value.__class__ is float:
        return value in {1, -1}
    return value is ONE or value is MINUS_ONE or value.denominator == 1 == abs(value.numerator)  # type: ignore[union-attr]


def as_key(value: Number) -> Number | int:
    """Return a number equal to this one that is faster to hash."""
    return value if value.__class__ is float or value.denominator != 1 else value.numerator  # type: ignore[union-attr]


def sum_of(a: Number, b: Number) -> Number:
    """Return a + b, within `MAX_BITS`."""
    return limit_bits(a + b)


def product_of(a: Number, b: Number) -> Number:
    """Return a * b, within `MAX_BITS`."""
    if a is ONE:
        return b
    if b is ONE:
        return a
    return negated(b) if a is MINUS_ONE else negated(a) if b is MINUS_ONE else limit_bits(a * b)


def is_whole(value: Number) -> bool:
    """Return whether a number is a whole fraction."""
    return value is ONE or value is MINUS_ONE or (value.__class__ is Fraction and value.denominator == 1)


def power_of(base: Number, exponent: Number) -> Number | None:
    """Return a power, or root, if it is a fraction of moderate size; otherwise `None`."""
    if not isinstance(base, Fraction) or not isinstance(exponent, Fraction):
        return None
    if base == 1:
        return base
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
    """Return the whole number nearest to a root of a number that doubles represent exactly, or 1."""
    return round(value ** (1 / degree)) if 0 < value < 2**53 else 1


def written_fraction(value: Number) -> tuple[Number, int]:
    """Return a positive number as written: a numerator, which may be a decimal, and a denominator, often 1."""
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
