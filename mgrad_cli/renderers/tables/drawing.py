"""Drawing of tables with rich: colour only on a terminal, and numbers that are never truncated."""

import math
from collections.abc import Iterable, Sequence
from io import BytesIO, TextIOWrapper
from typing import IO, TypeAlias

from rich import box
from rich.cells import cell_len
from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.renderers import Page
from mgrad_cli.renderers.rounding import rounded
from mgrad_cli.text import printable

Row: TypeAlias = "Sequence[str | Text]"
"""A label, then figures."""

BORDER = 3
"""The width of the border and padding of one column."""
MIN_LABEL = 4
GRAD, DATA, QUIET, WRONG = "bold green", "cyan", "dim", "bold red"
VERDICTS = {"pass": "bold green", "proved": "bold green", "fail": WRONG, "inconclusive": "yellow"}


def page_of(stream: IO[str]) -> Page:
    """Return what rich finds out about a stream: its width and colours, which the environment can override."""
    seen = Console(file=stream)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return Page(seen.width, seen.is_terminal, seen.color_system, seen.no_color, encoding)


def is_unicode(page: Page) -> bool:
    return page.encoding.lower().startswith("utf")


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
    if value is None:
        return Text("")
    if digits is not None:
        value = rounded(value, digits)
    return Text(number(value), style) if math.isfinite(value) else Text(f"! {number(value)}", WRONG)


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


def widest(values: Iterable[float | None], digits: int | None = None) -> int:
    """Return the width of the longest number, which is never truncated."""
    return max((len(figure(value, "", digits)) for value in values), default=0)


def framed(title: str) -> Table:
    heading = Text(printable(title), "bold") if title else None
    return Table(title=heading, title_justify="left", box=box.ROUNDED, header_style="bold")
