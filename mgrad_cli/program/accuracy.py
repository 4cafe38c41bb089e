"""Add outputs to a program that count the correct digits of its other outputs, as `evaluation.accuracy` does.

The error of an output is bounded by the sum over the registers of |derivative of the output with respect to the
register| times the rounding error of the register.
"""

from collections.abc import Collection, Iterable
from typing import Any

from mgrad_cli.operations.logic import equal, logical_and, logical_or, not_equal, where
from mgrad_cli.operations.operation import mask_at
from mgrad_cli.operations.rounding import UNIT, right_digits, rounding, rounding_rule, swing
from mgrad_cli.program.adjoint import backward
from mgrad_cli.program.masking import finalize
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Program, replay
from mgrad_cli.program.recorder import Recorder


def with_digits(program: Program, rounded: Collection[str] = (), values: int = 1) -> Program:
    """Return the program with further outputs: the number of correct decimal digits of each output, from 0 to 16.

    The inputs are exact, except for those in `rounded`, which are rounded to the nearest double, as pi is. The first
    outputs are `values`, the others their derivatives, which cannot be correct if a value selects the wrong side of a
    kink.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.program import differentiate, trace
    >>> program = with_digits(differentiate(trace(read("1 - cos(x)"), ["x"]), ["x"]))
    >>> registers = replay(program, {"x": 1e-5})
    >>> [float(registers[output]) for output in program.outputs[2:]]
    [5.0, 15.3]
    """
    recorder = Recorder()
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    errors, is_doubtful = figure_errors(program, registers, recorder, rounded, values)
    digits = []
    for number, (output, error) in enumerate(zip(program.outputs, errors, strict=True)):
        right = right_digits(registers[output], error)
        digits.append(right if number < values else where(is_doubtful, 0.0, right))
    return recorder.program([*(registers[output] for output in program.outputs), *digits])


def with_errors(program: Program, values: int) -> Program:
    """Return the program with further outputs: a bound on the error of each output, to first order.

    The first `values` outputs are values. The inputs are exact.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.program import trace
    >>> program = with_errors(trace(read("1 - cos(x)"), ["x"]), 1)
    >>> [float(replay(program, {"x": 1e-5})[output]) for output in program.outputs]
    [5.000000413701855e-11, 4.4408920982785815e-16]
    """
    recorder = Recorder()
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    errors, _ = figure_errors(program, registers, recorder, (), values)
    return recorder.program([*(registers[output] for output in program.outputs), *errors])


def figure_errors(
    program: Program, registers: list[Any], recorder: Recorder, rounded: Collection[str], values: int
) -> tuple[list[Any], Any]:
    """Return a bound on the error of each output, and whether one of the first `values` outputs is doubtful."""
    errors, doubts = local_errors(program, registers, rounded, values)
    variable = {index for index, node in enumerate(program.nodes) if not isinstance(node, ConstantNode)}
    found = []
    is_doubtful: Any = 0.0
    for number, output in enumerate(program.outputs):
        adjoints, _ = backward(program, output, registers, variable, recorder)
        error: Any = 0.0
        for index, adjoint in adjoints.items():
            slope = finalize(adjoint)
            if number < values and index in doubts:
                is_doubtful = logical_or(is_doubtful, logical_and(doubts[index], not_equal(slope, 0)))
            if not is_zero(errors[index]):
                is_nothing = logical_or(equal(slope, 0), equal(errors[index], 0))
                error = error + where(is_nothing, 0.0, abs(slope) * errors[index])
        found.append(error)
    return found, is_doubtful


def local_errors(
    program: Program, registers: list[Any], rounded: Collection[str], values: int
) -> tuple[list[Any], dict[int, Any]]:
    """Return a bound on the error that each register adds, and where a selection is in doubt."""
    choosing = {
        index
        for index in ancestors(program, program.outputs[:values])
        if isinstance(node := program.nodes[index], ApplyNode) and rounding_rule(node.operation) is None
    }
    watched = ancestors(program, choosing)
    errors: list[Any] = []
    margins: list[Any] = []
    doubts: dict[int, Any] = {}
    for index, node in enumerate(program.nodes):
        y = registers[index]
        error: Any = 0.0
        margin: Any = 0.0
        if isinstance(node, InputNode) and node.name in rounded:
            error = margin = UNIT * abs(y)
        elif isinstance(node, ApplyNode):
            operands = [registers[operand] for operand in node.operands]
            error = rounding(node.operation, operands, y, [errors[operand] for operand in node.operands])
            if index in choosing and any(not is_zero(margins[operand]) for operand in node.operands):
                error, doubt = swing(node.operation, operands, [margins[operand] for operand in node.operands], y)
                if not is_zero(doubt):
                    doubts[index] = doubt
            if index in watched:
                margin = propagated(node, [*operands, y], margins, error)
        errors.append(error)
        margins.append(margin)
    return errors, doubts


def propagated(node: ApplyNode, arguments: list[Any], margins: list[Any], error: Any) -> Any:
    """Return the error of a register: its own, plus the errors of its operands times its derivatives."""
    margin = error
    for operand, partial, mask in node.operation.local_rules(node.operands, arguments):
        if partial is None or is_zero(margins[operand]):
            continue
        slope = abs(partial(*arguments) if callable(partial) else partial)
        reaches = mask_at(mask, *arguments)
        if reaches is not None:
            slope = where(reaches, slope, 0.0)
        margin = margin + where(equal(slope, 0), 0.0, slope * margins[operand])
    return margin


def ancestors(program: Program, registers: Iterable[int]) -> set[int]:
    """Return the registers that some registers are computed from, including themselves."""
    found = set(registers)
    for index in reversed(range(len(program.nodes))):
        node = program.nodes[index]
        if index in found and isinstance(node, ApplyNode):
            found.update(node.operands)
    return found


def is_zero(error: Any) -> bool:
    """Return whether an error is the number 0 for all inputs."""
    number = error if isinstance(error, float) else error.number
    return bool(number == 0)
