"""A function of one variable and its derivatives, or several functions, as curves with breaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from mgrad_cli.data.ranges import Range
from mgrad_cli.plotting.breaks import split_at_breaks
from mgrad_cli.plotting.functions import Function
from mgrad_cli.plotting.scales import curve_limits, joined_limits

MIN_JUMP = 0.01
"""Relative to the height of the plot: a smaller step looks like a line."""
BEYOND = 2.0
"""In heights of the plot: how far outside it a curve is followed."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledCurve:
    """The derivative of an output of some order: values at places, with a nan at each break.

    output      the number of the output
    """

    order: int
    places: Any
    values: Any
    output: int = 0

    @property
    def index(self) -> int:
        """The number of the curve: there are several derivatives of one output, or the values of several."""
        return self.order + self.output

    def pieces(self) -> Iterator[tuple[list[float], list[float]]]:
        """Yield the places and values of each unbroken piece; a piece of one place is a single point."""
        import numpy

        is_there = numpy.concatenate([[False], numpy.isfinite(self.values), [False]])
        edges = numpy.flatnonzero(is_there[1:] != is_there[:-1])
        for start, stop in edges.reshape(-1, 2):
            places, values = self.places[start:stop], self.values[start:stop]
            is_point = len(places) == 1 or not numpy.any(numpy.diff(places))
            end = 1 if is_point else None
            yield places[:end].tolist(), values[:end].tolist()


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The curves of a function and its derivatives over a range, and the limits of both axes.

    The limits of the values are `None` if no value is finite. `path` is a way along the function, as pairs across and
    upward.
    """

    function: Function
    curves: list[SampledCurve]
    across: tuple[float, float]
    upward: tuple[float, float] | None
    path: tuple[tuple[float, float], ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.upward is None


def sampled_lines(function: Function, range_: Range) -> Lines:
    """Return the curves of a function of one variable through samples of a range."""
    import numpy

    places = numpy.sort(range_.values(numpy.arange(range_.count)))
    samples = function(places)
    across = float(places[0]), float(places[-1])
    orders = range(len(samples)) if len(function.outputs) == 1 else [0] * len(samples)
    upward = joined_limits(curve_limits(values, False, order) for order, values in zip(orders, samples, strict=True))
    if upward is None:
        return Lines(function, [], across, None)
    found = []
    for index, (order, values) in enumerate(zip(orders, samples, strict=True)):
        whole = curve_limits(values, False, order)
        jump = MIN_JUMP * (whole[1] - whole[0]) if whole else 0.0
        usual = curve_limits(values, True, order)
        if usual:
            jump = min(jump, MIN_JUMP * (usual[1] - usual[0])) or jump
        found.append(split_at_breaks(partial(result, function, index), places, values, jump, function.operations))
    upward = joined_limits(
        curve_limits(values, has_pole, order)
        for order, values, (_, _, has_pole) in zip(orders, samples, found, strict=True)
    )
    assert upward is not None
    low, high = upward
    reach = BEYOND * (high - low)
    curves = [
        SampledCurve(order, at, values.clip(low - reach, high + reach), index - order)
        for index, (order, (at, values, _)) in enumerate(zip(orders, found, strict=True))
    ]
    return Lines(function, curves, across, upward)


def result(function: Function, index: int, places: Any) -> Any:
    return function(places)[index]
