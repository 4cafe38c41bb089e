"""The careful search for roots in rows: Newton's method inside a bracket, and with damping until there is one.

A step of Newton's method is taken while it stays within the bracket and is less than half the last one; otherwise the
bracket is halved. Without a bracket, a step that makes the equation larger is halved. The points between which the sign
changes become a bracket.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Column: TypeAlias = NDArray[numpy.float64]

MAX_STEPS = 120
"""The most evaluations of a row: enough for bisection between any two doubles of one sign and similar size."""
CLOSE = 2.0**-26
"""A relative step after which the next one of Newton's method, which squares it, is below rounding."""
ROUGH = 2.0**-10
"""A relative step of Newton's method at the end of bisection, beyond which there is no root but a jump."""
LARGE_RATIO = 16.0
"""The ratio of the ends of a bracket beyond which it is halved by the geometric mean."""
MAX_STALLS = 40
"""How many steps in a row may fail to make the equation smaller, while there is no bracket."""

Equation: TypeAlias = "Callable[[Column, Sequence[Column]], tuple[Column, Column]]"
"""Returns the values and the derivatives by the unknown, given the unknown and the other columns of the same rows."""


class Ending(IntEnum):
    """How the search for the root of a row ended."""

    FOUND = 0
    NO_ROOT = 1
    NO_SIGN_CHANGE = 2
    NOT_A_NUMBER = 3
    JUMP = 4
    UNDETERMINED = 5
    OPEN = 255


MESSAGES = {
    Ending.NO_ROOT: "no root found",
    Ending.NO_SIGN_CHANGE: "no change of sign between the ends of the bracket",
    Ending.NOT_A_NUMBER: "the expression is not a number at the start",
    Ending.JUMP: "the sign changes at a pole or a jump, not at a root",
    Ending.UNDETERMINED: "the expression hardly depends on it there, which leaves fewer than 4 digits",
}


class RowSearch:
    """The rows of a search that are still open.

    rows        their indices among all rows
    columns     the columns of the equation beside the unknown
    x           where the equation is evaluated next
    below, above  points where it is negative and positive, nan if none is known
    best, least   the point without a bracket where the equation is smallest, and its size there
    moved       the size of the last step
    probe       the next step from a point where the derivative is zero
    stalls      how many steps did not make the equation smaller
    limit       the size of the equation that a root must not exceed
    """

    def __init__(self, x: "Column", columns: "Sequence[Column]", rows: Any) -> None:
        import numpy

        count = len(x)
        self.columns = list(columns)
        self.rows = rows
        self.x = x.copy()
        self.below, self.above, self.best = (numpy.full(count, numpy.nan) for _ in range(3))
        self.least, self.moved, self.limit = (numpy.full(count, numpy.inf) for _ in range(3))
        self.probe = numpy.where(x == 0, 1.0, numpy.abs(x)) / 2
        self.stalls = numpy.zeros(count, dtype=numpy.int64)

    def keep(self, chosen: Any) -> None:
        """Keep only the chosen rows."""
        for name, values in vars(self).items():
            setattr(self, name, [each[chosen] for each in values] if name == "columns" else values[chosen])


def search_rows(equation: Equation, search: RowSearch, roots: "Column", endings: Any) -> None:
    """Move every row of a search until it is over, and enter the roots and endings."""
    for _ in range(MAX_STEPS):
        if not len(search.rows):
            return
        value, slope = equation(search.x, search.columns)
        close(search, advance(search, value, slope), roots, endings)


def close(search: RowSearch, ends: Any, roots: "Column", endings: Any) -> None:
    """Enter the roots and endings of the rows that are over, and go on without them."""
    is_over = ends != Ending.OPEN
    if is_over.any():
        rows = search.rows[is_over]
        endings[rows] = ends[is_over]
        roots[rows] = search.x[is_over]
        search.keep(~is_over)


def enter_brackets(
    equation: Equation, search: RowSearch, low: "Column", high: "Column", roots: "Column", endings: Any
) -> None:
    """Enter brackets into a search, and close the rows where the sign does not change or an end is a root."""
    import numpy

    at_low, at_high = equation(low, search.columns)[0], equation(high, search.columns)[0]
    search.below = numpy.where(at_low < 0, low, numpy.where(at_high < 0, high, numpy.nan))
    search.above = numpy.where(at_low > 0, low, numpy.where(at_high > 0, high, numpy.nan))
    search.limit = numpy.minimum(numpy.abs(at_low), numpy.abs(at_high))
    ends = numpy.full(len(low), Ending.OPEN, dtype=numpy.uint8)
    ends[numpy.isnan(search.below) | numpy.isnan(search.above)] = Ending.NO_SIGN_CHANGE
    ends[numpy.isnan(at_low) | numpy.isnan(at_high)] = Ending.NOT_A_NUMBER
    for end, value in ((low, at_low), (high, at_high)):
        search.x = numpy.where(value == 0, end, search.x)
        ends[value == 0] = Ending.FOUND
    close(search, ends, roots, endings)


def advance(search: RowSearch, value: "Column", slope: "Column") -> Any:
    """Move every row to its next point, and return the endings of those that are over."""
    import numpy

    x = search.x
    size = numpy.abs(value)
    search.below = numpy.where(value < 0, x, search.below)
    search.above = numpy.where(value > 0, x, search.above)
    low, high = numpy.minimum(search.below, search.above), numpy.maximum(search.below, search.above)
    has_bracket = low < high
    search.limit = numpy.where(search.limit == numpy.inf, size, search.limit)
    is_better = size < search.least
    search.least = numpy.where(is_better, size, search.least)
    search.best = numpy.where(is_better, x, search.best)
    newton = x - value / slope
    step = numpy.abs(newton - x)
    is_usable = numpy.isfinite(newton) & (slope != 0)
    is_within = (newton > low) & (newton < high) & (step < search.moved / 2)
    is_newton = is_usable & numpy.where(has_bracket, is_within, is_better)
    search.stalls += ~has_bracket & ~is_better
    ends = numpy.full(len(x), Ending.OPEN, dtype=numpy.uint8)
    if is_newton.all():
        following = newton
    else:
        following = numpy.where(is_newton, newton, numpy.where(has_bracket, middle(low, high), (x + search.best) / 2))
        is_flat = ~has_bracket & is_better & ~is_usable
        is_flat |= ~has_bracket & ~is_better & (search.probe < 0)
        following = numpy.where(is_flat, search.best + search.probe, following)
        search.probe = numpy.where(is_flat, -2 * search.probe, search.probe)
        is_narrow = has_bracket & (high - low <= CLOSE * numpy.maximum(numpy.abs(low), numpy.abs(high)))
        is_root = (size <= 4 * search.limit) & (step <= ROUGH * numpy.abs(x))
        ends[is_narrow] = numpy.where(is_root, Ending.FOUND, Ending.JUMP)[is_narrow]
        ends[search.stalls > MAX_STALLS] = Ending.NO_ROOT
        ends[numpy.isnan(search.best) & numpy.isnan(value)] = Ending.NOT_A_NUMBER
    ends[is_newton & (step <= CLOSE * numpy.abs(newton))] = Ending.FOUND
    following = numpy.where(value == 0, x, following)
    ends[value == 0] = Ending.FOUND
    search.moved = numpy.abs(following - x)
    search.x = following
    return ends


def middle(low: "Column", high: "Column") -> "Column":
    """Return a point between two: their geometric mean if they are of one sign and very different size."""
    import numpy

    ratio = high / low
    is_wide = ((ratio > LARGE_RATIO) & numpy.isfinite(ratio)) | ((ratio > 0) & (ratio < 1 / LARGE_RATIO))
    geometric = numpy.sign(low) * numpy.sqrt(numpy.abs(low)) * numpy.sqrt(numpy.abs(high))
    return numpy.where(is_wide, geometric, low + (high - low) / 2)
