"""Reverse-mode differentiation of programs: the backward pass of the chain rule, recorded as a program."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from mgrad_cli.operations.traversal import postorder
from mgrad_cli.program.masking import EXACT, MaskedDerivative, Masking, Register, chained, finalize
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Program, replay
from mgrad_cli.program.recorder import Recorder, Recording


class RegisterContribution(NamedTuple):
    """What a register adds to the adjoint of one operand, counted by its position.

    `amount` is the product of the register's adjoint and the partial derivative.
    """

    register: int
    position: int
    partial: Register
    amount: MaskedDerivative


def differentiate(
    program: Program,
    wrt: Sequence[str],
    recorder: Recording | None = None,
    masking: Masking = EXACT,
    first: int | None = None,
    registers: list[Register] | None = None,
) -> Program:
    """Return a program with its partial derivatives.

    The outputs of the result are those of `program`, then d(output)/d(name) for each name in `wrt`, for every output or
    for the `first` ones. The result is a program like any other, so differentiating it again gives second derivatives.
    `recorder` records the result, by default a new one; it has made `registers`, the registers of `program`, if given.
    """
    recorder = recorder or Recorder()
    if registers is None:
        registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    active = dependent_registers(program, wrt)
    indices = {node.name: index for index, node in enumerate(program.nodes) if isinstance(node, InputNode)}
    partials: list[Register] = []
    for output in program.outputs[:first]:
        adjoints, _ = backward(program, output, registers, active, recorder, masking)
        partials += [masking.finalize(adjoints.get(indices[name])) for name in wrt]
    return recorder.program([*(registers[output] for output in program.outputs), *partials])


def backward_program(program: Program) -> tuple[Program, list[tuple[int, int]]]:
    """Return all results of a backward pass over a program with one output, as a program.

    Its outputs are the value of every register, the adjoint of every register, and for each contribution its local
    derivative and its amount. The second result is the register and the position of the operand of each contribution.
    """
    recorder = Recorder()
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    variable = {index for index, node in enumerate(program.nodes) if not isinstance(node, ConstantNode)}
    adjoints, found = backward(program, program.outputs[0], registers, variable, recorder)
    grads = [finalize(adjoints.get(index)) for index in range(len(registers))]
    figures = [figure for each in found for figure in (each.partial, finalize(each.amount))]
    return recorder.program([*registers, *grads, *figures]), [(each.register, each.position) for each in found]


def dependent_registers(program: Program, names: Sequence[str]) -> set[int]:
    """Return the registers that depend on any of these inputs."""
    found: set[int] = set()
    chosen = frozenset(names)
    for index, node in enumerate(program.nodes):
        match node:
            case InputNode(name) if name in chosen:
                found.add(index)
            case ApplyNode(_, operands) if not found.isdisjoint(operands):
                found.add(index)
    return found


def backward(
    program: Program,
    output: int,
    registers: list[Register],
    active: set[int],
    recorder: Recording,
    masking: Masking = EXACT,
) -> tuple[dict[int, Any], list[RegisterContribution]]:
    """Return the combined adjoint of every active register that the output depends on, and all contributions."""
    adjoints = (
        {output: masking.add_contribution(None, MaskedDerivative(recorder.constant(1.0)))} if output in active else {}
    )
    contributions: list[RegisterContribution] = []
    for index in reversed(evaluation_order(program, output, active)):
        node = program.nodes[index]
        if index not in adjoints or not isinstance(node, ApplyNode):
            continue
        adjoint = masking.total(adjoints[index])
        operation, operands = node
        arguments = [*(registers[operand] for operand in operands), registers[index]]
        for position, (operand, rule, mask) in enumerate(masking.local_rules(operation, operands, arguments)):
            if operand not in active or rule is None:
                continue
            step = chained(adjoint, operation, rule, mask, arguments, masking)
            if step is None:
                continue
            partial, amount = step
            adjoints[operand] = masking.add_contribution(adjoints.get(operand), amount)
            contributions.append(RegisterContribution(index, position, partial, amount))
    return adjoints, contributions


def evaluation_order(program: Program, output: int, active: set[int]) -> list[int]:
    """Return the active registers that an output needs, operands first.

    The order is that of `Value.backward`, so that sums of the same terms round alike.
    """

    def operands_of(index: int) -> list[int]:
        node = program.nodes[index]
        operands = node.operands if isinstance(node, ApplyNode) else ()
        return [operand for operand in reversed(operands) if operand in active]

    return list(postorder([output] if output in active else [], operands_of))
