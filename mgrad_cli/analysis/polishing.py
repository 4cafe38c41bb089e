"""The last bits of a root, by Newton's method until nothing improves, and what tells roots from other points."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from mgrad_cli.analysis.equations import Equations

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

MAX_STEPS = 2_000
"""More than bisecting from the largest double to the smallest takes."""
ROUNDINGS = 4.0
"""How many times its rounding error an equation may be at a root."""
SLOW = 0.25, 0.9995
"""Between these ratios of two steps, Newton's method converges to a multiple root, or to none."""
APART = 32
"""The distance, in units in the last place, at which values tell a pole from a root."""


def polish(
    equations: Equations,
    residual: "Callable[[Array], Array]",
    point: "Array",
    bracket: tuple[float, float] = (-math.inf, math.inf),
    is_bold: bool = True,
) -> "Array":
    """Return the point that steps of Newton's method lead to, as long as each makes the equations smaller.

    Where they converge slowly, as to a root of multiplicity m, bold steps of m times the length are tried. One unknown
    ends at the neighbouring double where the equation is smallest.
    """
    import numpy

    value = residual(point)
    weights = row_sizes(equations, point)
    size = measure(value, weights)
    last: Any = None
    for _ in range(MAX_STEPS):
        step = newton_step(equations, point, value)
        if step is None or size == 0:
            break
        trials = [step]
        if (
            is_bold
            and len(step) == 1
            and last is not None
            and SLOW[0] < (ratio := abs(float(step[0] / last[0]))) < SLOW[1]
        ):
            trials.append(step * round(1 / (1 - ratio)))
        found = [(measure(residual(trial), weights), trial) for trial in (point - each for each in trials)]
        found = [each for each in found if bracket[0] <= each[1][0] <= bracket[1] or len(step) > 1]
        best_size, best = min(found, key=lambda each: each[0], default=(math.inf, point))
        if not best_size < size:
            break
        last, point, size = step, best, best_size
        value = residual(point)
    for _ in range(APART if len(point) == 1 and size else 0):
        neighbours = [numpy.nextafter(point, end) for end in bracket]
        best_size, best = min(
            ((measure(residual(each), weights), each) for each in neighbours), key=lambda pair: pair[0]
        )
        if not best_size < size:
            break
        point, size = best, best_size
    return point


def measure(value: "Array", weights: "Array") -> float:
    """Return the largest of the equations relative to the weights; infinity if one is not a number."""
    import numpy

    size = float(numpy.max(numpy.abs(value) / weights))
    return math.inf if math.isnan(size) else size


def row_sizes(equations: Equations, point: "Array") -> "Array":
    """Return by how much each equation changes when the unknowns change by their size, and 1 for none."""
    import numpy

    sizes = numpy.abs(equations.jacobian(point)) @ numpy.maximum(numpy.abs(point), numpy.finfo(float).tiny)
    return numpy.where(numpy.isfinite(sizes) & (sizes > 0), sizes, 1.0) if len(point) > 1 else numpy.ones(1)


def newton_step(equations: Equations, point: "Array", value: "Array") -> Any:
    """Return the step of Newton's method, to subtract from the point; `None` if there is none."""
    import numpy

    try:
        step: Any = numpy.linalg.solve(equations.jacobian(point), value)
    except numpy.linalg.LinAlgError:
        return None
    return step if numpy.isfinite(step).all() and step.any() else None


def is_zero(equations: Equations, point: "Array") -> bool:
    """Return whether the equations are zero up to their rounding and that of the point."""
    import numpy

    value = equations.residual(point)
    if not value.any():
        return True
    if not numpy.isfinite(value).all():
        return False
    with numpy.errstate(all="ignore"):
        neighbour = numpy.abs(equations.jacobian(point)) @ numpy.spacing(numpy.abs(point))
        bound = ROUNDINGS * equations.rounding(point) + 2 * numpy.where(numpy.isfinite(neighbour), neighbour, 0.0)
        return bool((numpy.abs(value) <= bound).all())


def is_pole(equations: Equations, point: "Array") -> bool:
    """Return whether one equation becomes smaller away from the point on both sides, well above its rounding."""
    import numpy

    if len(point) > 1:
        return False
    size = abs(float(equations.residual(point)[0]))
    if math.isinf(size) or size <= ROUNDINGS * float(equations.rounding(point)[0]):
        return math.isinf(size)
    apart = APART * numpy.spacing(numpy.abs(point))
    return all(abs(float(equations.residual(each)[0])) < size / 2 for each in (point - apart, point + apart))


def is_flat(equations: Equations, point: "Array") -> bool:
    """Return whether the equations are exactly zero all along a direction: by underflow, or as they are constant."""
    import numpy

    if equations.residual(point).any() or equations.jacobian(point).any():
        return False
    steps = [sign * 4.0**-power for sign in (-1.0, 1.0) for power in range(1, 16)]
    sides = steps[: len(steps) // 2], steps[len(steps) // 2 :]
    axes = numpy.diag(numpy.maximum(1.0, numpy.abs(point)))
    return any(
        not any(equations.residual(point + step * axis).any() for step in side) for axis in axes for side in sides
    )


def is_determined(equations: Equations, point: "Array", start: "Array") -> bool:
    """Return whether rounding leaves one unknown a figure, which it does not far out where an equation dies away."""
    if len(point) > 1:
        return True
    slope = abs(float(equations.jacobian(point)[0, 0]))
    noise = abs(float(equations.residual(point)[0])) + float(equations.rounding(point)[0])
    return slope == 0 or not noise > slope * max(abs(float(point[0])), abs(float(start[0])))
