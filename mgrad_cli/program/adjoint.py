"""Reverse-mode differentiation of programs: the backward pass of the chain rule, recorded as a program."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.operation import Rule, mask_at
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Program, replay
from mgrad_cli.program.recorder import Recorder, Recording

(WHERE,), (AND,), (OR,) = TABLE["where"], TABLE["logical_and"], TABLE["logical_or"]


Register: TypeAlias = Any
"""An operand of the recorder's class."""


class Adjoint(NamedTuple):
    """The derivative of an output with respect to a register, and the boolean register that masks it.

    Where the mask is 0 nothing has arrived, which differs from an adjoint of zero. Without a mask, something always
    has.

    is_cleared  whether the value is minus zero, which adds nothing, wherever the mask is 0
    """

    value: Register
    mask: Register | None = None
    is_cleared: bool = False


class RegisterContribution(NamedTuple):
    """What a register adds to the adjoint of one operand, counted by its position.

    `amount` is the product of the register's adjoint and the partial derivative.
    """

    register: int
    position: int
    partial: Register
    amount: Adjoint


class Masking(Protocol):
    """How adjoints are masked, and how several contributions to one register are combined.

    `add_adjoints` returns a value of the implementation's own type. `total` converts it to the adjoint, and `finalize`
    to the gradient.
    """

    def restrict(self, mask: Any, operation: Operation, rule: Rule | Register, arguments: Sequence[Register]) -> Any:
        """Return the conjunction of a mask with a rule of an operation, or `NOWHERE`."""

    def add_adjoints(self, before: Any, amount: Adjoint) -> Any: ...

    def total(self, amounts: Any) -> Adjoint: ...

    def finalize(self, amounts: Any) -> Register: ...


NOWHERE = object()
"""The mask that is 0 everywhere."""


class ExactMasking:
    """The masks and sums of evaluation, exact to the last bit."""

    def restrict(self, mask: Any, operation: Operation, rule: Rule | Register, arguments: Sequence[Register]) -> Any:
        reaches = conjunction(mask, mask_at(rule, *arguments))
        return NOWHERE if reaches is not None and reaches.number == 0 else reaches

    def add_adjoints(self, before: Adjoint | None, amount: Adjoint) -> Adjoint:
        return amount if before is None else add_adjoints(before, amount)

    def total(self, amounts: Adjoint) -> Adjoint:
        return amounts

    def finalize(self, amounts: Adjoint | None) -> Register:
        return finalize(amounts)


EXACT = ExactMasking()


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
    adjoints = {output: masking.add_adjoints(None, Adjoint(recorder.constant(1.0)))} if output in active else {}
    contributions: list[RegisterContribution] = []
    for index in reversed(evaluation_order(program, output, active)):
        node = program.nodes[index]
        if index not in adjoints or not isinstance(node, ApplyNode):
            continue
        adjoint = masking.total(adjoints[index])
        operation, operands = node
        arguments = [*(registers[operand] for operand in operands), registers[index]]
        for position, (operand, rule, mask) in enumerate(operation.local_rules(operands, arguments)):
            if operand not in active or rule is None:
                continue
            reaches = adjoint.mask if mask is None else masking.restrict(adjoint.mask, operation, mask, arguments)
            if reaches is NOWHERE:
                continue
            partial = rule(*arguments) if callable(rule) else rule
            amount = Adjoint(adjoint.value * partial, reaches)
            adjoints[operand] = masking.add_adjoints(adjoints.get(operand), amount)
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


def conjunction(mask: Register | None, other: Register) -> Register | None:
    """Return where both masks are 1; `None` if that is everywhere."""
    if other.number is not None and other.number != 0:
        return mask
    return other if mask is None else AND(mask, other)


def add_adjoints(one: Adjoint, other: Adjoint) -> Adjoint:
    """Return the sum of two adjoints, of which only one may have arrived. Minus zero adds nothing."""
    if one.mask is None and other.mask is None:
        return Adjoint(one.value + other.value)
    if one.mask is not None and other.mask is not None:
        if one.mask.index == other.mask.index:
            return Adjoint(one.value + other.value, one.mask)
        mask = OR(one.mask, other.mask)
        return Adjoint(masked_value(one) + masked_value(other), None if mask.number else mask, is_cleared=True)
    return Adjoint(masked_value(one) + masked_value(other))


def masked_value(adjoint: Adjoint) -> Register:
    """Return the value of an adjoint, or minus zero where nothing has arrived."""
    if adjoint.mask is None or adjoint.is_cleared:
        return adjoint.value
    return WHERE(adjoint.mask, adjoint.value, -0.0)


def finalize(adjoint: Adjoint | None) -> Register:
    """Return the gradient of an adjoint: zero where nothing has arrived."""
    if adjoint is None:
        return 0.0
    return adjoint.value if adjoint.mask is None else WHERE(adjoint.mask, adjoint.value, 0.0)
