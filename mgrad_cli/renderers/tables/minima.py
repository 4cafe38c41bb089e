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
MAX_LABEL = 16
DIGITS = 6
"""The digits of figures that are not results, such as gradients, eigenvalues and derivatives by parameters."""


def minimum(found: Extremum, view: View) -> Iterator[str]:
    """Yield the tables, and below them what the point is and how it was found."""
    parts: list[Table | Text] = [places(found, view)]
    if found.parameters and found.value_by:
        parts += movements(found, view.page)
    style = "bold" if found.is_found else WRONG
    parts.append(Text(verdict(found), style))
    parts += [Text(note, QUIET) for note in notes(found)]
    yield drawn(view.page, *parts, least_width=TABLE_WIDTH)


def places(found: Extremum, view: View) -> Table:
    """Return the table of the unknowns: start, minimizer, gradient, and bound; and of the value below them."""
    table = framed(view.title)
    table.add_column("", min_width=5, no_wrap=True)
    for heading in ("start", found.goal if found.is_found else "best point", "gradient"):
        table.add_column(heading, justify="right", no_wrap=True)
    if found.bounds:
        table.add_column("bounds", no_wrap=True)
    start = found.path[0]
    rows = list(zip(found.point.items(), start.point.tolist(), strict=True))
    shown = rows if len(rows) <= MAX_ROWS else rows[: MAX_ROWS // 2] + rows[-MAX_ROWS // 2 :]
    for index, ((name, value), first) in enumerate(shown):
        cells: list[str | Text] = [name_of(name), number(first), figure(value, DATA), short(found.gradient[name])]
        if found.bounds:
            cells.append(bound_of(found, name))
        if len(shown) < len(rows) and index == MAX_ROWS // 2:
            table.add_row(f"… {len(rows) - len(shown)} more")
        table.add_row(*cells, end_section=index == len(shown) - 1)
    table.add_row("value", short(start.value), figure(found.value, GRAD))
    return table


def name_of(name: str) -> str:
    return truncate(printable(name), MAX_LABEL)


def bound_of(found: Extremum, name: str) -> Text:
    """Return the bounds of an unknown; an active one stands out."""
    if name not in found.bounds:
        return Text("")
    low, high = ("" if math.isinf(each) else number(each) for each in found.bounds[name])
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
    columns = [[short(slopes[name]) for _, slopes in rows] for name in names]
    label = max(len(name_of(name)) for name, _ in rows) + BORDER + 1
    tables: list[Table | Text] = []
    for group in groups(names, columns, max(page.width, TABLE_WIDTH) - label):
        table = framed("")
        table.add_column("moves with", no_wrap=True)
        for index in group:
            table.add_column(f"{name_of(names[index])} = {number(found.parameters[names[index]])}", justify="right")
        for row, (name, _) in enumerate(rows):
            table.add_row(name_of(name), *(columns[index][row] for index in group))
        tables.append(table)
    return tables


def groups(names: Sequence[str], columns: Sequence[Sequence[Text]], width: int) -> Iterator[list[int]]:
    """Yield the indices of columns that fit beside one another."""
    group: list[int] = []
    free = width
    for index in range(len(names)):
        needed = BORDER + max(len(names[index]) + DIGITS, *(len(cell) for cell in columns[index]))
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
