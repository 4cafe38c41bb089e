"""Proven figures as a table, beside those computed in doubles, or to many digits."""

from collections.abc import Iterable, Iterator

from rich.text import Text

from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View
from mgrad_cli.renderers.figures import HEADINGS, figure_rows
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, add_columns, drawn, figure, framed
from mgrad_cli.text import printable

TABLE_WIDTH = 80


def figures(results: Iterable[Result], view: View) -> Iterator[str]:
    """Return a table with a row for the value and for each gradient."""
    digits = view.page.digits
    for result in results:
        rows = list(figure_rows(result))
        table = framed(view.title)
        styles = [GRAD if row.is_gradient else DATA for row in rows]
        if result.digits is not None:
            table.add_column("", no_wrap=True)
            table.add_column("digits", overflow="fold")
            for row, style in zip(rows, styles, strict=True):
                table.add_row(printable(row.label), Text(row.digits, style))
        else:
            cells = [
                (
                    printable(row.label),
                    figure(row.figure, style, digits),
                    figure(row.double, QUIET, digits),
                    row.right_digits,
                )
                for row, style in zip(rows, styles, strict=True)
            ]
            add_columns(table, view.page, "", HEADINGS, cells)
            for each in cells:
                table.add_row(*each)
        notes = [Text(f"by convention: {where}", QUIET) for where in result.conventions]
        yield drawn(view.page, table, *notes, least_width=TABLE_WIDTH)
