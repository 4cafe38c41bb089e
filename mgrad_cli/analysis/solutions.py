"""Solve equations: a root, how far its digits are right, and how it moves with the parameters."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from mgrad_cli.analysis.equations import Equations
from mgrad_cli.analysis.requirements import require_scipy
from mgrad_cli.analysis.root_quality import condition, quality
from mgrad_cli.analysis.roots import FoundRoot, bracketed_root, find_root
from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.exact.figures import require_flint
from mgrad_cli.language.lowering import Script
from mgrad_cli.operations.rounding import MAX_DIGITS, right_digits

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from mgrad_cli.exact.roots import ProvenRoot

    Array: TypeAlias = NDArray[numpy.float64]

Start: TypeAlias = float | tuple[float, float]
"""Where the search for an unknown starts, or the ends of a bracket that contains it."""


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
