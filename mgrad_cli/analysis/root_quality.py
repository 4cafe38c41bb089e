"""How good a root is: the error of each unknown, its multiplicity and its condition."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from mgrad_cli.analysis.equations import Equations
from mgrad_cli.analysis.multiplicity import order_at, whole
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.operations.rounding import UNIT
from mgrad_cli.program import Program, backward_program
from mgrad_cli.program.floats import FloatProgram

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

VAGUE = 1e-9
"""The relative error of a root beyond which it may be a multiple one."""
SINGULAR = 1e-7
"""The ratio of the least to the largest singular value below which a Jacobian may be that of a multiple root."""


def quality(equations: Equations, point: "Array") -> tuple["Array", int, list[str]]:
    """Return a bound on the error of each unknown, the multiplicity of the root, and notes about it."""
    import numpy

    rounding = equations.rounding(point) + numpy.abs(equations.residual(point))
    jacobian = equations.jacobian(point)
    if len(point) > 1:
        return quality_of_system(equations, point, jacobian, rounding)
    (root,), (slope,), (noise,) = point.tolist(), jacobian[0].tolist(), rounding.tolist()
    name = equations.unknowns[0]
    if slope and (math.isinf(slope) or noise <= VAGUE * abs(slope * root)):
        return numpy.array([noise / abs(slope)]), 1, []
    order = order_at(equations, root)
    multiplicity = 0 if order is None else whole(order[0])
    if multiplicity == 1 and slope:
        return numpy.array([noise / abs(slope)]), 1, []
    if order is None and is_zero_around(equations, root):
        return numpy.array([math.nan]), 0, [f"f is 0 all around {name} = {number(root)}: it underflows, or is constant"]
    if order is None or order[0] < 1 or multiplicity == 1:
        where = "at a kink" if multiplicity else "a root where the expression is not smooth"
        note = f"{name} is {where}: its derivatives are not defined"
        return numpy.array([0.0 if noise == 0 else math.nan]), 0, [note]
    error = (noise / order[1]) ** (1 / order[0]) if order[1] else math.nan
    return numpy.array([error]), multiplicity, [note_of(name, order[0], multiplicity)]


def quality_of_system(
    equations: Equations, point: "Array", jacobian: "Array", rounding: "Array"
) -> tuple["Array", int, list[str]]:
    """Return a bound on the error of each unknown, 1 for a simple root or 0, and notes about the root."""
    import numpy

    scaled = equilibrated(jacobian)
    names = ", ".join(equations.unknowns)
    if not numpy.isfinite(scaled).all():
        return numpy.full(len(point), numpy.nan), 0, [f"the Jacobian by {names} is not finite at the root"]
    values = numpy.linalg.svd(scaled, compute_uv=False)
    rank = int((values > len(values) * UNIT * 2 * values[0]).sum())
    if rank < len(point) or (values[-1] < SINGULAR * values[0] and moves_away(equations, point, scaled)):
        note = (
            f"the Jacobian by {names} is singular at the root: it is a multiple root, or not isolated, and its "
            "derivatives are not defined"
        )
        return numpy.full(len(point), numpy.nan), 0, [note]
    return numpy.abs(numpy.linalg.inv(jacobian)) @ rounding, 1, []


def is_zero_around(equations: Equations, root: float) -> bool:
    """Return whether one equation is exactly zero at the root and a little beside it."""
    apart = (abs(root) or 1.0) * 2.0**-26
    return not any(equations.residual([x]).any() for x in (root - apart, root, root + apart))


def note_of(name: str, order: float, multiplicity: int) -> str:
    """Return the sentence about a root that is not simple."""
    kinds = {2: "a double root", 3: "a triple root", 0: f"a root of order {order:.3g}"}
    kind = kinds.get(multiplicity, f"a root of multiplicity {multiplicity}")
    return f"{name} is {kind}: the slope is 0 there, and the derivatives of {name} are not defined"


def equilibrated(matrix: "Array") -> "Array":
    """Return a matrix with its columns, and then its rows, divided by their largest entry."""
    import numpy

    for axis in (0, 1):
        largest = numpy.abs(matrix).max(axis=axis, keepdims=True)
        matrix = matrix / numpy.where(largest > 0, largest, 1.0)
    return matrix


def moves_away(equations: Equations, point: "Array", scaled: "Array") -> bool:
    """Return whether the least singular value grows away from the root, as at a multiple root that is not exact."""
    import numpy

    _, values, directions = numpy.linalg.svd(scaled)
    distance = 1e-4 * (float(numpy.abs(point).max()) or 1.0)
    away = equations.jacobian(point + directions[-1] * distance)
    if not numpy.isfinite(away).all():
        return False
    return bool(numpy.linalg.svd(equilibrated(away), compute_uv=False)[-1] > 10 * values[-1])


def condition(equations: Equations, point: Sequence[float] | Any) -> float:
    """Return how many times a relative error of every operation is magnified in the root.

    This is |F_x^-1| T relative to the root, where T is the sum of |derivative * value| of an equation over the nodes
    that it is computed from.
    """
    import numpy

    sizes = numpy.array([magnitude(equations, output, point) for output in equations.program.outputs])
    if not numpy.isfinite(sizes).all():
        return math.nan
    try:
        with numpy.errstate(all="ignore"):
            moved = numpy.abs(numpy.linalg.inv(equations.jacobian(point))) @ sizes / numpy.abs(point)
    except numpy.linalg.LinAlgError:
        return math.inf
    known = moved[~numpy.isnan(moved)]
    return float(known.max()) if len(known) else math.nan


def magnitude(equations: Equations, output: int, point: Sequence[float] | Any) -> float:
    """Return the sum of |derivative * value| of an equation over the nodes that it is computed from."""
    program, _ = backward_program(Program(equations.program.nodes, (output,)))
    count = len(equations.program.nodes)
    figures = FloatProgram(program)(equations.inputs(point))
    products = [abs(value * slope) for value, slope in zip(figures[:count], figures[count : 2 * count], strict=True)]
    return math.fsum(product for product in products if product == product)
