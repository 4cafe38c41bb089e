"""A recorded computation as a list of instructions, which another machine can run again from other inputs.

An instruction is the name of a primitive operation and the registers of its operands; its result goes to the next
register. Registers begin with the inputs, and then the constants.
"""

from typing import Any, NamedTuple

from mgrad_cli.evaluation.tape import Tape
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, backward_program, expand


class Instructions(NamedTuple):
    """The instructions, and in which registers stands what they are for.

    inputs      the names of the inputs, in the order of their registers
    data, grad  for each entry of the tape the register of its value, and of its gradient
    pulls       for each (entry, operand) that something is handed back to, in the order of the backward pass, the
                registers of the local derivative and of the share
    """

    inputs: list[str]
    constants: list[float]
    code: list[tuple[str, list[int]]]
    data: list[int]
    grad: list[int]
    pulls: list[tuple[int, int, int, int]]


def instructions(tape: Tape) -> Instructions:
    """The forward pass and the backward pass of a tape in primitives, every intermediate result kept."""
    everything, flows = backward_program(tape.program)
    program = expand(everything)
    inputs = [index for index, node in enumerate(program.nodes) if isinstance(node, InputNode)]
    constants = [index for index, node in enumerate(program.nodes) if isinstance(node, ConstantNode)]
    registers = {index: register for register, index in enumerate([*inputs, *constants])}
    code = []
    for index, node in enumerate(program.nodes):
        if isinstance(node, ApplyNode):
            registers[index] = len(registers)
            code.append((node.operation.name, [registers[operand] for operand in node.operands]))
    results = [registers[index] for index in program.outputs]
    count = len(tape.entries)
    figures = results[2 * count :]
    pulls = zip(flows, figures[0::2], figures[1::2], strict=True)
    numbers: list[Any] = [program.nodes[index] for index in constants]
    return Instructions(
        list(program.inputs),
        [node.number for node in numbers],
        code,
        results[:count],
        results[count : 2 * count],
        [(entry, operand, slope, share) for (entry, operand), slope, share in pulls],
    )
