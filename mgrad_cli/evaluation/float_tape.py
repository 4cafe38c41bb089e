"""The value and the gradient of a script on floats alone, for lines by the ten thousand.

A tape holds what the graph of a script always has, so that a point costs the arithmetic and nothing else. Its figures
are those of `Value` to the last bit: the same operations and rules, in the same order.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mgrad_cli.evaluation.graph import input_values
from mgrad_cli.language.lowering import CONSTANTS, Script, run_script
from mgrad_cli.language.steps import Step
from mgrad_cli.operations import Operation
from mgrad_cli.operations.operation import at


class BackwardStep(NamedTuple):
    """The chain rule at one operation: a rule or a number for each operand that receives something.

    node        the index of its result
    operands    the indices of the operands
    receivers   the same, with `None` for those that receive nothing
    a, b        the first two operands, of which the second may be absent
    is_plain    whether there are at most two operands, without masks, and their partials are `partial_a` and
                `partial_b`; `None` where the operand receives nothing
    """

    node: int
    operation: Operation
    operands: tuple[int, ...]
    receivers: tuple[int | None, ...]
    a: int
    b: int
    is_plain: bool
    partial_a: Any
    partial_b: Any


class FloatTape:
    """A script as a function of floats, for values of the same variables.

    inputs      the names of the inputs, in order
    defaults    the value of each input that the script itself declares

    Raises: BindingError for a variable without a value, or a value without a variable.

    >>> from mgrad_cli.language.lowering import read
    >>> tape = FloatTape(read("a*b*(a+b)"), {"a": 2.0, "b": 3.0})
    >>> tape.run([2.0, 3.0])
    (30.0, [21.0, 16.0])
    """

    def __init__(self, script: Script, bindings: Mapping[str, float]) -> None:
        self.defaults = input_values(script, bindings)
        self.inputs = tuple(self.defaults)
        self.constants: list[float] = []
        count = len(self.inputs)
        steps: list[tuple[Operation, list[Any]]] = []

        def index_of(step: Step, operands: list[Any]) -> Any:
            """Return the place of a step: an index of an operation, or the complement of that of a constant."""
            if step.operation is None:
                self.constants.append(CONSTANTS[step.name] if step.number is None else step.number)
                return -len(self.constants)
            steps.append((step.operation, operands))
            return count + len(steps) - 1

        (output,) = run_script(script, {name: index for index, name in enumerate(self.inputs)}, index_of)
        shift = len(self.constants)

        def placed(index: int) -> int:
            return count - 1 - index if index < 0 else index if index < count else index + shift

        self.forward: list[tuple[Any, int, int, tuple[int, ...]]] = []
        active = [True] * count + [False] * shift
        operands_at: list[tuple[int, ...]] = [()] * (count + shift)
        for operation, found in steps:
            operands = tuple(map(placed, found))
            first, second = (*operands, -1)[:2]
            self.forward.append((operation.evaluate, first, second, operands if len(operands) > 2 else ()))
            active.append(any(active[operand] for operand in operands))
            operands_at.append(operands)
        self.output = placed(output)
        self.backward = [
            backward_step(index, steps[index - count - shift][0], operands_at[index], active)
            for index in reversed(active_order(self.output, operands_at, active))
        ]
        self.edges = [(step.operation, step.operands) for step in self.backward if step.operation.conventions]

    def run(self, values: Sequence[float]) -> tuple[float, list[float]]:
        """Return the value and the partial derivative by each input, given their values in order."""
        data = self.data(values)
        return data[self.output], self.gradient(data)

    def data(self, values: Sequence[float]) -> list[float]:
        """Return the data of every node."""
        data = [*values, *self.constants]
        push = data.append
        for evaluate, a, b, operands in self.forward:
            if operands:
                push(evaluate(*[data[operand] for operand in operands]))
            elif b < 0:
                push(evaluate(data[a]))
            else:
                push(evaluate(data[a], data[b]))
        return data

    def gradient(self, data: Sequence[float]) -> list[float]:
        """Return the partial derivatives, given the data of every node."""
        grads: list[Any] = [None] * len(data)
        grads[self.output] = 1.0
        for index, operation, operands, receivers, a, b, is_plain, partial_a, partial_b in self.backward:
            adjoint = grads[index]
            if adjoint is None:
                continue
            if not is_plain:
                numbers = [*[data[operand] for operand in operands], data[index]]
                for operand, contribution in operation.contributions(adjoint, receivers, numbers, numbers, NoneType):  # type: ignore[arg-type]
                    before = grads[operand]
                    grads[operand] = contribution if before is None else before + contribution
                continue
            if partial_a is not None:
                if partial_a.__class__ is float:
                    contribution = adjoint * partial_a
                elif b < 0:
                    contribution = adjoint * at(partial_a, data[a], data[index])
                else:
                    contribution = adjoint * at(partial_a, data[a], data[b], data[index])
                before = grads[a]
                grads[a] = contribution if before is None else before + contribution
            if partial_b is not None:
                partial = partial_b if partial_b.__class__ is float else at(partial_b, data[a], data[b], data[index])
                before = grads[b]
                grads[b] = adjoint * partial if before is None else before + adjoint * partial
        return [0.0 if grad is None else grad for grad in grads[: len(self.inputs)]]

    def is_at_edge(self, data: Sequence[float]) -> bool:
        """Return whether an operation is at a point of one of its conventions, which may decide a gradient."""
        return any(
            convention.applies(*[data[operand] for operand in operands])
            for operation, operands in self.edges
            for convention in operation.conventions
        )


NoneType = type(None)
MAX_PLAIN = 2


def backward_step(index: int, operation: Operation, operands: tuple[int, ...], active: Sequence[bool]) -> BackwardStep:
    """Return the chain rule at an operation. `active` tells which nodes depend on an input."""
    receivers = tuple([operand if active[operand] else None for operand in operands])
    is_plain = operation.is_plain and len(operands) <= MAX_PLAIN
    a, b = (*operands, -1)[:2]
    partial_a = partial_b = None
    if is_plain:
        partial_a, partial_b = (
            *(None if receiver is None else rule for receiver, rule in zip(receivers, operation.partials, strict=True)),
            None,
        )[:2]
    return BackwardStep(index, operation, operands, receivers, a, b, is_plain, partial_a, partial_b)


def active_order(output: int, operands_at: Sequence[tuple[int, ...]], active: Sequence[bool]) -> list[int]:
    """Return the operations that depend on an input, operands first, in the order of `Value.backward`."""
    order: list[int] = []
    seen: set[int] = set()
    stack = [output]
    while stack:
        index = stack.pop()
        if index < 0:
            order.append(~index)
        elif index not in seen and operands_at[index] and active[index]:
            seen.add(index)
            stack.append(~index)
            stack += operands_at[index]
    return order
