"""A minimum as tables for people: where it is, and how it moves with the parameters."""

import math
from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from mgrad_cli.analysis.extremum import Extremum
from mgrad_cli.analysis.verdicts import verdict
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.tables.drawing import BORDER, DATA, GRAD, QUIET, WRONG, drawn, figure, framed
from mgrad_cli.text import name_list, printable, truncate

TABLE_WIDTH = 80
MAX_ROWS = 40
"""The most unknowns that are listed."""
MAX_EIGENVALUES = 6
LABEL = "moves with"
MAX_LABEL = 16
DIGITS = 6
"""The digits of figures that are not results, such as gradients, eigenvalues and derivatives by parameters."""


def minimum(found: Extremum, view: View) -> Iterator[str]:
    """Yield the tables, and below them what the point is and how it was found."""
    table, width = places(found, view)
    parts: list[Table | Text] = [table]
    if found.parameters and found.value_by:
        parts += movements(found, view.page)
    style = "bold" if found.is_found else WRONG
    parts.append(Text(verdict(found), style))
    parts += [Text(note, QUIET) for note in notes(found)]
    yield drawn(view.page, *parts, least_width=max(TABLE_WIDTH, width))


def places(found: Extremum, view: View) -> tuple[Table, int]:
    """Return the table of the unknowns, with the value below them, and its width: no number is truncated."""
    headings = ["", "start", found.goal if found.is_found else "best point", "gradient"]
    if found.bounds:
        headings.append("bounds")
    start = found.path[0]
    unknowns = list(zip(found.point.items(), start.point.tolist(), strict=True))
    half = MAX_ROWS // 2
    shown = unknowns if len(unknowns) <= MAX_ROWS else [*unknowns[:half], *unknowns[-half:]]
    rows: list[list[Text]] = []
    for (name, value), first in shown:
        cells = [Text(name_of(name)), short(first), figure(value, DATA, view.page.digits), short(found.gradient[name])]
        rows.append([*cells, bound_of(found, name)][: len(headings)])
    if len(shown) < len(unknowns):
        rows.insert(half, [Text(f"… {len(unknowns) - len(shown)} more")])
    last = [Text("value"), short(start.value), figure(found.value, GRAD, view.page.digits)]
    table = framed(view.title)
    for index, heading in enumerate(headings):
        is_number = heading not in {"", "bounds"}
        width = max(len(heading), *(len(row[index]) for row in [*rows, last] if index < len(row)))
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True, width=width)
    for row in rows:
        table.add_row(*row, end_section=row is rows[-1])
    table.add_row(*last)
    return table, sum(BORDER + (column.width or 0) for column in table.columns) + 1


def name_of(name: str) -> str:
    return truncate(printable(name), MAX_LABEL)


def bound_of(found: Extremum, name: str) -> Text:
    """Return the bounds of an unknown; an active one stands out."""
    if name not in found.bounds:
        return Text("")
    low, high = ("" if math.isinf(each) else short(each).plain for each in found.bounds[name])
    active = found.active.get(name, "")
    return Text.assemble(
        (low, GRAD if active == "lower" else ""),
        ":",
        (high, GRAD if active == "upper" else ""),
        (f" {active}" if active else "", GRAD),
    )


def short(value: float) -> Text:
    """Return a figure with a few digits."""
    return Text(f"{value + 0.0:.{DIGITS}g}") if math.isfinite(value) else Text(f"! {number(value)}", WRONG)


def movements(found: Extremum, page: Page) -> list[Table | Text]:
    """Return tables of the derivatives of the minimum and the minimizer by the parameters, as many as fit each."""
    names = list(found.parameters)
    rows: list[tuple[str, dict[str, float]]] = [("value", found.value_by)]
    rows += list(found.point_by.items())[:MAX_ROWS]
    headings = [f"{name_of(name)} = {short(found.parameters[name])}" for name in names]
    columns = [[short(slopes[name]) for _, slopes in rows] for name in names]
    label = max(len(LABEL), *(len(name_of(name)) for name, _ in rows)) + BORDER + 1
    tables: list[Table | Text] = []
    for group in groups(headings, columns, max(page.width, TABLE_WIDTH) - label):
        table = framed("")
        table.add_column(LABEL, no_wrap=True)
        for index in group:
            table.add_column(headings[index], justify="right", no_wrap=True)
        for row, (name, _) in enumerate(rows):
            table.add_row(name_of(name), *(columns[index][row] for index in group))
        tables.append(table)
    return tables


def groups(headings: Sequence[str], columns: Sequence[Sequence[Text]], width: int) -> Iterator[list[int]]:
    """Yield the indices of columns that fit beside one another."""
    group: list[int] = []
    free = width
    for index, heading in enumerate(headings):
        needed = BORDER + max(len(heading), *(len(cell) for cell in columns[index]))
        if group and needed > free:
            yield group
            group, free = [], width
        group.append(index)
        free -= needed
    yield group


def notes(found: Extremum) -> Iterator[str]:
    """Yield what else is to be said: conventions, points that were passed, eigenvalues, and the effort."""
    for where in found.conventions:
        yield f"by convention: {where}"
    for each in found.passed:
        article = "an" if each.kind == "inflection" else "a"
        at = name_list([f"{printable(name)} = {value:.{DIGITS}g}" for name, value in each.point.items()], 4)
        yield f"passed {article} {each.kind} at {at}"
    if found.kind in {"flat", "degenerate"} and found.parameters:
        yield "the Hessian is singular: how the point moves with the parameters is undefined"
    if found.eigenvalues:
        yield f"Hessian eigenvalues: {eigenvalues(found.eigenvalues)}"
    norm = "projected gradient" if found.bounds else "gradient"
    yield f"{norm} norm: {found.gradient_norm:.3g}"
    counts = found.evaluations
    yield (
        f"{found.method}: {found.iterations} iterations; {counts.value} values, {counts.gradient} gradients, "
        f"{counts.hessian} Hessians"
    )
    if counts.undefined:
        yield f"{counts.undefined} of the points tried have no finite value or derivatives"


def eigenvalues(values: Sequence[float]) -> str:
    """Return the eigenvalues; of many only the smallest and the largest."""
    texts = [f"{value + 0.0:.{DIGITS}g}" for value in values]
    if len(texts) > MAX_EIGENVALUES:
        texts = [*texts[:3], "...", *texts[-2:]]
    return ", ".join(texts)
