"""A function of two variables over a rectangle, and the arrows of its gradient on a page."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from mgrad_cli.data.ranges import Range
from mgrad_cli.plotting.functions import Function
from mgrad_cli.plotting.scales import MAX_VALUE, field_limits, levels, levels_towards, widened

EQUAL_SCALES = 3.0
"""The largest ratio of the sides with which both axes share one scale."""
OTHERWISE = 0.75
LEVEL = 1e-290
"""The smallest steepness that has a direction."""


class Arrow(NamedTuple):
    """The direction of ascent in a cell of a page, of length 1 where it is steepest and shorter elsewhere."""

    column: int
    row: int
    place: tuple[float, float]
    right: float
    up: float


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The values of a function and its two partial derivatives on a grid, each of shape (up, across).

    They are nan where they are not finite. `limits` are those of the values to show, or `None` if none is finite.
    `path` is a way through the field, as pairs across and upward. Contours lie closer towards the value `valley`.
    """

    function: Function
    across: Any
    upward: Any
    values: Any
    partials: Any
    limits: tuple[float, float] | None
    path: tuple[tuple[float, float], ...] = ()
    valley: float | None = None

    @property
    def is_empty(self) -> bool:
        return self.limits is None

    def contours(self, most: int) -> list[float]:
        """Return the values of at most `most` contours: evenly spaced, or closer towards the valley."""
        low, high = self.limits or (0.0, 1.0)
        return levels(low, high, most) if self.valley is None else levels_towards(self.valley, low, high, most)

    @property
    def is_cut(self) -> bool:
        """Whether some values are outside the limits."""
        import numpy

        low, high = self.limits or (0.0, 0.0)
        return bool(numpy.nanmin(self.values) < low or numpy.nanmax(self.values) > high)

    @property
    def sides(self) -> tuple[float, float]:
        """The extent of each variable."""
        return float(self.across[-1] - self.across[0]), float(self.upward[-1] - self.upward[0])

    @property
    def aspect(self) -> float:
        """The height of a page divided by its width: one scale for both axes, if both stay readable."""
        wide, high = self.sides
        return high / wide if 1 / EQUAL_SCALES <= high / wide <= EQUAL_SCALES else OTHERWISE

    def cells(self, columns: int, rows: int) -> Any:
        """Return the values in the middle of the cells of a page, the lowest row first."""
        import numpy

        return self.values[numpy.ix_(nearest(rows, len(self.upward)), nearest(columns, len(self.across)))]

    def arrows(self, columns: int, rows: int, aspect: float) -> list[Arrow]:
        """Return the gradient in the middle of each cell of a page where it has a direction.

        `aspect` is the height of the page divided by its width. An arrow points where the function rises fastest on the
        page, at a right angle to the contours; if the axes share one scale, that is the direction of the gradient. Its
        length is proportional to the square root of the steepness.
        """
        import numpy

        if not len(self.partials):
            return []
        wide, high = self.sides
        at = numpy.ix_(nearest(rows, len(self.upward)), nearest(columns, len(self.across)))
        with numpy.errstate(all="ignore"):
            right, up = self.partials[0][at] * wide, self.partials[1][at] * (high / aspect)
            steepness = numpy.hypot(right, up)
        is_there = numpy.isfinite(steepness) & (steepness > LEVEL) & numpy.isfinite(self.values[at])
        if not is_there.any():
            return []
        steep = float(numpy.percentile(steepness[is_there], 95))
        arrows = []
        for row, column in numpy.argwhere(is_there).tolist():
            size = float(steepness[row, column])
            length = math.sqrt(min(1.0, size / steep)) / size
            place = float(self.across[at[1][0, column]]), float(self.upward[at[0][row, 0]])
            arrows.append(
                Arrow(column, row, place, float(right[row, column]) * length, float(up[row, column]) * length)
            )
        return arrows


def nearest(cells: int, samples: int) -> Any:
    """Return the index of the sample in the middle of each cell."""
    import numpy

    return ((numpy.arange(cells) + 0.5) * samples / cells).astype(int)


def sampled_field(function: Function, across: Range, upward: Range) -> Field:
    """Return a function of two variables at every place of a grid."""
    import numpy

    first, second = (numpy.sort(each.values(numpy.arange(each.count))) for each in (across, upward))
    rows, columns = len(second), len(first)
    results = function(numpy.tile(first, rows), numpy.repeat(second, columns)).reshape(-1, rows, columns)
    limits = field_limits(results[0])
    values = numpy.where(numpy.isfinite(results[0]), results[0].clip(-MAX_VALUE, MAX_VALUE), numpy.nan)
    return Field(function, first, second, values, results[1:], limits and widened(*limits))
