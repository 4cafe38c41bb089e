"""Solve equations: a root, how far its digits are right, and how it moves with the parameters."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from mgrad_cli.analysis.equations import Equations
from mgrad_cli.analysis.multiplicity import order_at, whole
from mgrad_cli.analysis.requirements import require_scipy
from mgrad_cli.analysis.roots import FoundRoot, bracketed_root, find_root
from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.exact.figures import require_flint
from mgrad_cli.language.lowering import Script
from mgrad_cli.operations.rounding import MAX_DIGITS, UNIT, right_digits
from mgrad_cli.program import Program, backward_program
from mgrad_cli.program.floats import FloatProgram

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from mgrad_cli.exact.roots import ProvenRoot

    Array: TypeAlias = NDArray[numpy.float64]

Start: TypeAlias = float | tuple[float, float]
"""Where the search for an unknown starts, or the ends of a bracket that contains it."""

VAGUE = 1e-9
"""The relative error of a root beyond which it may be a multiple one."""
SINGULAR = 1e-7
"""The ratio of the least to the largest singular value below which a Jacobian may be that of a multiple root."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A root of equations.

    root          the value of each unknown
    derivatives   by unknown, its derivative by each parameter: how the root moves. nan at a multiple root
    residual      the value of each equation at the root, in doubles
    digits        of each unknown, how many decimal digits are right, by an estimate to first order
    condition     how many times relative rounding errors of the evaluation are magnified in the root
    multiplicity  1 for a simple root; 0 if it is singular, and it is unknown how
    method        `hybrid`, `least squares`, `Newton` or `bracket`
    iterations    the number of points at which the equations were evaluated
    notes         what else there is to know, in sentences
    proof         the proof that the root exists and is the only one in a box, if it was asked for
    """

    expr: str
    parameters: dict[str, float]
    root: dict[str, float]
    derivatives: dict[str, dict[str, float]]
    residual: dict[str, float]
    digits: dict[str, float]
    condition: float
    multiplicity: int
    method: str
    iterations: int
    notes: list[str] = field(default_factory=list)
    proof: "ProvenRoot | None" = None


def solve(
    script: Script,
    starts: Mapping[str, Start],
    parameters: Mapping[str, float],
    is_slope: bool = False,
    certifies: bool = False,
    bound: Collection[str] = (),
) -> Solution:
    """Return a root of a script's outputs, or with `is_slope` of the gradient of its output.

    starts      a start for each unknown, or for a single one a bracket
    parameters  the values of the other variables
    certifies   whether to prove the root and its derivatives
    bound       for a proof, the parameters that are doubles; the others are exactly what the script declares

    By the implicit function theorem, the derivatives of a root x of F(x, p) = 0 are -F_x^-1 F_p.

    Raises: UsageError if there are not as many equations as unknowns, or the start is not finite; NoRootError;
    UndecidedError for a root that cannot be proven; MissingExtraError without SciPy or python-flint.
    """
    import numpy

    require_scipy("solve")
    if certifies:
        require_flint("--certify")
    equations = Equations(script, list(starts), parameters, is_slope)
    found = found_root(equations, starts)
    with numpy.errstate(all="ignore"):
        solution = described(equations, found, parameters)
        return proven(solution, equations, bound) if certifies else solution


def described(equations: Equations, found: FoundRoot, parameters: Mapping[str, float]) -> Solution:
    """Return what there is to say of a root: its quality, and how it moves with the parameters."""
    point = found.point
    error, multiplicity, notes = quality(equations, point)
    parameter_jacobian = equations.parameter_jacobian(point)
    moves = implicit_derivatives(equations.jacobian(point), parameter_jacobian, multiplicity)
    names = equations.unknowns
    return Solution(
        expr=equations.script.text,
        parameters={name: float(parameters[name]) for name in equations.parameters},
        root=dict(zip(names, point.tolist(), strict=True)),
        derivatives={
            name: dict(zip(equations.parameters, row, strict=True))
            for name, row in zip(names, moves.tolist(), strict=True)
        },
        residual=dict(zip(equations.names, equations.residual(point).tolist(), strict=True)),
        digits={
            name: float(right_digits(value, bound))
            for name, value, bound in zip(names, point.tolist(), error.tolist(), strict=True)
        },
        condition=condition(equations, point),
        multiplicity=multiplicity,
        method=found.method,
        iterations=found.iterations,
        notes=notes,
    )


def proven(solution: Solution, equations: Equations, bound: Collection[str]) -> Solution:
    """Return a solution with figures that are proven. Raises: UndecidedError."""
    from mgrad_cli.exact.roots import BallEquations, prove_root

    names = equations.unknowns
    balls = BallEquations(equations.script, names, solution.parameters, bound, equations.is_slope)
    proof = prove_root(balls, list(solution.root.values()))
    residual = equations.residual(list(proof.root.values())).tolist()
    return replace(
        solution,
        root=proof.root,
        derivatives=proof.derivatives,
        residual=dict(zip(equations.names, residual, strict=True)),
        digits=dict.fromkeys(names, MAX_DIGITS),
        multiplicity=1,
        notes=[],
        proof=proof,
    )


def found_root(equations: Equations, starts: Mapping[str, Start]) -> Any:
    """Return the root near the starts, or in the bracket. Raises: UsageError, NoRootError."""
    for name, start in starts.items():
        ends = start if isinstance(start, tuple) else (start,)
        if not all(map(math.isfinite, ends)):
            raise UsageError(f"the start of '{name}' must be finite, not {':'.join(map(number, ends))}")
        if len(ends) > 1 and len(starts) > 1:
            raise UsageError(f"a bracket is for one unknown, and there are {len(starts)}; give '{name}' a start")
        if len(ends) > 1 and not ends[0] < ends[1]:
            raise UsageError(f"the bracket {':'.join(map(number, ends))} of '{name}' must have its lower end first")
    (first, *_) = starts.values()
    if isinstance(first, tuple):
        return bracketed_root(equations, *first)
    return find_root(equations, [start for start in starts.values() if not isinstance(start, tuple)])


def implicit_derivatives(jacobian: "Array", parameter_jacobian: "Array", multiplicity: int) -> Any:
    """Return the derivatives of a simple root by the parameters, of shape (n, p); nan for any other root."""
    import numpy

    if multiplicity != 1:
        return numpy.full(parameter_jacobian.shape, numpy.nan)
    try:
        moves: Any = -numpy.linalg.solve(jacobian, parameter_jacobian)
    except numpy.linalg.LinAlgError:
        return numpy.full(parameter_jacobian.shape, numpy.nan)
    return moves


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


def is_zero_around(equations: Equations, root: float) -> bool:
    """Return whether one equation is exactly zero at the root and a little beside it."""
    apart = (abs(root) or 1.0) * 2.0**-26
    return not any(equations.residual([x]).any() for x in (root - apart, root, root + apart))


def note_of(name: str, order: float, multiplicity: int) -> str:
    """Return the sentence about a root that is not simple."""
    kinds = {2: "a double root", 3: "a triple root", 0: f"a root of order {order:.3g}"}
    kind = kinds.get(multiplicity, f"a root of multiplicity {multiplicity}")
    return f"{name} is {kind}: the slope is 0 there, and the derivatives of {name} are not defined"


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
