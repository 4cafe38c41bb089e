"""Plots of characters for the terminal: each curve has its own marker, and a colour if the terminal has colours."""

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from mgrad_cli.errors import MissingExtraError
from mgrad_cli.plotting import Field, Lines, ticks
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.plots.plot import centred, curve_name, fitted, headings, tick_labels
from mgrad_cli.renderers.plots.shades import LAST_STEP, STEP, shades
from mgrad_cli.renderers.tables.drawing import drawn, is_unicode

MIN_WIDTH, MAX_WIDTH = 40, 160
MIN_HEIGHT, MAX_HEIGHT = 12, 30
COLUMNS_A_TICK, ROWS_A_TICK = 10, 3
COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "red")
FINE = "braille"
"""A marker of two by four dots per character."""
MARKERS = (FINE, "•", "×", "+", "○", "#")
"""The markers that tell curves apart without colour."""
ASCII_MARKERS = ("*", "+", "o", "x", "#", "@")
ASCII_FRAME = str.maketrans("┌┐└┘─│┤├┬┴┼", "++++-|+++++")
SAMPLES = {FINE: "⠤⠤⠤"}


def plot(content: Lines | Field, view: View) -> Iterator[str]:
    """Yield a plot below its headings: a legend and curves, or shades of values and arrows of the gradient."""
    page = sheet(view.page)
    head = [Text(line, "bold" if place == 0 and view.title else "") for place, line in
            enumerate(headings(content.function, view.title, page.width))]  # fmt: skip
    if page.color_system is None:
        head = [Text(line.plain) for line in head]
    body = shades(content, page, height(page) | 1) if isinstance(content, Field) else curves(content, page)
    yield drawn(page, *head, *body)


def sheet(page: Page) -> Page:
    """Return the part of a page that a plot takes; without colour it has no other attributes either."""
    color_system = None if page.no_color else page.color_system
    width = max(MIN_WIDTH, min(page.width, MAX_WIDTH))
    return page._replace(width=width, color_system=color_system, is_terminal=color_system is not None)


def height(page: Page) -> int:
    return max(MIN_HEIGHT, min(page.width // 4, MAX_HEIGHT))


def curves(lines: Lines, page: Page) -> Iterator[Text]:
    """Yield the legend, the curves in their frame, and the name of the axis below it."""
    figure, pixel, marker = canvas(page)
    low, high = lines.upward or (0.0, 1.0)
    across, upward = ticks(*lines.across, page.width // COLUMNS_A_TICK), ticks(low, high, height(page) // ROWS_A_TICK)
    figure.ruler("x").lim(*lines.across).ticks(across, tick_labels(across))
    figure.ruler("y").lim(low, high).ticks(upward, tick_labels(upward))
    if low < 0 < high:
        figure.line(0.0, "horizontal", pixel=pixel())
    for curve in reversed(lines.curves):  # the function last, on top of its derivatives
        colour = COLOURS[curve.index]
        symbol = marker_of(curve.index, page)
        mark = marker(symbol).fill(pixel(foreground=colour)) if page.color_system else marker(symbol)
        for places, values in curve.pieces():
            figure.draw(figure.signal(places, values, marker=mark).lines())
    for letter, steps in ((STEP, lines.path[:-1]), (LAST_STEP, lines.path[-1:])):
        if steps:
            figure.draw(figure.signal(*map(list, zip(*steps, strict=True)), marker=marker(letter)))
    yield legend(lines, page)
    text = figure.build().string(colorless=page.color_system is None).rstrip("\n")
    if not is_unicode(page):
        text = text.translate(ASCII_FRAME)
    yield Text.from_ansi(text) if page.color_system else Text(text)
    yield Text(centred(fitted(lines.function.variables[0], page.width), page.width))


def legend(lines: Lines, page: Page) -> Text:
    """Yield the markers and the names of the curves, in one line if that is wide enough."""
    entries = []
    for curve in lines.curves:
        symbol = marker_of(curve.index, page)
        entry = Text(f"  {SAMPLES.get(symbol, symbol * 3)}", COLOURS[curve.index] if page.color_system else "")
        entries.append(
            Text.assemble(entry, f" {curve_name(lines.function, curve.order, is_unicode(page), curve.output)}")
        )
    return Text("" if sum(entry.cell_len for entry in entries) <= page.width else "\n").join(entries)


def marker_of(index: int, page: Page) -> str:
    if not is_unicode(page):
        return ASCII_MARKERS[index]
    return FINE if page.color_system else MARKERS[index]


def canvas(page: Page) -> tuple[Any, Any, Any]:
    """Return an empty plotext figure, and what makes its pixels and markers.

    Raises: MissingExtraError if plotext is not installed.
    """
    try:
        import plotext
    except ImportError:
        raise MissingExtraError("a plot in the terminal", "plotext", "plot") from None
    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(page.width, height(page))
    figure.legend(False)
    return figure, plotext.pixel, plotext.marker
