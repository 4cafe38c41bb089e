"""Minimize a sum of squares: MINPACK's Levenberg-Marquardt, variable projection, and SciPy's trust region.

No method finds every minimum from every start. A `Minimizer` therefore runs several, and keeps the least sum.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mgrad_cli.analysis.fit_statistics import row_lengths
from mgrad_cli.analysis.losses import weighted
from mgrad_cli.analysis.newton import RefinedPoint, refine
from mgrad_cli.analysis.residuals import RowFunction

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

TOLERANCE = 1e-15
"""The relative change of the sum of squares or of the parameters that ends a solver: as little as doubles tell."""
EVALUATIONS = 2_000
"""The most evaluations of one solver, from MINPACK's 200 for a parameter upwards."""
SAME = 1e-8
"""Relative to a sum of squares: less is not an improvement."""
SMALL_ROWS = 100_000
"""With more rows, other solvers run only where the first one fails."""
IDLE, FAR = 1e-8, 1e3
"""A parameter has run off if all of it changes the residuals less than this part, and its reach has grown so much."""
CAUTIOUS, BOLD = 1.0, 100.0
"""How long the first step of MINPACK may be, in lengths of the scaled start: its least and largest usual values."""


class SearchSettings(NamedTuple):
    """What is minimized, and where.

    bounds      the lower and the upper bound of parameters that have any, infinite if open
    loss        a name of `LOSSES`
    loss_scale  the residual from which on a loss counts as an outlier
    """

    bounds: Mapping[str, tuple[float, float]]
    loss: str = "linear"
    loss_scale: float = 1.0


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
    yield "Levenberg-Marquardt", lambda start: levenberg_marquardt(residuals, start, CAUTIOUS)
    yield "Levenberg-Marquardt, long first step", lambda start: levenberg_marquardt(residuals, start, BOLD)
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


def limits(residuals: RowFunction, settings: SearchSettings) -> "tuple[Array, Array]":
    """Return the lower and the upper bounds of all parameters."""
    import numpy

    pairs = [settings.bounds.get(name, (-numpy.inf, numpy.inf)) for name in residuals.names]
    return numpy.array([low for low, _ in pairs]), numpy.array([high for _, high in pairs])


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


def levenberg_marquardt(residuals: RowFunction, start: "Array", factor: float) -> "Array | None":
    """Return where MINPACK's LMDER ends, with variables scaled by the Jacobian."""
    from scipy.optimize import leastsq

    point, *_ = leastsq(
        residuals.values, start, Dfun=residuals.jacobian, col_deriv=True, full_output=True,
        ftol=TOLERANCE, xtol=TOLERANCE, gtol=0.0, maxfev=max(EVALUATIONS, 200 * len(start)), factor=factor,
    )  # fmt: skip
    found: Array = point
    return found


def trust_region(
    residuals: RowFunction, start: "Array", settings: SearchSettings, method: str = "trf"
) -> "Array | None":
    """Return where SciPy's trust region within bounds ends; nothing if it meets what is not finite."""
    import numpy
    from scipy.optimize import least_squares

    try:
        found = least_squares(
            residuals.values, start, lambda point: residuals.jacobian(point).T, bounds=limits(residuals, settings),
            method=method, x_scale="jac", loss=settings.loss, f_scale=settings.loss_scale,
            ftol=TOLERANCE, xtol=TOLERANCE, gtol=TOLERANCE, max_nfev=EVALUATIONS,
        )  # fmt: skip
    except (ValueError, numpy.linalg.LinAlgError):
        return None
    point: Array = found.x
    return point


def projected(residuals: RowFunction, start: "Array", linear: list[str]) -> "Array | None":
    """Return where Levenberg-Marquardt ends over the parameters that the model is not linear in.

    The others are solved for at each step (variable projection: Golub and Pereyra 1973, with Kaufman's Jacobian, 1975).
    """
    import numpy
    from scipy.optimize import leastsq

    names = residuals.names
    inner = [index for index, name in enumerate(names) if name in linear]
    outer = [index for index, name in enumerate(names) if name not in linear]

    def solved(free: "Array") -> "Array":
        point = numpy.zeros(len(names))
        point[outer] = free
        basis = residuals.jacobian(point)[inner].T
        if numpy.isfinite(basis).all() and numpy.isfinite(residuals.values(point)).all():
            point[inner] = numpy.linalg.lstsq(basis, -residuals.values(point))[0]
        return point

    def jacobian(free: "Array") -> "Array":
        partials = residuals.jacobian(solved(free))
        if not numpy.isfinite(partials).all():
            return partials[outer]
        basis, _ = numpy.linalg.qr(partials[inner].T)
        reduced: Array = partials[outer] - (partials[outer] @ basis) @ basis.T
        return reduced

    try:
        free, *_ = leastsq(
            lambda free: residuals.values(solved(free)), start[outer], Dfun=jacobian, col_deriv=True, full_output=True,
            ftol=TOLERANCE, xtol=TOLERANCE, gtol=0.0, maxfev=EVALUATIONS, factor=CAUTIOUS,
        )  # fmt: skip
        return solved(free)
    except numpy.linalg.LinAlgError:
        return None
