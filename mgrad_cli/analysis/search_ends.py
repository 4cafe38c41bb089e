"""What kind of point a search for a minimum ended at, judged also by the way that it took."""

import math
from typing import TYPE_CHECKING, TypeAlias

from mgrad_cli.analysis.objective import Objective
from mgrad_cli.analysis.stationary import Judgement

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

STILL_MOVING = 0.2
"""Relative to its average step: the length of the last steps of a search that runs to infinity."""
MANY_STEPS, LAST_STEPS = 12, 3
"""The fewest steps from which to tell such a search, and how many of them are looked at."""
MUCH_FARTHER = 100.0
DEEP = 1e8
"""Relative to the value at the start: how low the function is next to a pole or far out; and how far out that is."""
STEEP = 1e-3
"""Relative to the value: how much a unit in the last place of the point changes it next to a pole.

Also how much the point, times the slope, is far out.
"""


def refined_kind(objective: Objective, point: "Array", found: Judgement) -> str:
    """Return what a point is, with what the way of the search says of it."""
    is_deep = objective.plain_value(point) < -DEEP * (1 + abs(objective.first_value))
    if found.kind in {"flat", "slope"}:
        if is_deep and falls_far_out(objective, point):
            return "unbounded"
        if runs_away(objective, found):
            return "vanishing"
    if is_deep and (found.kind == "pole" or (found.kind == "slope" and is_steep(objective, point))):
        return "unbounded"
    if found.kind == "slope" and found.lower is not None and objective.value(found.lower) == math.inf:
        return "edge"
    return "jump" if found.kind == "pole" else found.kind


def falls_far_out(objective: Objective, point: "Array") -> bool:
    """Return whether a search has run far away, to where the slope still makes up the value.

    Rounding of large terms that cancel may stop a search there, or make a function look level.
    """
    import numpy

    is_far = (numpy.abs(point) > DEEP * (1 + numpy.abs(objective.start))).any()
    change = numpy.abs(objective.gradient(point)) @ numpy.abs(point)
    return bool(is_far and change > STEEP * abs(objective.plain_value(point)))


def is_steep(objective: Objective, point: "Array") -> bool:
    """Return whether the function is as steep as next to a pole: a step of a unit in the last place changes it."""
    import numpy

    change = numpy.abs(objective.gradient(point)) @ numpy.spacing(numpy.abs(point))
    return bool(change > STEEP * abs(objective.plain_value(point)))


def runs_away(objective: Objective, found: Judgement) -> bool:
    """Return whether a search is still on its way to infinity along a direction in which the function is level.

    There its steps do not become smaller, as they do towards a minimum; the direction alone has lowered the value, and
    much farther out it does not rise.
    """
    import numpy

    if len(objective.path) < MANY_STEPS:
        return False
    points = numpy.array([iterate.point for iterate in objective.path])
    middle = points[len(points) // 2]
    for direction in found.level:
        places = (points - points[0]) @ direction
        steps = abs(numpy.diff(places[-1 - LAST_STEPS :]))
        if (steps > STILL_MOVING * abs(places[-LAST_STEPS:]) / len(points)).all():
            way = direction * ((points[-1] - middle) @ direction / (direction @ direction))
            further, far_out = (objective.plain_value(middle + each) for each in (way, MUCH_FARTHER * way))
            if further < objective.plain_value(middle) and far_out <= further + found.noise:
                return True
    return False
