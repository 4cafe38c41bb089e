"""Second derivatives as tables for people: as many columns of the matrix beside each other as the page has room for."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.rows import RowPreview
from mgrad_cli.renderers.second_order import hidden_parts, notes, previews, shown_parts
from mgrad_cli.renderers.tables.drawing import BORDER, QUIET, drawn, framed
from mgrad_cli.renderers.tables.rows import DIGITS, add_column, cell_of, laid_out, rounded_cell, total, widened
from mgrad_cli.text import printable


def second_derivatives(result: Result, view: View) -> Iterator[str]:
    """Yield the tables of the Hessian of each output and of its product with a vector."""
    for part in shown_parts(result, view):
        if part.name and (part.hessian is not None or part.hvp is not None):
            yield drawn(view.page, Text(printable(part.name), "bold"))
        for content in previews(part, view):
            yield from blocks(content, view.page)
        for note in notes(part):
            yield drawn(view.page, Text(note, QUIET))
    if hidden := hidden_parts(result, view):
        yield drawn(view.page, Text(hidden, QUIET))


def blocks(content: RowPreview, page: Page) -> Iterator[str]:
    """Yield a table, or several with the same labels and other columns if one does not fit the page.

    Figures are rounded only where they do not fit whole.
    """
    cells, widths = laid_out(content, cell_of(page), page.width)
    is_rounded = total(widths) > page.width
    if is_rounded:
        cells, widths = laid_out(content, rounded_cell, page.width)
    for columns in split(widths, page.width):
        table = framed("")
        room = widened(cells, widths, columns, page.width)
        for index in columns:
            add_column(table, content, index, room[index])
        for row in cells:
            table.add_row(*(row[index] for index in columns))
        yield drawn(page, table, least_width=total([widths[index] for index in columns]))
    if is_rounded:
        yield drawn(page, Text(f"figures rounded to {DIGITS} digits; --json has them whole", QUIET))
    if content.more:
        yield drawn(page, Text(f"{content.more:,} more are left out; --all-nodes shows them", QUIET))


def split(widths: Sequence[int], most: int) -> list[list[int]]:
    """Return the columns of each block: the first one, which has the labels, and as many others as fit."""
    found = [[0]]
    used = total(widths[:1])
    for index, width in enumerate(widths[1:], 1):
        if used + width + BORDER > most and len(found[-1]) > 1:
            found.append([0])
            used = total(widths[:1])
        found[-1].append(index)
        used += width + BORDER
    return found
