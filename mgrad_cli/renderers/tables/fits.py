"""A fit as tables for people: parameters rounded to their errors, correlations, and the summary."""

import math
from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from mgrad_cli.analysis.fit_result import FitParameter, FitResult
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.language.names import one_line
from mgrad_cli.renderers import View
from mgrad_cli.renderers.fits import rounded, summary_lines
from mgrad_cli.renderers.tables.drawing import BORDER, DATA, GRAD, QUIET, Row, add_columns, drawn, framed
from mgrad_cli.text import printable, truncate

TABLE_WIDTH = 80
STRONG = 0.95
"""The correlation from which on two parameters stand out."""
TINY = 1e-16
ROUND, MANY = 99.5, 1e6
"""The percents between which they are shown as whole numbers."""
HEADINGS = ("estimate", "std. error", "%", "t", "p")
PROVEN_HEADINGS = ("estimate", "std. error", "t")


def table(fit: FitResult, view: View) -> Iterator[str]:
    """Yield the parameters, their correlations, and the summary."""
    width = max(view.page.width, TABLE_WIDTH)
    title = view.title or f"{one_line(fit.y)} ~ {one_line(fit.expr)}"
    parts: list[Any] = [Text(truncate(printable(title), width, cell_len), "bold"), parameters(fit, view)]
    if len(fit.free) > 1:
        parts += correlations(fit, view, width)
    parts += [Text(printable(line), QUIET) for line in summary_lines(fit)]
    yield drawn(view.page, *parts, least_width=TABLE_WIDTH)


def parameters(fit: FitResult, view: View) -> Any:
    """Return the table of the parameters; proven figures have all their digits."""
    rows = [(proven_row if fit.is_certified else row)(each) for each in fit.parameters]
    shown = framed("")
    add_columns(shown, view.page, "parameter", PROVEN_HEADINGS if fit.is_certified else HEADINGS, rows)
    for each in rows:
        shown.add_row(*each)
    return shown


def row(parameter: FitParameter) -> Row:
    estimate, error = rounded(parameter.estimate, parameter.error)
    name = printable(parameter.name)
    if parameter.held:
        return name, Text(estimate, DATA), Text(parameter.held, QUIET), "", "", ""
    share = 100 * abs(parameter.error / parameter.estimate) if parameter.estimate else math.inf
    percent = "" if not math.isfinite(share) else f"{share:.0f}" if ROUND <= share < MANY else f"{share:.2g}"
    p = "" if math.isnan(parameter.p) else f"<{TINY:g}" if parameter.p < TINY else f"{parameter.p:.2g}"
    return name, Text(estimate, DATA), Text(error, GRAD), percent, shown_t(parameter), p


def proven_row(parameter: FitParameter) -> Row:
    name, estimate = printable(parameter.name), Text(number(parameter.estimate), DATA)
    if parameter.held:
        return name, estimate, Text(parameter.held, QUIET), ""
    return name, estimate, Text(number(parameter.error), GRAD), shown_t(parameter)


def shown_t(parameter: FitParameter) -> str:
    return "" if math.isnan(parameter.t) else f"{parameter.t:.4g}"


def correlations(fit: FitResult, view: View, width: int) -> list[Any]:
    """Return the lower triangle of the correlations if it fits the page, or else the strong ones as lines."""
    names = [printable(name) for name in fit.free]
    cells = [[f"{fit.correlation[one][other]:.3f}" for other in fit.free] for one in fit.free]
    columns = [max(cell_len(name), len("-0.000")) for name in names[:-1]]
    label = max(len("correlation"), *map(cell_len, names))
    if label + sum(columns) + BORDER * (1 + len(columns)) + 1 > width:
        return [Text(line, QUIET) for line in strong_pairs(fit)]
    rows: list[Row] = []
    for index in range(1, len(names)):
        entries = [Text(text, DATA if abs(float(text)) >= STRONG else "") for text in cells[index][:index]]
        rows.append((names[index], *entries, *[""] * (len(names) - 1 - index)))
    shown = framed("")
    add_columns(shown, view.page, "correlation", names[:-1], rows)
    for each in rows:
        shown.add_row(*each)
    return [shown]


def strong_pairs(fit: FitResult) -> list[str]:
    pairs = [
        f"{one} and {other} {fit.correlation[one][other]:.3f}"
        for index, one in enumerate(fit.free)
        for other in fit.free[:index]
        if abs(fit.correlation[one][other]) >= STRONG
    ]
    return [f"strong correlations: {', '.join(pairs)}"] if pairs else []
