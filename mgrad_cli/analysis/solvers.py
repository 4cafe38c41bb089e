"""The solvers of least squares: MINPACK's Levenberg-Marquardt, variable projection, and SciPy's trust region."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mgrad_cli.analysis.residuals import RowFunction

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

TOLERANCE = 1e-15
"""The relative change of the sum of squares or of the parameters that ends a solver: as little as doubles tell."""
EVALUATIONS = 2_000
"""The most evaluations of one solver, from MINPACK's 200 for a parameter upwards."""
SHORT_STEP, LONG_STEP = 1.0, 100.0
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


def limits(residuals: RowFunction, settings: SearchSettings) -> "tuple[Array, Array]":
    """Return the lower and the upper bounds of all parameters."""
    import numpy

    pairs = [settings.bounds.get(name, (-numpy.inf, numpy.inf)) for name in residuals.names]
    return numpy.array([low for low, _ in pairs]), numpy.array([high for _, high in pairs])


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
            ftol=TOLERANCE, xtol=TOLERANCE, gtol=0.0, maxfev=EVALUATIONS, factor=SHORT_STEP,
        )  # fmt: skip
        return solved(free)
    except numpy.linalg.LinAlgError:
        return None
