"""Reverse-mode differentiation of programs: the chain rule run backwards over registers, recorded as a program."""

from collections.abc import Sequence
from typing import NamedTuple

from mgrad_cli.operations import TABLE
from mgrad_cli.program.nodes import Apply, Input, Program, replay
from mgrad_cli.program.recorder import Recorder, Register

(WHERE,), (AND,), (OR,) = TABLE["where"], TABLE["logical_and"], TABLE["logical_or"]


class Adjoint(NamedTuple):
    """The derivative of an output with respect to a register, and a boolean register: where it is 0 nothing has come
    back, which is not the same as zero. Without a mask, something always has.
    """

    value: Register
    mask: Register | None = None


def differentiate(program: Program, wrt: Sequence[str]) -> Program:
    """The program with its partial derivatives: its outputs, then for each of them d(output)/d(name) for each name.

    The answer is a program like any other, so that twice the same gives second derivatives.
    """
    recorder = Recorder()
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    active = depending(program, wrt)
    partials: list[Register | float] = []
    for output in program.outputs:
        adjoints = backward(program, output, registers, active, recorder)
        partials += [settled(adjoints.get(name)) for name in wrt]
    return recorder.program([*(registers[output] for output in program.outputs), *partials])


def depending(program: Program, names: Sequence[str]) -> set[int]:
    """The registers that depend on any of these inputs."""
    found: set[int] = set()
    for place, node in enumerate(program.nodes):
        match node:
            case Input(name) if name in names:
                found.add(place)
            case Apply(_, operands) if not found.isdisjoint(operands):
                found.add(place)
    return found


def backward(
    program: Program, output: int, registers: list[Register], active: set[int], recorder: Recorder
) -> dict[str, Adjoint]:
    """The adjoint of every input that the output depends on."""
    adjoints = {output: Adjoint(recorder.constant(1.0))} if output in active else {}
    inputs: dict[str, Adjoint] = {}
    for place in reversed(evaluation_order(program, output, active)):
        adjoint = adjoints.pop(place, None)
        if adjoint is None:
            continue
        match program.nodes[place]:
            case Input(name):
                inputs[name] = adjoint
            case Apply(operation, operands):
                arguments = [*(registers[operand] for operand in operands), registers[place]]
                for operand, partial, mask in operation.pulls(operands, arguments):
                    if operand not in active or partial is None:
                        continue
                    reaches = adjoint.mask if mask is None else conjunction(adjoint.mask, mask(*arguments))
                    if reaches is not None and reaches.number == 0:
                        continue
                    share = Adjoint(adjoint.value * (partial(*arguments) if callable(partial) else partial), reaches)
                    adjoints[operand] = joined(adjoints[operand], share) if operand in adjoints else share
    return inputs


def evaluation_order(program: Program, output: int, active: set[int]) -> list[int]:
    """The active registers that an output needs, operands first; in the order of `Value.backward`, so that sums of
    the same terms round alike.
    """
    order: list[int] = []
    seen: set[int] = set()
    stack = [(output, False)]
    while stack:
        place, is_done = stack.pop()
        if is_done:
            order.append(place)
        elif place not in seen and place in active:
            seen.add(place)
            stack.append((place, True))
            node = program.nodes[place]
            if isinstance(node, Apply):
                stack.extend((operand, False) for operand in node.operands)
    return order


def conjunction(mask: Register | None, other: Register) -> Register | None:
    """Where both masks let through; `None` where that is everywhere."""
    if other.number is not None and other.number != 0:
        return mask
    return other if mask is None else Register.apply(AND, mask, other)


def joined(one: Adjoint, other: Adjoint) -> Adjoint:
    """The sum of two adjoints; where only one of them has come, that one. Minus zero is what adds nothing."""
    if one.mask is None and other.mask is None:
        return Adjoint(one.value + other.value)
    if one.mask is not None and other.mask is not None:
        if one.mask.place == other.mask.place:
            return Adjoint(one.value + other.value, one.mask)
        mask = Register.apply(OR, one.mask, other.mask)
        return Adjoint(present(one) + present(other), None if mask.number else mask)
    return Adjoint(present(one) + present(other))


def present(adjoint: Adjoint, otherwise: float = -0.0) -> Register:
    """The adjoint's value where it has come, and another where it has not."""
    return adjoint.value if adjoint.mask is None else Register.apply(WHERE, adjoint.mask, adjoint.value, otherwise)


def settled(adjoint: Adjoint | None) -> Register | float:
    """The gradient that an adjoint comes to at last: zero where nothing has come."""
    return 0.0 if adjoint is None else present(adjoint, 0.0)
