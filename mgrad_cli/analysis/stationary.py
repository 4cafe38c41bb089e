"""What a point is where a search ended: a minimum, flat, a saddle, a kink, or none of them.

The function is sampled on lines through the point, along the eigenvectors of the Hessian. Where the samples rise as the
Hessian says, the point is a minimum along the line; elsewhere they tell how the function goes, since the Hessian does
not.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, takewhile
from typing import TYPE_CHECKING, TypeAlias

from mgrad_cli.analysis.objective import Objective

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]
    Mask: TypeAlias = NDArray[numpy.bool_]

RISING, FLAT, FALLING, UNDEFINED, BOUND = "rising", "flat", "falling", "undefined", "bound"
STEPS = tuple(10.0**exponent for exponent in range(-7, -1))
"""The distances of the samples, relative to the sizes of the unknowns."""
PREFERRED = (3, 4, 2, 5, 1, 0)
"""The order in which they are compared with the Hessian."""
STATIONARY = 1e-6
"""How far a minimum may be, by the gradient and the Hessian, for the slope to be zero."""
SLOPES = 3
"""The number of steps at which slopes are compared with the Hessian."""
CLOSE = 1e-5
"""How near the lowest point of a line counts as this one. Where the Hessian vanishes, no search comes much nearer."""
AGREEMENT = 3.0
"""How many times more, or less, than the Hessian says the function may rise."""
KINK = 1.3
"""The largest order with which a function rises from a kink: in proportion to the distance."""
JUMP = 0.3
"""The largest order with which it rises from a jump, or in the way of a logarithm from a pole."""
MAX_LINES = 20
"""The most eigenvectors to sample along, those with the smallest eigenvalues."""
MAX_PAIRS = 10
"""The most eigenvectors without curvature whose sums and differences are sampled too."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """How the function goes from a point in one direction, and the order with which it does: 2 for a parabola.

    `lowest` is the sample with the lowest value, where the function falls.
    """

    trend: str
    order: float = math.nan
    lowest: "Array | None" = None
    lowest_value: float = math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A direction through a point, and both sides of it; `is_regular` if the Hessian tells how the function rises."""

    direction: "Array"
    sides: tuple[Side, Side]
    is_regular: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What a point is, by the lines through it.

    kind        minimum, degenerate, flat, saddle, maximum, inflection, kink, jump, pole, edge or slope
    order       the order with which the function rises along the lines where the Hessian vanishes
    lower       a lower point nearby, if there is one
    level       the directions along which the function does not rise on both sides
    noise       what rounding may add to the difference of two values
    """

    kind: str
    order: float
    lower: "Array | None"
    level: "list[Array]"
    noise: float


def judge(objective: Objective, point: "Array") -> Judgement:
    """Return what a point is for an objective that is to be minimized."""
    held = objective.held(point)
    noise = objective.noise(point)
    value = objective.plain_value(point)
    lines = [
        line_through(objective, point, value, direction, curvature, noise)
        for direction, curvature in directions(objective, point, ~held)
    ]
    lines += weakly_held(objective, point, value, held, noise)
    return judged(lines, len(point), noise)


def judged(lines: Sequence[Line], count: int, noise: float) -> Judgement:
    """Return what the lines through a point say of it."""
    sides = [side for line in lines for side in line.sides]
    trends = {side.trend for side in sides} - {BOUND}
    falling = [side for side in sides if side.trend == FALLING]
    lower = min(falling, key=lambda side: side.lowest_value).lowest if falling else None
    orders = [side.order for line in lines if not line.is_regular for side in line.sides if side.trend == RISING]
    order = max(orders, default=2.0)
    is_flat = FLAT in trends
    level = [line.direction for line in lines if any(side.trend in {FLAT, FALLING} for side in line.sides)]
    if falling:
        if any(side.order < KINK for side in falling):
            kind = "slope"
        elif trends == {FALLING}:
            kind = "maximum"
        else:
            kind = "inflection" if count == 1 else "saddle"
    elif UNDEFINED in trends:
        kind = "edge"
    elif any(side.order < JUMP for side in sides if side.trend == RISING):
        kind = "pole" if any(is_spike(line) for line in lines) else "jump"
    elif any(side.order < KINK for side in sides if side.trend == RISING):
        kind = "kink"
    elif is_flat:
        kind = "flat"
    else:
        kind = "minimum" if all(line.is_regular for line in lines) else "degenerate"
    return Judgement(kind, order, lower, level, noise)


def is_spike(line: Line) -> bool:
    """Return whether the function jumps up on both sides."""
    return all(side.trend == RISING and side.order < JUMP for side in line.sides)


def directions(objective: Objective, point: "Array", free: "Mask") -> "Iterator[tuple[Array, float]]":
    """Yield directions among the free unknowns, each with the second derivative along it: first the eigenvectors.

    They are of the Hessian for unknowns divided by their sizes. A step of 1 along one is a step of these sizes.
    """
    import numpy

    scales = objective.scales(point) * free
    scaled = objective.hessian(point) * numpy.outer(scales, scales)
    gradient = objective.gradient(point) * scales
    if not free.any():
        return
    if numpy.isfinite(scaled).all():
        values, vectors = numpy.linalg.eigh(scaled[numpy.ix_(free, free)])
    else:
        values, vectors = numpy.zeros(free.sum()), numpy.eye(free.sum())
    whole = numpy.zeros((len(point), len(values)))
    whole[free] = vectors
    for index in range(min(MAX_LINES, len(values))):
        yield whole[:, index] * scales, float(values[index])
    negligible = len(values) * 1e-13 * max(abs(values))
    vanishing = [whole[:, index] for index in range(len(values)) if abs(values[index]) <= negligible]
    for one, other in combinations(vanishing[:MAX_PAIRS], 2):
        yield (one + other) / math.sqrt(2) * scales, 0.0
        yield (one - other) / math.sqrt(2) * scales, 0.0
    length = float(numpy.linalg.norm(gradient))
    if 0 < length < math.inf:
        unit = gradient / length
        yield unit * scales, float(unit @ scaled @ unit)


def line_through(
    objective: Objective, point: "Array", value: float, direction: "Array", curvature: float, noise: float
) -> Line:
    """Return how the function goes along a line."""
    up, down = (Heights(objective, point, sign * direction, value) for sign in (1, -1))
    for index in PREFERRED:
        expected = curvature * STEPS[index] ** 2 / 2
        if expected > 4 * noise and up.is_inside(index) and down.is_inside(index):
            is_rising = min(up[index], down[index]) > -noise
            if is_rising and is_like((up[index] + down[index]) / 2, expected):
                return Line(direction, (Side(RISING, 2.0), Side(RISING, 2.0)), is_regular=True)
    if rises_by_gradient(objective, point, direction, curvature, noise):
        return Line(direction, (Side(RISING, 2.0), Side(RISING, 2.0)), is_regular=True)
    return Line(direction, (side_of(up, noise), side_of(down, noise)))


def rises_by_gradient(objective: Objective, point: "Array", direction: "Array", curvature: float, noise: float) -> bool:
    """Return whether the slope along a line is zero and changes as the Hessian says, where rounding hides the values.

    A large number that is added to a function hides how its values change, but not how its slope does.
    """
    if curvature * STEPS[-1] ** 2 / 2 > 4 * noise or not curvature > 0:
        return False
    if not abs(objective.gradient(point) @ direction) <= STATIONARY * curvature:
        return False
    for step in STEPS[-SLOPES:]:
        there, back = (float(objective.gradient(point + sign * step * direction) @ direction) for sign in (1, -1))
        if not is_like((there - back) / 2, curvature * step) or not back <= 0 <= there:
            return False
    return True


def is_like(found: float, expected: float) -> bool:
    return expected / AGREEMENT < found < expected * AGREEMENT


class Heights:
    """How much higher the function is than at a point, at each step in a direction; computed when it is asked for."""

    def __init__(self, objective: Objective, point: "Array", direction: "Array", value: float) -> None:
        self.objective = objective
        self.point = point
        self.direction = direction
        self.value = value
        self.known: dict[int, float] = {}

    def at(self, index: int) -> "Array":
        return self.point + STEPS[index] * self.direction

    def is_inside(self, index: int) -> bool:
        """Return whether a step stays between the bounds."""
        there = self.at(index)
        return not ((there < self.objective.lower).any() or (there > self.objective.upper).any())

    def __getitem__(self, index: int) -> float:
        if index not in self.known:
            self.known[index] = self.objective.plain_value(self.at(index)) - self.value
        return self.known[index]


def side_of(heights: Heights, noise: float) -> Side:
    """Return how the function goes on one side: what the nearest sample says that differs by more than rounding."""
    rises = [heights[index] for index in takewhile(heights.is_inside, range(len(STEPS)))]
    if not rises:
        return Side(BOUND)
    if math.isnan(rises[0]):
        return Side(UNDEFINED)
    there = [index for index, height in enumerate(rises) if abs(height) > noise]
    if not there:
        return Side(FLAT)
    rising = [index for index in there if rises[index] > 0]
    if rising and STEPS[rising[0]] <= CLOSE and all(height > noise for height in rises[rising[0] :]):
        return Side(RISING, order_of(rises[rising[0] :]))
    order = order_of(rises[there[0] :])
    if rises[there[0]] > 0:
        return Side(RISING, order)
    lowest = min(there, key=lambda at: rises[at])
    return Side(FALLING, order, heights.at(lowest), rises[lowest])


def order_of(rises: Sequence[float]) -> float:
    """Return the power of the distance in proportion to which the samples rise or fall, from the second and third.

    The first may be half rounding.
    """
    pairs = list(pairwise(rises))
    for near, far in [*pairs[1:2], *pairs[:1]]:
        if near and 0 < far / near < math.inf:
            return math.log10(far / near)
    return math.nan


def weakly_held(objective: Objective, point: "Array", value: float, held: "Mask", noise: float) -> list[Line]:
    """Return the lines from active bounds inward along which the gradient is zero."""
    import numpy

    gradient = objective.gradient(point)
    scales = objective.scales(point)
    lines = []
    for index in numpy.flatnonzero(held & (gradient == 0)).tolist():
        direction = numpy.zeros(len(point))
        direction[index] = scales[index]
        lines.append(line_through(objective, point, value, direction, 0.0, noise))
    return lines
