"""Limits from both sides as a table for people."""

import math
from collections.abc import Iterator, Mapping

from rich.text import Text

from mgrad_cli.errors import printable
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.renderers import Page
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, drawn, figure, framed
from mgrad_cli.series.limits import Limit
from mgrad_cli.series.sides import SidesReport

ASSUMED = "a difference that is 0 within rounding is taken to be 0"


def sides(report: SidesReport, point: Mapping[str, float], page: Page) -> str:
    """A table of each variable's limits from the left and the right, and below it what is to be said of them."""
    table = framed("")
    table.add_column("limit", overflow="ellipsis", no_wrap=True)
    table.add_column("from the left", justify="right", no_wrap=True)
    table.add_column("from the right", justify="right", no_wrap=True)
    for name, (left, right) in report.variables.items():
        text = printable(name)
        table.add_row(f"value at {text} = {number(point[name])}", *(value_of(side) for side in (left, right)))
        table.add_row(f"d/d{text}", *(slope_of(side) for side in (left, right)), end_section=True)
    lines = [Text(line, QUIET) for line in notes(report)]
    return drawn(page, table, *lines)


def value_of(side: Limit) -> Text:
    if side.value is None:
        return Text("unknown", QUIET)
    return Text("undefined", QUIET) if math.isnan(side.value) else figure(side.value, DATA)


def slope_of(side: Limit) -> Text:
    if side.slope is None:
        return Text("unknown" if side.has_value and side.reason else "", QUIET)
    return figure(side.slope, GRAD)


def notes(report: SidesReport) -> Iterator[str]:
    """Why a limit is not known, or is no number; what depends on the direction; and what a limit rests on."""
    for name, (left, right) in report.variables.items():
        for where, side in (("left", left), ("right", right)):
            if side.reason:
                yield f"{printable(name)} from the {where}: {side.reason}"
        if left.is_assumed or right.is_assumed:
            yield f"{printable(name)}: {ASSUMED}"
    yield from map(printable, report.direction)
