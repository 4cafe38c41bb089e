"""One expression as a table: each node with its value and gradient, inputs first, the output last and marked."""

from collections.abc import Iterable, Iterator

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
        rows = selected_nodes(result, view)
        if len(rows) > MAX_ROWS:
            raise LimitError(
                f"{len(rows):,} nodes are too many for a table (the maximum is {MAX_ROWS:,}); use --format csv"
            )
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
        operations = max(len("operation"), *(columns(operation_of(node, cited)) for node in shown))
        operations = min(operations, max(MAX_OPERATION if free >= BRIEF else len("operation"), free - labels))
        operations = operations if has_operations else 0
        width = min(labels, max(MIN_NODE, free - operations))
        headings = [
            GridColumn("#", numbers, QUIET, is_right=True),
            GridColumn("node", width),
            *([GridColumn("operation", operations, QUIET)] if has_operations else []),
            GridColumn("data", data, is_right=True),
            GridColumn("grad", grad, is_right=True),
            *([] if result.accuracy is None else [GridColumn("digits", len("digits"), QUIET, is_right=True)]),
        ]
        lines = []
        for index, node in enumerate(rows):
            if node is None:
                lines.append(GridRow([[("⋮", "")], [(hidden_note(result, view), "")]], QUIET))
                continue
            suffix = mark if node.id == result.output else ""
            label = truncate(printable(node.label), width - columns(suffix), columns)
            pieces = [(label, "bold" if suffix else ""), (suffix, "bold magenta")]
            cells = [
                [(str(node.id), "")], pieces, *([[(operation_of(node, cited), "")]] if has_operations else []),
                [figure_piece(node.data, DATA, view.page.digits)], [figure_piece(node.grad, GRAD, view.page.digits)],
                *([] if result.accuracy is None else [[(digits_text(right_digits(node, result)), "")]]),
            ]  # fmt: skip
            ends_inputs = is_input(node) and index + 1 < len(rows) and not is_input(rows[index + 1])
            lines.append(GridRow(cells, ends_section=ends_inputs))
        notes = [f"by convention: {where}" for where in result.conventions]
        if not has_operations:
            notes.append("the operations do not fit; --format csv has them")
        yield shown_grid(Grid(printable(view.title), headings, lines, notes), view.page)
        if result.sides is not None:
            from mgrad_cli.renderers.tables.sides import sides

            yield sides(result.sides, result.vars, view.page)
        yield from second_order(result, view)


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
