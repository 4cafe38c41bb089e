"""Several outputs as a table: the Jacobian, or a row for each figure with the number of its right digits."""

from collections.abc import Iterator

from rich.text import Text

from mgrad_cli.errors import LimitError
from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View
from mgrad_cli.renderers.figures import figure_rows
from mgrad_cli.renderers.jacobian import jacobian
from mgrad_cli.renderers.node_rows import digits_text
from mgrad_cli.renderers.rows import RowPreview
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, add_columns, drawn, figure, framed
from mgrad_cli.renderers.tables.rows import cell_of, laid_out, lines, total
from mgrad_cli.text import printable

MAX_ROWS = 25_000


def outputs(result: Result, view: View) -> Iterator[str]:
    """Yield the table of a result with several outputs.

    Raises: LimitError if it is too long.
    """
    content = jacobian(result, view)
    count = len(result.outputs) * (1 + len(result.grads or {})) if result.accuracy else len(content.rows)
    if count > MAX_ROWS:
        raise LimitError(f"{count:,} rows are too many for a table (the maximum is {MAX_ROWS:,}); use --format csv")
    yield from lines(oriented(content, view), view) if result.accuracy is None else digits(result, view)
    if result.conventions:
        yield drawn(view.page, *(Text(f"by convention: {where}", QUIET) for where in result.conventions))
    for part in result.outputs:
        if part.sides is not None:
            from mgrad_cli.renderers.tables.sides import sides

            yield sides(part.sides, part.vars, view.page, part.name)


def oriented(content: RowPreview, view: View) -> RowPreview:
    """Return the rows, or their columns as rows if only these fit the page with whole figures."""
    if content.more or is_fitting(content, view):
        return content
    title, *names = content.columns
    outputs = [row[0] for row in content.rows]
    rows = [[name, *(row[1 + index] for row in content.rows)] for index, name in enumerate(names)]
    turned = RowPreview([title, *outputs], rows, 0, content.chooser)
    return turned if is_fitting(turned, view) else content


def is_fitting(content: RowPreview, view: View) -> bool:
    return total(laid_out(content, cell_of(view.page), view.page.width)[1]) <= view.page.width


def digits(result: Result, view: View) -> Iterator[str]:
    """Yield a table with a row for the value of each output and for each derivative, with their right digits."""
    rows = [
        (
            printable(row.label),
            figure(row.figure, GRAD if row.is_gradient else DATA, view.page.digits),
            digits_text(row.accuracy),
        )
        for row in figure_rows(result)
    ]
    table = framed(view.title)
    add_columns(table, view.page, "", ("figure", "digits"), rows)
    for row in rows:
        table.add_row(*row)
    yield drawn(view.page, table)
