"""Round a value to the place of its uncertainty, for people."""

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple

MAX_EXPONENT, MIN_EXPONENT = 6, -5
"""Beyond them, numbers have an exponent."""

DIGITS = 2
"""The significant digits of an uncertainty."""
EXACT = Context(prec=2000)
"""Doubles have up to 1,100 digits."""


class RoundedMeasurement(NamedTuple):
    """A value and its uncertainty as text, both times ten to the power of `exponent`."""

    value: str
    uncertainty: str
    exponent: int

    def __str__(self) -> str:
        both = f"{self.value} ± {self.uncertainty}"
        return f"({both})e{self.exponent}" if self.exponent else both

    @property
    def texts(self) -> tuple[str, str]:
        """The value and the uncertainty, each with the exponent."""
        suffix = f"e{self.exponent}" if self.exponent else ""
        return f"{self.value}{suffix}", f"{self.uncertainty}{suffix}"


def rounded(value: float, uncertainty: float, digits: int = DIGITS) -> RoundedMeasurement:
    """Return a value and its uncertainty, rounded to this many digits of the uncertainty.

    >>> print(rounded(9.80665123, 0.0362))
    9.807 ± 0.036
    >>> print(rounded(6.62607015e-34, 8.1e-42))
    (6.626070150 ± 0.000000081)e-34
    >>> print(rounded(12345.6, 996.1))
    12300 ± 1000
    >>> print(rounded(1.5, 0.0))
    1.5 ± 0
    """
    if not (math.isfinite(value) and math.isfinite(uncertainty)) or uncertainty == 0:
        return RoundedMeasurement(f"{value:.15g}", f"{uncertainty:.15g}", 0)
    width = to_digits(uncertainty, digits)
    number = quantized(Decimal(value), Decimal(1).scaleb(int(width.as_tuple().exponent)))
    exponent = max(number.adjusted() if number else width.adjusted(), width.adjusted())
    exponent = 0 if MIN_EXPONENT <= exponent < MAX_EXPONENT else exponent
    return RoundedMeasurement(shifted(number, exponent), shifted(width, exponent), exponent)


def significant(number: float) -> str:
    """Return a number rounded to two significant digits, as text.

    >>> significant(2.0), significant(0.01634), significant(1234.5), significant(1.5e-9)
    ('2.0', '0.016', '1200', '1.5e-9')
    """
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    found = to_digits(number, DIGITS)
    exponent = found.adjusted()
    if MIN_EXPONENT <= exponent < MAX_EXPONENT:
        return f"{found:f}"
    return f"{shifted(found, exponent)}e{exponent}"


def to_digits(number: float, digits: int) -> Decimal:
    """Return a number rounded to this many significant digits."""
    exact = Decimal(number)
    found = quantized(exact, Decimal(1).scaleb(exact.adjusted() - digits + 1))
    return quantized(found, Decimal(1).scaleb(found.adjusted() - digits + 1))


def last_place(number: float, digits: int) -> float:
    """Return the unit of the last of this many significant digits of a number, or 0 for 0.

    >>> last_place(0.0362, 2), last_place(9.96, 2)
    (0.001, 1.0)
    """
    if number == 0 or not math.isfinite(number):
        return 0.0 if number == 0 else math.nan
    return float(Decimal(1).scaleb(to_digits(number, digits).adjusted() - digits + 1))


def quantized(number: Decimal, unit: Decimal) -> Decimal:
    """Return a number rounded to a multiple of a power of ten, ties to even."""
    found = number.quantize(unit, ROUND_HALF_EVEN, EXACT)
    return found or abs(found)  # without the sign of -0


def shifted(number: Decimal, exponent: int) -> str:
    """Return a number divided by a power of ten as text without an exponent."""
    return f"{number.scaleb(-exponent):f}"
