"""A program at one point that has many operations of a kind: one NumPy call for each group or chain of them.

Others run on floats in between.
"""

import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias, cast

import numpy

from mgrad_cli.kernels.costs import CHANGE_SECONDS, GROUP_SECONDS, POINT_CALL_SECONDS, point_seconds
from mgrad_cli.kernels.groups import batches, is_elementwise, operands_of, operation_of, users_of
from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Node, Program
from mgrad_cli.program.floats import FloatProgram

Place: TypeAlias = Any
"""The places of some values among all: a slice, an array of integers, or an integer if all are the same."""


class NumpyCall(NamedTuple):
    """A NumPy function that fills its last argument, and the places of its arguments."""

    function: Callable[..., Any]
    arguments: tuple[Place, ...]


class BoundCall(NamedTuple):
    """A function, the arrays that it reads and writes, and the places of values to gather before in another array."""

    function: Callable[..., Any]
    arguments: list[Any]
    places: Any
    gathered: Any


class RegisterLayout:
    """The places of registers among all values, which are added one after the other."""

    def __init__(self, registers: Sequence[int]) -> None:
        self.places: dict[int, int] = {}
        self.count = 0
        self.add(registers)

    def add(self, registers: Sequence[int], unnamed: int = 0) -> slice:
        """Return new places: some for values that are no registers, and then those of registers."""
        start = self.count
        self.places.update(zip(registers, range(start + unnamed, start + unnamed + len(registers)), strict=True))
        self.count += unnamed + len(registers)
        return slice(start, self.count)

    def of(self, registers: Sequence[int]) -> Place:
        """Return the places of registers: a slice where they follow each other in steps."""
        places = [self.places[register] for register in registers]
        step = places[1] - places[0] if len(places) > 1 else 1
        stop = places[0] + step * len(places)
        if step > 0 and places == [*range(places[0], stop, step)]:
            return slice(places[0], stop, step)
        return numpy.array(places, dtype=numpy.intp)


class GroupedProgram:
    """A program of primitives as a function of one point. `function_of` gives the function of floats of an operation.

    `seconds` is the estimated time of a call.
    """

    def __init__(self, program: Program, function_of: Callable[[Operation], Callable[..., float]]) -> None:
        nodes = program.nodes
        self.inputs = len(program.inputs)
        self.constants = [node.number for node in nodes if isinstance(node, ConstantNode)]
        given = [i for kind in (InputNode, ConstantNode) for i, node in enumerate(nodes) if isinstance(node, kind)]
        layout = RegisterLayout(given)
        users, outputs = users_of(nodes), set(program.outputs)
        self.seconds = POINT_CALL_SECONDS
        self.calls: list[NumpyCall] = []
        for kind, registers in batches(nodes, users):
            operations = [operation_of(nodes[each]) for each in registers]
            on_floats = CHANGE_SECONDS + point_seconds(operations)
            if kind == "chain":
                self.calls.append(chain_call(nodes, registers, layout))
                self.seconds += GROUP_SECONDS
            elif kind == "group":
                self.calls.append(group_call(nodes, registers, layout))
                self.seconds += GROUP_SECONDS
            elif len(registers) * GROUP_SECONDS < on_floats and all(map(is_elementwise, operations)):
                self.calls += [group_call(nodes, [each], layout) for each in registers]
                self.seconds += len(registers) * GROUP_SECONDS
            else:
                own = set(registers)
                kept = [each for each in registers if each in outputs or not own.issuperset(users[each])]
                self.calls.append(others_call(nodes, registers, kept, layout, function_of))
                self.seconds += on_floats
        self.count = layout.count
        self.outputs = numpy.array([layout.places[output] for output in program.outputs], dtype=numpy.intp)
        self.local = threading.local()
        self.bound()  # a search in this thread begins at once

    def __call__(self, values: Any) -> Any:
        """Return the outputs, a new array, for the values of the inputs. Thread-safe. NumPy may warn."""
        values_of_all, calls = self.bound()
        values_of_all[: self.inputs] = values
        for function, arguments, places, gathered in calls:
            if places is not None:
                values_of_all.take(places, None, gathered, "clip")
            function(*arguments)
        return values_of_all[self.outputs]

    def bound(self) -> tuple[Any, list[BoundCall]]:
        """Return this thread's values of all registers, and the calls bound to them."""
        try:
            found: tuple[Any, list[BoundCall]] = self.local.bound
        except AttributeError:
            values = numpy.empty(self.count)
            values[self.inputs : self.inputs + len(self.constants)] = self.constants
            found = self.local.bound = (values, [bound_call(call, values) for call in self.calls])
        return found


def bound_call(call: NumpyCall, values: Any) -> BoundCall:
    """Bind a call to the values of all registers: its arguments are views of them, or parts of what is gathered."""
    scattered = [place for place in call.arguments if isinstance(place, numpy.ndarray)]
    places = numpy.concatenate(scattered) if scattered else None
    gathered = numpy.empty(sum(map(len, scattered)))
    parts = iter(numpy.split(gathered, numpy.cumsum([*map(len, scattered)])))
    arguments = [next(parts) if isinstance(place, numpy.ndarray) else values[place, ...] for place in call.arguments]
    return BoundCall(call.function, arguments, places, gathered)


def group_call(nodes: Sequence[Node], registers: Sequence[int], layout: RegisterLayout) -> NumpyCall:
    """Return the call of operations of one kind."""
    columns = zip(*[operands_of(nodes[register]) for register in registers], strict=True)
    operands = [layout.places[column[0]] if len(set(column)) == 1 else layout.of(column) for column in columns]
    return NumpyCall(operation_of(nodes[registers[0]]).array_function(), (*operands, layout.add(registers)))


def chain_call(nodes: Sequence[Node], registers: Sequence[int], layout: RegisterLayout) -> NumpyCall:
    """Return the call of a chain: from its first operand and the other one of each operation, all results."""
    first, *terms = operands_of(nodes[registers[0]])
    for before, register in pairwise(registers):
        terms += [operand for operand in operands_of(nodes[register]) if operand != before]
    accumulate = cast("numpy.ufunc", operation_of(nodes[registers[0]]).array_function()).accumulate
    return NumpyCall(
        lambda operands, results: accumulate(operands, 0, None, results),
        (layout.of([first, *terms]), layout.add(registers, unnamed=1)),
    )


def others_call(
    nodes: Sequence[Node],
    registers: Sequence[int],
    kept: Sequence[int],
    layout: RegisterLayout,
    function_of: Callable[[Operation], Callable[..., float]],
) -> NumpyCall:
    """Return the call of operations on floats. Those that are kept are outputs, or operands of other calls."""
    own = set(registers)
    needed = [*dict.fromkeys([o for each in registers for o in operands_of(nodes[each]) if o not in own])]
    numbers = {register: number for number, register in enumerate([*needed, *registers])}
    made = [
        ApplyNode(operation_of(nodes[each]), tuple([numbers[operand] for operand in operands_of(nodes[each])]))
        for each in registers
    ]
    inputs = [InputNode(str(number)) for number in range(len(needed))]
    run = FloatProgram(Program((*inputs, *made), tuple([numbers[each] for each in kept])), function_of)

    def call(operands: Any, results: Any) -> None:
        results[:] = run(operands.tolist())

    return NumpyCall(call, (layout.of(needed), layout.add(kept)))
