"""Reverse-mode differentiation of programs: the chain rule run backwards over registers, recorded as a program."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.operation import Rule, mask_at
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Program, replay
from mgrad_cli.program.recorder import Recorder, Recording

(WHERE,), (AND,), (OR,) = TABLE["where"], TABLE["logical_and"], TABLE["logical_or"]


Register: TypeAlias = Any
"""An operand of the kind that the recorder makes."""


class Adjoint(NamedTuple):
    """The derivative of an output with respect to a register, and a boolean register: where it is 0 nothing has come
    back, which is not the same as zero. Without a mask, something always has.

    is_cleared  whether the value is minus zero, which adds nothing, wherever the mask is 0
    """

    value: Register
    mask: Register | None = None
    is_cleared: bool = False


class RegisterContribution(NamedTuple):
    """What a register hands back to one operand: the local derivative, and its product with the register's adjoint."""

    register: int
    operand: int
    slope: Register
    share: Adjoint


class Masking(Protocol):
    """How adjoints are masked, and how what comes to a register from several sides is put together.

    What `joined` gives is of a kind of its own, which `total` makes the adjoint, and `settled` the gradient.
    """

    def restrict(self, mask: Any, operation: Operation, rule: Rule | Register, arguments: Sequence[Register]) -> Any:
        """The mask that lets through where another does and a rule of an operation does too, or `NOWHERE`."""

    def add_adjoints(self, before: Any, share: Adjoint) -> Any: ...

    def total(self, shares: Any) -> Adjoint: ...

    def finalize(self, shares: Any) -> Register: ...


NOWHERE = object()
"""The mask that lets nothing through."""


class ExactMasking:
    """The masks and sums of evaluation, to the last bit."""

    def restrict(self, mask: Any, operation: Operation, rule: Rule | Register, arguments: Sequence[Register]) -> Any:
        reaches = conjunction(mask, mask_at(rule, *arguments))
        return NOWHERE if reaches is not None and reaches.number == 0 else reaches

    def add_adjoints(self, before: Adjoint | None, share: Adjoint) -> Adjoint:
        return share if before is None else add_adjoints(before, share)

    def total(self, shares: Adjoint) -> Adjoint:
        return shares

    def finalize(self, shares: Adjoint | None) -> Register:
        return finalize(shares)


EXACT = ExactMasking()


def differentiate(
    program: Program,
    wrt: Sequence[str],
    recorder: Recording | None = None,
    masking: Masking = EXACT,
    first: int | None = None,
    registers: list[Register] | None = None,
) -> Program:
    """The program with its partial derivatives: its outputs, then for each of them, or for the `first` of them,
    d(output)/d(name) for each name.

    The answer is a program like any other, so that twice the same gives second derivatives. It is recorded by a
    recorder of its own, or the given one, which has made the `registers` of the program if they are given.
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
    """Everything that one backward pass over a program of one output comes to, as a program.

    Its outputs are the value of every register, then the adjoint of every register, then the slope and the share of
    every pull. The second answer says for each pull, in order, from which register to which operand it goes.
    """
    recorder = Recorder()
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    variable = {index for index, node in enumerate(program.nodes) if not isinstance(node, ConstantNode)}
    adjoints, pulls = backward(program, program.outputs[0], registers, variable, recorder)
    grads = [finalize(adjoints.get(index)) for index in range(len(registers))]
    flows = [figure for pull in pulls for figure in (pull.slope, finalize(pull.share))]
    return recorder.program([*registers, *grads, *flows]), [(pull.register, pull.operand) for pull in pulls]


def dependent_registers(program: Program, names: Sequence[str]) -> set[int]:
    """The registers that depend on any of these inputs."""
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
    """What has come to every active register that the output depends on, and the pulls that it is the sum of."""
    adjoints = {output: masking.add_adjoints(None, Adjoint(recorder.constant(1.0)))} if output in active else {}
    pulls: list[RegisterContribution] = []
    for index in reversed(evaluation_order(program, output, active)):
        node = program.nodes[index]
        if index not in adjoints or not isinstance(node, ApplyNode):
            continue
        adjoint = masking.total(adjoints[index])
        operation, operands = node
        arguments = [*(registers[operand] for operand in operands), registers[index]]
        for operand, partial, mask in operation.local_rules(operands, arguments):
            if operand not in active or partial is None:
                continue
            reaches = adjoint.mask if mask is None else masking.restrict(adjoint.mask, operation, mask, arguments)
            if reaches is NOWHERE:
                continue
            slope = partial(*arguments) if callable(partial) else partial
            share = Adjoint(adjoint.value * slope, reaches)
            adjoints[operand] = masking.add_adjoints(adjoints.get(operand), share)
            pulls.append(RegisterContribution(index, operand, slope, share))
    return adjoints, pulls


def evaluation_order(program: Program, output: int, active: set[int]) -> list[int]:
    """The active registers that an output needs, operands first; in the order of `Value.backward`, so that sums of
    the same terms round alike.
    """

    def operands_of(index: int) -> list[int]:
        node = program.nodes[index]
        operands = node.operands if isinstance(node, ApplyNode) else ()
        return [operand for operand in reversed(operands) if operand in active]

    return list(postorder([output] if output in active else [], operands_of))


def conjunction(mask: Register | None, other: Register) -> Register | None:
    """Where both masks let through; `None` where that is everywhere."""
    if other.number is not None and other.number != 0:
        return mask
    return other if mask is None else AND(mask, other)


def add_adjoints(one: Adjoint, other: Adjoint) -> Adjoint:
    """The sum of two adjoints; where only one of them has come, that one. Minus zero is what adds nothing."""
    if one.mask is None and other.mask is None:
        return Adjoint(one.value + other.value)
    if one.mask is not None and other.mask is not None:
        if one.mask.index == other.mask.index:
            return Adjoint(one.value + other.value, one.mask)
        mask = OR(one.mask, other.mask)
        return Adjoint(masked_value(one) + masked_value(other), None if mask.number else mask, is_cleared=True)
    return Adjoint(masked_value(one) + masked_value(other))


def masked_value(adjoint: Adjoint) -> Register:
    """The adjoint's value where it has come, and minus zero where it has not."""
    if adjoint.mask is None or adjoint.is_cleared:
        return adjoint.value
    return WHERE(adjoint.mask, adjoint.value, -0.0)


def finalize(adjoint: Adjoint | None) -> Register:
    """The gradient that an adjoint comes to at last: zero where nothing has come."""
    if adjoint is None:
        return 0.0
    return adjoint.value if adjoint.mask is None else WHERE(adjoint.mask, adjoint.value, 0.0)
