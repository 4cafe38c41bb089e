"""The root of equations as a table for people."""

import math
from collections.abc import Iterator

from rich.text import Text

from mgrad_cli.analysis.solutions import Solution
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.renderers import View
from mgrad_cli.renderers.solutions import solution_rows
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, add_columns, drawn, figure, framed
from mgrad_cli.text import printable


def solution_table(solution: Solution, view: View) -> Iterator[str]:
    """Yield a table with a row for each unknown and each of its derivatives, and how they were found below it."""
    table = framed(view.title)
    rows = list(solution_rows(solution))
    cells = [
        (
            Text(printable(row.label), "" if row.by else "bold"),
            figure(row.value, GRAD if row.by else DATA, view.page.digits),
            "" if row.digits is None else f"{row.digits:.0f}",
        )
        for row in rows
    ]
    heading = "certified" if solution.proof else "value"
    add_columns(table, view.page, "root", [heading, "digits"], cells)
    last = {len(rows) - 1, *(index - 1 for index, row in enumerate(rows) if not row.by)}
    for index, cell in enumerate(cells):
        table.add_row(*cell, end_section=index in last)
    yield drawn(view.page, table, *(Text(line, QUIET) for line in lines(solution)))


def lines(solution: Solution) -> Iterator[str]:
    """Yield what is said below the table."""
    residual = max(map(abs, solution.residual.values()))
    condition = "" if math.isnan(solution.condition) else f", condition {solution.condition:.2g}"
    yield f"residual {residual:.2g}{condition}; {solution.method}, {solution.iterations} iterations"
    if solution.proof is not None:
        for name, (low, high) in solution.proof.box.items():
            yield f"the only root with {printable(name)} from {number(low)} to {number(high)}"
