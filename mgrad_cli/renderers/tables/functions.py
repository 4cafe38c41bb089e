"""The table of operations for people."""

from collections.abc import Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from mgrad_cli.renderers import View
from mgrad_cli.renderers.reference import FunctionEntry
from mgrad_cli.renderers.tables.drawing import QUIET, drawn, framed

MIN_WIDTH = 60


def functions(groups: dict[str, list[FunctionEntry]], view: View) -> Iterator[str]:
    """Yield the table of functions, group by group."""
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
        yield drawn(view.page, table, least_width=MIN_WIDTH)


def conventions(entries: list[FunctionEntry], view: View) -> Iterator[str]:
    """Yield the derivatives that mathematics leaves open, and the values used."""
    table = framed(view.title)
    table.add_column("where")
    table.add_column("gradient", style="green")
    for entry in entries:
        for convention in entry.conventions:
            table.add_row(convention["where"], convention["gradient"])
    yield drawn(view.page, table, least_width=MIN_WIDTH)


def chosen(entries: list[FunctionEntry], view: View) -> Iterator[str]:
    """Yield everything about the functions of one name."""
    return (piece for entry in entries for piece in function(entry, view))


def function(entry: FunctionEntry, view: View) -> Iterator[str]:
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
    if entry.ulp:
        table.add_row("accuracy", f"both derivatives to {entry.ulp} units in the last place")
    yield drawn(view.page, table, least_width=MIN_WIDTH)
