"""The checks of an expression as a table for people."""

import math
from collections.abc import Iterator

from rich.text import Text

from mgrad_cli.renderers import View
from mgrad_cli.renderers.checks import Report
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, VERDICTS, drawn, figure, framed
from mgrad_cli.text import printable

TABLE_WIDTH = 80


def checks(report: Report, view: View) -> Iterator[str]:
    """Yield a table of each gradient by the rules and numerically, and the reasons of verdicts other than pass."""
    table = framed(view.title)
    if report.has_outputs:
        table.add_column("output", min_width=4)
    table.add_column("name", min_width=4)
    table.add_column(report.figure, justify="right", no_wrap=True)
    table.add_column(report.method, justify="right", no_wrap=True)
    table.add_column("rel. diff", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    notes = []
    for check in report.checks:
        names = [printable(check.output), printable(check.name)][0 if report.has_outputs else 1 :]
        table.add_row(
            *names,
            figure(check.grad, GRAD, view.page.digits),
            Text("" if math.isnan(check.numeric) else f"{check.numeric:.{min(10, view.page.digits or 10)}g}", DATA),
            "" if math.isnan(check.difference) else f"{check.difference:.1e}",
            Text(check.verdict, VERDICTS[check.verdict]),
        )
        if check.reason:
            notes.append(Text(f"{', '.join(names)}: {check.reason}", QUIET))
    yield drawn(view.page, table, *notes, least_width=TABLE_WIDTH)
