"""A program at one point that has many operations of a kind, as a long sum does: one NumPy call for each such group.

Operations of one kind whose operands are known at the same time are a group. Others run on floats in between.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy

from mgrad_cli.kernels.costs import CHANGE_SECONDS, GROUP_SECONDS, POINT_CALL_SECONDS, point_seconds
from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Node, Program
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES

MIN_GROUP = 12
"""The fewest operations for which a NumPy call takes less time than calls on floats."""
Place: TypeAlias = Any
"""The places of some values among all: a slice, or an array of integers."""


class Group(NamedTuple):
    """Operations of one kind: their function of arrays, and the places of their operands and results."""

    function: Any
    operands: tuple[Place, ...]
    results: Place


class Others(NamedTuple):
    """Operations on floats, and the places of the values that they need and of those that others need."""

    function: FloatProgram
    needed: Place
    results: Place


class GroupedProgram:
    """A program of primitives as a function of floats. `function_of` gives the function of floats of an operation.

    `seconds` is the estimated time of a call.
    """

    def __init__(self, program: Program, function_of: Callable[[Operation], Callable[..., float]]) -> None:
        nodes = program.nodes
        self.inputs = len(program.inputs)
        self.constants = [node.number for node in nodes if isinstance(node, ConstantNode)]
        given = [i for kind in (InputNode, ConstantNode) for i, node in enumerate(nodes) if isinstance(node, kind)]
        places = {register: place for place, register in enumerate(given)}
        users, outputs = users_of(nodes), set(program.outputs)
        self.seconds = POINT_CALL_SECONDS
        self.steps: list[Group | Others] = []
        for is_group, registers in batches(nodes, users):
            start = len(places)
            if is_group:
                columns = zip(*[operands_of(nodes[register]) for register in registers], strict=True)
                operands = tuple([place_of([places[operand] for operand in column]) for column in columns])
                places |= {register: start + offset for offset, register in enumerate(registers)}
                function = operation_of(nodes[registers[0]]).array_function()
                self.seconds += GROUP_SECONDS
                self.steps.append(Group(function, operands, slice(start, len(places))))
            else:
                own = set(registers)
                needed = [*dict.fromkeys([o for each in registers for o in operands_of(nodes[each]) if o not in own])]
                kept = [each for each in registers if each in outputs or not own.issuperset(users[each])]
                part = part_of(nodes, needed, registers, kept)
                needs = place_of([places[register] for register in needed])
                places |= {register: start + offset for offset, register in enumerate(kept)}
                self.seconds += CHANGE_SECONDS + point_seconds([operation_of(nodes[each]) for each in registers])
                self.steps.append(Others(FloatProgram(part, function_of), needs, slice(start, len(places))))
        self.count = len(places)
        self.outputs = numpy.array([places[output] for output in program.outputs], dtype=numpy.intp)
        self.local = threading.local()

    def __call__(self, values: Sequence[float]) -> list[float]:
        """Return the outputs for the values of the inputs. Thread-safe. NumPy may warn."""
        values_of_all, calls = self.bound()
        values_of_all[: self.inputs] = values
        for function, gathered, operands in calls:
            for places, operand in gathered:
                values_of_all.take(places, None, operand, "clip")
            if type(function) is FloatProgram:
                operands[1][:] = function(operands[0].tolist())
            else:
                function(*operands)
        found: list[float] = values_of_all[self.outputs].tolist()
        return found

    def bound(self) -> tuple[Any, list[tuple[Any, list[Any], list[Any]]]]:
        """Return this thread's values of all registers, and the calls with the parts that they read and write."""
        try:
            found: tuple[Any, list[tuple[Any, list[Any], list[Any]]]] = self.local.bound
        except AttributeError:
            values = numpy.empty(self.count)
            values[self.inputs : self.inputs + len(self.constants)] = self.constants
            found = self.local.bound = (values, [bound_call(step, values) for step in self.steps])
        return found


def bound_call(step: Group | Others, values: Any) -> tuple[Any, list[Any], list[Any]]:
    """Return a function, the places and arrays of what must be gathered, and the arrays that it reads and writes."""
    places = [*(step.operands if isinstance(step, Group) else [step.needed]), step.results]
    arrays = [values[place] for place in places]
    gathered = [(place, array) for place, array in zip(places, arrays, strict=True) if type(place) is not slice]
    return step.function, gathered, arrays


def users_of(nodes: Sequence[Node]) -> dict[int, list[int]]:
    """Return the registers that have each operation as an operand."""
    users: dict[int, list[int]] = {index: [] for index, node in enumerate(nodes) if isinstance(node, ApplyNode)}
    for index in users:
        for operand in users.keys() & set(operands_of(nodes[index])):
            users[operand].append(index)
    return users


def batches(nodes: Sequence[Node], users: dict[int, list[int]]) -> Iterator[tuple[bool, list[int]]]:
    """Yield the registers in an order in which they can be computed, in groups, and others together."""
    missing = Counter(user for each in users.values() for user in each)
    ready: dict[Operation, list[int]] = {}
    others: list[int] = []
    for index in users:
        if not missing[index]:
            ready.setdefault(operation_of(nodes[index]), []).append(index)
    while ready:
        operation = max(ready, key=lambda each: len(ready[each]) if is_elementwise(each) else 0)
        is_group = len(ready[operation]) >= MIN_GROUP and is_elementwise(operation)
        registers = ready.pop(operation if is_group else next(iter(ready)))
        if is_group:
            if others:
                yield False, others
            others = []
            yield True, registers
        else:
            others += registers
        for register in registers:
            for user in users[register]:
                missing[user] -= 1
                if not missing[user]:
                    ready.setdefault(operation_of(nodes[user]), []).append(user)
    if others:
        yield False, others


def operands_of(node: Node) -> tuple[int, ...]:
    """Return the operands of a node."""
    return node.operands if isinstance(node, ApplyNode) else ()


def operation_of(node: Node) -> Operation:
    """Return the operation of a node."""
    assert isinstance(node, ApplyNode)
    return node.operation


@cache
def is_elementwise(operation: Operation) -> bool:
    """Return whether the function of arrays is NumPy's own, from doubles to doubles."""
    is_logic = operation.name in COMPARISONS or operation.name in CONNECTIVES
    return not is_logic and isinstance(operation.array_function(), numpy.ufunc)


def place_of(places: list[int]) -> Place:
    """Return the places of operands: a slice where they follow each other, or are all the same."""
    first, last = places[:1], places[-1:]
    if places == [*range(*first, *(place + 1 for place in last))] or len(set(places)) == 1:
        return slice(*first, *(place + 1 for place in last))
    return numpy.array(places, dtype=numpy.intp)


def part_of(nodes: Sequence[Node], needed: list[int], registers: list[int], kept: list[int]) -> Program:
    """Return the program of some registers with inputs for what they need, and those that are kept as its outputs."""
    numbers = {register: number for number, register in enumerate([*needed, *registers])}
    made = [
        ApplyNode(operation_of(nodes[each]), tuple([numbers[operand] for operand in operands_of(nodes[each])]))
        for each in registers
    ]
    inputs = [InputNode(str(number)) for number in range(len(needed))]
    return Program((*inputs, *made), tuple([numbers[each] for each in kept]))
