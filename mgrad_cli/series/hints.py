"""Write a sentence for a warning: the limit where a value is nan, or the slope if a convention differs from it."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from mgrad_cli.errors import LimitError
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.printing import literal
from mgrad_cli.series.sides import Sides, SidesReport, are_same, sides

MAX_STEPS = 100
MAX_VARIABLES = 3
"""The largest formulas to examine without `--sides`."""
HOW = "(--sides)"


class Hint(NamedTuple):
    """A sentence on the gradient by a variable, or on the value if `name` is empty."""

    name: str
    text: str


def hints(script: Script, point: Mapping[str, float], value: float, grads: Mapping[str, float]) -> list[Hint]:
    """Return the limits that differ from a value and gradients, which are nan or rest on a convention.

    >>> from mgrad_cli.language.lowering import read
    >>> hints(read("sin(x)/x"), {"x": 0.0}, math.nan, {"x": math.nan})
    [Hint(name='', text='the limit is 1 (--sides)')]
    >>> hints(read("relu(x) - relu(-x)"), {"x": 0.0}, 0.0, {"x": 0.0})
    [Hint(name='x', text='the slope is 1 from both sides (--sides)')]
    """
    if len(point) > MAX_VARIABLES or sum(len(block.steps) for block in script.blocks) > MAX_STEPS:
        return []
    try:
        report = sides(script, point, list(point))
    except LimitError:
        return []
    if math.isnan(value):
        return [Hint("", text) for text in value_hints(report)]
    if report.direction:
        return []
    return [
        Hint(name, f"the slope is {literal(slope)} from both sides {HOW}")
        for name, each in report.variables.items()
        if are_same(each.value, value) and (slope := each.slope) is not None and not are_same(slope, grads[name])
    ]


def value_hints(report: SidesReport) -> list[str]:
    """Say what the limits are of a value that is nan."""
    if report.direction:
        return [f"{report.direction[0]} {HOW}"]
    limits = [each.value for each in report.variables.values()]
    if limits and all(are_same(limit, limits[0]) for limit in limits):
        return [f"the limit is {literal(limits[0] or 0.0)} {HOW}"]
    return [f"the limit is {both} {HOW}" for each in report.variables.values() if (both := from_each(each))][:1]


def from_each(each: Sides) -> str:
    """Name the limits from the left and the right that exist."""
    known = [
        f"{literal(limit.value or 0.0)} from the {side}"
        for side, limit in (("left", each.left), ("right", each.right))
        if limit.has_value
    ]
    return " and ".join(known)
