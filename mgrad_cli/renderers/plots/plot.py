"""The plot formats, and the words that terminal plots and pictures share."""

import math
from collections.abc import Sequence

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.plotting import Field, Function, Lines
from mgrad_cli.renderers import Renderers, from_module
from mgrad_cli.text import columns, printable, truncate

MAX_NAME = 24
"""The most columns of a name in a legend or beside an axis."""
MAX_TITLE_LINES = 3
LABEL_DIGITS = 6

PLOT_FORMATS: Renderers[Lines | Field] = {
    "terminal": from_module("plots.terminal", "plot"),
    "png": from_module("plots.picture", "png"),
    "svg": from_module("plots.picture", "svg"),
}
"""The formats of a plot; pictures are bytes."""


def headings(function: Function, title: str, width: int) -> list[str]:
    """Return what stands above a plot: the title in one line, then the values of the other variables."""
    one_line = "; ".join(line.strip() for line in title.splitlines() if line.strip())
    lines = [fitted(one_line, width)] if one_line else []
    parts = [f"{fitted(name, MAX_NAME)} = {number(value)}" for name, value in function.fixed.items()]
    return lines + wrapped(parts, width)


def wrapped(parts: Sequence[str], width: int) -> list[str]:
    """Return parts separated by commas in lines of a width; only the first few lines are kept."""
    lines: list[str] = []
    for place, part in enumerate(parts):
        text = part + ("," if place + 1 < len(parts) else "")
        if lines and columns(lines[-1]) + 1 + columns(text) <= width:
            lines[-1] += f" {text}"
        elif len(lines) == MAX_TITLE_LINES:
            lines[-1] = truncate(f"{lines[-1]} …", width, columns)
            break
        else:
            lines.append(text)
    return lines


def fitted(text: str, width: int) -> str:
    """Return the text without control characters, truncated to a number of columns."""
    return truncate(printable(text[: 4 * width + 4]).strip(), width, columns)


def centred(text: str, width: int) -> str:
    return f"{' ' * ((width - columns(text)) // 2)}{text}"


def curve_name(function: Function, order: int, is_unicode: bool = True, output: int = 0) -> str:
    """Return `f`, `df/dx` or `d²f/dx²` for the number of an output."""
    name = fitted(function.outputs[output], MAX_NAME)
    if order == 0:
        return name
    variable = fitted(function.variables[0], MAX_NAME)
    power = "" if order == 1 else "²" if is_unicode else "2"
    return f"d{power}{name}/d{variable}{power}"


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Return the numbers on an axis, with enough digits to tell them apart."""
    digits = LABEL_DIGITS
    if len(ticks) > 1:
        size, step = max(map(abs, ticks)), ticks[1] - ticks[0]
        digits = max(digits, math.ceil(math.log10(size) - math.log10(step)) + 1)
    return [f"{tick + 0.0:.{digits}g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e") for tick in ticks]
