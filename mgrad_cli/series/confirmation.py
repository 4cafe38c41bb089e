"""Check limits against values near the point, computed in doubles and independent of series."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from mgrad_cli.program import Program, replay
from mgrad_cli.series.exponents import CONSTANT, Exponent
from mgrad_cli.series.germs import Germ, Unbounded
from mgrad_cli.series.power_log import Series

HALVINGS = 46
WIDE = 8
"""The number of halvings after which a step counts as small."""
NEAR, NEAR_SLOPE = 1e-5, 1e-3
"""How close values near the point must be to the series, relative to their size and to that of their differences."""
GROWING = 0.05
"""The share of the growing terms in a value that confirms an infinite limit."""
HELD = 1e-6
"""How exactly the doubles around the point must represent a step."""
WITNESSES = 2
"""The number of steps at which they must."""

Path: TypeAlias = Mapping[str, tuple[float, int]]
"""For each moving variable a factor and a power: the point is approached as x + factor * t**power, or as
factor * t**power if x is infinite and the power negative."""


class Sample(NamedTuple):
    """A step, the values of the program and its series there, and the sum of the series' growing terms."""

    t: float
    value: float
    predicted: float
    growing: float


def confirms_value(samples: Sequence[Sample], limit: float) -> bool:
    """Return whether values near the point approach a limit, which may be infinite, or nan if there is no value."""
    if math.isnan(limit):
        return len(samples) > 0 and not any(math.isfinite(each.value) for each in samples[-WITNESSES:])
    if math.isinf(limit):
        return sum(is_growing(each, limit) for each in samples) >= WITNESSES
    finite = [each for each in samples if math.isfinite(each.value)]
    size = max([abs(limit), *(abs(each.value) for each in finite[:WIDE])])
    return sum(abs(each.value - each.predicted) <= NEAR * size for each in finite) >= WITNESSES


def confirms_slope(samples: Sequence[Sample], limit: float, slope: float) -> bool:
    """Return whether differences near the point approach a slope; for an infinite one, whether they are large."""
    finite = [each for each in samples if math.isfinite(each.value)]
    steepness = [abs(each.value - limit) / each.t for each in finite]
    if math.isinf(slope):
        return any(each > steepness[0] for each in steepness)
    steep = max([abs(slope), *steepness[:WIDE]])
    return sum(abs(each.value - each.predicted) <= NEAR_SLOPE * each.t * steep for each in finite) >= WITNESSES


def is_growing(sample: Sample, limit: float) -> bool:
    """Return whether a value has the sign of an infinite limit, and the size that the series predicts.

    A larger size also counts, if the growing terms are large.
    """
    if not sample.value * limit > 0:
        return False
    is_near = abs(sample.value - sample.predicted) <= NEAR_SLOPE * abs(sample.predicted)
    return math.isinf(sample.value) or (is_near and abs(sample.growing) >= GROWING * abs(sample.predicted))


def sampled(germ: Germ, program: Program, point: Mapping[str, float], path: Path) -> Iterator[Sample]:
    """Return values near the point from the furthest to the nearest, at steps that the doubles around it represent."""
    scales = {1.0, *(abs(point[name]) for name in path if 0 < abs(point[name]) < 1e100)}
    steps = sorted({scale * 2.0**-k for scale in scales for k in range(2, HALVINGS)}, reverse=True)
    (output,) = program.outputs
    for t in steps:
        moves = {name: factor * t**power for name, (factor, power) in path.items()}
        moved = {name: move + point[name] if math.isfinite(point[name]) else move for name, move in moves.items()}
        if all(is_held(move, point[name], moved[name]) for name, move in moves.items()):
            value = float(replay(program, {**point, **moved})[output])
            yield Sample(t, value, *predicted(germ, t))


def is_held(move: float, start: float, end: float) -> bool:
    """Return whether the doubles represent a step; they do not if it underflows to zero."""
    return math.isinf(start) or (move != 0 and abs((end - start) / move - 1) < HELD)


def predicted(germ: Germ, t: float) -> tuple[float, float]:
    """Return the sum of the known terms of a germ at t, and that of the growing ones."""
    if isinstance(germ, Unbounded):
        return math.copysign(math.inf, germ.sign), math.inf
    if not isinstance(germ, Series):
        return math.nan, math.nan
    logarithm = -math.log(t)
    try:
        sizes = [(exponent, float(number) * size_at(exponent, t, logarithm)) for exponent, number in germ.terms]
    except ArithmeticError:
        return math.nan, math.nan
    return sum(size for _, size in sizes), sum(size for exponent, size in sizes if exponent < CONSTANT)


def size_at(exponent: Exponent, t: float, logarithm: float) -> float:
    power, logs = exponent
    return float(t ** float(power) * (logarithm ** -float(logs) if logs else 1.0))
