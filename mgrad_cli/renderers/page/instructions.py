"""The instructions of a page: the forward and backward pass of a tape, to be run again on other inputs.

An instruction is the name of a primitive operation and the registers of its operands. Its result goes into the next
register. The inputs come first, then the constants.
"""

from typing import Any, NamedTuple

from mgrad_cli.evaluation.tape import Tape
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Node, Program, backward_program, expand


class Instructions(NamedTuple):
    """The instructions of a tape, and the registers that hold its figures.

    inputs          the names of the inputs, in the order of their registers
    data, grad      for each node of the tape, the registers of its value and of its gradient
    contributions   for each (node, position of an operand) to which a gradient may be passed, in the order of the
                    backward pass, the registers of the partial derivative and of the amount
    """

    inputs: list[str]
    constants: list[float]
    code: list[tuple[str, list[int]]]
    data: list[int]
    grad: list[int]
    contributions: dict[tuple[int, int], tuple[int, int]]


def instructions(tape: Tape) -> Instructions:
    """Return the forward and backward pass of a tape in primitives; every intermediate result has a register."""
    everything, edges = backward_program(program_of(tape))
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
    count = len(tape.nodes)
    figures = results[2 * count :]
    numbers: list[Any] = [program.nodes[index] for index in constants]
    return Instructions(
        list(program.inputs),
        [node.number for node in numbers],
        code,
        results[:count],
        results[count : 2 * count],
        dict(zip(edges, zip(figures[0::2], figures[1::2], strict=True), strict=True)),
    )


def program_of(tape: Tape) -> Program:
    """Return the forward pass as a program with a register for each node."""
    nodes: list[Node] = []
    for node in tape.nodes:
        if node.operation is not None:
            nodes.append(ApplyNode(node.operation, node.operands))
        else:
            nodes.append(ConstantNode(node.data) if node.is_constant else InputNode(node.label))
    return Program(tuple(nodes), (tape.output,))
