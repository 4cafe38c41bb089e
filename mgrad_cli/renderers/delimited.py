"""CSV and TSV. Numbers are the shortest text that reads back as the same double; others are `nan`, `inf`, `-inf`."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from typing import Any

from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View
from mgrad_cli.renderers.node_rows import right_digits, selected_nodes
from mgrad_cli.text import printable


def nodes(results: Iterable[Result], view: View) -> Iterator[list[Any]]:
    """Yield a row for each node, or with `inputs_only` for each input and the output."""
    if view.first:
        yield ["id", "label", "op", "data", "grad", *(["digits"] if view.accuracy else [])]
    for result in results:
        for node in selected_nodes(result, view) if view.inputs_only else result.nodes or []:
            if node is not None:
                label = printable(node.label) if view.page.is_terminal else node.label
                right = right_digits(node, result)
                digits = [] if result.accuracy is None else ["" if right is None else right]
                grad = "" if node.grad is None else repr(node.grad)
                yield [node.id, label, node.op, repr(node.data), grad, *digits]


def gradients(results: Iterable[Result], view: View) -> Iterator[list[Any]]:
    """Yield a row for each variable of each result; its name is empty for an error or if there are no variables."""
    if view.first:
        yield ["i", "id", "expr", "value", "name", "grad", *(["digits_value", "digits_grad"] if view.accuracy else [])]
    for result in results:
        value = "" if result.value is None else repr(result.value)
        texts = ["" if result.id is None else id_text(result.id), result.expr]
        start = [result.index, *(map(printable, texts) if view.page.is_terminal else texts), value]
        right = result.accuracy
        for name, grad in (result.grads or {}).items():
            digits = [right.value, right.grads[name]] if view.accuracy and right is not None else []
            yield [*start, name, repr(grad), *digits]
        if not result.grads:
            yield [*start, "", "", *(["" if right is None else right.value, ""] if view.accuracy else [])]


def id_text(identity: Any) -> str:
    """Return a record's id as one cell: text unchanged, anything else as JSON."""
    return identity if isinstance(identity, str) else json.dumps(identity)


def delimited(rows: Callable[[Iterable[Result], View], Iterator[list[Any]]], delimiter: str) -> Any:
    def render(results: Iterable[Result], view: View) -> Iterator[str]:
        buffer = StringIO()
        writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
        for row in rows(results, view):
            writer.writerow(row)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    return render


nodes_csv = delimited(nodes, ",")
nodes_tsv = delimited(nodes, "\t")
gradients_csv = delimited(gradients, ",")
gradients_tsv = delimited(gradients, "\t")
