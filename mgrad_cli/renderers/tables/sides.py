"""Limits from both sides as a table for people."""

import math
from collections.abc import Iterator, Mapping

from rich.text import Text

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.renderers import Page
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, add_columns, drawn, figure, framed
from mgrad_cli.series.limits import Limit
from mgrad_cli.series.sides import SidesReport
from mgrad_cli.text import printable

ASSUMED = "a difference that is 0 within rounding is taken to be 0"


def sides(report: SidesReport, point: Mapping[str, float], page: Page, title: str = "") -> str:
    """Draw a table of each variable's limits from the left and the right, with notes below it."""
    table = framed(title)
    cells = list(rows(report, point, page.digits))
    add_columns(table, page, "limit", ["from the left", "from the right"], cells)
    for index, row in enumerate(cells):
        table.add_row(*row, end_section=index % 2 == 1)
    lines = [Text(line, QUIET) for line in notes(report)]
    return drawn(page, table, *lines)


def rows(
    report: SidesReport, point: Mapping[str, float], digits: int | None = None
) -> Iterator[tuple[str, Text, Text]]:
    """Yield two rows for each variable: the limits of the value, and of the slope."""
    for name, (left, right) in report.variables.items():
        text = printable(name)
        yield f"value at {text} = {number(point[name])}", value_of(left, digits), value_of(right, digits)
        yield f"d/d{text}", slope_of(left, digits), slope_of(right, digits)


def value_of(side: Limit, digits: int | None) -> Text:
    if side.value is None:
        return Text("unknown", QUIET)
    return Text("undefined", QUIET) if math.isnan(side.value) else figure(side.value, DATA, digits)


def slope_of(side: Limit, digits: int | None) -> Text:
    if side.slope is None:
        return Text("unknown" if side.has_value and side.reason else "", QUIET)
    return figure(side.slope, GRAD, digits)


def notes(report: SidesReport) -> Iterator[str]:
    """Yield notes: why a limit is unknown or undefined, what depends on the direction, and what was assumed."""
    for name, (left, right) in report.variables.items():
        for where, side in (("left", left), ("right", right)):
            if side.reason:
                yield f"{printable(name)} from the {where}: {side.reason}"
        if left.is_assumed or right.is_assumed:
            yield f"{printable(name)}: {ASSUMED}"
    yield from map(printable, report.direction)
