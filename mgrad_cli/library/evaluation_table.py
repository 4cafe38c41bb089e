"""An evaluation as an HTML table, as a notebook shows it."""

import math
from collections.abc import Collection, Iterable
from html import escape
from typing import TYPE_CHECKING

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.results import Node
from mgrad_cli.renderers.node_rows import operation_of
from mgrad_cli.text import printable

if TYPE_CHECKING:
    from mgrad_cli.library.evaluation import Evaluation

MAX_COLUMNS, MAX_ROWS = 20, 60
"""The most variables and the most rows of a table."""


def html(evaluation: "Evaluation") -> str:
    """Return the nodes, or the Jacobian of several outputs, with the conventions and findings below."""
    table = jacobian_table(evaluation) if len(evaluation.outputs) > 1 else node_table(evaluation)
    notes = [f"by convention: {where}" for where in evaluation.conventions] + list(map(str, evaluation.findings))
    return table + "".join(f"<pre>{escape(note)}</pre>" for note in notes)


def node_table(evaluation: "Evaluation") -> str:
    """Return a row for each node, the first and the last ones of many."""
    nodes, half = evaluation.nodes, MAX_ROWS // 2
    parts = [nodes] if len(nodes) <= MAX_ROWS else [nodes[:half], nodes[-half:]]
    left_out = f'<tr><td colspan="5">{len(nodes) - 2 * half} nodes left out</td></tr>'
    cited = {node.id for part in parts for node in part}
    output = evaluation.detailed.output
    rows = left_out.join("".join(node_row(node, node.id == output, cited) for node in part) for part in parts)
    heads = "".join(f"<th>{head}</th>" for head in ("#", "node", "operation", "data", "grad"))
    return f"<table><tr>{heads}</tr>{rows}</table>"


def node_row(node: Node, is_output: bool, cited: Collection[int]) -> str:
    """Return the row of a node, in bold for the output. `cited` are the nodes that the table shows."""
    words = (str(node.id), node.label, operation_of(node, cited))
    texts = "".join(f"<td>{escape(printable(each))}</td>" for each in words)
    style = ' style="font-weight:bold"' if is_output else ""
    return f"<tr{style}>{texts}{cells((node.data, node.grad))}</tr>"


def jacobian_table(evaluation: "Evaluation") -> str:
    """Return a row for each output: its value and its partial derivatives, the first ones of many."""
    jacobian = evaluation.jacobian
    variables = list(next(iter(jacobian.values())))
    shown, outputs = variables[:MAX_COLUMNS], list(evaluation.outputs)[:MAX_ROWS]
    heads = "".join(f"<th>{escape(printable(head))}</th>" for head in ("output", "value", *(f"d/d{x}" for x in shown)))
    figures = {name: cells((evaluation.outputs[name], *map(jacobian[name].get, shown))) for name in outputs}
    rows = "".join(f"<tr><td>{escape(printable(name))}</td>{each}</tr>" for name, each in figures.items())
    counts = (len(jacobian) - len(outputs), "outputs"), (len(variables) - len(shown), "variables")
    left_out = " and ".join(f"{count} {what}" for count, what in counts if count)
    more = f"<pre>{left_out} left out</pre>" if left_out else ""
    return f"<table><tr>{heads}</tr>{rows}</table>{more}"


def cells(values: Iterable[float | None]) -> str:
    """Return cells of figures, those that are not finite in bold."""
    return "".join(f'<td style="text-align:right">{figure(each)}</td>' for each in values)


def figure(value: float | None) -> str:
    """Return a figure, or nothing for none."""
    if value is None:
        return ""
    return number(value) if math.isfinite(value) else f"<b>{number(value)}</b>"
