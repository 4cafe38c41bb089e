"""Results of one expression as Markdown, and the parts that all Markdown shares. Tables have GitHub's syntax."""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View
from mgrad_cli.renderers.node_rows import (
    cited_nodes,
    digits_text,
    hidden_note,
    operation_of,
    right_digits,
    selected_nodes,
)
from mgrad_cli.text import counted, printable

if TYPE_CHECKING:
    from mgrad_cli.series.sides import SidesReport

HEADING = ("#", "node", "operation", "data", "grad")


def nodes(results: Iterable[Result], view: View) -> Iterator[str]:
    """Yield a table of every node with its data and grad for each result. Inputs come first, the output last.

    Several outputs are a table of the Jacobian, or of every figure with its right digits.
    """
    for result in results:
        if result.outputs:
            yield from outputs(result, view)
            yield from second_derivatives(result, view)
            continue
        shown = selected_nodes(result, view)
        cited = cited_nodes(shown, view)
        digits = [] if result.accuracy is None else ["digits"]
        heading = [*HEADING, *digits]
        rows = []
        for node in shown:
            if node is None:
                rows.append(["", hidden_note(result, view), *[""] * (len(heading) - 2)])
                continue
            label = code(node.label) + (" (output)" if node.id == result.output else "")
            operation = operation_of(node, cited)
            if node.operands:  # GitHub would make a link to an issue of #1
                operation = code(operation)
            rows.append([str(node.id), label, operation, figure(node.data), figure(node.grad)])
            if digits:
                rows[-1].append(digits_text(right_digits(node, result)))
        yield from titled(view, table(heading, rows, right={0, 3, 4, 5}), result)
        if result.sides is not None:
            yield "\n"
            yield from limits(result.sides, result.vars)
        yield from second_derivatives(result, view)


def second_derivatives(result: Result, view: View) -> Iterator[str]:
    """Yield tables of the Hessian of each output and of its product with a vector, where there are some."""
    if result.hessian is None and result.hvp is None:
        return
    from mgrad_cli.renderers.second_order import hidden_parts, notes, previews, shown_parts

    for part in shown_parts(result, view):
        for content in previews(part, view):
            rows = [
                [code(name), *(each if isinstance(each, str) else figure(each) for each in cells)]
                for name, *cells in content.rows
            ]
            yield f"\n{code(part.name)}\n\n" if part.name else "\n"
            yield table(
                [code(name) if name else "" for name in content.columns], rows, right=range(1, len(content.columns))
            )
            if content.more:
                yield f"\n{content.more:,} more are left out; --all-nodes shows them\n"
        yield from (f"\n{note}\n" for note in notes(part))
    if hidden := hidden_parts(result, view):
        yield f"\n{hidden}\n"


def outputs(result: Result, view: View) -> Iterator[str]:
    """Yield the table of a result with several outputs."""
    from mgrad_cli.renderers.jacobian import jacobian

    if result.accuracy is None:
        content = jacobian(result, view)
        rows = [[code(name), *map(figure, numbers)] for name, *numbers in content.rows]
        if content.more:
            note = f"{counted(content.more, 'output')} left out; --all-nodes shows them"
            rows.append([note, *[""] * (len(content.columns) - 1)])
        yield from titled(view, table(content.columns, rows, right=range(1, len(content.columns))), result)
    else:
        from mgrad_cli.renderers.figures import figure_rows  # imports csv

        cells = [[code(row.label), figure(row.figure), digits_text(row.accuracy)] for row in figure_rows(result)]
        yield from titled(view, table(("", "figure", "digits"), cells, right={1, 2}), result)
    for part in result.outputs:
        if part.sides is not None:
            yield f"\n{code(part.name)}\n\n"
            yield from limits(part.sides, part.vars)


def figures(results: Iterable[Result], view: View) -> Iterator[str]:
    """Yield a table of the proven value and gradients for each result, beside those in doubles or to many digits."""
    from mgrad_cli.renderers.figures import HEADINGS, figure_rows  # imports csv

    for result in results:
        rows = figure_rows(result)
        if result.digits is not None:
            yield from titled(view, table(("", "digits"), [[code(row.label), row.digits] for row in rows]), result)
            continue
        cells = [[code(row.label), figure(row.figure), figure(row.double), row.right_digits] for row in rows]
        yield from titled(view, table(("", *HEADINGS), cells, right={1, 2, 3}), result)


def budget(results: Iterable[Result], view: View) -> Iterator[str]:
    """Yield each output with its uncertainty and its budget for each result."""
    from mgrad_cli.renderers import uncertainties as texts

    for result in results:
        propagation = texts.propagation_of(result)
        if view.title:
            yield f"**{quoted(view.title)}**\n\n"
        for output in propagation.outputs:
            yield f"{code(texts.measured(output))}\n\n"
            if propagation.coverage is not None:
                yield f"{code(texts.expanded(output, propagation.coverage))}\n\n"
            cells = [[code(name), *middle, texts.percent(share)] for name, *middle, share in texts.budget_rows(output)]
            heading = [each.replace("|", r"\|") for each in texts.HEADINGS]
            yield table(heading, cells, right={1, 2, 3, 4})
            yield from (f"\n{quoted(note.strip())}\n" for note in texts.notes(output))
            yield "\n"
        for _, (heading, *rows) in texts.matrices(propagation):
            yield table(heading, rows, right={*range(1, len(heading))}) + "\n"
        yield from (f"By convention: {quoted(where)}\n" for where in result.conventions)


def titled(view: View, text: str, result: Result) -> Iterator[str]:
    """Yield a table below the title and above the conventions."""
    if view.title:
        yield f"**{quoted(view.title)}**\n\n"
    yield text
    yield from (f"\nBy convention: {quoted(where)}\n" for where in result.conventions)


def limits(report: "SidesReport", point: Mapping[str, float]) -> Iterator[str]:
    """Yield a table of each variable's limits from the left and the right, with notes below it."""
    from mgrad_cli.renderers.tables.sides import notes, rows  # imports rich

    shown = rows(report, point)
    cells = [[code(label), *(code(text.plain) if text else "" for text in texts)] for label, *texts in shown]
    yield table(("limit", "from the left", "from the right"), cells)
    yield from (f"\n{quoted(note)}\n" for note in notes(report))


def figure(value: float | None) -> str:
    """Return a number. One that is not finite is bold."""
    if value is None:
        return ""
    return number(value) if math.isfinite(value) else f"**{number(value)}**"


def table(heading: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[int] = ()) -> str:
    """Return a table. Columns with an index in `right` are aligned to the right."""
    rule = ["--:" if index in right else "---" for index in range(len(heading))]
    lines = (" | ".join(cell.replace("|", r"\|") for cell in row) for row in rows)
    return "".join([f"| {' | '.join(heading)} |\n|{'|'.join(rule)}|\n", *(f"| {line} |\n" for line in lines)])


def code(text: str) -> str:
    """Return a text as code, fenced by more backticks than it contains in a row."""
    text = printable(text)
    runs = re.findall("`+", text)
    fence = "`" * (1 + max(map(len, runs), default=0))
    padding = " " if runs else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def quoted(text: str) -> str:
    """Return a text without any character that is special in Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>&~-])", r"\\\1", printable(text))
