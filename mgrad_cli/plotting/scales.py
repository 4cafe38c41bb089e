"""Which values the axes of a plot reach, so that a pole does not flatten the rest, and where their ticks stand."""

import math
from collections.abc import Iterable
from typing import Any

MAX_VALUE = 1e240
"""Beyond it differences overflow, in doubles at last and in libraries that draw before."""
MARGIN = 0.05
FLAT = 1e-12
"""Of its size: how little a curve may vary and still be level."""
MIN_SPAN = 1e-290
"""Below it there are no round numbers to tell apart."""
MIDDLE = {0: (15, 85), 1: (25, 75)}
"""Of a curve with a pole, the percentiles that are shown: of the function, and the same once more on both sides; of
its derivatives, which grow faster."""
MAX_RATIO = 20.0
"""How far all values of a field may reach beyond most of them and be shown whole."""
SLACK = 1e-9
"""Of a step: how far beyond an end a tick may lie, which rounding brought there."""


def curve_limits(values: Any, has_pole: bool, order: int) -> tuple[float, float] | None:
    """The least and the greatest value of a curve to show; `None` where none is finite."""
    import numpy

    values = values[numpy.isfinite(values)].clip(-MAX_VALUE, MAX_VALUE)
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    if has_pole:
        least, most = map(float, numpy.percentile(values, MIDDLE[min(order, 1)]))
        reach = most - least if order == 0 else 0.0
        low, high = max(low, least - reach), min(high, most + reach)
    return low, high


def field_limits(values: Any) -> tuple[float, float] | None:
    """The least and the greatest value of a field to show; `None` where none is finite."""
    import numpy

    values = values[numpy.isfinite(values)].clip(-MAX_VALUE, MAX_VALUE)
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    if high - low < MIN_SPAN:
        return low, low
    least, most = map(float, numpy.percentile(values, (2, 98)))
    if least < most and (high - low) / MAX_RATIO > most - least:
        return least, most
    return low, high


def joined_limits(limits: Iterable[tuple[float, float] | None]) -> tuple[float, float] | None:
    """The limits that hold all of these, with a margin; `None` where there are none."""
    known = [each for each in limits if each is not None]
    if not known:
        return None
    low, high = widened(min(low for low, _ in known), max(high for _, high in known))
    margin = (high - low) * MARGIN
    return low - margin, high + margin


def widened(low: float, high: float) -> tuple[float, float]:
    """The limits, or where they are next to the same, others around them."""
    if high - low > max(MIN_SPAN, FLAT * max(abs(low), abs(high))):
        return low, high
    around = abs(low) / 10 if abs(low) > MIN_SPAN else 1.0
    return low - around, high + around


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from `low` to `high`, evenly apart, at most so many."""
    return multiples(low, high, most, is_inside=False)


def levels(low: float, high: float, most: int) -> list[float]:
    """Round numbers between `low` and `high`, evenly apart, at most so many."""
    return multiples(low, high, most, is_inside=True)


def multiples(low: float, high: float, most: int, is_inside: bool) -> list[float]:
    """The multiples of the least round step that has not too many of them, the ends among them or not."""
    if high - low < MIN_SPAN:
        return [low]
    exponent = math.floor(math.log10((high - low) / (most + 1)))
    while True:
        for factor in (1, 2, 5):
            step = factor * 10.0**exponent
            found = range(math.ceil(low / step - SLACK), math.floor(high / step + SLACK) + 1)
            numbers = [each * step if exponent >= 0 else each * factor / 10.0**-exponent for each in found]
            if is_inside:
                numbers = [number for number in numbers if low < number < high]
            if len(numbers) <= most:
                return numbers
        exponent += 1
