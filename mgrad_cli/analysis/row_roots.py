"""Roots of one equation in every row: Newton's method over columns.

Neither of SciPy's solvers over arrays fits. `scipy.optimize.newton` keeps no bracket, goes on with every row until the
slowest has converged, and follows steps out of the domain. `scipy.optimize.elementwise.find_root` needs a bracket in
every row and cannot use a derivative, which the kernels give for less than another evaluation.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mgrad_cli.analysis.row_search import CLOSE, Ending, Equation, RowSearch, enter_brackets, search_rows

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Column: TypeAlias = NDArray[numpy.float64]

BLOCK_ROWS = 8192
"""How many rows are computed together, in the cache."""
QUICK_STEPS = 8
"""The steps after which a row in which Newton's method has not converged is searched with care."""


class RowRoots(NamedTuple):
    """The root of each row, nan where there is none, and how the search ended: an `Ending`, as an integer."""

    roots: "Column"
    endings: Any


def find_roots(
    equation: Equation,
    columns: "Sequence[Column]",
    start: "Column",
    low: "Column | None" = None,
    high: "Column | None" = None,
) -> RowRoots:
    """Return a root of an equation in every row, in doubles that a further step of Newton's method completes.

    start       where the search of each row starts, of shape (rows,)
    low, high   the ends of a bracket for each row, which contains the root

    Rows in which every step of Newton's method makes the equation smaller or changes its sign, and which converge, are
    done. The others are searched again, with care; then the equation must change its sign between the ends of the
    bracket, if there is one.

    >>> import numpy
    >>> squares = numpy.array([4.0, 9.0, -1.0])
    >>> found = find_roots(lambda x, columns: (x * x - columns[0], 2 * x), [squares], numpy.ones(3))
    >>> found.roots.round(6).tolist(), found.endings.tolist()
    ([2.0, 3.0, nan], [0, 0, 1])
    """
    import numpy

    roots = numpy.full(len(start), numpy.nan)
    endings = numpy.full(len(start), Ending.NO_ROOT, dtype=numpy.uint8)
    ends = [] if low is None or high is None else [low, high]
    with numpy.errstate(all="ignore"):
        for first in range(0, len(start), BLOCK_ROWS):
            part = slice(first, first + BLOCK_ROWS)
            take_quick_steps(
                equation, [column[part] for column in columns], start[part], [end[part] for end in ends], roots[part]
            )
        endings[~numpy.isnan(roots)] = Ending.FOUND
        rows = numpy.flatnonzero(endings)
        search = RowSearch(start[rows], [column[rows] for column in columns], rows)
        if ends:
            enter_brackets(equation, search, ends[0][rows], ends[1][rows], roots, endings)
        search_rows(equation, search, roots, endings)
    roots[endings != Ending.FOUND] = numpy.nan
    return RowRoots(roots, endings)


def take_quick_steps(
    equation: Equation, columns: "list[Column]", x: "Column", ends: "list[Column]", roots: "Column"
) -> None:
    """Enter the roots of rows in which Newton's method converges without anything unexpected."""
    import numpy

    rows = numpy.arange(len(x))
    before: Any = numpy.inf
    for _ in range(QUICK_STEPS):
        if not len(rows):
            return
        value, slope = equation(x, columns)
        following = x - value / slope
        is_good = ((numpy.abs(value) < abs(before)) | (value * before < 0)) & numpy.isfinite(following)
        if ends:
            is_good &= (following >= ends[0]) & (following <= ends[1])
        is_over = numpy.abs(following - x) <= CLOSE * numpy.abs(following)
        is_over |= ~is_good
        if is_over.any():
            converged = is_over & is_good
            roots[rows[converged]] = following[converged]
            kept = numpy.flatnonzero(~is_over)
            columns, ends = [column[kept] for column in columns], [end[kept] for end in ends]
            rows, x, before = rows[kept], following[kept], value[kept]
        else:
            x, before = following, value
