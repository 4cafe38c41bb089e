"""Find a root of equations: SciPy's solvers with exact derivatives, then Newton's method to the last bits."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mgrad_cli.analysis.equations import Equations
from mgrad_cli.analysis.polishing import APART, is_determined, is_flat, is_pole, is_zero, polish
from mgrad_cli.errors import NoRootError
from mgrad_cli.evaluation.diagnosis import number

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]
    Point: TypeAlias = Sequence[float] | Array

MAX_POINTS = 5_000
"""The points at which equations are evaluated before the search for a root is given up."""
HYBRID_POINTS, LEAST_SQUARES_POINTS = 200, 200
SHIFTS = (0.1, -0.1, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 10.0, -10.0, 100.0, -100.0, 1e3, -1e3)
"""The other starts, relative to the size of the first."""
MAX_BISECTIONS = 3_000
"""More than the doubles' exponents and bits together."""
LARGEST = 1e308


@dataclass(frozen=True, slots=True, eq=False)
class FoundRoot:
    """A point that is a root in doubles, with how it was found.

    iterations  the number of points at which the equations were evaluated
    """

    point: "Array"
    method: str
    iterations: int


class PointCounter:
    """Equations for SciPy: counts the points, and remembers where the equations were smallest."""

    def __init__(self, equations: Equations) -> None:
        self.equations = equations
        self.points = 0
        self.size = float("inf")
        self.best: tuple[float, ...] | None = None

    def __call__(self, point: "Point") -> "Array":
        import numpy

        self.points += 1
        residual = self.equations.residual(point)
        size = float(numpy.abs(residual).max())
        if size < self.size:
            self.size, self.best = size, tuple(map(float, point))
        return residual

    def failure(self, why: str, is_flat: bool = False) -> NoRootError:
        """Return the error that says where the equations were smallest, or where they are zero all around."""
        names = self.equations.unknowns
        if self.best is None:
            return NoRootError(f"{why}, and the expression is not a number wherever the search got", {}, self.size)
        place = ", ".join(f"{name} = {value:.6g}" for name, value in zip(names, self.best, strict=True))
        if is_flat:
            side = f"f is 0 at {place} and all along one side of it: it underflows, or is constant there"
            return NoRootError(f"{why}; {side}", dict(zip(names, self.best, strict=True)), self.size)
        what = "|f|" if len(names) == 1 else "the largest |f|"
        message = f"{why}; the smallest value of {what} found is {self.size:.6g}, at {place}"
        return NoRootError(message, dict(zip(names, self.best, strict=True)), self.size)


def find_root(equations: Equations, start: Sequence[float]) -> FoundRoot:
    """Return a root near a start: by MINPACK's hybrid method, or else by least squares with a trust region.

    Both take the exact Jacobian, and keep away from points where the equations are not numbers. Where they fail, other
    starts around the first are tried.

    Raises: NoRootError, with the point where the equations were smallest.
    """
    import numpy

    count = PointCounter(equations)
    where = ", ".join(f"{name} = {number(value)}" for name, value in zip(equations.unknowns, start, strict=True))
    with numpy.errstate(all="ignore"):
        for first in starts(start):
            if count.points > MAX_POINTS:
                break
            if not numpy.isfinite(count(first)).all():
                continue
            for name, method in METHODS.items():
                point = method(count, first)
                if point is None or not numpy.isfinite(point).all():
                    continue
                point = polish(equations, count, point, is_bold=method is not unchanged)
                if is_flat(equations, point):
                    raise count.failure(f"no root found from {where}", is_flat=True)
                is_root = is_zero(equations, point) and not is_pole(equations, point)
                if is_root and is_determined(equations, point, first):
                    return FoundRoot(point, name, count.points)
    raise count.failure(f"no root found from {where}")


def starts(first: Sequence[float]) -> Iterator["Array"]:
    """Yield a start, and others at growing distances from it, the same ones each time."""
    import numpy

    origin = numpy.array(first, dtype=numpy.float64)
    yield origin
    scale = numpy.maximum(numpy.abs(origin), 1.0)
    random = numpy.random.default_rng(1)
    for shift in SHIFTS:
        yield origin + shift * scale * (1.0 if len(origin) == 1 else random.normal(size=len(origin)))


def hybrid(count: PointCounter, start: "Array") -> Any:
    """Return where Powell's hybrid method ends (Moré, Garbow and Hillstrom 1980, MINPACK, `hybrj`)."""
    from scipy.optimize import root

    options = {"xtol": 1e-14, "maxfev": HYBRID_POINTS}
    return root(count, start, jac=count.equations.jacobian, method="hybr", options=options).x


def least_squares(count: PointCounter, start: "Array") -> Any:
    """Return where the sum of squares is least, by a trust region that shrinks where the equations are not numbers."""
    import numpy
    from scipy.optimize import least_squares as minimize_squares

    def finite_jacobian(point: "Array") -> "Array":
        return numpy.asarray_chkfinite(count.equations.jacobian(point))

    try:
        found = minimize_squares(
            count, start, finite_jacobian, x_scale="jac", ftol=1e-15, xtol=1e-15, gtol=1e-15,
            max_nfev=LEAST_SQUARES_POINTS,
        )  # fmt: skip
    except (ValueError, numpy.linalg.LinAlgError):  # a derivative that is not finite
        return None
    return found.x


def unchanged(count: PointCounter, start: "Array") -> Any:
    """Return the start: what follows is Newton's method."""
    return start


METHODS: dict[str, Callable[[PointCounter, "Array"], Any]] = {
    "hybrid": hybrid,
    "least squares": least_squares,
    "Newton": unchanged,
}


def bracketed_root(equations: Equations, low: float, high: float) -> FoundRoot:
    """Return the root of one equation between two points, by Brent's method.

    Raises: NoRootError where the sign does not change, or changes at a pole or a jump.
    """
    import math

    import numpy
    from scipy.optimize import brentq

    count = PointCounter(equations)
    (name,) = equations.unknowns

    def value(x: float) -> float:
        found = float(count([x])[0])
        if math.isnan(found):
            raise NoRootError(f"not a number at {name} = {number(x)}, in the bracket", {name: x}, found)
        return max(-LARGEST, min(LARGEST, found))

    at_low, at_high = value(low), value(high)
    for end, found in ((low, at_low), (high, at_high)):
        if found == 0 and is_flat(equations, numpy.array([end])):
            raise count.failure(f"no root with {name} from {number(low)} to {number(high)}", is_flat=True)
        if found == 0:
            return FoundRoot(numpy.array([end]), "bracket", count.points)
    if (at_low < 0) == (at_high < 0):
        raise count.failure(
            f"no sign change between {name} = {number(low)} and {number(high)}, where f is {at_low:.6g} and "
            f"{at_high:.6g}: give another bracket, or a start such as --for {name}={number((low + high) / 2)}"
        )
    middle: float = brentq(
        value, low, high, xtol=4 * math.ulp(0.0), rtol=4 * numpy.finfo(float).eps, maxiter=MAX_BISECTIONS
    )
    apart = APART * numpy.spacing(abs(middle))
    point = polish(equations, count, numpy.array([middle]), (middle - apart, middle + apart))
    if is_zero(equations, point) and not is_pole(equations, point):
        return FoundRoot(point, "bracket", count.points)
    kind = "a pole" if is_pole(equations, numpy.array([middle])) else "a jump"
    raise count.failure(f"the sign changes at {name} = {middle:.6g} by {kind}, which is not a root")
