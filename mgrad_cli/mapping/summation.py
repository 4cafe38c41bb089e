"""Exact sums of doubles, which do not depend on the order of addition.

Arrays are split at powers of two into parts whose sums are exact in double precision, in any order (Rump, Ogita
and Oishi 2008, Accurate floating-point summation). The total is kept as one integer.
"""

import math
from typing import Any

UNIT = 1074
"""Every double is an integer multiple of 2**-UNIT."""
LARGE = 2.0**900


class ExactSum:
    """An exact running sum. `total` and `mean` round it once, to the nearest double."""

    __slots__ = ("count", "nonfinite", "units")

    def __init__(self, units: int = 0, count: int = 0, nonfinite: float = 0.0) -> None:
        self.units = units
        self.count = count
        self.nonfinite = nonfinite

    def add(self, values: Any) -> None:
        """Add an array of doubles."""
        import numpy

        self.count += values.size
        is_finite = numpy.isfinite(values)
        if not is_finite.all():
            for value in numpy.unique(values[~is_finite]).tolist():
                self.nonfinite += value  # inf and -inf, or nan, add up to nan
            values = values[is_finite]
        largest = float(numpy.abs(values).max(initial=0.0))
        if largest > LARGE:
            is_large = numpy.abs(values) > LARGE
            for value in values[is_large].tolist():
                self.units += whole(value)
            self.add_ordinary(values[~is_large])
        else:
            self.add_ordinary(values)

    def add_ordinary(self, values: Any) -> None:
        """Add values so small that no multiple by their number overflows."""
        import numpy

        while (largest := float(numpy.abs(values).max(initial=0.0))) > 0:
            # The part of each value above the last place of `splitter` is a multiple of it, and all of them together
            # are below `splitter`: their sum has no more than 53 bits, in any order.
            splitter = 2.0 ** (math.frexp(largest)[1] + values.size.bit_length() + 1)
            high = (values + splitter) - splitter
            self.units += whole(float(high.sum()))
            values = values - high

    def merge(self, other: "ExactSum") -> None:
        """Add another sum."""
        self.units += other.units
        self.count += other.count
        self.nonfinite += other.nonfinite

    @property
    def total(self) -> float:
        return self.rounded(1)

    @property
    def mean(self) -> float:
        """The total over the count; nan if there are no values."""
        return self.rounded(self.count) if self.count else math.nan

    def rounded(self, divisor: int) -> float:
        """Return the sum over an integer, rounded once."""
        if self.nonfinite:
            return self.nonfinite
        try:
            return self.units / (divisor << UNIT)
        except OverflowError:
            return math.inf if self.units > 0 else -math.inf


def whole(value: float) -> int:
    """Return a finite double as a multiple of 2**-UNIT."""
    numerator, denominator = value.as_integer_ratio()
    return (numerator << UNIT) // denominator
