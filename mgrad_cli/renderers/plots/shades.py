"""A function of two variables as shades of characters or colours, with arrows in the direction of ascent."""

import math
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from mgrad_cli.plotting import Arrow, Field, ticks
from mgrad_cli.renderers import Page
from mgrad_cli.renderers.plots.plot import centred, curve_name, fitted, tick_labels
from mgrad_cli.renderers.tables.drawing import is_unicode

COLOURS = ("#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725")
"""From low to high, distinguishable with any colour vision: from matplotlib's viridis."""
DARK = 4
"""The number of dark colours among them."""
SHADES, ASCII_SHADES = "·:░▒▓█", ".:-=+*#%@"
WAYS, ASCII_WAYS = "→↗↑↖←↙↓↘", ">^<v"
RICH_COLOURS = frozenset({"256", "truecolor"})
COLUMNS_AN_ARROW, ROWS_AN_ARROW = 6, 3
COLUMNS_A_TICK, ROWS_A_TICK = 12, 4
STEP, LAST_STEP = "o", "X"
CELL_HEIGHT = 2.0
"""The approximate height of a character divided by its width."""


def shades(field: Field, page: Page, rows: int) -> Iterator[Text]:
    """Yield the scale of the shades, the field in its frame, and the names of the axes."""
    first, second = (fitted(name, page.width // 3) for name in field.function.variables)
    upward = ticks(float(field.upward[0]), float(field.upward[-1]), rows // ROWS_A_TICK)
    labels = tick_labels(upward)
    margin = max(map(cell_len, labels), default=0)
    columns = (page.width - margin - 3) | 1
    across = ticks(float(field.across[0]), float(field.across[-1]), columns // COLUMNS_A_TICK)
    ramp = ramp_of(page)
    bounds = field.contours(len(ramp) - 1)
    yield scale(field, bounds, ramp, page)
    yield Text(f"{' ' * margin}{second}")
    line, side, corner, tick, mark = "─│┌┤┬" if is_unicode(page) else "-|+++"
    yield Text(f"{' ' * margin}{corner}{line * columns}{'┐' if is_unicode(page) else '+'}")
    beside = {place_of(at, field.upward, rows): label for at, label in zip(upward, labels, strict=True)}
    pictures = painted(field, bounds, ramp, columns, rows, page)
    for row in reversed(range(rows)):
        label = beside.get(row)
        yield Text(f"{label or '':>{margin}}{side if label is None else tick}") + pictures[row] + side
    below, numbers = [line] * columns, [" "] * (columns + 2)
    for at, label in zip(across, tick_labels(across), strict=True):
        column = place_of(at, field.across, columns)
        below[column] = mark
        start = max(0, min(column + 1 - len(label) // 2, columns + 2 - len(label)))
        numbers[start : start + len(label)] = label
    yield Text(f"{' ' * margin}{'└' if is_unicode(page) else '+'}{''.join(below)}{'┘' if is_unicode(page) else '+'}")
    yield Text(f"{' ' * margin}{''.join(numbers)}")
    yield Text(centred(first, page.width))


def ramp_of(page: Page) -> tuple[str, ...]:
    """Return the shades from low to high: colours, or characters."""
    if page.color_system in RICH_COLOURS:
        return COLOURS
    return tuple(SHADES if is_unicode(page) else ASCII_SHADES)


def scale(field: Field, bounds: list[float], ramp: tuple[str, ...], page: Page) -> Text:
    """Yield the shades with the values between them, and the meaning of the arrows."""
    text = Text(f"  {curve_name(field.function, 0)}  ")
    for band in range(len(bounds) + 1):
        shade = ramp[shade_of(band, bounds, ramp)]
        text.append("   " if shade in COLOURS else shade * 3, f"on {shade}" if shade in COLOURS else "")
        if band < len(bounds):
            text.append(f" {tick_labels(bounds)[band]} ")
    if len(field.partials):
        text.append(f"   {(WAYS if is_unicode(page) else ASCII_WAYS)[0]} gradient")
    text.truncate(page.width, overflow="ellipsis")
    return text


def shade_of(band: int, bounds: list[float], ramp: tuple[str, ...]) -> int:
    """Return the shade of a band; the bands between the bounds are spread over the whole ramp."""
    return round(band * (len(ramp) - 1) / max(1, len(bounds)))


def place_of(value: float, axis: Any, cells: int) -> int:
    low, high = float(axis[0]), float(axis[-1])
    return min(cells - 1, int((value - low) / (high - low) * cells))


def painted(
    field: Field, bounds: list[float], ramp: tuple[str, ...], columns: int, rows: int, page: Page
) -> list[Text]:
    """Yield the rows of the field, the lowest first; values that are not finite are left blank."""
    arrows = {
        (arrow.row, arrow.column): way(arrow, page)
        for arrow in field.arrows(columns, rows, rows * CELL_HEIGHT / columns)
        if (arrow.row - rows // 2) % ROWS_AN_ARROW == 0 and (arrow.column - columns // 2) % COLUMNS_AN_ARROW == 0
    }
    lines = []
    for row, values in enumerate(field.cells(columns, rows).tolist()):
        text = Text()
        for column, value in enumerate(values):
            arrow = arrows.get((row, column))
            if not math.isfinite(value):
                text.append(" ")
                continue
            place = shade_of(bisect_right(bounds, value), bounds, ramp)
            if ramp[place] in COLOURS:
                text.append(arrow or " ", f"{'white' if place < DARK else 'black'} on {ramp[place]}")
            else:
                text.append(arrow or ramp[place])
        lines.append(text)
    mark_path(lines, field, columns, rows)
    return lines


def mark_path(lines: list[Text], field: Field, columns: int, rows: int) -> None:
    """Put a letter at each step of a way through the field, and another one where it ends."""
    for index, (x, y) in enumerate(field.path):
        row, column = place_of(y, field.upward, rows), place_of(x, field.across, columns)
        letter = LAST_STEP if index == len(field.path) - 1 else STEP
        line = lines[row]
        styles = [span for span in line.spans if span.start <= column < span.end]
        mark = Text(letter, styles[-1].style if styles else "")
        lines[row] = Text.assemble(line[:column], mark, line[column + 1 :])


def way(arrow: Arrow, page: Page) -> str:
    """Return the character that points most nearly in the direction of an arrow."""
    ways = WAYS if is_unicode(page) else ASCII_WAYS
    return ways[round(math.atan2(arrow.up, arrow.right) / math.tau * len(ways)) % len(ways)]
