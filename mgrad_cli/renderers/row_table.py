"""The table of rows of data: a column for each of theirs, numbers to the right."""

from collections.abc import Callable, Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from mgrad_cli.errors import printable
from mgrad_cli.renderers import View
from mgrad_cli.renderers.drawing import DATA, QUIET, drawn, figure, framed
from mgrad_cli.renderers.rows import Rows

DIGITS = 6
LEAST_TEXT = 12
"""Columns that a text is never cut below; figures are never cut."""


def lines(content: Rows, view: View) -> Iterator[str]:
    whole, width = table_of(content, view, cell)
    shown, shown_width = (whole, width) if width <= view.page.width else table_of(content, view, rounded_cell)
    yield drawn(view.page, shown, least_width=shown_width)
    if shown is not whole:
        yield drawn(view.page, Text(f"figures rounded to {DIGITS} digits; --format csv has them whole", QUIET))
    if content.more:
        yield drawn(view.page, Text(f"... {content.more:,} more rows; --format csv shows them all", QUIET))


def table_of(content: Rows, view: View, cell: Callable[[Any], Text]) -> tuple[Table, int]:
    """The table, and the least width at which no figure is cut."""
    table = framed(view.title)
    rows = [list(map(cell, row)) for row in content.rows]
    least_width = 1
    for place, name in enumerate(content.columns):
        is_number = all(isinstance(row[place], float | int | None) for row in content.rows)
        heading = Text(printable(name))
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=is_number)
        width = max(cell.cell_len for cell in (heading, *(row[place] for row in rows)))
        least_width += 3 + (width if is_number else min(width, LEAST_TEXT))
    for row in rows:
        table.add_row(*row)
    return table, least_width


def rounded_cell(value: Any) -> Text:
    return cell(float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value)


def cell(value: Any) -> Text:
    if isinstance(value, float):
        return figure(value, DATA)
    return Text("" if value is None else printable(str(value)))
