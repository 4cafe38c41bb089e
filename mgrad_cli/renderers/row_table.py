"""The table of rows of data: a column for each of theirs, numbers to the right."""

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from mgrad_cli.errors import printable
from mgrad_cli.renderers import View
from mgrad_cli.renderers.drawing import DATA, QUIET, drawn, figure, framed
from mgrad_cli.renderers.rows import Rows


def lines(content: Rows, view: View) -> Iterator[str]:
    table = framed(view.title)
    for place, name in enumerate(content.columns):
        is_number = all(isinstance(row[place], float | int | None) for row in content.rows)
        table.add_column(Text(printable(name)), justify="right" if is_number else "left", no_wrap=is_number)
    for row in content.rows:
        table.add_row(*map(cell, row))
    yield drawn(view.page, table)
    if content.more:
        yield drawn(view.page, Text(f"... {content.more:,} more rows; --format csv shows them all", QUIET))


def cell(value: Any) -> Text:
    if isinstance(value, float):
        return figure(value, DATA)
    return Text("" if value is None else printable(str(value)))
