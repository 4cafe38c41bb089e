"""Plots as PNG or SVG pictures, drawn with matplotlib objects only: no window, no global state, reproducible bytes."""

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from mgrad_cli.errors import MissingExtraError
from mgrad_cli.plotting import Field, Lines
from mgrad_cli.renderers import View
from mgrad_cli.renderers.plots.plot import curve_name, fitted, headings, tick_labels

WIDTH, HEIGHT = 8.0, 5.0
FIELD_SIDE, BESIDE_FIELD, BELOW_FIELD = 5.2, 2.0, 1.2
"""The longer side of a field, and the space beside and below it; all sizes of pictures are in inches."""
DOTS_AN_INCH = 150
TITLE_SIZE, TITLE_COLUMN = 9, 0.0753
"""The size of the title's letters in points, and the width of one."""
AXIS_WIDTH, LEGEND_WIDTH = 40, 72
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Distinguishable with any colour vision."""
STYLES = ("-", "--", "-.", ":", (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)))
COLOURS_OF_BANDS = 256
PATH = "#d55e00"
MAX_LEVELS = 14
ARROWS = 22
"""The number of arrows along the longer side."""
FONTS = (
    "DejaVu Sans", "Noto Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
    "PingFang SC", "Hiragino Sans", "Microsoft YaHei", "Arial Unicode MS", "Noto Sans Devanagari", "Noto Sans Arabic",
)  # fmt: skip
"""Fallbacks for letters that the first font lacks; only installed ones are used."""
SETTINGS: dict[Any, Any] = {
    "text.parse_math": False,
    "svg.hashsalt": "mgrad",
    "svg.fonttype": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
}
NOT_IN_XML = dict.fromkeys((0xFFFE, 0xFFFF), "�")


def png(content: Lines | Field, view: View) -> Iterator[bytes]:
    yield picture(content, view, "png", {"Software": None})


def svg(content: Lines | Field, view: View) -> Iterator[bytes]:
    yield picture(content, view, "svg", {"Date": None, "Creator": None})


def picture(content: Lines | Field, view: View, output_format: str, metadata: dict[str, None]) -> bytes:
    """Return the picture as bytes.

    Raises: MissingExtraError if matplotlib is not installed.
    """
    with drawing() as fonts:
        from matplotlib.figure import Figure

        figure: Any = Figure(figsize=size(content), dpi=DOTS_AN_INCH, layout="constrained")
        axes = figure.add_subplot()
        if isinstance(content, Field):
            draw_field(figure, axes, content)
        else:
            draw_lines(axes, content)
        width = int(figure.get_figwidth() / TITLE_COLUMN) - 4
        title = "\n".join(headings(content.function, view.title, width)).translate(NOT_IN_XML)
        if title:  # in a monospaced font, so that the truncated title fits
            letters = ["DejaVu Sans Mono", *fonts]
            figure.suptitle(title, x=0.02, ha="left", fontsize=TITLE_SIZE, fontfamily=letters)
        buffer = BytesIO()
        figure.savefig(buffer, format=output_format, metadata=metadata)
    return buffer.getvalue()


def size(content: Lines | Field) -> tuple[float, float]:
    """Return width and height."""
    if isinstance(content, Lines):
        return WIDTH, HEIGHT
    return FIELD_SIDE / max(1.0, content.aspect) + BESIDE_FIELD, FIELD_SIDE * min(1.0, content.aspect) + BELOW_FIELD


@contextmanager
def drawing() -> Iterator[list[str]]:
    """Apply our settings and the installed fonts while pictures are drawn, and hide matplotlib's messages."""
    logger = logging.getLogger("matplotlib")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    os.environ.pop("MPLBACKEND", None)  # it selects a window toolkit, which may not exist and is not needed
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                import matplotlib
                from matplotlib.font_manager import fontManager
            except ImportError:
                raise MissingExtraError("a picture", "matplotlib", "plot") from None
            with matplotlib.rc_context():
                matplotlib.rcdefaults()
                there = set(fontManager.get_font_names())
                fonts = [font for font in FONTS if font in there]
                matplotlib.rcParams.update({**SETTINGS, "font.family": fonts})
                yield fonts
    finally:
        logger.setLevel(level)


def axis_name(name: str) -> str:
    return fitted(name, AXIS_WIDTH).translate(NOT_IN_XML)


def draw_lines(axes: Any, lines: Lines) -> None:
    """Draw the curves, with their legend between them and the title."""
    names = [
        curve_name(lines.function, curve.order, output=curve.output).translate(NOT_IN_XML) for curve in lines.curves
    ]
    for curve in lines.curves:
        colour = COLOURS[curve.index]
        axes.plot(
            curve.places, curve.values, linestyle=STYLES[curve.index], color=colour, linewidth=1.8,
            zorder=3 - curve.index / 10, label=names[curve.index],
        )  # fmt: skip
        points = [(places[0], values[0]) for places, values in curve.pieces() if len(places) == 1]
        if points:
            axes.plot(*zip(*points, strict=True), ".", color=colour, zorder=3)
    draw_path(axes, lines.path)
    axes.set_xlim(lines.across)
    axes.set_ylim(lines.upward)
    axes.axhline(0, color="0.6", linewidth=0.8, zorder=1)
    axes.grid(color="0.92")
    axes.set_axisbelow(True)
    axes.set_xlabel(axis_name(lines.function.variables[0]))
    columns = len(names) if len("".join(names)) <= LEGEND_WIDTH else 1
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns, frameon=False)


def draw_path(axes: Any, path: Sequence[tuple[float, float]]) -> None:
    """Draw a way with its steps: a ring where it starts, a star where it ends."""
    if not path:
        return
    across, upward = zip(*path, strict=True)
    for part, style, size, edge, order in (
        (slice(None), "o-", 3, PATH, 5),
        (slice(1), "o", 6, PATH, 6),
        (slice(-1, None), "*", 13, "white", 7),
    ):
        face = "white" if style == "o" else PATH
        axes.plot(
            across[part], upward[part], style, color=PATH, linewidth=1.2, markersize=size, markerfacecolor=face,
            markeredgecolor=edge, zorder=order, clip_on=False,
        )  # fmt: skip


def draw_field(figure: Any, axes: Any, field: Field) -> None:
    """Draw bands of values with lines between them, the scale of the bands, and the arrows of the gradient."""
    from matplotlib.colors import BoundaryNorm

    low, high = field.limits or (0.0, 1.0)
    inner = field.contours(MAX_LEVELS)
    extend: Any = "both" if field.is_cut else "neither"
    norm = None if field.valley is None else BoundaryNorm([low, *inner, high], COLOURS_OF_BANDS, extend=extend)
    bands = axes.contourf(
        field.across, field.upward, field.values, [low, *inner, high], cmap="viridis", norm=norm, extend=extend
    )
    axes.contour(bands, colors="white", linewidths=0.4, alpha=0.6)
    bar = figure.colorbar(bands, ax=axes, ticks=inner, spacing="proportional" if field.valley is None else "uniform")
    if field.valley is not None:
        bar.ax.set_yticklabels(tick_labels(inner))
    bar.set_label(curve_name(field.function, 0).translate(NOT_IN_XML))
    axes.set_box_aspect(field.aspect)
    columns = round(ARROWS / max(1.0, field.aspect))
    arrows = field.arrows(columns, max(1, round(columns * field.aspect)), field.aspect)
    if arrows:
        across, upward = zip(*(arrow.place for arrow in arrows), strict=True)
        right, up = zip(*((arrow.right, arrow.up) for arrow in arrows), strict=True)
        axes.quiver(
            across, upward, right, up, pivot="mid", units="inches", width=0.02, scale_units="width",
            scale=columns * 1.15, color="white", edgecolor="0.25", linewidth=0.3,
        )  # fmt: skip
    draw_path(axes, field.path)
    axes.set_xlim(field.across[0], field.across[-1])
    axes.set_ylim(field.upward[0], field.upward[-1])
    first, second = field.function.variables
    axes.set_xlabel(axis_name(first))
    axes.set_ylabel(axis_name(second))
