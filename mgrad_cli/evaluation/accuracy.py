"""Estimate how many digits of a value and its gradients are right, from the rounding of every node.

To first order, the error of a figure is at most a sum over the nodes that it was computed from: |derivative of the
figure with respect to the node| times the rounding of the node. For a gradient, these include the backward pass.
"""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mgrad_cli.evaluation.graph import Graph
from mgrad_cli.evaluation.overflow import LARGEST, VANISHING, exponent, magnitude
from mgrad_cli.operations.ieee import log2
from mgrad_cli.operations.operation import Operation, Rule
from mgrad_cli.operations.rounding import (
    SMALLEST,
    SUBNORMAL,
    UNIT,
    curvature,
    infinite_error,
    right_digits,
    rounding_rule,
    swing,
)
from mgrad_cli.value import Constant, Value, topological_order

if TYPE_CHECKING:
    from mgrad_cli.evaluation.losses import Loss

INFINITY = float("inf")
WARNED_DIGITS = 8
"""Figures with fewer right digits are warned of."""
MAX_EFFORT = 50_000
"""The most nodes times figures for which digits are estimated unasked, in less time than the text is read."""


class Accuracy(NamedTuple):
    """The number of right decimal digits, from 0 to 16, of a value and of its gradient by each input."""

    value: float
    grads: dict[Value, float]


def accuracy(output: Value) -> Accuracy:
    """Estimate how many digits of a value and of its gradients are right.

    The inputs are taken as exact, and so are plain numbers among the operands. `grad` of every node stays as it is.

    >>> x = Value(1e-5, "x")
    >>> found = accuracy(1 - x.cos())
    >>> found.value, found.grads[x]
    (5.0, 15.3)
    """
    inputs = [node for node in topological_order(output) if not node._prev and not isinstance(node, Constant)]
    trace = Trace(output, inputs)
    value, *grads = trace.digits()
    return Accuracy(value, dict(zip(inputs, grads, strict=True)))


class Trace:
    """A value and its gradients as one computation: a list of nodes, operands first, equal ones once.

    nodes       of each entry the first Value that computed it
    errors      a bound of the rounding of each
    margins     a bound of its whole error, the errors of its operands added up
    operands    of each entry the entries that it depends on, with the derivatives with respect to them
    figures     the entries of the value and of the gradients
    exponents   of entries that overflowed the binary logarithm of what they should be; nan of those that became nan
    flat        of entries with an error of second order, the operand that it is from, whose derivative is zero
    doubts      the entries of selections, and kinks, that may be on the wrong side, which only the gradients depend on
    """

    def __init__(self, output: Value, inputs: Sequence[Value]) -> None:
        order = topological_order(output)
        grads = [node.grad for node in order]
        output.backward(create_graph=True)
        self.adjoints = {node: node.grad for node in order}
        figures = [output, *(self.adjoints.get(node, Constant(0.0)) for node in inputs)]
        for node, grad in zip(order, grads, strict=True):
            node.grad = grad
        self.nodes: list[Value] = []
        self.errors: list[float] = []
        self.margins: list[float] = []
        self.operands: list[list[tuple[int, float]]] = []
        self.doubts: list[int] = []
        self.indices: dict[Value, int] = {}
        self.rules: dict[Operation, Rule | None] = {}
        self.exponents: dict[int, float] = {}
        self.flat: dict[int, int] = {}
        self.add(every_node(figures))
        self.figures = [self.indices[figure] for figure in figures]

    def add(self, nodes: Iterable[Value]) -> None:
        """Append the nodes, in order; one that another equals is that one."""
        indices = self.indices
        known: dict[object, int] = {}
        for node in nodes:
            operation = node._operation
            key: object = node
            if operation is not None:
                key = (operation, *[indices[operand] for operand in node._prev])
            elif node.__class__ is Constant:
                key = (node.data.hex(), node.label)
            index = indices[node] = known.setdefault(key, len(self.nodes))
            if index < len(self.nodes):
                continue
            self.nodes.append(node)
            if operation is not None:
                self.add_operation(node, operation)
                continue
            is_rounded = node.__class__ is Constant and node.label  # pi, as the nearest double
            self.errors.append(UNIT * abs(node.data) if is_rounded and abs(node.data) < INFINITY else 0.0)
            self.margins.append(self.errors[-1])
            self.operands.append([])

    def add_operation(self, node: Value, operation: Operation) -> None:
        """Append what there is to say of the last node: its rounding, its operands and their errors."""
        if operation not in self.rules:
            self.rules[operation] = rounding_rule(operation)
        rule = self.rules[operation]
        operands = [self.indices[operand] for operand in node._prev]
        numbers = [operand.data for operand in node._prev]
        margins = [self.margins[operand] for operand in operands]
        y = node.data
        error = 0.0
        if abs(y) == INFINITY:
            error = infinite_error(numbers, [self.errors[at] for at in operands])
            if error:
                self.exponents[len(self.errors)] = exponent(operation, numbers, self.logarithms(operands, numbers))
                if rule is None and any(at in self.exponents and not self.is_beyond(at) for at in operands):
                    self.doubts.append(len(self.errors))
        elif rule is not None and operation.name in VANISHING and INFINITY in map(abs, numbers):
            if any(at in self.exponents for at in operands) and (numbers[0] or margins[0]):
                error = max(SMALLEST, magnitude(operation, numbers, self.logarithms(operands, numbers)))
        elif rule is not None:
            error = rule(*numbers, y)
        elif node in self.adjoints and any(margins):
            margins = [0.0 if self.is_beyond(at) else self.margins[at] for at in operands]
            error, is_doubtful = swing(operation, numbers, margins, y)
            if any(number != number and at in self.exponents for at, number in zip(operands, numbers, strict=True)):
                error, is_doubtful = 1.0, True
            if is_doubtful:
                self.doubts.append(len(self.errors))
        if y != y and any(at in self.exponents for at in operands):
            self.exponents[len(self.errors)] = math.nan
        edges = [(self.indices[operand], slope) for operand, slope in slopes(node, operation)]
        if operation.name == "divide" and y and margins[1] and abs(edges[-1][1]) < SUBNORMAL:
            error += abs(y) * (margins[1] / abs(numbers[1]))  # which the slope, as it underflows, does not tell
        edges = [edge for edge in edges if edge[1]]
        if rule is not None and len(edges) < len(operands) and any(margins) and abs(y) < INFINITY:
            felt = {at for at, _ in edges}
            margins = [0.0 if at in felt else self.margins[at] for at in operands]
            if (curved := curvature(operation, numbers, margins, y)) > error:
                self.flat[len(self.errors)] = operands[margins.index(max(margins))]
            error += curved
        self.errors.append(error)
        self.operands.append(edges)
        self.margins.append(error + sum([abs(slope) * self.margins[at] for at, slope in edges if self.margins[at]]))

    def is_beyond(self, index: int) -> bool:
        """Return whether an entry overflowed to a number that is certainly beyond all doubles."""
        return self.exponents.get(index, 0.0) > LARGEST + 1

    def logarithms(self, operands: Sequence[int], numbers: Sequence[float]) -> list[float]:
        """Return the binary logarithms of the magnitudes of entries; of those that overflowed, as they should be."""
        return [self.exponents.get(at, log2(abs(number))) for at, number in zip(operands, numbers, strict=True)]

    def adjoints_of(self, figure: int) -> list[float]:
        """Return the derivatives of an entry with respect to it and the entries before it."""
        adjoints = [0.0] * figure
        adjoints.append(1.0)
        operands = self.operands
        for index in range(figure, -1, -1):
            adjoint = adjoints[index]
            if adjoint:
                for operand, slope in operands[index]:
                    adjoints[operand] += adjoint * slope
        return adjoints

    def error_of(self, figure: int) -> float:
        """Return a first-order bound on the error of an entry."""
        pairs = zip(self.adjoints_of(figure), self.errors)  # noqa: B905
        return sum([abs(adjoint) * error for adjoint, error in pairs if adjoint and error])

    def decisive_doubts(self) -> list[int]:
        """Return the doubts that the value depends on."""
        if not self.doubts:
            return []
        value = self.figures[0]
        adjoints = self.adjoints_of(value)
        return [index for index in self.doubts if index <= value and adjoints[index]]

    def bounds(self) -> list[float]:
        """Bounds of the errors of the value, then of each gradient."""
        value, *grads = self.figures
        if self.decisive_doubts():
            return [self.error_of(value), *[INFINITY] * len(grads)]
        return [self.error_of(figure) for figure in self.figures]

    def digits(self) -> list[float]:
        """Return the number of correct digits of the value, then of each gradient."""
        data = [self.nodes[figure].data for figure in self.figures]
        return [float(right_digits(figure, error)) for figure, error in zip(data, self.bounds(), strict=True)]


def estimated(graph: Graph, names: Sequence[str]) -> "tuple[list[float], list[Loss]]":
    """Return the right digits of a graph's value and of its gradients by these inputs, and the losses."""
    trace = Trace(graph.output, [graph.inputs[name] for name in names])
    digits = trace.digits()
    if min(digits) >= WARNED_DIGITS:
        return digits, []
    from mgrad_cli.evaluation.losses import losses

    return digits, losses(graph, trace, names, digits)


def is_quick(graph: Graph, figures: int) -> bool:
    """Return whether the digits of so many figures are estimated without a noticeable delay."""
    return len(graph.nodes) * figures <= MAX_EFFORT


def every_node(figures: Sequence[Value]) -> list[Value]:
    """Return the nodes that some Values were computed from, operands first."""
    root = Value(0.0)
    root._prev = tuple(figures)
    return topological_order(root)[:-1]


def slopes(node: Value, operation: Operation) -> list[tuple[Value, float]]:
    """Return the inexact operands of a node, with the derivatives with respect to them."""
    prev = node._prev
    numbers = (*[operand.data for operand in prev], node.data)
    if not any(operand.__class__ is Constant and operand.label for operand in prev):
        return operation.contributions(1.0, prev, numbers, numbers, Constant)
    found = operation.contributions(1.0, prev, numbers, numbers, object)
    return [(operand, slope) for operand, slope in found if operand.__class__ is not Constant or operand.label]
