"""The coefficients of Taylor polynomials as a table for people, with the polynomial below it."""

from collections.abc import Iterator

from rich.text import Text

from mgrad_cli.analysis.polynomials import monomial_text, polynomial_text
from mgrad_cli.analysis.taylor import Taylor
from mgrad_cli.renderers import View
from mgrad_cli.renderers.tables.drawing import DATA, QUIET, Row, add_columns, drawn, figure, framed
from mgrad_cli.text import printable


def coefficients(taylor: Taylor, view: View) -> Iterator[str]:
    """Yield a table of the coefficients that are not zero, and the polynomial, for each output."""
    for name, terms in taylor.outputs.items():
        shown = {powers: number for powers, number in terms.items() if number}
        table = framed(view.title)
        rows: list[Row] = [
            (printable(monomial_text(taylor.around, powers)), figure(number, DATA, view.page.digits))
            for powers, number in shown.items()
        ]
        add_columns(table, view.page, "term", ["coefficient"], rows)
        for row in rows:
            table.add_row(*row)
        label = f"{printable(name)} ≈ " if view.page.encoding.lower().startswith("utf") else f"{printable(name)} = "
        text = Text(label, QUIET).append(printable(polynomial_text(taylor.around, terms)), "default")
        yield drawn(view.page, *([table] if rows else []), text)
