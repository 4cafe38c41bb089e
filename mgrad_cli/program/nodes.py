"""The data type of programs: nodes in topological order, each an input, a number, or an operation on registers."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from mgrad_cli.operations import Operation

COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
CONNECTIVES = frozenset({"logical_and", "logical_or", "logical_not"})


class InputNode(NamedTuple):
    """An input of the program."""

    name: str


class ConstantNode(NamedTuple):
    """A number."""

    number: float


class ApplyNode(NamedTuple):
    """An operation on earlier registers."""

    operation: Operation
    operands: tuple[int, ...]


Node: TypeAlias = InputNode | ConstantNode | ApplyNode


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """The nodes that fill the registers of a computation, and the registers that are its outputs."""

    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in order."""
        return tuple(node.name for node in self.nodes if isinstance(node, InputNode))

    @property
    def operations(self) -> list[Operation]:
        """The operation of every node that has one, in order."""
        return [node.operation for node in self.nodes if isinstance(node, ApplyNode)]

    def __len__(self) -> int:
        """Return the number of operations."""
        return len(self.operations)


class PrimitiveProgram(Program):
    """A program of primitive operations, as kernels run it."""

    __slots__ = ()


def replay(
    program: Program, inputs: Mapping[str, Any], constant: Callable[[float], Any] = float, last: int | None = None
) -> list[Any]:
    """Run a program on operands of any class, such as floats, arrays, Values, or registers of another program.

    `constant` converts a number of the program to an operand. Return all registers, or those up to register `last`.

    >>> from mgrad_cli.operations import TABLE
    >>> square = Program((InputNode("x"), ApplyNode(TABLE["multiply"][0], (0, 0))), (1,))
    >>> replay(square, {"x": 3.0})
    [3.0, 9.0]
    """
    registers: list[Any] = []
    for node in program.nodes[: None if last is None else last + 1]:
        match node:
            case InputNode(name):
                registers.append(inputs[name])
            case ConstantNode(number):
                registers.append(constant(number))
            case ApplyNode(operation, operands):
                registers.append(operation(*[registers[index] for index in operands]))
    return registers


def is_boolean(node: Node, is_boolean_at: Callable[[int], bool]) -> bool:
    """Return whether a node is always 1 or 0; `is_boolean_at` tells it of the node's operands."""
    if isinstance(node, ApplyNode):
        name = node.operation.name
        return name in COMPARISONS or (name in CONNECTIVES and all(map(is_boolean_at, node.operands)))
    return isinstance(node, ConstantNode) and node.number in {0.0, 1.0} and math.copysign(1.0, node.number) == 1


def booleans(program: Program, among: Iterable[int] | None = None) -> set[int]:
    """Return the registers of operations whose result is always 1 or 0, among all or some in order."""
    found: set[int] = set()

    def is_boolean_at(index: int) -> bool:
        node = program.nodes[index]
        return index in found or (isinstance(node, ConstantNode) and is_boolean(node, bool))

    for index in range(len(program.nodes)) if among is None else among:
        node = program.nodes[index]
        if isinstance(node, ApplyNode) and is_boolean(node, is_boolean_at):
            found.add(index)
    return found


def prune(nodes: Iterable[Node], outputs: Iterable[int]) -> Program:
    """Return the program of these nodes, without nodes that no output needs. Every input stays."""
    nodes, outputs = list(nodes), list(outputs)
    is_needed = bytearray(len(nodes))
    for output in outputs:
        is_needed[output] = True
    for index in reversed(range(len(nodes))):
        node = nodes[index]
        if isinstance(node, InputNode):
            is_needed[index] = True
        elif is_needed[index] and isinstance(node, ApplyNode):
            for operand in node.operands:
                is_needed[operand] = True
    first = is_needed.find(0)  # what comes before the first node that goes keeps its place
    if first < 0:
        return Program(tuple(nodes), tuple(outputs))
    moved = [*range(first), *[0] * (len(nodes) - first)]
    kept = nodes[:first]
    for index in range(first, len(nodes)):
        if is_needed[index]:
            moved[index] = len(kept)
            node = nodes[index]
            if isinstance(node, ApplyNode):
                node = ApplyNode(node.operation, tuple([moved[operand] for operand in node.operands]))
            kept.append(node)
    return Program(tuple(kept), tuple([moved[index] for index in outputs]))


def select_outputs(programs: Sequence[Program], choices: Sequence[int]) -> Program:
    """Return the program that has each output of one of several programs, chosen by its number for each output.

    Equal nodes of the programs are one.
    """
    nodes: list[Node] = []
    indices: dict[Any, int] = {}
    moved: list[list[int]] = []
    for program in programs:
        registers: list[int] = []
        for node in program.nodes:
            if isinstance(node, ApplyNode):
                node = ApplyNode(node.operation, tuple([registers[operand] for operand in node.operands]))
            key = node.number.hex() if isinstance(node, ConstantNode) else node
            index = indices.setdefault(key, len(nodes))
            if index == len(nodes):
                nodes.append(node)
            registers.append(index)
        moved.append(registers)
    return prune(nodes, [moved[choice][programs[choice].outputs[number]] for number, choice in enumerate(choices)])
