"""The conventions that the gradients of a graph rest on: the edges that its operands are at, where those decide."""

from collections.abc import Iterable, Iterator, Sequence

from mgrad_cli.operations import Operation
from mgrad_cli.operations.operation import Convention
from mgrad_cli.value import Constant, Value


def conventions(nodes: Sequence[Value]) -> list[str]:
    """The conventions that decide a gradient, each once; of nodes in the order of evaluation, after `backward()`."""
    found = [
        (node, convention)
        for node in nodes
        if node._operation is not None and node._operation.conventions
        for convention in node._operation.conventions
        if convention.applies(*[operand.data for operand in node._prev])
    ]
    if not found:
        return []
    moving = those_that_move(nodes)
    return list(dict.fromkeys(edge.where for node, edge in found if decides(node, edge, moving)))


def decides(node: Value, convention: Convention, moving: set[int]) -> bool:
    """Whether a gradient rests on the convention: something came back to the node, and its operands can change."""
    if node.grad == 0:
        return False
    if convention.at_boundary:
        return is_at_boundary(node._prev[0], moving)
    decided = node._prev if convention.operand is None else (node._prev[convention.operand],)
    return any(id(operand) in moving for operand in decided)


def is_at_boundary(condition: Value, moving: set[int]) -> bool:
    """Whether a condition changes at this very point: it jumps here, or is a number on its way through zero."""
    operation = condition._operation
    is_stepped = operation is not None and not any(operation.partials)
    return id(condition) in moving and (is_stepped or condition.data == 0)


def those_that_move(nodes: Iterable[Value]) -> set[int]:
    """The nodes, by `id`, whose data changes with some input in any neighbourhood of the point, however small."""
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
"""What one operand of a connective has to be for the others not to matter."""


def passing(node: Value, operation: Operation) -> Iterator[Value]:
    """The operands whose changes the node follows: at an edge all of them, where it chooses those that it chose."""
    numbers = [operand.data for operand in node._prev]
    if any(convention.applies(*numbers) and not convention.at_boundary for convention in operation.conventions):
        yield from node._prev
        return
    numbers.append(node.data)
    for operand, _ in operation.contributions(1.0, node._prev, numbers, numbers, Constant):
        yield operand
    if operation.name == "where":
        yield node._prev[0]
