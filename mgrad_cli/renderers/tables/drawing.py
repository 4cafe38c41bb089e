"""Drawing of tables with rich: colour only on a terminal, and numbers that are never truncated."""

from collections.abc import Sequence
from io import BytesIO, TextIOWrapper
from typing import TypeAlias

from rich import box
from rich.cells import cell_len
from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from mgrad_cli.renderers import Page
from mgrad_cli.renderers.tables.grid import BORDER, DATA, GRAD, QUIET, WRONG, Grid, figure_piece, is_unicode
from mgrad_cli.text import printable

__all__ = [
    "BORDER", "DATA", "GRAD", "QUIET", "VERDICTS", "WRONG", "Row", "add_columns", "drawn", "figure", "framed",
    "grid_table", "is_unicode",
]  # fmt: skip

Row: TypeAlias = "Sequence[str | Text]"
"""A label, then figures."""

MIN_LABEL = 4
VERDICTS = {"pass": "bold green", "proved": "bold green", "fail": WRONG, "inconclusive": "yellow"}


def drawn(page: Page, *parts: RenderableType, least_width: int = 0) -> str:
    """Return renderables as text, without trailing blanks."""
    buffer = BytesIO()
    sheet = TextIOWrapper(buffer, encoding=page.encoding, errors="backslashreplace", newline="")
    console = Console(
        file=sheet,
        width=max(page.width, least_width),
        force_terminal=page.is_terminal,
        color_system=page.color_system,  # type: ignore[arg-type]
        no_color=page.no_color,
        highlight=False,
        markup=False,
        emoji=False,
    )
    width = console.width
    for part in parts:
        if isinstance(part, Text) and fits(part.plain, width):
            sheet.write(f"{styled(part, console)}\n")  # as the console would, without its layout
        else:
            console.print(part)
    sheet.flush()
    text = buffer.getvalue().decode(page.encoding)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def fits(line: str, width: int) -> bool:
    return line.isprintable() and cell_len(line) <= width


def styled(line: Text, console: Console) -> str:
    """Return a line that fits the page with the codes of its styles."""
    if console.color_system is None:
        return line.plain
    segments = Segment.apply_style(line.render(console), console.get_style(line.style))
    if console.no_color:
        segments = Segment.remove_color(segments)
    colors = COLOR_SYSTEMS[console.color_system]
    return "".join(style.render(text, color_system=colors) if style else text for text, style, _ in segments)


def figure(value: float | None, style: str, digits: int | None = None) -> Text:
    """Return a number as text, rounded to some digits; one that is not finite stands out, with colour and without."""
    return Text(*figure_piece(value, style, digits))


def add_columns(table: Table, page: Page, label: str, headings: Sequence[str], rows: Sequence[Row]) -> None:
    """Add a column of labels and columns of figures. Only labels are truncated to fit the page."""
    widths = [
        max([cell_len(heading), *(cell_len(str(row[1 + index])) for row in rows)])
        for index, heading in enumerate(headings)
    ]
    free = page.width - sum(widths) - BORDER * (1 + len(headings)) - 1
    longest = max([cell_len(label), *(cell_len(str(row[0])) for row in rows)])
    table.add_column(label, no_wrap=True, overflow="ellipsis", width=max(MIN_LABEL, min(longest, free)))
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(heading, justify="right", no_wrap=True, width=width)


def framed(title: str) -> Table:
    heading = Text(printable(title), "bold") if title else None
    return Table(title=heading, title_justify="left", box=box.ROUNDED, header_style="bold")


def grid_table(grid: Grid) -> Table:
    """Return a grid as a table of rich."""
    table = framed(grid.title)
    for column in grid.columns:
        justify = "right" if column.is_right else "left"
        table.add_column(
            column.heading,
            justify=justify,  # type: ignore[arg-type]
            no_wrap=True,
            overflow="ellipsis",
            style=column.style,
            width=column.width,
        )
    for row in grid.rows:
        cells = [Text.assemble(*cell) for cell in row.cells]
        table.add_row(*cells, style=row.style, end_section=row.ends_section)
    return table
