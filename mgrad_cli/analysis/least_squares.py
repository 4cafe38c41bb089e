"""Minimize a sum of squares: run several solvers, finish each with Newton steps, and keep the least sum.

No solver finds every minimum from every start.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mgrad_cli.analysis.fit_statistics import row_lengths
from mgrad_cli.analysis.losses import weighted
from mgrad_cli.analysis.newton import RefinedPoint, refine
from mgrad_cli.analysis.residuals import RowFunction
from mgrad_cli.analysis.solvers import (
    LONG_STEP,
    SHORT_STEP,
    SearchSettings,
    levenberg_marquardt,
    limits,
    projected,
    trust_region,
)

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

SAME = 1e-8
"""Relative to a sum of squares: less is not an improvement."""
SMALL_ROWS = 100_000
"""With more rows, other solvers run only where the first one fails."""
IDLE, FAR = 1e-8, 1e3
"""A parameter has run off if all of it changes the residuals less than this part, and its reach has grown so much."""


class FitMinimum(NamedTuple):
    """Where a solver ended.

    method      what found it, in words
    point       the parameters, of shape (p,)
    cost        half the sum of squares, or of the loss
    is_sound    whether it is a minimum to the last digits: Newton steps end there, and the Hessian is positive definite
    held        the parameters that are at a bound, by index
    """

    method: str
    point: "Array"
    cost: float
    is_sound: bool
    held: tuple[int, ...] = ()


def minimum(residuals: RowFunction, start: "Array", settings: SearchSettings) -> FitMinimum:
    """Return the least minimum that the solvers find from a start."""
    best: FitMinimum | None = None
    for count, (name, solve) in enumerate(solvers(residuals, settings)):
        if best is not None and best.is_sound and (count > 1 or residuals.rows > SMALL_ROWS):
            break
        found = solve(start)
        reached = None if found is None else finished(residuals, found, settings, name)
        if reached is not None and run_off(residuals, reached.point, start):
            reached = reached._replace(is_sound=False)
        if reached is not None and (best is None or is_better(reached, best)):
            best = reached
    return best or FitMinimum("the start", start, cost_at(residuals, start, settings), is_sound=False)


def cost_at(residuals: RowFunction, point: "Array", settings: SearchSettings) -> float:
    return weighted(residuals.values(point), settings.loss, settings.loss_scale).cost


def is_better(one: FitMinimum, other: FitMinimum) -> bool:
    """Return whether a minimum is lower than another, or as low and sound where that is not."""
    import numpy

    if not numpy.isfinite(one.cost):
        return False
    is_lower = one.cost < other.cost * (1 - SAME) or not numpy.isfinite(other.cost)
    is_level = one.cost <= other.cost * (1 + SAME)
    return is_lower or (is_level and one.is_sound and not other.is_sound)


def solvers(
    residuals: RowFunction, settings: SearchSettings
) -> "Iterator[tuple[str, Callable[[Array], Array | None]]]":
    """Yield the solvers to try, in order, with their names. Each returns where it ended, or nothing."""
    if settings.bounds or settings.loss != "linear":
        yield "trust region", lambda start: trust_region(residuals, start, settings)
        yield "trust region, dogleg", lambda start: trust_region(residuals, start, settings, "dogbox")
    if settings.loss != "linear":
        return
    yield "Levenberg-Marquardt", lambda start: levenberg_marquardt(residuals, start, SHORT_STEP)
    yield "Levenberg-Marquardt, long first step", lambda start: levenberg_marquardt(residuals, start, LONG_STEP)
    linear = residuals.linear_names()
    if 0 < len(linear) < len(residuals.names):
        yield "variable projection", lambda start: projected(residuals, start, linear)
    if not settings.bounds:
        yield "trust region", lambda start: trust_region(residuals, start, settings)


def finished(residuals: RowFunction, point: "Array", settings: SearchSettings, method: str) -> FitMinimum | None:
    """Return the minimum that Newton steps reach from where a solver ended, with parameters at a bound held there.

    Return nothing if the solver, which may know no bounds, has left them.
    """
    if not is_inside(residuals, point, settings):
        return None
    point, held = at_bounds(residuals, point, settings)
    refined = refine(residuals, point, held, settings.loss, settings.loss_scale)
    if not is_inside(residuals, refined.point, settings):
        refined = RefinedPoint(point, is_sound=False)
    return FitMinimum(method, refined.point, cost_at(residuals, refined.point, settings), refined.is_sound, held)


def run_off(residuals: RowFunction, point: "Array", start: "Sequence[float] | Array") -> list[int]:
    """Return the parameters, by index, that have run off to a place where they do not matter.

    A sum of squares may fall all the way to infinity, where it is level.
    """
    import numpy

    influence = row_lengths(residuals.jacobian(point)) * numpy.abs(point)
    is_idle = influence < IDLE * numpy.linalg.norm(residuals.values(point))
    if not is_idle.any():
        return []
    before = numpy.maximum(reach(residuals, start), numpy.abs(numpy.asarray(start)))
    found: list[int] = numpy.flatnonzero(is_idle & (reach(residuals, point) > FAR * before)).tolist()
    return found


def reach(residuals: RowFunction, point: "Sequence[float] | Array") -> "Array":
    """Return for each parameter the step that changes the residuals by as much as they are."""
    import numpy

    size = numpy.linalg.norm(residuals.values(point))
    return numpy.asarray(size / row_lengths(residuals.jacobian(point)))


def stationarity(residuals: RowFunction, found: FitMinimum, settings: SearchSettings) -> float:
    """Return the largest cosine between the residuals and a column of the Jacobian; it is 0 at a minimum."""
    import numpy

    values = residuals.values(found.point)
    weights = numpy.sqrt(weighted(values, settings.loss, settings.loss_scale).first)
    partials = numpy.delete(residuals.jacobian(found.point), found.held, axis=0) * weights
    values = values * weights
    sizes = numpy.linalg.norm(partials, axis=1) * numpy.linalg.norm(values)
    if not (sizes > 0).all():
        return 0.0
    return float(numpy.abs(partials @ values / sizes).max())


def is_inside(residuals: RowFunction, point: "Array", settings: SearchSettings) -> bool:
    low, high = limits(residuals, settings)
    return bool(((low <= point) & (point <= high)).all())


NEAR_BOUND = 1e-6
"""How near to a bound the trust region ends that presses against it, relative to the parameter."""


def at_bounds(residuals: RowFunction, point: "Array", settings: SearchSettings) -> "tuple[Array, tuple[int, ...]]":
    """Return a point with parameters moved onto the bounds that they press against, and which these are.

    The trust region comes near to such a bound without reaching it. A parameter presses if the cost falls beyond.
    """
    import numpy

    if not settings.bounds:
        return point, ()
    low, high = limits(residuals, settings)
    scale = numpy.maximum(1e-300, numpy.abs(point))
    near_low = point - low <= NEAR_BOUND * numpy.maximum(scale, numpy.where(numpy.isfinite(low), numpy.abs(low), 0))
    near_high = high - point <= NEAR_BOUND * numpy.maximum(scale, numpy.where(numpy.isfinite(high), numpy.abs(high), 0))
    moved = numpy.where(near_low, low, numpy.where(near_high, high, point))
    values = residuals.values(moved)
    slope = residuals.jacobian(moved) @ (weighted(values, settings.loss, settings.loss_scale).first * values)
    presses = (near_low & (slope > 0)) | (near_high & (slope < 0))
    return numpy.where(presses, moved, point), tuple(numpy.flatnonzero(presses).tolist())
