"""The value and the gradient of a script on floats alone, for lines by the ten thousand.

A tape is the graph of a script without its objects, so that a point costs the arithmetic and little else. Its figures
are those of `Value` to the last bit: the same operations and rules, in the same order.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from mgrad_cli.evaluation.float_rules import COMMON_NUMBERS, FloatRules
from mgrad_cli.evaluation.graph import input_values
from mgrad_cli.language.lowering import CONSTANTS, Script, run_script
from mgrad_cli.operations import Operation
from mgrad_cli.operations.operation import Convention, at
from mgrad_cli.script import Step

TapeStep: TypeAlias = tuple[int, Operation, int, int, tuple[int, ...]]
"""An operation: the register of its result, its row, the registers of its first and second operand, and of all.

Without a second operand its register is -1. With more than two, both are, and with at most two the last is empty.
"""
Point: TypeAlias = Sequence[float]
"""The values of the inputs, the value of the output there, and its partial derivative by each input."""


class FloatTape:
    """A script as a function of floats, for values of the same variables.

    defaults    the values of the inputs for which it was made, by name, in order
    registers   the numbers that every point has, at their places
    live        whether a register depends on an input
    steps       the operations, in the order of evaluation
    backward    those that depend on an input, in the order of `Value.backward`
    edges       the conventions that may decide a gradient, each with the registers of its operands

    Raises: BindingError for a variable without a value, or a value without a variable.

    >>> from mgrad_cli.language.lowering import read
    >>> tape = FloatTape(read("a*b*(a+b)"), {"a": 2.0, "b": 3.0})
    >>> tape.at([2.0, 3.0])
    [2.0, 3.0, 30.0, 21.0, 16.0]
    """

    __slots__ = ("backward", "defaults", "edges", "live", "output", "registers", "steps")

    def __init__(self, script: Script, bindings: Mapping[str, float]) -> None:
        self.defaults = input_values(script, bindings)
        self.registers = registers = list(self.defaults.values())
        self.live = live = [True] * len(registers)
        self.steps: list[TapeStep] = []
        add = self.steps.append

        def place(step: Step, operands: list[int]) -> int:
            """Return the register of a step."""
            index = len(registers)
            operation = step[0]
            if operation is None:
                registers.append(CONSTANTS[step.name] if step.number is None else step.number)
                live.append(False)
                return index
            registers.append(0.0)
            if len(operands) == 2:
                a, b = operands
                live.append(live[a] or live[b])
                add((index, operation, a, b, ()))
            elif len(operands) == 1:
                (a,) = operands
                live.append(live[a])
                add((index, operation, a, -1, ()))
            else:
                live.append(any(live[operand] for operand in operands))
                add((index, operation, -1, -1, tuple(operands)))
            return index

        (self.output,) = run_script(script, {name: index for index, name in enumerate(self.defaults)}, place)
        self.backward = backward_order(self)
        self.edges = [edge for step in self.backward if step[1].conventions for edge in edges_of(step, live)]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in order."""
        return tuple(self.defaults)

    def at(self, values: Sequence[float]) -> Point | None:
        """Return the figures for values of the inputs, in order; `None` where a convention may decide a gradient."""
        data = self.data(values)
        for convention, operands in self.edges:
            if convention.applies(*[data[operand] for operand in operands]):
                return None
        return [*values, data[self.output], *self.gradient(data)]

    def points(self, rows: Sequence[Sequence[float]]) -> Sequence[Point | None]:
        """Return what `at` does for each row of values."""
        return [*map(self.at, rows)]

    def data(self, values: Sequence[float]) -> list[float]:
        """Return the data of every register."""
        data = self.registers.copy()
        data[: len(values)] = values
        for index, operation, a, b, operands in self.steps:
            if b >= 0:
                data[index] = operation.evaluate(data[a], data[b])
            elif a >= 0:
                data[index] = operation.evaluate(data[a])
            else:
                data[index] = operation.evaluate(*[data[operand] for operand in operands])
        return data

    def gradient(self, data: Sequence[float]) -> list[float]:
        """Return the partial derivatives, given the data of every register."""
        live = self.live
        grads: list[Any] = [None] * len(data)
        grads[self.output] = 1.0
        for step in self.backward:
            index, operation, a, b, operands = step
            adjoint = grads[index]
            if adjoint is None:
                continue
            if operation.is_plain_binary:
                da, db = operation.partials
                if live[a]:
                    partial = da if da.__class__ is float else at(da, data[a], data[b], data[index])
                    before = grads[a]
                    grads[a] = adjoint * partial if before is None else before + adjoint * partial
                if live[b]:
                    partial = db if db.__class__ is float else at(db, data[a], data[b], data[index])
                    before = grads[b]
                    grads[b] = adjoint * partial if before is None else before + adjoint * partial
            elif operation.is_plain and b < 0 <= a:
                (da,) = operation.partials
                partial = da if da.__class__ is float else at(da, data[a], data[index])
                before = grads[a]
                grads[a] = adjoint * partial if before is None else before + adjoint * partial
            else:
                operands = operands_of(step)
                numbers = [data[operand] for operand in operands]
                known = [live[each] or (data[each] in COMMON_NUMBERS and data[each]) for each in operands]
                numbers.append(data[index])
                for position, contribution in rules_for(operation, tuple(known)).contributions(adjoint, numbers):
                    operand = operands[position]
                    before = grads[operand]
                    grads[operand] = contribution if before is None else before + contribution
        return [0.0 if grad is None else grad for grad in grads[: len(self.defaults)]]


rules_for = lru_cache(maxsize=512)(FloatRules)


def operands_of(step: TapeStep) -> tuple[int, ...]:
    """Return the registers of all operands of a step."""
    _, _, a, b, operands = step
    return operands or ((a,) if b < 0 else (a, b))


def edges_of(step: TapeStep, live: Sequence[bool]) -> Iterator[tuple[Convention, tuple[int, ...]]]:
    """Yield the conventions of an operation that may decide a gradient, with the operands that they depend on."""
    operands = operands_of(step)
    for convention in step[1].conventions:
        decided = 0 if convention.at_boundary else convention.operand
        if decided is None or live[operands[decided]]:
            yield convention, operands


def backward_order(tape: FloatTape) -> list[TapeStep]:
    """Return the operations that depend on an input, results before operands, in the order of `Value.backward`."""
    live = tape.live
    steps: list[Any] = [None] * len(live)
    for step in tape.steps:
        if live[step[0]]:
            steps[step[0]] = step
    order: list[TapeStep] = []
    stack: list[Any] = [tape.output]
    while stack:
        index = stack.pop()
        if index.__class__ is tuple:  # all operands of this step are in order
            order.append(index)
            continue
        step = steps[index]
        if step is None:  # an input, a constant, or a step that was seen
            continue
        steps[index] = None
        stack.append(step)
        _, _, a, b, operands = step
        if b >= 0:
            stack += (a, b)
        elif a >= 0:
            stack.append(a)
        else:
            stack += operands
    order.reverse()
    return order
