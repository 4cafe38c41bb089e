"""Results to text: for each format a function from results to pieces of text, imported when it is called for."""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import IO, Any, NamedTuple, TypeAlias, TypeVar

from mgrad_cli.evaluation.results import Result


class Page(NamedTuple):
    """What tables are drawn on: its width in columns, and what it can show."""

    width: int = 80
    is_terminal: bool = False
    color_system: str | None = None
    no_color: bool = True
    encoding: str = "utf-8"


class View(NamedTuple):
    """How results are to be shown; `first` is whether headings go before them."""

    page: Page = Page()
    title: str = ""
    inputs_only: bool = False
    all_nodes: bool = False
    first: bool = True


Content = TypeVar("Content")
Renderers: TypeAlias = dict[str, Callable[[Content, View], Iterator[str]]]


def from_module(module: str, function: str) -> Callable[..., Iterator[str]]:
    def render(*arguments: Any) -> Iterator[str]:
        renderer: Callable[..., Iterator[str]] = getattr(import_module(f"mgrad_cli.renderers.{module}"), function)
        return renderer(*arguments)

    return render


def page_for(output_format: str, stream: IO[str]) -> Page:
    """The page that a format is for; only tables need to know all of it."""
    if output_format != "table":
        return Page(is_terminal=stream.isatty())
    page: Page = import_module("mgrad_cli.renderers.tables.drawing").page_of(stream)
    return page


class ResultFormat(NamedTuple):
    """How the result of one expression is written.

    render          from results to pieces of text
    needs_nodes     whether it shows every node, which results hold on request only
    """

    render: Callable[[Iterable[Result], View], Iterator[str]]
    needs_nodes: bool = False


EVAL_FORMATS = {
    "table": ResultFormat(from_module("tables.nodes", "nodes"), needs_nodes=True),
    "json": ResultFormat(from_module("records", "lines")),
    "jsonl": ResultFormat(from_module("records", "lines")),
    "csv": ResultFormat(from_module("delimited", "nodes_csv"), needs_nodes=True),
    "tsv": ResultFormat(from_module("delimited", "nodes_tsv"), needs_nodes=True),
}
"""One expression, by the names of the formats; tables have a row for each node."""

PROOF_FORMATS: Renderers[Iterable[Result]] = {
    "table": from_module("tables.figures", "figures"),
    "json": from_module("records", "lines"),
    "jsonl": from_module("records", "lines"),
    "csv": from_module("figures", "as_csv"),
    "tsv": from_module("figures", "as_tsv"),
}
"""One expression whose figures are proven: a row for the value and for each gradient."""

BATCH_FORMATS: Renderers[Iterable[Result]] = {
    "json": from_module("records", "lines"),
    "jsonl": from_module("records", "lines"),
    "table": from_module("tables.records", "lines"),
    "csv": from_module("delimited", "gradients_csv"),
    "tsv": from_module("delimited", "gradients_tsv"),
}
"""Many expressions: a row for each, or in CSV for each variable of each."""

ROW_FORMATS: Renderers[Any] = {"table": from_module("tables.rows", "lines")}
"""Rows of data: the first of them, as a table; the other formats are written with the data."""
