"""One expression as a table: each node with its value and gradient, inputs first, the output last and marked."""

from collections.abc import Collection, Iterable, Iterator

from rich.cells import cell_len
from rich.text import Text

from mgrad_cli.errors import LimitError
from mgrad_cli.evaluation.results import Node, Result
from mgrad_cli.operations.operation import SYMBOLS
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, drawn, figure, framed, is_unicode, widest
from mgrad_cli.text import printable

MAX_NODES = 200
MAX_ROWS = 25_000
"""The most rows that are drawn; each takes a third of a millisecond."""
NODE_FRAME = 16
"""The columns of the table's borders and padding."""
MIN_NODE = 4
MAX_OPERATION = 12
BRIEF = 28
"""If fewer columns are left beside the numbers, everything else is kept short."""
BETWEEN = frozenset(SYMBOLS.values()) - {"not"}


def nodes(results: Iterable[Result], view: View) -> Iterator[str]:
    """Yield a table of every node with its value and gradient.

    Raises: LimitError if there are too many.
    """
    for result in results:
        rows = listed(result, view)
        if len(rows) > MAX_ROWS:
            raise LimitError(
                f"{len(rows):,} nodes are too many for a table (the maximum is {MAX_ROWS:,}); use --format csv"
            )
        shown = [node for node in rows if node is not None]
        numbers = max(len(str(node.id)) for node in shown)
        data = max(4, widest(node.data for node in shown))
        grad = max(4, widest(node.grad for node in shown))
        free = view.page.width - NODE_FRAME - numbers - data - grad
        mark = output_mark(view.page, brief=free < BRIEF)
        cited = {node.id for node in shown} if view.inputs_only else None
        labels = max(len("node"), *(cell_len(label_of(node, mark, result)) for node in shown))
        operations = max(len("operation"), *(cell_len(operation_of(node, cited)) for node in shown))
        operations = min(operations, max(MAX_OPERATION if free >= BRIEF else len("operation"), free - labels))
        width = min(labels, max(MIN_NODE, free - operations))
        table = framed(view.title)
        table.add_column("#", justify="right", style=QUIET, width=numbers)
        table.add_column("node", no_wrap=True, width=width)
        table.add_column("operation", no_wrap=True, overflow="ellipsis", style=QUIET, width=operations)
        table.add_column("data", justify="right", width=data)
        table.add_column("grad", justify="right", width=grad)
        for index, node in enumerate(rows):
            if node is None:
                table.add_row("⋮", f"{left_out(result, view)} nodes left out; --all-nodes shows them", style=QUIET)
                continue
            label = Text(printable(node.label), "bold" if node.id == result.output else "")
            suffix = mark if node.id == result.output else ""
            label.truncate(width - cell_len(suffix), overflow="ellipsis")
            label.append(suffix, "bold magenta")
            table.add_row(
                str(node.id), label, operation_of(node, cited), figure(node.data, DATA), figure(node.grad, GRAD),
                end_section=is_input(node) and index + 1 < len(rows) and not is_input(rows[index + 1]),
            )  # fmt: skip
        notes = [Text(f"by convention: {where}", QUIET) for where in result.conventions]
        total = NODE_FRAME + numbers + width + operations + data + grad
        yield drawn(view.page, table, *notes, least_width=total)
        if result.sides is not None:
            from mgrad_cli.renderers.tables.sides import sides

            yield sides(result.sides, result.vars, view.page)


def listed(result: Result, view: View) -> list[Node | None]:
    """Return the nodes to show; `None` stands for those that a long table leaves out."""
    shown = result.nodes or []
    inputs: list[Node | None] = [node for node in shown if is_input(node) and node.label in (result.grads or {})]
    others: list[Node | None] = [node for node in shown if not is_input(node)]
    if view.inputs_only:
        return inputs + [node for node in others if node and node.id == result.output]
    if left_out(result, view):
        half = MAX_NODES // 2
        return [*inputs, *others[:half], None, *others[-half:]]
    return inputs + others


def left_out(result: Result, view: View) -> int:
    """Return how many nodes a long table leaves out."""
    others = sum(not is_input(node) for node in result.nodes or [])
    return 0 if view.all_nodes or view.inputs_only else max(0, others - MAX_NODES)


def is_input(node: Node | None) -> bool:
    return node is not None and node.op == ""


def output_mark(page: Page, brief: bool) -> str:
    """Return the mark behind the output's label."""
    arrow = "◀" if is_unicode(page) else "<"
    return f" {arrow}" if brief else f" {arrow} output"


def label_of(node: Node, mark: str, result: Result) -> str:
    return printable(node.label) + (mark if node.id == result.output else "")


def operation_of(node: Node, cited: Collection[int] | None) -> str:
    """Return the operation of a node, as `#2 * #3` or `tanh #5`; its name alone if an operand cannot be cited."""
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
