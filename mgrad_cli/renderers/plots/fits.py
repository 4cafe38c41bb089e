"""Plots of a fit: its data, the model, and the model's confidence band."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from rich.text import Text

from mgrad_cli.plotting import ticks
from mgrad_cli.plotting.fits import FittedCurve
from mgrad_cli.renderers import Renderers, View
from mgrad_cli.renderers.plots.picture import (
    COLOURS,
    DOTS_AN_INCH,
    HEIGHT,
    NOT_IN_XML,
    TITLE_COLUMN,
    TITLE_SIZE,
    WIDTH,
    axis_name,
    drawing,
)
from mgrad_cli.renderers.plots.plot import centred, fitted, tick_labels
from mgrad_cli.renderers.plots.terminal import (
    ASCII_FRAME,
    COLUMNS_A_TICK,
    FINE,
    ROWS_A_TICK,
    SAMPLES,
    canvas,
    height,
    sheet,
)
from mgrad_cli.renderers.tables.drawing import drawn, is_unicode

POINT, ASCII_POINT = "•", "o"
BAND, ASCII_BAND = "·", "."
NAMES = ("data", "model", "95 % band of the mean")


def terminal(curve: FittedCurve, view: View) -> Iterator[str]:
    """Yield the plot as characters: the model as a line, the ends of its band as dots, the data as larger ones."""
    page = sheet(view.page)
    figure, pixel, marker = canvas(page)
    has_colour, unicode = page.color_system is not None, is_unicode(page)
    across = ticks(*curve.across, page.width // COLUMNS_A_TICK)
    upward = ticks(*curve.upward, height(page) // ROWS_A_TICK)
    figure.ruler("x").lim(*curve.across).ticks(across, tick_labels(across))
    figure.ruler("y").lim(*curve.upward).ticks(upward, tick_labels(upward))
    symbols = (POINT, FINE, BAND) if unicode else (ASCII_POINT, "*", ASCII_BAND)
    colours = ("green", "cyan", "magenta")

    def mark(index: int) -> Any:
        found = marker(symbols[index])
        return found.fill(pixel(foreground=colours[index])) if has_colour else found

    for ends in (curve.low, curve.high):
        figure.draw(figure.signal(*finite(curve.places, ends), marker=mark(2)))
    figure.draw(figure.signal(*finite(curve.places, curve.values), marker=mark(1)).lines())
    figure.draw(figure.signal(*curve.points.tolist(), marker=mark(0)))
    legend = Text("")
    for index, name in enumerate(NAMES):
        sample = SAMPLES.get(symbols[index], symbols[index] * 3)
        legend.append(f"  {sample}", colours[index] if has_colour else "").append(f" {name}")
    text = figure.build().string(colorless=not has_colour).rstrip("\n")
    if not unicode:
        text = text.translate(ASCII_FRAME)
    label = Text(centred(fitted(curve.variable, page.width), page.width))
    title = Text(fitted(view.title or curve.response, page.width), "bold" if has_colour else "")
    yield drawn(page, title, legend, Text.from_ansi(text) if has_colour else Text(text), label)


def finite(places: Any, values: Any) -> tuple[list[float], list[float]]:
    """Return the places and values of a curve where it is finite."""
    there = values == values
    return places[there].tolist(), values[there].tolist()


def png(curve: FittedCurve, view: View) -> Iterator[bytes]:
    yield picture(curve, view, "png", {"Software": None})


def svg(curve: FittedCurve, view: View) -> Iterator[bytes]:
    yield picture(curve, view, "svg", {"Date": None, "Creator": None})


def picture(curve: FittedCurve, view: View, output_format: str, metadata: dict[str, None]) -> bytes:
    """Return the picture as bytes: points with error bars if there are standard deviations, the model, a shaded band.

    Raises: MissingExtraError if matplotlib is not installed.
    """
    with drawing() as fonts:
        from matplotlib.figure import Figure

        figure: Any = Figure(figsize=(WIDTH, HEIGHT), dpi=DOTS_AN_INCH, layout="constrained")
        axes = figure.add_subplot()
        axes.fill_between(curve.places, curve.low, curve.high, color=COLOURS[0], alpha=0.2, linewidth=0, label=NAMES[2])
        axes.plot(curve.places, curve.values, color=COLOURS[0], linewidth=1.8, label=NAMES[1])
        axes.errorbar(
            *curve.points, yerr=curve.errors, fmt="o", color=COLOURS[1], markersize=4, elinewidth=1, label=NAMES[0],
            zorder=3,
        )  # fmt: skip
        axes.set_xlim(curve.across)
        axes.set_ylim(curve.upward)
        axes.grid(color="0.92")
        axes.set_axisbelow(True)
        axes.set_xlabel(axis_name(curve.variable))
        axes.set_ylabel(axis_name(curve.response))
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(NAMES), frameon=False)
        title = fitted(view.title, int(WIDTH / TITLE_COLUMN) - 4).translate(NOT_IN_XML)
        if title:
            letters = ["DejaVu Sans Mono", *fonts]
            figure.suptitle(title, x=0.02, ha="left", fontsize=TITLE_SIZE, fontfamily=letters)
        buffer = BytesIO()
        figure.savefig(buffer, format=output_format, metadata=metadata)
    return buffer.getvalue()


FIT_PLOT_FORMATS: Renderers[FittedCurve] = {"terminal": terminal, "png": png, "svg": svg}  # type: ignore[dict-item]
"""The formats of the plot of a fit; pictures are bytes."""
