"""Descend to a minimum with SciPy: trust regions with the exact Hessian, and L-BFGS-B between bounds.

The last step solves for a gradient of zero: the value no longer changes when half of the digits of its minimizer are
right.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from mgrad_cli.analysis.objective import Iterate, Objective, StalledError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]
    Mask: TypeAlias = NDArray[numpy.bool_]

LARGEST_RADIUS = 1e300
MAX_DENSE = 500
"""The most unknowns for which the steps of a trust region are computed from a factored Hessian."""
MAX_ROUNDS = 20
"""How often the active bounds may change after L-BFGS-B found them."""
NEAR = 1e-9
"""Relative to the size of an unknown: how near to a bound it is moved onto it."""
MAX_SIMPLEX_VALUES = 400
"""The most values to compute without derivatives, for each unknown."""
KEPT_STEPS = 20
"""The number of steps from which L-BFGS-B estimates the Hessian."""

NO_STEP = (ArithmeticError, UnboundLocalError, ValueError)
"""What SciPy's solver of a step raises if it finds none: a Hessian that it cannot factor, or an overflow."""
WINDOW = 200
"""The iterations after which to tell whether a search still makes progress."""
LITTLE = 1e-3
"""The least part of the whole decrease that is progress."""


class Face:
    """The objective as a function of its free unknowns; the others stay where they are."""

    def __init__(self, objective: Objective, base: "Array", free: "Mask") -> None:
        import numpy

        self.objective = objective
        self.base = base
        self.free = free
        self.block = numpy.ix_(free, free)

    def point(self, part: Any) -> "Array":
        """Return the point with these values of the free unknowns."""
        point = self.base.copy()
        point[self.free] = part
        return point

    def value(self, part: Any) -> float:
        return self.objective.value(self.point(part))

    def gradient(self, part: Any) -> "Array":
        return self.objective.gradient(self.point(part))[self.free]

    def hessian(self, part: Any) -> "Array":
        """Return the Hessian, or zeros where it is not finite; the value is infinite there."""
        import numpy

        matrix: Array = self.objective.hessian(self.point(part))[self.block]
        return matrix if numpy.isfinite(matrix).all() else numpy.zeros_like(matrix)


def method_of(objective: Objective) -> str:
    """Return the name of the method that `descend` uses, as SciPy calls it."""
    if objective.is_bounded:
        return "L-BFGS-B"
    return "trust-exact" if len(objective.start) <= MAX_DENSE else "trust-krylov"


def descend(objective: Objective, start: "Array", max_iterations: int) -> "Array":
    """Return the point where a search ends: a stationary one, or one from which it cannot go on.

    Raises: RunawayError if the search runs to infinity.
    """
    import numpy

    objective.accept(start)
    if not objective.is_bounded:
        everything = numpy.ones(len(start), dtype=bool)
        return polished(objective, trust_region(objective, start, everything, max_iterations), everything)
    point = start
    for _ in range(MAX_ROUNDS):
        before = point
        point = moved_onto_bounds(objective, limited_memory(objective, point, max_iterations))
        free = ~objective.held(point)
        if free.any():
            point = polished(objective, trust_region(objective, point, free, max_iterations), free)
        point = moved_onto_bounds(objective, point)
        if numpy.array_equal(point, before) or numpy.array_equal(~objective.held(point), free):
            break
    return point


def trust_region(objective: Objective, start: "Array", free: "Mask", max_iterations: int) -> "Array":
    """Minimize over the free unknowns until rounding hides any decrease."""
    from scipy.optimize import minimize

    face = Face(objective, start, free)
    here = [start]

    def value(part: Any) -> float:
        found = face.value(part)
        if len(here) > 1 and (face.point(part) == here[-1]).all():
            raise StalledError
        return found

    def accept(intermediate_result: Any) -> None:
        here.append(face.point(intermediate_result.x))
        objective.accept(here[-1])
        if not objective.gradient(here[-1])[free].any() or creeps(objective.path):
            raise StalledError

    if not objective.gradient(start)[free].any():
        return start
    with suppress(StalledError, *NO_STEP):
        minimize(
            value,
            start[free],
            method="trust-exact" if free.sum() <= MAX_DENSE else "trust-krylov",
            jac=face.gradient,
            hess=face.hessian,
            callback=accept,
            options={"gtol": 0.0, "max_trust_radius": LARGEST_RADIUS, "maxiter": max_iterations},
        )
    return here[-1]


def creeps(path: list[Iterate]) -> bool:
    """Return whether a search makes next to no progress, as along a kink: neither value nor gradient decrease much."""
    if len(path) % WINDOW or len(path) < 2 * WINDOW:
        return False
    before, since = path[:-WINDOW], path[-WINDOW:]
    gain, whole = abs(since[-1].value - before[-1].value), abs(since[-1].value - path[0].value)
    flattest = min(each.gradient_norm for each in before)
    return gain < LITTLE * whole and min(each.gradient_norm for each in since) > flattest / 2


def limited_memory(objective: Objective, start: "Array", max_iterations: int) -> "Array":
    """Minimize between the bounds with L-BFGS-B."""
    from scipy.optimize import Bounds, minimize

    here = [start]

    def accept(intermediate_result: Any) -> None:
        here.append(intermediate_result.x.copy())
        objective.accept(here[-1])

    options = {"ftol": 0.0, "gtol": 0.0, "maxcor": KEPT_STEPS, "maxiter": max_iterations, "maxfun": 4 * max_iterations}
    with suppress(StalledError):
        minimize(
            objective.value,
            start,
            method="L-BFGS-B",
            jac=objective.gradient,
            bounds=Bounds(objective.lower, objective.upper),
            callback=accept,
            options=options,
        )
    return here[-1]


def simplex(objective: Objective, start: "Array") -> None:
    """Look for a lower point without derivatives, by the simplex method of Nelder and Mead."""
    from scipy.optimize import Bounds, minimize

    minimize(
        objective.value,
        start,
        method="Nelder-Mead",
        bounds=Bounds(objective.lower, objective.upper),
        options={"xatol": 0.0, "fatol": 0.0, "maxfev": MAX_SIMPLEX_VALUES * len(start), "adaptive": True},
    )


def moved_onto_bounds(objective: Objective, point: "Array") -> "Array":
    """Return the point with the unknowns that are next to a bound on it, if the value there is not higher."""
    import numpy

    reach = NEAR * objective.scales(point)
    moved = numpy.where(point - objective.lower <= reach, objective.lower, point)
    moved = numpy.where(objective.upper - point <= reach, objective.upper, moved)
    if numpy.array_equal(moved, point) or not objective.plain_value(moved) <= objective.plain_value(point):
        return point
    objective.accept(moved)
    return moved


def polished(objective: Objective, point: "Array", free: "Mask") -> "Array":
    """Return a point next to this one where the gradient is smaller: zero, to the last bits, where it can be.

    The unknowns are scaled by their sizes. MINPACK's Powell hybrid method solves for the zero.
    """
    import numpy
    from scipy.optimize import root

    face = Face(objective, point, free)
    scales = objective.scales(point)[free]
    scaling = numpy.outer(scales, scales)
    highest = objective.value(point) + objective.noise(point)
    least = [float(numpy.linalg.norm(face.gradient(point[free]) * scales))]
    nearest = [point]
    if least[0] == 0:
        return point

    def gradient(steps: Any) -> Any:
        part = point[free] + steps * scales
        found = face.gradient(part) * scales
        norm = float(numpy.linalg.norm(found))
        if norm < least[0] and face.value(part) <= highest:
            least[0] = norm
            nearest[0] = face.point(part)
        return numpy.where(numpy.isfinite(found), found, 0.0)

    for scaling_by in (None, numpy.ones(len(scales))):  # by the Hessian, then by sizes
        begun = (nearest[0][free] - point[free]) / scales
        root(
            gradient,
            begun,
            method="hybr",
            jac=lambda steps: face.hessian(point[free] + steps * scales) * scaling,
            options={"xtol": 0.0, "factor": 0.1, "diag": scaling_by},
        )
    objective.accept(nearest[0])
    return nearest[0]
