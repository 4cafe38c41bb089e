"""The conventions that decide the gradients of a graph, at points where mathematics leaves them open."""

from collections.abc import Iterable, Iterator, Sequence

from mgrad_cli.operations import Operation
from mgrad_cli.operations.operation import Convention
from mgrad_cli.value import Constant, Value


def conventions(nodes: Sequence[Value]) -> list[str]:
    """Return the conventions that decide a gradient, each once.

    `nodes` are in the order of evaluation, after the backward pass.
    """
    found = [
        (node, convention)
        for node in nodes
        if node._operation is not None and node._operation.conventions
        for convention in node._operation.conventions
        if convention.applies(*[operand.data for operand in node._prev])
    ]
    if not found:
        return []
    moving = moving_nodes(nodes)
    return list(dict.fromkeys(edge.where for node, edge in found if decides(node, edge, moving)))


def decides(node: Value, convention: Convention, moving: set[int]) -> bool:
    """Return whether a gradient depends on the convention: it is not zero, and the operands in question can change."""
    if node.grad == 0:
        return False
    if convention.at_boundary:
        return is_at_boundary(node._prev[0], moving)
    decided = node._prev if convention.operand is None else (node._prev[convention.operand],)
    return any(id(operand) in moving for operand in decided)


def is_at_boundary(condition: Value, moving: set[int]) -> bool:
    """Return whether a condition changes at this very point: it jumps here, or is a number that crosses zero."""
    operation = condition._operation
    is_stepped = operation is not None and not any(operation.partials)
    return id(condition) in moving and (is_stepped or condition.data == 0)


def moving_nodes(nodes: Iterable[Value]) -> set[int]:
    """Return the `id`s of the nodes whose value changes with some input, however near to the point."""
    moving: set[int] = set()
    for node in nodes:
        operation = node._operation
        if operation is None:
            is_moving = not isinstance(node, Constant)
        elif not any(id(operand) in moving for operand in node._prev):
            continue
        elif operation.name in SETTLED_BY:
            settling = SETTLED_BY[operation.name]
            is_moving = not any(id(x) not in moving and bool(x.data) is settling for x in node._prev)
        else:
            is_moving = any(id(operand) in moving for operand in passing(node, operation))
        if is_moving:
            moving.add(id(node))
    return moving


SETTLED_BY: dict[str, bool | None] = {"logical_and": False, "logical_or": True, "logical_not": None}
"""The value of one operand that decides a connective, whatever the other is."""


def passing(node: Value, operation: Operation) -> Iterator[Value]:
    """Yield the operands whose changes change the node: all of them at an edge, otherwise those that were selected."""
    numbers = [operand.data for operand in node._prev]
    if any(convention.applies(*numbers) and not convention.at_boundary for convention in operation.conventions):
        yield from node._prev
        return
    numbers.append(node.data)
    for operand, _ in operation.contributions(1.0, node._prev, numbers, numbers, Constant):
        yield operand
    if operation.name == "where":
        yield node._prev[0]
