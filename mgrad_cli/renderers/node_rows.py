"""The nodes that a table of one expression shows, and their operations in words, whatever the format."""

from collections.abc import Collection, Iterable

from mgrad_cli.evaluation.results import Node, Result
from mgrad_cli.operations.operation import SYMBOLS
from mgrad_cli.renderers import View
from mgrad_cli.text import counted

MAX_NODES = 200
BETWEEN = frozenset(SYMBOLS.values()) - {"not"}


def selected_nodes(result: Result, view: View) -> list[Node | None]:
    """Return the nodes to show, inputs first. `None` stands for those that a long table leaves out."""
    shown = result.nodes or []
    inputs: list[Node | None] = [node for node in shown if is_input(node) and node.label in (result.grads or {})]
    others: list[Node | None] = [node for node in shown if not is_input(node)]
    if view.inputs_only:
        return inputs + [node for node in others if node and node.id == result.output]
    if hidden_count(result, view):
        half = MAX_NODES // 2
        return [*inputs, *others[:half], None, *others[-half:]]
    return inputs + others


def hidden_count(result: Result, view: View) -> int:
    """Return how many nodes a long table leaves out."""
    others = sum(not is_input(node) for node in result.nodes or [])
    return 0 if view.all_nodes or view.inputs_only else max(0, others - MAX_NODES)


def hidden_note(result: Result, view: View) -> str:
    """Return the note that a table shows in place of the nodes that it leaves out."""
    return f"{counted(hidden_count(result, view), 'node')} left out; --all-nodes shows them"


def right_digits(node: Node, result: Result) -> float | None:
    """Return how many digits are right: of the value for the output, of the gradient for an input; else `None`."""
    digits: float | None = None
    if result.accuracy is not None and node.id == result.output:
        digits = result.accuracy.value
    elif result.accuracy is not None and is_input(node):
        digits = result.accuracy.grads.get(node.label)
    return digits


def digits_text(digits: float | None) -> str:
    return "" if digits is None else f"{digits:.1f}"


def is_input(node: Node | None) -> bool:
    return node is not None and node.op == ""


def cited_nodes(rows: Iterable[Node | None], view: View) -> set[int] | None:
    """Return the nodes that operations can refer to, as `operation_of` takes them; `None` for all nodes."""
    return {node.id for node in rows if node is not None} if view.inputs_only else None


def operation_of(node: Node, cited: Collection[int] | None) -> str:
    """Return a node's operation with its operands, such as `#2 * #3`, or without them if one is not in `cited`."""
    numbers = [f"#{operand}" for operand in node.operands]
    if not numbers:
        return "constant" if node.op == "const" else "input"
    if cited is not None and not set(node.operands) <= set(cited):
        return node.op
    if node.op in BETWEEN and len(numbers) == 2:
        return f" {node.op} ".join(numbers)
    if len(numbers) == 1:
        return f"{node.op} {numbers[0]}"
    return f"{node.op}({', '.join(numbers)})"
