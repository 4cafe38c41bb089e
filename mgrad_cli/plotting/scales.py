"""The limits of the axes of a plot, chosen so that a pole does not flatten the rest, and their ticks."""

import math
from collections.abc import Iterable
from typing import Any

MAX_VALUE = 1e240
"""The largest value drawn. Beyond it differences overflow, in some drawing libraries even before doubles do."""
MARGIN = 0.05
FLAT = 1e-12
"""Relative to its size: how little a curve may vary and still count as level."""
MIN_SPAN = 1e-290
"""Smaller spans have no round numbers to tell apart."""
MIDDLE = {0: (15, 85), 1: (25, 75)}
"""The percentiles of a curve with a pole between which values are shown, and as much again on both sides.

By order: the derivatives grow faster than the function.
"""
MAX_RATIO = 20.0
"""How far the values of a field may exceed most of them and still all be shown."""
SMALLEST_PART = 1e-4
"""Of the depth of a valley: the distance of its innermost contour."""
SLACK = 1e-9
"""Relative to a step: how far rounding may put a tick beyond an end."""


def curve_limits(values: Any, has_pole: bool, order: int) -> tuple[float, float] | None:
    """Return the smallest and the largest value of a curve to show, or `None` if none is finite."""
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
    """Return the smallest and the largest value of a field to show, or `None` if none is finite."""
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
    """Return limits that contain all of these, with a margin, or `None` if there are none."""
    known = [each for each in limits if each is not None]
    if not known:
        return None
    low, high = widened(min(low for low, _ in known), max(high for _, high in known))
    margin = (high - low) * MARGIN
    return low - margin, high + margin


def widened(low: float, high: float) -> tuple[float, float]:
    """Return the limits, or wider ones around them if they almost coincide."""
    if high - low > max(MIN_SPAN, FLAT * max(abs(low), abs(high))):
        return low, high
    around = abs(low) / 10 if abs(low) > MIN_SPAN else 1.0
    return low - around, high + around


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` round numbers from `low` to `high`, evenly spaced."""
    return multiples(low, high, most, is_inside=False)


def levels(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` round numbers between `low` and `high`, evenly spaced."""
    return multiples(low, high, most, is_inside=True)


def levels_towards(valley: float, low: float, high: float, most: int) -> list[float]:
    """Return at most `most` values between `low` and `high`, at distances from one end that grow by a constant factor.

    The end is that next to `valley`. The distances have two digits.
    """
    sign, depth = (1.0, high - valley) if abs(valley - low) <= abs(valley - high) else (-1.0, valley - low)
    found = {valley + sign * float(f"{depth * SMALLEST_PART ** (1 - step / most):.2g}") for step in range(most)}
    return sorted(value for value in found if low < value < high)


def multiples(low: float, high: float, most: int, is_inside: bool) -> list[float]:
    """Return the multiples of the smallest round step that has few enough of them, with or without the ends."""
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
