"""Renderers: for each format a function from results to pieces of text, imported at its first call."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import IO, Any, NamedTuple, TypeAlias, TypeVar

from mgrad_cli.evaluation.results import Result


class Page(NamedTuple):
    """The page on which tables are drawn: its width in columns, and what it can show.

    digits      the significant digits that figures are rounded to; `None` for all
    """

    width: int = 80
    is_terminal: bool = False
    color_system: str | None = None
    no_color: bool = True
    encoding: str = "utf-8"
    digits: int | None = None


class View(NamedTuple):
    """How results are shown.

    first       whether headings precede them
    accuracy    whether they say how many digits are right
    order       the highest order of the derivatives
    has_product whether products of Hessians with a vector are among them
    uncertainty whether rows of several expressions have columns of uncertainties
    """

    page: Page = Page()
    title: str = ""
    inputs_only: bool = False
    all_nodes: bool = False
    first: bool = True
    accuracy: bool = False
    order: int = 1
    has_product: bool = False
    uncertainty: bool = False


Content = TypeVar("Content")
Renderers: TypeAlias = dict[str, Callable[[Content, View], Iterator[str]]]


def from_module(module: str, function: str) -> Callable[..., Any]:
    @cache
    def imported() -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(import_module(f"mgrad_cli.renderers.{module}"), function)
        return found

    return lambda *arguments: imported()(*arguments)


def page_for(output_format: str, stream: IO[str], digits: int | None = None) -> Page:
    """Return the page for a format; only tables need to know all of it."""
    if output_format != "table":
        return Page(is_terminal=stream.isatty(), digits=digits)
    page: Page = import_module("mgrad_cli.renderers.pages").page_of(stream)
    return page._replace(digits=digits)


class ResultFormat(NamedTuple):
    """How the result of one expression is written.

    render          a function from results to pieces of text
    proven          the same for results whose figures are proven: a row for the value and for each gradient
    uncertain       the same for results with uncertainties: a row for each input
    needs_nodes     whether it shows every node, which results hold only on request
    has_sides       whether it shows limits from both sides
    """

    render: Callable[[Iterable[Result], View], Iterator[str]]
    proven: Callable[[Iterable[Result], View], Iterator[str]]
    uncertain: Callable[[Iterable[Result], View], Iterator[str]]
    needs_nodes: bool = False
    has_sides: bool = False


RECORDS = from_module("json_lines", "lines")
JSON = ResultFormat(RECORDS, RECORDS, RECORDS, has_sides=True)

EVAL_FORMATS = {
    "table": ResultFormat(
        from_module("tables.nodes", "nodes"),
        from_module("tables.figures", "figures"),
        from_module("tables.uncertainties", "budget"),
        needs_nodes=True,
        has_sides=True,
    ),
    "json": JSON,
    "jsonl": JSON,
    "csv": ResultFormat(
        from_module("delimited", "nodes_csv"),
        from_module("figures", "as_csv"),
        from_module("uncertainties", "budget_csv"),
        needs_nodes=True,
    ),
    "tsv": ResultFormat(
        from_module("delimited", "nodes_tsv"),
        from_module("figures", "as_tsv"),
        from_module("uncertainties", "budget_tsv"),
        needs_nodes=True,
    ),
    "markdown": ResultFormat(
        from_module("markdown", "nodes"),
        from_module("markdown", "figures"),
        from_module("markdown", "budget"),
        needs_nodes=True,
        has_sides=True,
    ),
}
"""The formats of one expression; tables have a row for each node."""

PointWriter: TypeAlias = Callable[[int, Mapping[str, Any], Sequence[float]], str]
"""Writes the line of a formula at a point, given its index, the record that asked for it, and finite numbers.

The numbers are the values of the inputs, the value of the formula, and the partial derivative by each input.
"""
PointWriterMaker: TypeAlias = Callable[[str, Sequence[str]], PointWriter]
"""Makes the `PointWriter` of a formula, given its text and the names of its inputs."""


class RecordFormat(NamedTuple):
    """How the results of many expressions are written.

    render          a function from results to pieces of text; lines of a `PointWriter` may be among the results
    point_writer    makes a `PointWriter`, for a format whose lines do not depend on what else is shown
    """

    render: Callable[[Iterable[Any], View], Iterator[str]]
    point_writer: PointWriterMaker | None = None


JSON_RECORDS = RecordFormat(RECORDS, from_module("json_lines", "point_writer"))

BATCH_FORMATS = {
    "json": JSON_RECORDS,
    "jsonl": JSON_RECORDS,
    "table": RecordFormat(from_module("tables.records", "lines")),
    "csv": RecordFormat(from_module("delimited", "gradients_csv")),
    "tsv": RecordFormat(from_module("delimited", "gradients_tsv")),
}
"""The formats of many expressions: a row for each, or in CSV one for each variable of each."""

ROW_FORMATS: Renderers[Any] = {"table": from_module("tables.rows", "lines")}
"""The formats of rows that are shown, not written with the data: a table of the first rows."""
