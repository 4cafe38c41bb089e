"""A function as SciPy's minimizers call it: counted, infinite where it has no value, watched for running away."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mgrad_cli.analysis.point_function import PointFunction
from mgrad_cli.evaluation.accuracy import Trace
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.operations.rounding import UNIT

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]
    Mask: TypeAlias = NDArray[numpy.bool_]

BEYOND = 1e100
"""How far from the start, and how far below its value, a search is taken to run to infinity."""

UNMOVED = 1e-12
"""Relative to the largest size of an unknown: how far rounding may move one that stays at zero."""


class RunawayError(Exception):
    """A search that runs to infinity, or a value that is minus infinity; with the point."""

    def __init__(self, point: "Array", value: float) -> None:
        super().__init__(point, value)
        self.point = point.copy()
        self.value = value


class StalledError(Exception):
    """A search whose next point is the point where it is, or no point at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Iterate:
    """A point that a search accepted, the function there, and the length of its gradient."""

    point: "Array"
    value: float
    gradient_norm: float


@dataclass(slots=True)
class Evaluations:
    """How often the function, its gradient and its Hessian were computed, and where the function has no value."""

    value: int = 0
    gradient: int = 0
    hessian: int = 0
    undefined: int = 0


class Objective:
    """A function of n unknowns to minimize between bounds; `sign` is -1 where its negative is.

    lower, upper    the bounds, of shape (n,), infinite where there are none
    best            the accepted or evaluated point with the lowest value
    path            the points that the search accepted, the start first
    reach           how far from the start each unknown has been, of shape (n,)

    `value` is infinite beyond the bounds, and where the value, the gradient or the Hessian is not finite.
    """

    def __init__(
        self, function: PointFunction, start: Sequence[float], sign: float, lower: "Array", upper: "Array"
    ) -> None:
        import numpy

        self.function = function
        self.sign = sign
        self.lower, self.upper = lower, upper
        self.evaluations = Evaluations()
        self.start = numpy.array(start, dtype=numpy.float64)
        self.path: list[Iterate] = []
        self.reach = numpy.zeros(len(self.start))
        self.best = self.start
        self.best_value = math.inf
        self._known: dict[str, tuple[bytes, Any]] = {}
        self.first_value = self.plain_value(self.start)

    @property
    def is_bounded(self) -> bool:
        """Whether any unknown has a bound."""
        import numpy

        return bool(numpy.isfinite(self.lower).any() or numpy.isfinite(self.upper).any())

    def value(self, point: "Array") -> float:
        """Return the value to minimize, or infinity where it cannot be minimized.

        Raises: RunawayError where it is minus infinity, or the point is far out; StalledError for a point with a nan.
        """
        import numpy

        if numpy.isnan(point).any():
            raise StalledError

        if (point < self.lower).any() or (point > self.upper).any():
            return math.inf
        value = self.plain_value(point)
        is_far = not (numpy.abs(point) <= BEYOND * (1 + numpy.abs(self.start))).all()
        if value == -math.inf or is_far:
            raise RunawayError(point, value)
        if not math.isfinite(value) or not self.is_smooth(point):
            self.evaluations.undefined += 1
            return math.inf
        if value < self.best_value:
            self.best, self.best_value = point.copy(), value
        if value < -BEYOND * (1 + abs(self.first_value)):
            raise RunawayError(point, value)
        return value

    def is_smooth(self, point: "Array") -> bool:
        """Return whether the gradient and the Hessian are finite."""
        import numpy

        return bool(numpy.isfinite(self.gradient(point)).all() and numpy.isfinite(self.hessian(point)).all())

    def plain_value(self, point: "Array") -> float:
        """Return the value, finite or not, at any point."""
        self.evaluations.value += 1
        return self.sign * self.function.value(point.tolist())

    def noise(self, point: "Array") -> float:
        """Return a bound on what rounding adds to the difference of two values next to a point."""
        function = self.function
        values = dict(zip(function.unknowns, point.tolist(), strict=True)) | function.parameter_values
        graph = evaluate(function.script, values)
        graph.output.backward()
        return 4 * max(Trace(graph.output, []).bounds()[0], UNIT * abs(graph.output.data))

    def gradient(self, point: "Array") -> "Array":
        """Return the gradient of the value."""
        return self._remembered("gradient", point)

    def hessian(self, point: "Array") -> "Array":
        """Return the Hessian of the value."""
        return self._remembered("hessian", point)

    def _remembered(self, what: str, point: "Array") -> "Array":
        """Return the gradient or the Hessian, which is kept until it is asked for at another point."""
        key = point.tobytes()
        if what not in self._known or self._known[what][0] != key:
            compute = self.function.gradient if what == "gradient" else self.function.hessian
            setattr(self.evaluations, what, getattr(self.evaluations, what) + 1)
            self._known[what] = key, self.sign * compute(point.tolist())
        known: Array = self._known[what][1]
        return known

    def accept(self, point: "Array") -> None:
        """Append a point to the path, unless it is there already."""
        import numpy

        if self.path and numpy.array_equal(self.path[-1].point, point):
            return
        gradient = self.gradient(point)
        norm = float(numpy.linalg.norm(gradient[~self.held(point)]))
        self.reach = numpy.maximum(self.reach, numpy.abs(point - self.start))
        self.path.append(Iterate(point.copy(), self.sign * self.plain_value(point), norm))

    def held(self, point: "Array") -> "Mask":
        """Return which unknowns are at a bound that the function does not rise from: the active bounds."""
        gradient = self.gradient(point)
        held: Mask = ((point <= self.lower) & (gradient >= 0)) | ((point >= self.upper) & (gradient <= 0))
        return held

    def scales(self, point: "Array") -> "Array":
        """Return the size of each unknown: of its value, or of its way from the start.

        One that starts at zero and stays there, but for rounding, has the size of the largest.
        """
        import numpy

        sizes = numpy.maximum(numpy.abs(point), self.reach)
        sizes[(self.start == 0) & (sizes < UNMOVED * sizes.max())] = sizes.max()
        sizes[sizes == 0] = 1.0
        return sizes
