"""Many lines at once that ask for no more than a value and gradients: each formula at all points that they give."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from mgrad_cli.batch.formulas import FORMULAS, PreparedFormula
from mgrad_cli.batch.lines import bound_values
from mgrad_cli.batch.options import BatchOptions
from mgrad_cli.batch.records import NOTHING, LineRequest, read_vars
from mgrad_cli.errors import MgradError
from mgrad_cli.renderers import BATCH_FORMATS

FURTHER_MEMBERS = frozenset({"certify", "corr"})
"""The members of a record that may ask for more than its value and gradients."""
NUMBERS = frozenset({float, int})


class FormulaPoints:
    """The lines that give a formula values of the same names.

    places  where they stand among all lines
    rows    the values of the inputs
    """

    __slots__ = ("bindings", "formula", "places", "rows")

    def __init__(self, formula: PreparedFormula, bindings: Mapping[str, float]) -> None:
        self.formula = formula
        self.bindings = bindings
        self.places: list[int] = []
        self.rows: list[Sequence[float]] = []

    def add(self, place: int, given: Mapping[str, float]) -> None:
        """Add the values that a line gives, unless one is too large for a double."""
        try:
            row = [*map(float, self.formula.row({**self.bindings, **given} if self.bindings else given))]
        except OverflowError:
            return
        self.places.append(place)
        self.rows.append(row)


def finite_lines(requests: Sequence[LineRequest], settings: BatchOptions, used: set[str]) -> list[str | None]:
    """Return the lines to write for requests, with `None` for those that `run_line` is for.

    These are lines whose options, record or formula ask for more, that have an error or a number that is not finite,
    or whose gradient is a convention.
    """
    lines: list[str | None] = [None] * len(requests)
    make_writer = BATCH_FORMATS[settings.file_format].point_writer
    if make_writer is None or not settings.is_first_order:
        return lines
    found: dict[tuple[str, ...], FormulaPoints | None] = {}
    for place, (_, text, _, record, error) in enumerate(requests):
        given: Mapping[str, Any] = record.get("vars", NOTHING)
        if error is None and FURTHER_MEMBERS.isdisjoint(record) and NUMBERS.issuperset(map(type, given.values())):
            key = (text, *given)
            if key not in found:
                found[key] = formula_points(text, given, settings, used)
            points = found[key]
            if points is not None:
                points.add(place, given)
    for points in filter(None, found.values()):
        write = points.formula.writer(make_writer)
        for place, point in zip(points.places, points.formula.points(points.rows), strict=True):
            if point is not None and isfinite(sum(point)):
                request = requests[place]
                lines[place] = write(request.line.position, request.record, point)
    return lines


def formula_points(text: str, given: Mapping[str, Any], settings: BatchOptions, used: set[str]) -> FormulaPoints | None:
    """Return an empty list of points for a text and the names of values; `None` if they do not fit or ask for more."""
    formula = FORMULAS.find(text)
    if formula is None:
        return None
    try:
        values = read_vars(given, settings.limits)
        bindings = bound_values(formula, {}, settings, used) if settings.bindings else {}
        prepared = formula.prepare({**bindings, **values})
    except MgradError:
        return None
    return FormulaPoints(prepared, bindings) if prepared is not None and values.keys() == given.keys() else None
