"""CSV and TSV. Numbers are the shortest text that reads back as the same double; others are `nan`, `inf`, `-inf`."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View
from mgrad_cli.renderers.delimited_text import delimited
from mgrad_cli.renderers.figures import figure_rows
from mgrad_cli.renderers.jacobian import UNCERTAINTY_COLUMNS, entries
from mgrad_cli.renderers.node_rows import right_digits, selected_nodes
from mgrad_cli.renderers.second_order import second_cells, second_columns
from mgrad_cli.text import printable


def nodes(results: Iterable[Result], view: View) -> Iterator[list[Any]]:
    """Yield a row for each node, or with `inputs_only` for each input and the output.

    Of several outputs, yield a row for each output and variable; with second derivatives, for each figure.
    """
    has_heading = not view.first
    for result in results:
        if view.order > 1 or view.has_product:
            yield from figures(result, view)
        elif result.outputs:
            yield from outputs(result, view)
        if result.outputs or view.order > 1 or view.has_product:
            continue
        if not has_heading:
            yield ["id", "label", "op", "data", "grad", *(["digits"] if view.accuracy else [])]
            has_heading = True
        for node in selected_nodes(result, view) if view.inputs_only else result.nodes or []:
            if node is not None:
                label = printable(node.label) if view.page.is_terminal else node.label
                right = right_digits(node, result)
                digits = [] if result.accuracy is None else ["" if right is None else right]
                grad = "" if node.grad is None else repr(node.grad)
                yield [node.id, label, node.op, repr(node.data), grad, *digits]


def figures(result: Result, view: View) -> Iterator[list[Any]]:
    """Yield a heading, and a row for the value, each derivative, each second one, and each product with a vector."""
    result.check_size()
    output = ["output"] if result.outputs else []
    digits = ["digits"] if view.accuracy else []
    yield [*output, "name", "value", *digits]
    for row in figure_rows(result):
        names = [row.output, row.name] if output else [row.name]
        right = ["" if row.accuracy is None else row.accuracy] if digits else []
        yield [*(map(printable, names) if view.page.is_terminal else names), repr(row.figure), *right]


def outputs(result: Result, view: View) -> Iterator[list[Any]]:
    """Yield a heading, and a row for each output and variable."""
    yield ["output", "value", "name", "grad", *(["digits_value", "digits_grad"] if view.accuracy else [])]
    for output, value, name, *others in entries(result, view):
        names = map(printable, (output, name)) if view.page.is_terminal else (output, name)
        output, name = names
        yield [output, value, name, *others]


def gradients(results: Iterable[Result], view: View) -> Iterator[list[Any]]:
    """Yield a row for each variable of each result; its name is empty for an error or if there are no variables.

    A result with several outputs has a row for each output and variable, with the name `u.x`. With a Hessian there is a
    row for each pair of variables.
    """
    if view.first:
        digits = ["digits_value", "digits_grad"] if view.accuracy else []
        widths = UNCERTAINTY_COLUMNS if view.uncertainty else ()
        yield ["i", "id", "expr", "value", "name", "grad", *digits, *widths, *second_columns(view)]
    for result in results:
        texts = ["" if result.id is None else id_text(result.id), result.expr]
        start = [result.index, *(map(printable, texts) if view.page.is_terminal else texts)]
        parts = {part.name: part for part in result.parts}
        for output, value, name, grad, *others in entries(result, view):
            cells = [*start, value, f"{output}.{name}" if result.outputs else name, grad, *others]
            for more in second_cells(parts[output], name, view):
                yield [*cells, *more]


def id_text(identity: Any) -> str:
    """Return a record's id as one cell: text unchanged, anything else as JSON."""
    return identity if isinstance(identity, str) else json.dumps(identity)


nodes_csv = delimited(nodes, ",")
nodes_tsv = delimited(nodes, "\t")
gradients_csv = delimited(gradients, ",")
gradients_tsv = delimited(gradients, "\t")
