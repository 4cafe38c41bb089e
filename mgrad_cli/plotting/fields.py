"""A function of two variables over a rectangle, and the arrows of its gradient as they lie on a page."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from mgrad_cli.data.ranges import Range
from mgrad_cli.plotting.functions import Function
from mgrad_cli.plotting.scales import MAX_VALUE, field_limits, widened

EQUAL_SCALES = 3.0
"""How much longer one side may be than the other for both axes to have one scale."""
OTHERWISE = 0.75
LEVEL = 1e-290
"""The least steepness that has a direction."""


class Arrow(NamedTuple):
    """The gradient in a cell of a page: the way up, of length 1 where it is steep and shorter where it is not."""

    column: int
    row: int
    place: tuple[float, float]
    right: float
    up: float


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """The values of a function at every place of a grid, shape (up, across), nan where they are not finite, and its two
    partial derivatives. `limits` are those of the values to show, `None` where no value is finite.
    """

    function: Function
    across: Any
    upward: Any
    values: Any
    partials: Any
    limits: tuple[float, float] | None

    @property
    def is_empty(self) -> bool:
        return self.limits is None

    @property
    def is_cut(self) -> bool:
        """Whether there are values outside the limits."""
        import numpy

        low, high = self.limits or (0.0, 0.0)
        return bool(numpy.nanmin(self.values) < low or numpy.nanmax(self.values) > high)

    @property
    def sides(self) -> tuple[float, float]:
        """How far each variable goes."""
        return float(self.across[-1] - self.across[0]), float(self.upward[-1] - self.upward[0])

    @property
    def aspect(self) -> float:
        """The height of a page for its width: one scale for both axes, if that leaves both readable."""
        wide, high = self.sides
        return high / wide if 1 / EQUAL_SCALES <= high / wide <= EQUAL_SCALES else OTHERWISE

    def cells(self, columns: int, rows: int) -> Any:
        """The values in the middle of the cells of a page, the lowest row first."""
        import numpy

        return self.values[numpy.ix_(nearest(rows, len(self.upward)), nearest(columns, len(self.across)))]

    def arrows(self, columns: int, rows: int, aspect: float) -> list[Arrow]:
        """The gradient in the middle of the cells of a page of a height for its width, where it has a direction.

        An arrow points where the function rises fastest on the page, at a right angle to its contours there; for
        axes of one scale that is the gradient itself. Its length goes with the root of the steepness.
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
    """The samples in the middle of so many cells."""
    import numpy

    return ((numpy.arange(cells) + 0.5) * samples / cells).astype(int)


def sampled_field(function: Function, across: Range, upward: Range) -> Field:
    """A function of two variables at every place of a grid."""
    import numpy

    first, second = (numpy.sort(each.values(numpy.arange(each.count))) for each in (across, upward))
    rows, columns = len(second), len(first)
    results = function(numpy.tile(first, rows), numpy.repeat(second, columns)).reshape(-1, rows, columns)
    limits = field_limits(results[0])
    values = numpy.where(numpy.isfinite(results[0]), results[0].clip(-MAX_VALUE, MAX_VALUE), numpy.nan)
    return Field(function, first, second, values, results[1:], limits and widened(*limits))
