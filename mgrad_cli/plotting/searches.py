"""The search for a minimum over one or two variables: the function around it, and the way that it took."""

import math
from dataclasses import replace

from mgrad_cli.analysis.extremum import Bound, Extremum
from mgrad_cli.data.ranges import Range
from mgrad_cli.errors import UsageError
from mgrad_cli.language.lowering import Script
from mgrad_cli.plotting.fields import Field, sampled_field
from mgrad_cli.plotting.functions import function_of
from mgrad_cli.plotting.lines import Lines, sampled_lines

SAMPLES, SAMPLES_OF_TWO = 1001, 121
MARGIN = 0.2
"""Relative to the extent of the search: the space around it."""
MIN_EXTENT = 1e-9
"""Relative to the size of a variable: a shorter way has the space of one to zero around it."""


def sampled_search(script: Script, found: Extremum) -> Lines | Field:
    """Return the function around a search, with its path.

    Raises: UsageError for more than two unknowns.
    """
    names = list(found.point)
    if len(names) > 2:
        raise UsageError(f"a drawing takes one or two variables, not {len(names)}")
    points = [each.point.tolist() for each in found.path if all(map(math.isfinite, each.point.tolist()))]
    samples = SAMPLES if len(names) == 1 else SAMPLES_OF_TWO
    open_sides = (-math.inf, math.inf)
    ranges = [
        window([point[index] for point in points], found.bounds.get(name, open_sides), samples)
        for index, name in enumerate(names)
    ]
    function = function_of(script, names, found.parameters, order=0)
    if len(names) == 1:
        path = [(each.point.tolist()[0], each.value) for each in found.path]
        return replace(sampled_lines(function, *ranges), path=tuple(path))
    field = sampled_field(function, *ranges)
    valley = found.value if math.isfinite(found.value) and found.is_found else None
    return replace(field, path=tuple((x, y) for x, y in points), valley=valley)


def window(places: list[float], bounds: Bound, samples: int) -> Range:
    """Return the range of an axis: the extent of the search, and space around it up to the bounds."""
    low, high = min(places), max(places)
    size = max(abs(low), abs(high))
    if high - low <= MIN_EXTENT * size:
        low, high = max(bounds[0], low - (size or 1.0)), min(bounds[1], high + (size or 1.0))
    margin = MARGIN * (high - low)
    low, high = max(bounds[0], low - margin), min(bounds[1], high + margin)
    return Range(low, high - low, samples, samples - 1.0, last=high)
