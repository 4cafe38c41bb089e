"""Many expressions as a table: the value and the gradients of each."""

from collections.abc import Iterable, Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from mgrad_cli.evaluation.results import Result
from mgrad_cli.language.names import one_line
from mgrad_cli.renderers import View
from mgrad_cli.renderers.delimited import id_text
from mgrad_cli.renderers.tables.drawing import DATA, GRAD, QUIET, WRONG, drawn, figure, is_unicode
from mgrad_cli.renderers.uncertainties import propagation_of
from mgrad_cli.text import printable

INDEX_WIDTH, NAME_WIDTH, FIGURE_WIDTH, LINE_FRAME = 5, 8, 24, 50
DIGITS_WIDTH = 9
MAX_EXPRESSION = 400
MIN_WIDTH = 70


def lines(results: Iterable[Result], view: View) -> Iterator[str]:
    """Yield a row for each result; the widths do not depend on it, so that tables drawn one by one form one table."""
    width = max(MIN_WIDTH, view.page.width)
    table = Table(
        title=Text(printable(view.title), "bold") if view.title and view.first else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_header=view.first,
        header_style="bold",
        width=width,
        padding=(0, 1),
    )
    expression_width = width - LINE_FRAME - (DIGITS_WIDTH if view.accuracy else 0)
    table.add_column("i", justify="right", style=QUIET, width=INDEX_WIDTH, no_wrap=True)
    table.add_column("expression", width=expression_width, overflow="fold")
    table.add_column("", width=NAME_WIDTH, no_wrap=True, overflow="ellipsis", style=QUIET)
    table.add_column("value and gradients", justify="right", width=FIGURE_WIDTH, no_wrap=True)
    if view.accuracy:
        table.add_column("digits", justify="right", width=len("digits"), style=QUIET, no_wrap=True)
    for result in results:
        expression = one_line(result.expr) if "\n" in result.expr else result.expr
        expression = f"{id_text(result.id)}: {expression}" if result.has_id else expression
        label = Text(printable(" ".join(expression.split())))
        label.truncate(MAX_EXPRESSION, overflow="ellipsis")
        if result.error is not None:
            label.append(f"\n{printable(result.error.message)}", WRONG)
        digits = [right_digits_of(result)] if view.accuracy else []
        table.add_row(str(result.index), label, *names_and_figures(result, view), *digits)
    if table.row_count or view.first:
        yield drawn(view.page, table, least_width=width).strip("\n") + "\n"


def right_digits_of(result: Result) -> Text:
    """Return the number of right digits of each figure, a line each."""
    if result.accuracy is None:
        return Text("")
    rights = [part.accuracy for part in result.parts if part.accuracy is not None]
    digits = [[right.value, *right.grads.values(), *(right.second or {}).values()] for right in rights]
    return Text("\n").join(Text(f"{each:.1f}") for part in digits for each in part)


def names_and_figures(result: Result, view: View) -> tuple[Text, Text]:
    """Return the value and the gradients below it, as lines of names and of numbers; or the error."""
    if result.error is not None:
        return Text("error", WRONG), Text(printable(result.error.code), WRONG)
    names: list[Text] = []
    figures: list[Text] = []
    for index, part in enumerate(result.parts):
        grads = part.grads or {}
        names.append(Text(printable(part.name) or "value", "bold"))
        figures.append(figure(part.value, DATA, view.page.digits))
        if result.uncertainty is not None:
            names.append(Text("±" if is_unicode(view.page) else "+/-"))
            figures.append(figure(propagation_of(result).outputs[index].standard, DATA, view.page.digits))
        names += [Text(f"d/d{printable(name)}") for name in grads]
        figures += [figure(grad, GRAD, view.page.digits) for grad in grads.values()]
        second = list(part.hessian.triangle()) if part.hessian is not None else []
        names += [Text(f"d2/d{printable(a)} d{printable(b)}") for a, b, _ in second]
        figures += [figure(entry, GRAD, view.page.digits) for _, _, entry in second]
        names += [Text(f"hvp {printable(name)}") for name in part.hvp or {}]
        figures += [figure(entry, GRAD, view.page.digits) for entry in (part.hvp or {}).values()]
    return Text("\n").join(names), Text("\n").join(figures)
