"""Rows of data as a table of as many columns as the page has room for, numbers aligned to the right."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from rich.table import Table
from rich.text import Text

from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.rows import RowPreview
from mgrad_cli.renderers.tables.drawing import DATA, QUIET, drawn, figure, framed, is_unicode
from mgrad_cli.text import name_list, printable

DIGITS = 6
MIN_TEXT = 12
"""Narrower text is not truncated. Numbers never are, nor are titles that fit on a line."""
BORDER = 3
"""The columns of the frame beside each column; it takes one more in all."""
MAX_NAMES = 6


def lines(content: RowPreview, view: View) -> Iterator[str]:
    cells, widths = laid_out(content, cell_of(view.page), view.page.width)
    is_rounded = total(widths) > view.page.width
    if is_rounded:
        cells, widths = laid_out(content, rounded_cell, view.page.width)
    shown = fitting(widths, view.page.width)
    table, width = table_of(content, cells, widened(cells, widths, shown, view.page.width), shown, view)
    yield drawn(view.page, table, least_width=width)
    notes = []
    if is_rounded:
        notes.append(f"figures rounded to {DIGITS} digits; --format csv has them whole")
    if hidden := [name for index, name in enumerate(content.columns) if index not in shown]:
        names = printable(name_list(hidden, MAX_NAMES))
        notes.append(
            f"{len(hidden):,} of {len(content.columns):,} columns left out ({names}); {content.chooser} chooses"
        )
    if content.more:
        notes.append(f"... {content.more:,} more rows; --format csv shows them all")
    for note in notes:
        yield drawn(view.page, Text(note, QUIET))


def laid_out(content: RowPreview, cell: Callable[[Any], Text], most: int) -> tuple[list[list[Text]], list[int]]:
    """Return the cells of each row, and the smallest width of each column that truncates no title or number."""
    cells = [list(map(cell, row)) for row in content.rows]
    widths = []
    for index, name in enumerate(content.columns):
        longest = max((row[index].cell_len for row in cells), default=0)
        title = min(Text(printable(name)).cell_len, most - 2 * BORDER)
        widths.append(max(1, title, longest if is_number(content, index) else min(longest, MIN_TEXT)))
    return cells, widths


def is_number(content: RowPreview, index: int) -> bool:
    return all(isinstance(row[index], float | int | None) for row in content.rows)


def total(widths: Sequence[int]) -> int:
    return 1 + sum(width + BORDER for width in widths)


def fitting(widths: Sequence[int], most: int) -> list[int]:
    """Return the indices of the columns to show: all, or as many of the first and the last as fit."""
    if total(widths) <= most:
        return list(range(len(widths)))
    free = most - total([1])  # for the column that marks the omitted ones
    first, last = 0, len(widths)
    while first < last:
        is_from_end = (first + last) % 2 == len(widths) % 2  # alternate between the ends, starting with the last column
        index = last - 1 if is_from_end else first
        free -= widths[index] + BORDER
        if free < 0 and (first, last) != (0, len(widths)):
            break
        first, last = (first, last - 1) if is_from_end else (first + 1, last)
    return [*range(first), *range(last, len(widths))]


def widened(cells: list[list[Text]], widths: Sequence[int], shown: list[int], most: int) -> list[int]:
    """Return the widths with the remaining room given to truncated texts, from the left."""
    room = list(widths)
    free = most - total([widths[index] for index in shown]) - (1 + BORDER if len(shown) < len(widths) else 0)
    for index in shown:
        longest = max((row[index].cell_len for row in cells), default=0)
        more = max(0, min(free, longest - room[index]))
        room[index] += more
        free -= more
    return room


def table_of(
    content: RowPreview, cells: list[list[Text]], widths: Sequence[int], shown: list[int], view: View
) -> tuple[Table, int]:
    """Return the table of some columns, and the smallest width that truncates no number."""
    table = framed(view.title)
    gap = next((index for index, column in enumerate(shown) if index != column), len(shown))
    is_cut = len(shown) < len(widths)
    mark = "…" if is_unicode(view.page) else "."
    for index in shown[:gap]:
        add_column(table, content, index, widths[index])
    if is_cut:
        table.add_column(mark, style=QUIET, no_wrap=True)
    for index in shown[gap:]:
        add_column(table, content, index, widths[index])
    for row in cells:
        chosen: list[Text] = [row[index] for index in shown]
        table.add_row(*chosen[:gap], *([Text(mark)] if is_cut else []), *chosen[gap:])
    return table, total([*(widths[index] for index in shown), *([1] if is_cut else [])])


def add_column(table: Table, content: RowPreview, index: int, width: int) -> None:
    title = Text(printable(content.columns[index]))
    justify = "right" if is_number(content, index) else "left"
    table.add_column(title, justify=justify, no_wrap=True, overflow="ellipsis", width=width)  # type: ignore[arg-type]


def rounded_cell(value: Any) -> Text:
    return cell(value, DIGITS)


def cell_of(page: Page) -> Callable[[Any], Text]:
    """Return the function from a value to its cell, with the digits of the page."""
    return partial(cell, digits=page.digits)


def cell(value: Any, digits: int | None = None) -> Text:
    if isinstance(value, float):
        return figure(value, DATA, digits)
    return Text("" if value is None else printable(str(value)))
