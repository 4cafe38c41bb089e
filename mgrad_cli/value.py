"""Reverse-mode differentiation of numbers: a graph of `Value`s, and the chain rule applied backwards through it.

An operation on `Value`s returns a new one that remembers its operands and the table row of the operation. After
`y.backward()`, every node x that y was computed from holds dy/dx in `x.grad`.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from mgrad_cli.operations import BINARY_OPERATORS, Operand, Operation
from mgrad_cli.operations.numberlike import NumberLike
from mgrad_cli.operations.operand import as_float
from mgrad_cli.operations.operation import at

if TYPE_CHECKING:
    from mgrad_cli.operations.methods import Methods  # an Operand that names the functions of the table, for editors
else:
    Methods = Operand

data_of = attrgetter("data")
new = object.__new__


class Value(NumberLike, Methods):
    """A number in a graph: `data`, and after `backward()` in `grad` the derivative of the output with respect to it.

    The operators `+ - * / **` and the functions of the table, as methods (`x.tanh()`), make new Values; plain
    numbers beside them are constants, and anything else is a TypeError. `_prev` holds the operands in order, `_op` the
    operation's symbol.

    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> c = a * b * (a + b)
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (30.0, 21.0, 16.0)
    """

    __slots__ = ("_operation", "_prev", "data", "grad", "label")

    def __init__(self, data: float, label: str = "") -> None:
        self.data: float = data if data.__class__ is float else as_float(data)
        self.grad: Any = 0.0
        self.label = label
        self._prev: tuple[Value, ...] = ()
        self._operation: Operation | None = None

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "Value":
        """Return the node of an operation on operands; plain numbers become constants."""
        nodes = tuple([x if isinstance(x, Value) else Constant(x) for x in operands])
        node = Value(operation.evaluate(*map(data_of, nodes)))
        node._prev = nodes
        node._operation = operation
        return node

    @property
    def _op(self) -> str:
        return "" if self._operation is None else self._operation.symbol or self._operation.name

    def backward(self, create_graph: bool = False) -> None:
        """Set `grad` to d(self)/d(node) on every node that this one was computed from, itself included.

        Gradients start from zero at each call, so a second call gives the same answer. With `create_graph` each
        `grad` is itself a Value, computed by the same rules in a graph of its own, whose `backward()` gives second
        derivatives; keep a reference to it, for that call sets `grad` anew on the nodes that it reaches, and on
        those alone: `zero_grad()` before it clears the others.

        >>> x = Value(3.0)
        >>> (x**3).backward(create_graph=True)
        >>> slope = x.grad
        >>> slope.backward()
        >>> slope.data, x.grad
        (27.0, 18.0)
        """
        order = topological_order(self)
        for node in order:
            node.grad = None  # nothing has come back to it yet, which is not the same as zero
        self.grad = Constant(1.0) if create_graph else 1.0
        for node in reversed(order):
            if node.grad is None:
                node.grad = Constant(0.0) if create_graph else 0.0
            elif node._prev:
                node._backward()

    def _backward(self) -> None:
        """Apply the chain rule at one node: add its gradient times each partial derivative to that operand's."""
        operation, operands, adjoint = self._operation, self._prev, self.grad
        assert operation is not None
        if adjoint.__class__ is float and operation.is_plain_binary:  # nearly every node: the step below, written out
            a, b = operands
            da, db = operation.partials
            if a.__class__ is not Constant:
                partial = da if da.__class__ is float else at(da, a.data, b.data, self.data)
                a.grad = adjoint * partial if a.grad is None else a.grad + adjoint * partial
            if b.__class__ is not Constant:
                partial = db if db.__class__ is float else at(db, a.data, b.data, self.data)
                b.grad = adjoint * partial if b.grad is None else b.grad + adjoint * partial
            return
        numbers = (*map(data_of, operands), self.data)
        arguments = numbers if adjoint.__class__ is float else (*operands, self)
        for operand, contribution in operation.contributions(adjoint, operands, arguments, numbers, Constant):
            operand.grad = contribution if operand.grad is None else operand.grad + contribution

    def zero_grad(self) -> None:
        """Set `grad` to zero on every node that this one was computed from, itself included.

        >>> x = Value(3.0)
        >>> y = x * x
        >>> y.backward()
        >>> y.zero_grad()
        >>> x.grad
        0.0
        """
        for node in topological_order(self):
            node.grad = 0.0

    def __repr__(self) -> str:
        name = f", label={self.label!r}" if self.label else ""
        return f"{type(self).__name__}(data={self.data}, grad={self.grad}{name})"


class Constant(Value):
    """A plain number in an expression: a node that receives no gradient."""

    __slots__ = ()


def topological_order(output: Value) -> list[Value]:
    """Return every node that the output was computed from, operands before results, the output last."""
    order: list[Value] = []
    seen: set[Value] = set()
    unfinished: list[Value] = []
    stack: list[Value | None] = [output]
    pop, push, finish, see = stack.pop, stack.append, order.append, seen.add
    while stack:
        node = pop()
        if node is None:
            finish(unfinished.pop())
        elif node not in seen:
            see(node)
            if node._prev:
                unfinished.append(node)
                push(None)  # when it comes up again, all operands of the node are in order
                stack += node._prev
            else:
                finish(node)
    return order


def binary_operator(operation: Operation) -> Callable[[Value, Any], Any]:
    """Return the method of an operator: `Value.apply` for two operands, written out since most nodes have two."""
    evaluate = operation.evaluate

    def operator(self: Value, other: Any) -> Any:
        if other.__class__ is not Value and not isinstance(other, Value):
            if other.__class__ is not float and getattr(other, "ndim", False):
                return NotImplemented  # an array's own operator takes its elements one by one
            other = Constant(other)
        node: Value = new(Value)
        node.data = evaluate(self.data, other.data)
        node.grad = 0.0
        node.label = ""
        node._prev = (self, other)
        node._operation = operation
        return node

    return operator


for dunder, row in BINARY_OPERATORS.items():
    setattr(Value, dunder, binary_operator(row))


if __name__ == "__main__":
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c, d = a * b, a + b
    e = c * d
    e.backward()
    print(f"a: {a.grad}, b: {b.grad}, c: {c.grad}, d: {d.grad}, e: {e.grad}")  # noqa: T201
