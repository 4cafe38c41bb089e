"""Tables whose widths are known. Without colours they are drawn at once; rich, which draws the others, loads slowly."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.renderers import Page
from mgrad_cli.renderers.rounding import rounded
from mgrad_cli.text import columns, truncate

Piece: TypeAlias = tuple[str, str]
"""A text, and its style in the words of rich."""
GRAD, DATA, QUIET, WRONG = "bold green", "cyan", "dim", "bold red"
BORDER = 3
"""The width of the border and padding of one column."""
MARKS = frozenset("◀⋮…")


class GridColumn(NamedTuple):
    """A column of a grid, whose cells are truncated to a width."""

    heading: str
    width: int
    style: str = ""
    is_right: bool = False


class GridRow(NamedTuple):
    """A row of cells, each of which is pieces of text. Cells that are left out are empty."""

    cells: Sequence[Sequence[Piece]]
    style: str = ""
    ends_section: bool = False


class Grid(NamedTuple):
    """A table with a frame, and notes below it."""

    title: str
    columns: Sequence[GridColumn]
    rows: Sequence[GridRow]
    notes: Sequence[str] = ()

    @property
    def width(self) -> int:
        return 1 + sum(column.width + BORDER for column in self.columns)

    def drawn(self, page: Page) -> str | None:
        """Return the grid as text, as rich draws it; `None` if it needs colours, or knowledge of wide characters."""
        texts = [self.title, *self.notes, *(column.heading for column in self.columns)]
        texts += [text for row in self.rows for cell in row.cells for text, _ in cell]
        if page.color_system is not None or not is_unicode(page) or not all(map(is_narrow, texts)):
            return None
        if len(self.title) > self.width or any(len(note) > max(page.width, self.width) for note in self.notes):
            return None
        return "".join(f"{line.rstrip()}\n" for line in self.lines())

    def lines(self) -> Iterator[str]:
        """Yield the lines of the grid."""
        bars = ["─" * (column.width + 2) for column in self.columns]
        yield from [self.title] if self.title else []
        yield f"╭{'┬'.join(bars)}╮"
        yield self.line([column.heading for column in self.columns])
        yield f"├{'┼'.join(bars)}┤"
        for row in self.rows:
            texts = ["".join(text for text, _ in cell) for cell in row.cells]
            yield self.line([*texts, *[""] * (len(self.columns) - len(texts))])
            if row.ends_section:
                yield f"├{'┼'.join(bars)}┤"
        yield f"╰{'┴'.join(bars)}╯"
        yield from self.notes

    def line(self, texts: Sequence[str]) -> str:
        """Return the line of a row."""
        cells = []
        for text, column in zip(texts, self.columns, strict=True):
            shown = truncate(text, column.width)
            cells.append(shown.rjust(column.width) if column.is_right else shown.ljust(column.width))
        return f"│ {' │ '.join(cells)} │"


def is_narrow(text: str) -> bool:
    """Return whether a text is printable and each character takes one column: of scripts of Europe, or a mark."""
    return text.isprintable() and (
        text.isascii() or all(char < "\u0300" or "\u0370" <= char < "\u0483" or char in MARKS for char in text)
    )


def is_unicode(page: Page) -> bool:
    return page.encoding.lower().startswith("utf")


def figure_piece(value: float | None, style: str, digits: int | None) -> Piece:
    """Return a number as text, rounded to some digits; one that is not finite stands out, with colour and without."""
    if value is None:
        return "", ""
    if digits is not None:
        value = rounded(value, digits)
    return (number(value), style) if math.isfinite(value) else (f"! {number(value)}", WRONG)


def widest(values: Iterable[float | None], digits: int | None) -> int:
    """Return the width of the longest number, which is never truncated."""
    return max((columns(figure_piece(value, "", digits)[0]) for value in values), default=0)
