"""Newton steps on a sum of squares from where a solver ended, until rounding stops them.

A solver stops when the sum no longer changes, with half of the digits of the parameters right. Newton steps with exact
second derivatives give the other half.
"""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mgrad_cli.analysis.fit_statistics import row_lengths
from mgrad_cli.analysis.losses import weighted
from mgrad_cli.analysis.residuals import RowFunction

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

MAX_STEPS = 30
MAX_SECOND_ORDER = 60
"""The most parameters for which second derivatives are computed; their number grows with the square."""
SOUND = 1e-3
"""The last step of a minimum, in standard errors or beside the rounding of the residuals."""
ROUNDING = 1e-13
ILL = 1e8
"""The condition of a scaled Jacobian from which on the data hardly determine the parameters."""


class RefinedPoint(NamedTuple):
    """The point that Newton steps reached, and whether it is a minimum to the last digits and well determined."""

    point: "Array"
    is_sound: bool


class NewtonStep(NamedTuple):
    """A Newton step: the change of the parameters, and its size in the space of the residuals.

    is_minimal      whether the Hessian is positive definite, and the condition of the Jacobian not beyond `ILL`
    """

    change: "Array"
    size: float
    is_minimal: bool


def refine(residuals: RowFunction, point: "Array", held: tuple[int, ...], loss: str, scale: float) -> RefinedPoint:
    """Return where Newton steps lead from a point near a minimum; parameters in `held` do not move."""
    import numpy

    best, least, is_minimal = point, numpy.inf, False
    most = allowed_cost(residuals, point, loss, scale)
    for _ in range(MAX_STEPS):
        step = newton_step(residuals, point, held, loss, scale)
        if step is None:
            break
        if step.size >= least / 2:
            break
        best, least, is_minimal = point, step.size, step.is_minimal
        if step.size == 0:
            break
        following = point + step.change
        if not weighted(residuals.values(following), loss, scale).cost <= most:
            break
        point = following
    values = residuals.values(best)
    spread = numpy.sqrt(values @ values / max(1, residuals.rows - len(point)))
    is_sound = bool(least <= SOUND * spread + noise(residuals, best)) and is_minimal
    return RefinedPoint(best, is_sound)


def allowed_cost(residuals: RowFunction, point: "Array", loss: str, scale: float) -> float:
    """Return the cost at a point, and as much more as rounding may add to it."""
    cost = weighted(residuals.values(point), loss, scale).cost
    return float((cost**0.5 + noise(residuals, point)) ** 2 * (1 + ROUNDING))


def noise(residuals: RowFunction, point: "Array") -> float:
    """Return about how large the residuals are that rounding leaves of an exact fit."""
    import numpy

    influence = numpy.abs(residuals.jacobian(point)) * numpy.abs(numpy.asarray(point))[:, None]
    return float(ROUNDING * numpy.sqrt((influence**2).sum())) if numpy.isfinite(influence).all() else 0.0


def newton_step(
    residuals: RowFunction, point: "Array", held: tuple[int, ...], loss: str, scale: float
) -> NewtonStep | None:
    """Return the Newton step at a point, or `None` if there is none.

    With R of the scaled Jacobian J = Q R and the curvature S, the step solves (1 + R^-T S R^-1) R d = -Q^T r, whose
    condition is that of J and not its square.
    """
    import numpy

    free = [index for index in range(len(residuals.names)) if index not in held]
    values, partials = residuals.values(point), residuals.jacobian(point)[free]
    weights = weighted(values, loss, scale)
    root = numpy.sqrt(weights.first)
    scaled = partials * root
    lengths = row_lengths(scaled)
    if not (numpy.isfinite(values).all() and numpy.isfinite(lengths).all() and lengths.all()):
        return None
    basis, triangle = numpy.linalg.qr((scaled / lengths[:, None]).T)
    if not numpy.abs(numpy.diag(triangle)).min() > numpy.finfo(float).eps:
        return None
    if len(residuals.names) <= MAX_SECOND_ORDER:
        curvature = residuals.curvature(point, weights.first * values)[numpy.ix_(free, free)]
        if weights.second.any():
            curvature = curvature + (partials * weights.second) @ partials.T
        inverse = numpy.linalg.inv(triangle)
        bent = inverse.T @ (curvature / numpy.outer(lengths, lengths)) @ inverse
        matrix = numpy.eye(len(free)) + (bent + bent.T) / 2
    else:
        matrix = numpy.eye(len(free))
    if not numpy.isfinite(matrix).all():
        return None
    aim = -(basis.T @ (root * values))
    is_downhill = bool(numpy.linalg.eigvalsh(matrix)[0] > 0)
    moved = numpy.linalg.solve(matrix, aim) if is_downhill else aim
    change = numpy.zeros(len(residuals.names))
    change[free] = numpy.linalg.solve(triangle, moved) / lengths
    is_well = float(numpy.linalg.cond(triangle)) < ILL
    return NewtonStep(change, float(numpy.linalg.norm(moved)), is_downhill and is_well)
