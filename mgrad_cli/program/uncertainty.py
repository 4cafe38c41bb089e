"""Add outputs to a program that hold the standard uncertainty of its values, after the GUM."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

from mgrad_cli.operations.arithmetic import hypot
from mgrad_cli.operations.logic import equal, greater, where
from mgrad_cli.program.adjoint import backward, dependent_registers
from mgrad_cli.program.masking import finalize
from mgrad_cli.program.nodes import InputNode, Program, replay
from mgrad_cli.program.recorder import Recorder


def with_uncertainty(
    program: Program,
    uncertainties: Mapping[str, str],
    factor: Mapping[str, Sequence[float]] | None = None,
    values: int = 1,
    new_recorder: Callable[[], Recorder] = Recorder,
) -> Program:
    """Return the program with further outputs: the standard uncertainty of each of its first `values` outputs.

    uncertainties   for each uncertain input, the name of the input that holds its standard uncertainty. Names that
                    are no inputs yet become inputs, after those of `program`. Numbers can then be substituted for them.
    factor          for each correlated input, its row of a triangular factor L of the correlation matrix R = L L^T,
                    as `Correlations.factor` returns it. Inputs without a row are not correlated.

    The uncertainty is the law of propagation, JCGM 100:2008 equation 13: u = sqrt(g^T R g), where g are the products of
    the partial derivatives and the uncertainties. It is computed as the length of the vector L^T g, which cannot be the
    root of a negative number and does not overflow. An uncertainty of 0 adds nothing, whatever the derivative; a
    negative one, or nan, makes the result nan.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.program import trace
    >>> program = with_uncertainty(trace(read("x*y"), ["x", "y"]), {"x": "u_x", "y": "u_y"})
    >>> program.inputs
    ('x', 'y', 'u_x', 'u_y')
    >>> registers = replay(program, {"x": 3.0, "y": 2.0, "u_x": 2.0, "u_y": 1.0})
    >>> [registers[output] for output in program.outputs]
    [6.0, 5.0]
    """
    recorder = new_recorder()
    inputs = {name: recorder.input(name) for name in program.inputs}
    registers = replay(program, inputs, recorder.constant)
    widths = {name: recorder.input(width) for name, width in uncertainties.items()}
    places = {node.name: index for index, node in enumerate(program.nodes) if isinstance(node, InputNode)}
    active = dependent_registers(program, list(uncertainties))
    found = []
    for output in program.outputs[:values]:
        adjoints, _ = backward(program, output, registers, active, recorder)
        slopes = {name: finalize(adjoints.get(places[name])) for name in widths}
        found.append(standard_uncertainty(slopes, widths, factor or {}, recorder))
    return recorder.program([*(registers[output] for output in program.outputs), *found])


def standard_uncertainty(
    slopes: Mapping[str, Any], widths: Mapping[str, Any], factor: Mapping[str, Sequence[float]], recorder: Recorder
) -> Any:
    """Return the standard uncertainty of a value from its partial derivatives by uncertain inputs and their widths."""
    contributions = {name: contribution(slopes[name], width) for name, width in widths.items()}
    return length(independent(contributions, factor), recorder)


def contribution(slope: Any, width: Any) -> Any:
    """Return the product of a partial derivative and a standard uncertainty: 0 without uncertainty."""
    return where(greater(width, 0), slope * width, where(equal(width, 0), 0.0, float("nan")))


def independent(contributions: Mapping[str, Any], factor: Mapping[str, Sequence[float]]) -> list[Any]:
    """Return contributions that are not correlated and have the same sum of squares."""
    sums: dict[int, Any] = {}
    others = []
    for name, amount in contributions.items():
        if name not in factor:
            others.append(amount)
            continue
        for column, weight in enumerate(factor[name]):
            if weight:
                term = amount * weight
                sums[column] = term if column not in sums else sums[column] + term
    return [*sums.values(), *others]


def length(amounts: Sequence[Any], recorder: Recorder) -> Any:
    """Return the length of a vector of registers."""
    if not amounts:
        return recorder.constant(0.0)
    return reduce(hypot, amounts[1:], abs(amounts[0]))
