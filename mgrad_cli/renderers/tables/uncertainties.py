"""Propagated uncertainties as tables: the budget of each output with bars, and matrices of several outputs."""

from collections.abc import Iterable, Iterator
from typing import Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from mgrad_cli.analysis.budget import UncertainOutput
from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.tables.drawing import BORDER, DATA, GRAD, QUIET, drawn, framed, is_unicode
from mgrad_cli.renderers.uncertainties import (
    HEADINGS,
    budget_rows,
    expanded,
    matrices,
    measured,
    notes,
    percent,
    propagation_of,
)

MIN_BAR, MAX_BAR = 4, 20
MIN_NAME = 5
EIGHTHS = " ▏▎▍▌▋▊▉"


def budget(results: Iterable[Result], view: View) -> Iterator[str]:
    """Yield each output with its uncertainty and its budget, then the matrices of several outputs."""
    for result in results:
        propagation = propagation_of(result)
        title = view.title
        for output in propagation.outputs:
            lines = [Text(drawable(measured(output), view.page), "bold")]
            if propagation.coverage is not None:
                lines.append(Text(drawable(expanded(output, propagation.coverage), view.page), "bold"))
            parts = [*lines, budget_table(output, title, view.page)] if output.budget else lines
            yield drawn(view.page, *parts, *(Text(drawable(note, view.page), QUIET) for note in notes(output)))
            title = ""
        for _, (heading, *rows) in matrices(propagation):
            yield drawn(view.page, matrix_table(heading, rows))
        if result.conventions:
            yield drawn(view.page, *(Text(f"by convention: {where}", QUIET) for where in result.conventions))


def budget_table(output: UncertainOutput, title: str, page: Page) -> Table:
    """Return the budget of an output. Its bars take what the page leaves, and are left out if that is little."""
    rows = list(budget_rows(output))
    headings = [drawable(heading, page) for heading in HEADINGS]
    cells = [[drawable(text, page) for text in (name, *texts, percent(share))] for name, *texts, share in rows]
    widths = [max(map(cell_len, column)) for column in zip(headings, *cells, strict=True)]
    free = page.width - sum(widths) - BORDER * len(widths) - 1
    shares = widths[-1]
    if free < 0:
        widths[0] = max(MIN_NAME, widths[0] + free)
    bar = min(MAX_BAR, free - 1)
    last = len(widths) - 1
    table = framed(title)
    for index, (heading, width) in enumerate(zip(headings, widths, strict=True)):
        if index == last and bar >= MIN_BAR:
            width += 1 + bar
        justify: Literal["left", "right"] = "left" if index in {0, last} else "right"
        table.add_column(heading, justify=justify, no_wrap=True, width=width)
    largest = max(1.0, *(share for *_, share in rows))
    for (name, pair, sensitivity, contribution, shown), (*_, share) in zip(cells, rows, strict=True):
        part = Text(shown.rjust(shares))
        if bar >= MIN_BAR:
            part.append(f" {drawn_bar(share / largest, bar, is_unicode(page))}", GRAD)
        table.add_row(name, Text(pair, DATA), Text(sensitivity, GRAD), contribution, part)
    return table


def drawable(text: str, page: Page) -> str:
    """Return a text with signs that the page can show."""
    return text if is_unicode(page) else text.replace("±", "+/-").replace("·", "*")


def drawn_bar(part: float, width: int, has_blocks: bool) -> str:
    """Return a bar for a part of the width, in eighths of a column where the page can show them."""
    if not part > 0:
        return " " * width
    if not has_blocks:
        return ("#" * round(part * width)).ljust(width)
    whole, eighth = divmod(round(8 * part * width), 8)
    return ("█" * whole + EIGHTHS[eighth].strip()).ljust(width)


def matrix_table(heading: list[str], rows: list[list[str]]) -> Table:
    table = framed("")
    for index, name in enumerate(heading):
        table.add_column(name, justify="right" if index else "left", no_wrap=True)
    for name, *entries in rows:
        table.add_row(name, *(Text(entry, DATA) for entry in entries))
    return table
