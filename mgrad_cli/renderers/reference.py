"""The table of operations, for people and for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from mgrad_cli.language.printing import derivatives
from mgrad_cli.operations import TABLE, Operation, call_name, rows, signature
from mgrad_cli.operations.operation import SYMBOLS
from mgrad_cli.renderers import Renderers, View, from_module
from mgrad_cli.renderers.markdown import code, table


@dataclass(frozen=True, slots=True)
class FunctionEntry:
    """A row of the table in words: derivatives are formulas, one for each operand."""

    name: str
    signature: str
    aliases: list[str]
    derivatives: list[str]
    domain: str
    doc: str
    conventions: list[dict[str, str]]
    ulp: int


def form(name: str, written: str, doc: str) -> FunctionEntry:
    """Return the entry of a function that binds a name: it has no derivatives of its own, since it is expanded."""
    return FunctionEntry(name, written, [], [], "", doc, [], 0)


FORM_ENTRIES = {
    each.name: each
    for each in (
        form("sum", "sum(k, 1, 10, f)", "sum of f for k from 1 to 10; k is a name of its own in f"),
        form("prod", "prod(k, 1, 10, f)", "product of f for k from 1 to 10"),
        form("diff", "diff(f, x, n=1)", "nth derivative of f by x, a variable or a parameter"),
    )
}


def entry(operation: Operation) -> FunctionEntry:
    formulas = derivatives(operation)
    if len(formulas) > 1:
        formulas = [f"d/d{name}: {formula}" for name, formula in zip(operation.operands, formulas, strict=True)]
    return FunctionEntry(
        operation.name,
        written(operation),
        list(operation.aliases),
        formulas,
        operation.domain,
        operation.doc,
        [{"where": edge.where, "gradient": edge.gradient} for edge in operation.conventions],
        operation.ulp,
    )


def written(operation: Operation) -> str:
    """Return how people write an operation: `a + b`, `not x`, or `log(x, base)` if the name has several rows."""
    symbol = SYMBOLS.get(operation.name)
    if symbol is None:
        return signature(operation, call_name(operation))
    if len(operation.operands) == 1:
        return f"{symbol} x" if symbol == "not" else f"{symbol}x"
    return f"a {symbol} b"


def entries(with_helpers: bool = False) -> dict[str, list[FunctionEntry]]:
    """Return every row in words, by group; internal rows only on request. Forms are the last group."""
    groups = {
        group: [entry(operation) for operation in operations if with_helpers or not operation.is_internal]
        for group, operations in rows().items()
    }
    return groups | {"sums and derivatives": list(FORM_ENTRIES.values())}


def entries_of(name: str) -> list[FunctionEntry]:
    """Return the entries of the functions of one name."""
    return [FORM_ENTRIES[name]] if name in FORM_ENTRIES else [entry(operation) for operation in TABLE.get(name, ())]


def groups_json(groups: dict[str, list[FunctionEntry]], view: View) -> Iterator[str]:
    yield f"{json.dumps([asdict(one) for group in groups.values() for one in group])}\n"


def entries_json(some: list[FunctionEntry], view: View) -> Iterator[str]:
    yield f"{json.dumps([asdict(one) for one in some])}\n"


def groups_markdown(groups: dict[str, list[FunctionEntry]], view: View) -> Iterator[str]:
    """Yield a heading and a table for each group, as GitHub's Markdown has them."""
    for group, some in groups.items():
        yield f"\n## {group.capitalize()}\n\n"
        yield from entries_markdown(some, view)
    yield "\n"


def entries_markdown(some: list[FunctionEntry], view: View) -> Iterator[str]:
    yield table(
        ("function", "also", "derivative", ""),
        [
            [code(one.signature), ", ".join(map(code, one.aliases)), "<br>".join(map(code, one.derivatives)), one.doc]
            for one in some
        ],
    )


def conventions_markdown(some: list[FunctionEntry], view: View) -> Iterator[str]:
    edges = [edge for one in some for edge in one.conventions]
    yield table(("where", "gradient"), [[code(edge["where"]), edge["gradient"]] for edge in edges])


def conventions_json(some: list[FunctionEntry], view: View) -> Iterator[str]:
    edges = [{"function": one.name, **edge} for one in some for edge in one.conventions]
    yield f"{json.dumps(edges)}\n"


TABLE_FORMATS: Renderers[dict[str, list[FunctionEntry]]] = {
    "table": from_module("tables.functions", "functions"),
    "json": groups_json,
    "markdown": groups_markdown,
}
ENTRY_FORMATS: Renderers[list[FunctionEntry]] = {
    "table": from_module("tables.functions", "chosen"),
    "json": entries_json,
    "markdown": entries_markdown,
}
CONVENTION_FORMATS: Renderers[list[FunctionEntry]] = {
    "table": from_module("tables.functions", "conventions"),
    "json": conventions_json,
    "markdown": conventions_markdown,
}
