"""The table of rows of data: a column for each of theirs, numbers to the right."""

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from mgrad_cli.errors import printable
from mgrad_cli.renderers import View
from mgrad_cli.renderers.drawing import DATA, QUIET, drawn, figure, framed
from mgrad_cli.renderers.rows import Rows

LEAST_TEXT = 12
"""Columns that a text is never cut below; figures are never cut."""


def lines(content: Rows, view: View) -> Iterator[str]:
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
    yield drawn(view.page, table, least_width=least_width)
    if content.more:
        yield drawn(view.page, Text(f"... {content.more:,} more rows; --format csv shows them all", QUIET))


def cell(value: Any) -> Text:
    if isinstance(value, float):
        return figure(value, DATA)
    return Text("" if value is None else printable(str(value)))
