"""One expression as a table: each node with its value and gradient, inputs first, the output last and marked."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from mgrad_cli.errors import LimitError
from mgrad_cli.evaluation.results import Node, Result
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.node_rows import (
    cited_nodes,
    digits_text,
    hidden_note,
    is_input,
    operation_of,
    right_digits,
    selected_nodes,
)
from mgrad_cli.renderers.tables.grid import (
    BORDER,
    DATA,
    GRAD,
    QUIET,
    Grid,
    GridColumn,
    GridRow,
    figure_piece,
    is_unicode,
    widest,
)
from mgrad_cli.text import columns, printable, truncate

MAX_ROWS = 25_000
"""The most rows that are drawn; each takes a third of a millisecond."""
NODE_FRAME = 16
"""The width of the table's borders and padding."""
DIGITS_WIDTH = 9
"""The width of the column of right digits, with its border."""
MIN_NODE = 4
MAX_OPERATION = 12
BRIEF = 28
"""If fewer columns are left beside the numbers, everything else is kept short."""


def nodes(results: Iterable[Result], view: View) -> Iterator[str]:
    """Yield a table of every node with its value and gradient; of several outputs, the table of the Jacobian.

    Raises: LimitError if there are too many.
    """
    for result in results:
        if result.outputs:
            from mgrad_cli.renderers.tables.jacobian import outputs

            yield from outputs(result, view)
            yield from second_order(result, view)
            continue
        yield shown_grid(node_grid(result, view), view.page)
        if result.sides is not None:
            from mgrad_cli.renderers.tables.sides import sides

            yield sides(result.sides, result.vars, view.page)
        yield from second_order(result, view)


class NodeColumns(NamedTuple):
    """How the columns of a table of nodes share the page: the width of each, 0 for operations that do not fit.

    mark        what stands behind the label of the output
    cited       the nodes that operations can refer to
    """

    mark: str
    cited: Collection[int] | None
    numbers: int
    labels: int
    operations: int
    data: int
    grad: int

    @classmethod
    def of(cls, rows: Sequence[Node | None], result: Result, view: View) -> "NodeColumns":
        """Return the columns of some nodes. Numbers are never cut; labels and operations share what they leave."""
        shown = [node for node in rows if node is not None]
        numbers = max(len(str(node.id)) for node in shown)
        data = max(4, widest((node.data for node in shown), view.page.digits))
        grad = max(4, widest((node.grad for node in shown), view.page.digits))
        digits = DIGITS_WIDTH if result.accuracy is not None else 0
        free = view.page.width - NODE_FRAME - numbers - data - grad - digits
        has_operations = free >= MIN_NODE + len("operation")
        free += 0 if has_operations else BORDER
        mark = output_mark(view.page, brief=free < BRIEF)
        cited = cited_nodes(rows, view)
        labels = max(len("node"), *(columns(label_of(node, mark, result)) for node in shown))
        operations = 0
        if has_operations:
            widest_operation = max(len("operation"), *(columns(operation_of(node, cited)) for node in shown))
            least = MAX_OPERATION if free >= BRIEF else len("operation")
            operations = min(widest_operation, max(least, free - labels))
        return cls(mark, cited, numbers, min(labels, max(MIN_NODE, free - operations)), operations, data, grad)

    def headings(self, has_digits: bool) -> list[GridColumn]:
        """Return the columns with their headings."""
        return [
            GridColumn("#", self.numbers, QUIET, is_right=True),
            GridColumn("node", self.labels),
            *([GridColumn("operation", self.operations, QUIET)] if self.operations else []),
            GridColumn("data", self.data, is_right=True),
            GridColumn("grad", self.grad, is_right=True),
            *([GridColumn("digits", len("digits"), QUIET, is_right=True)] if has_digits else []),
        ]

    def cells(self, node: Node, result: Result, view: View) -> list[list[tuple[str, str]]]:
        """Return the cells of a node, each as pieces of text with their styles."""
        suffix = self.mark if node.id == result.output else ""
        label = truncate(printable(node.label), self.labels - columns(suffix), columns)
        return [
            [(str(node.id), "")],
            [(label, "bold" if suffix else ""), (suffix, "bold magenta")],
            *([[(operation_of(node, self.cited), "")]] if self.operations else []),
            [figure_piece(node.data, DATA, view.page.digits)],
            [figure_piece(node.grad, GRAD, view.page.digits)],
            *([] if result.accuracy is None else [[(digits_text(right_digits(node, result)), "")]]),
        ]


def node_grid(result: Result, view: View) -> Grid:
    """Return the table of the nodes of one output. Raises: LimitError if there are too many."""
    rows = selected_nodes(result, view)
    if len(rows) > MAX_ROWS:
        raise LimitError(
            f"{len(rows):,} nodes are too many for a table (the maximum is {MAX_ROWS:,}); use --format csv"
        )
    layout = NodeColumns.of(rows, result, view)
    lines = []
    for index, node in enumerate(rows):
        if node is None:
            lines.append(GridRow([[("⋮", "")]], QUIET))
            continue
        ends_inputs = is_input(node) and index + 1 < len(rows) and not is_input(rows[index + 1])
        lines.append(GridRow(layout.cells(node, result, view), ends_section=ends_inputs))
    notes = [hidden_note(result, view)] if None in rows else []
    notes += [f"by convention: {where}" for where in result.conventions]
    if not layout.operations:
        notes.append("the operations do not fit; --format csv has them")
    return Grid(printable(view.title), layout.headings(result.accuracy is not None), lines, notes)


def shown_grid(grid: Grid, page: Page) -> str:
    """Return a grid as text; rich is needed for colours and wide characters."""
    text = grid.drawn(page)
    if text is None:
        from rich.text import Text

        from mgrad_cli.renderers.tables.drawing import drawn, grid_table

        text = drawn(page, grid_table(grid), *(Text(note, QUIET) for note in grid.notes), least_width=grid.width)
    return text


def second_order(result: Result, view: View) -> Iterator[str]:
    """Yield the tables of second derivatives, where a result has some."""
    if result.hessian is not None or result.hvp is not None:
        from mgrad_cli.renderers.tables.second_order import second_derivatives

        yield from second_derivatives(result, view)


def output_mark(page: Page, brief: bool) -> str:
    """Return the mark behind the output's label."""
    arrow = "◀" if is_unicode(page) else "<"
    return f" {arrow}" if brief else f" {arrow} output"


def label_of(node: Node, mark: str, result: Result) -> str:
    return printable(node.label) + (mark if node.id == result.output else "")
