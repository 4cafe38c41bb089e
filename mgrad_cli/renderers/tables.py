"""Tables for people, drawn by rich: colour on a terminal only, and numbers never cut."""

import math
from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper
from typing import IO

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from mgrad_cli.diagnosis import number
from mgrad_cli.errors import printable
from mgrad_cli.operations.operation import SYMBOLS
from mgrad_cli.renderers import Page, View
from mgrad_cli.renderers.checks import Report
from mgrad_cli.renderers.reference import Entry
from mgrad_cli.results import Node, Result

TABLE_WIDTH = 80
MOST_NODES = 200
INDEX_WIDTH, NAME_WIDTH, FIGURE_WIDTH, LINE_FRAME = 5, 8, 24, 47
MOST_EXPRESSION = 400
NODE_FRAME = 16
"""Columns of a table of nodes that its borders and padding take."""
LEAST_NODE = 9
MOST_OPERATION = 12
BRIEF = 28
"""Columns left beside the numbers below which everything else is kept short."""
BETWEEN = frozenset(SYMBOLS.values()) - {"not"}
GRAD, DATA, QUIET, WRONG = "bold green", "cyan", "dim", "bold red"


def page_of(stream: IO[str]) -> Page:
    """What rich sees of a stream: colour and the width of the terminal if it is one, as the environment says."""
    seen = Console(file=stream)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return Page(seen.width, seen.is_terminal, seen.color_system, seen.no_color, encoding)


def is_unicode(page: Page) -> bool:
    return page.encoding.lower().startswith("utf")


def drawn(page: Page, *parts: RenderableType, least_width: int = 0) -> str:
    """The text of renderables, without the blanks that would fill their lines."""
    buffer = BytesIO()
    sheet = TextIOWrapper(buffer, encoding=page.encoding, errors="backslashreplace", newline="")
    console = Console(
        file=sheet,
        width=max(page.width, least_width),
        force_terminal=page.is_terminal,
        color_system=page.color_system,  # type: ignore[arg-type]
        no_color=page.no_color,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        console.print(part)
    sheet.flush()
    text = buffer.getvalue().decode(page.encoding)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def figure(value: float | None, style: str) -> Text:
    """A number; one that is not finite stands out, with colour and without."""
    if value is None:
        return Text("")
    return Text(number(value), style) if math.isfinite(value) else Text(f"! {number(value)}", WRONG)


def widest(values: Iterable[float | None]) -> int:
    """The columns that the longest of some figures takes, which are never cut."""
    return max((len(figure(value, "")) for value in values), default=0)


def framed(title: str) -> Table:
    heading = Text(printable(title), "bold") if title else None
    return Table(title=heading, title_justify="left", box=box.ROUNDED, header_style="bold")


def nodes(results: Iterable[Result], view: View) -> Iterator[str]:
    """A table of every node with its data and grad: inputs first, the output last and marked."""
    for result in results:
        rows = listed(result, view)
        shown = [node for node in rows if node is not None]
        numbers = max(len(str(node.id)) for node in shown)
        data = max(4, widest(node.data for node in shown))
        grad = max(4, widest(node.grad for node in shown))
        free = view.page.width - NODE_FRAME - numbers - data - grad
        mark = output_mark(view.page, brief=free < BRIEF)
        labels = max(cell_len(label_of(node, mark, result)) for node in shown)
        operations = max(len("operation"), max(cell_len(operation_of(node)) for node in shown))
        operations = min(operations, max(MOST_OPERATION if free >= BRIEF else len("operation"), free - labels))
        width = min(labels, max(LEAST_NODE, free - operations))
        table = framed(view.title)
        table.add_column("#", justify="right", style=QUIET, width=numbers)
        table.add_column("node", no_wrap=True, width=width)
        table.add_column("operation", no_wrap=True, overflow="ellipsis", style=QUIET, width=operations)
        table.add_column("data", justify="right", width=data)
        table.add_column("grad", justify="right", width=grad)
        for place, node in enumerate(rows):
            if node is None:
                table.add_row("⋮", f"{left_out(result, view)} nodes left out; --all-nodes shows them", style=QUIET)
                continue
            label = Text(printable(node.label), "bold" if node.id == result.output else "")
            suffix = mark if node.id == result.output else ""
            label.truncate(width - cell_len(suffix), overflow="ellipsis")
            label.append(suffix, "bold magenta")
            table.add_row(
                str(node.id), label, operation_of(node), figure(node.data, DATA), figure(node.grad, GRAD),
                end_section=is_input(node) and place + 1 < len(rows) and not is_input(rows[place + 1]),
            )  # fmt: skip
        notes = [Text(f"by convention: {where}", QUIET) for where in result.conventions]
        total = NODE_FRAME + numbers + width + operations + data + grad
        yield drawn(view.page, table, *notes, least_width=total)


def listed(result: Result, view: View) -> list[Node | None]:
    """The nodes to show; `None` stands for those that a long table leaves out."""
    shown = result.nodes or []
    inputs: list[Node | None] = [node for node in shown if is_input(node) and node.label in (result.grads or {})]
    others: list[Node | None] = [node for node in shown if not is_input(node)]
    if view.inputs_only:
        return inputs + [node for node in others if node and node.id == result.output]
    if left_out(result, view):
        half = MOST_NODES // 2
        return [*inputs, *others[:half], None, *others[-half:]]
    return inputs + others


def left_out(result: Result, view: View) -> int:
    """How many nodes a long table leaves out."""
    others = sum(not is_input(node) for node in result.nodes or [])
    return 0 if view.all_nodes or view.inputs_only else max(0, others - MOST_NODES)


def is_input(node: Node | None) -> bool:
    return node is not None and node.op == ""


def output_mark(page: Page, brief: bool) -> str:
    """What stands behind the output's label."""
    arrow = "◀" if is_unicode(page) else "<"
    return f" {arrow}" if brief else f" {arrow} output"


def label_of(node: Node, mark: str, result: Result) -> str:
    return printable(node.label) + (mark if node.id == result.output else "")


def operation_of(node: Node) -> str:
    """What a node does to which others: `#2 * #3`, `tanh #5`."""
    numbers = [f"#{operand}" for operand in node.operands]
    if not numbers:
        return "constant" if node.op == "const" else "input"
    if node.op in BETWEEN and len(numbers) == 2:
        return f" {node.op} ".join(numbers)
    if len(numbers) == 1:
        return f"{node.op} {numbers[0]}"
    return f"{node.op}({', '.join(numbers)})"


def lines(results: Iterable[Result], view: View) -> Iterator[str]:
    """A row for each result, with widths that do not depend on it, so that tables drawn one by one are one table."""
    table = Table(
        title=Text(printable(view.title), "bold") if view.title and view.first else None,
        title_justify="left",
        box=box.SIMPLE_HEAD if view.first else None,
        show_header=view.first,
        header_style="bold",
        width=view.page.width,
        padding=(0, 1),
    )
    expression_width = max(20, view.page.width - LINE_FRAME)
    table.add_column("i", justify="right", style=QUIET, width=INDEX_WIDTH, no_wrap=True)
    table.add_column("expression", width=expression_width, overflow="fold")
    table.add_column("", width=NAME_WIDTH, no_wrap=True, overflow="ellipsis", style=QUIET)
    table.add_column("value and gradients", justify="right", width=FIGURE_WIDTH, no_wrap=True)
    for result in results:
        expression = f"{result.id}: {result.expr}" if result.has_id else result.expr
        label = Text(printable(" ".join(expression.split())))
        label.truncate(MOST_EXPRESSION, overflow="ellipsis")
        if result.error is not None:
            label.append(f"\n{printable(result.error.message)}", WRONG)
        table.add_row(str(result.index), label, *names_and_figures(result))
    if table.row_count or view.first:
        yield drawn(view.page, table).strip("\n") + "\n"


def names_and_figures(result: Result) -> tuple[Text, Text]:
    """The value and below it the gradients, as lines of names and of figures; or the error."""
    if result.error is not None:
        return Text("error", WRONG), Text(printable(result.error.code), WRONG)
    grads = result.grads or {}
    names = [Text("value", "bold"), *(Text(f"d/d{printable(name)}") for name in grads)]
    figures = [figure(result.value, DATA), *(figure(grad, GRAD) for grad in grads.values())]
    return Text("\n").join(names), Text("\n").join(figures)


VERDICTS = {"pass": "bold green", "fail": WRONG, "inconclusive": "yellow"}


def checks(report: Report, view: View) -> Iterator[str]:
    """A table of each variable's gradient by the rules and numerically, and below it why a verdict is no pass."""
    table = framed(view.title)
    table.add_column("name", min_width=4)
    table.add_column("gradient", justify="right", no_wrap=True)
    table.add_column("numerical", justify="right", no_wrap=True)
    table.add_column("difference", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    notes = []
    for check in report.checks:
        table.add_row(
            printable(check.name),
            figure(check.grad, GRAD),
            Text(f"{check.numeric:.10g}", DATA),
            f"{check.difference:.1e}",
            Text(check.verdict, VERDICTS[check.verdict]),
        )
        if check.reason:
            notes.append(Text(f"{printable(check.name)}: {check.reason}", QUIET))
    yield drawn(view.page, table, *notes, least_width=TABLE_WIDTH)


def functions(groups: dict[str, list[Entry]], view: View) -> Iterator[str]:
    """The table of functions for people, group by group."""
    for group, entries in groups.items():
        table = Table(title=Text(group, "bold"), title_justify="left", box=box.SIMPLE_HEAD, header_style="bold")
        table.add_column("function", style="bold")
        table.add_column("derivative", style="green")
        table.add_column("what it is", style=QUIET)
        for entry in entries:
            table.add_row(
                Text("\n".join([entry.signature, *(f"  = {alias}" for alias in entry.aliases)])),
                Text("\n".join(entry.derivatives)),
                Text(entry.doc if entry.domain.startswith("any") else f"{entry.doc}\n{entry.domain}"),
            )
        yield drawn(view.page, table)


def conventions(entries: list[Entry], view: View) -> Iterator[str]:
    """Where mathematics leaves a derivative open, and the answer given."""
    table = framed(view.title)
    table.add_column("where")
    table.add_column("gradient", style="green")
    for entry in entries:
        for convention in entry.conventions:
            table.add_row(convention["where"], convention["gradient"])
    yield drawn(view.page, table)


def function(entry: Entry, view: View) -> Iterator[str]:
    """All there is to say of one function."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column()
    table.add_row("function", Text(entry.signature, "bold green"))
    table.add_row("is", entry.doc)
    if entry.aliases:
        table.add_row("also", ", ".join(entry.aliases))
    for place, derivative in enumerate(entry.derivatives):
        table.add_row("derivative" if not place else "", Text(derivative, "green"))
    if entry.domain:
        table.add_row("domain", entry.domain)
    for place, convention in enumerate(entry.conventions):
        table.add_row("at the edge" if not place else "", f"{convention['where']}: {convention['gradient']}")
    table.add_row("accuracy", f"both derivatives to {entry.ulp} units in the last place")
    yield drawn(view.page, table)
