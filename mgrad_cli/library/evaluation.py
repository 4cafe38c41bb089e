"""The result of calling an expression: value and gradient at a point, shown as a table in a notebook."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from mgrad_cli.evaluation.diagnosis import Finding, number
from mgrad_cli.evaluation.results import Node, Result, differentiate
from mgrad_cli.language.lowering import Script
from mgrad_cli.text import printable

if TYPE_CHECKING:
    from mgrad_cli.evaluation.gradcheck import Check

MAX_ROWS = 60
"""The most rows of a table in a notebook."""


class Evaluation:
    """An expression at a point.

    value           its value, a double
    grads           the partial derivative with respect to each variable, 0 for one that does not appear
    vars            the value of each variable that appears
    nodes           every node in the order of evaluation, inputs first: `id`, `label`, `op`, `operands`, `data`, `grad`
    conventions     the rules used at kinks and edges
    findings        the causes of a value or a gradient that is not finite, or has lost digits

    >>> from mgrad_cli import Expression
    >>> result = Expression("relu(x) + 2*y")(x=0, y=2)
    >>> result
    Evaluation(value=4.0, grads={'x': 0.0, 'y': 2.0})
    >>> result.conventions
    ['relu(x) at 0']
    >>> [(node.label, node.data) for node in result.nodes]
    [('x', 0.0), ('y', 2.0), ('relu(x)', 0.0), ('2', 2.0), ('2*y', 4.0), ('relu(x) + 2*y', 4.0)]
    """

    def __init__(
        self,
        script: Script,
        variables: Sequence[str],
        point: Mapping[str, float],
        wrt: Sequence[str] = (),
        with_nodes: bool = False,
        with_hints: bool = False,
        with_digits: bool = False,
        explain: bool = True,
    ) -> None:
        result = self.result = differentiate(script, point, wrt, with_nodes, explain, with_hints, with_digits)
        assert result.value is not None
        self.script = script
        self.value: float = result.value
        self.grads: dict[str, float] = dict.fromkeys(variables, 0.0) | (result.grads or {})
        self.vars: dict[str, float] = result.vars
        self.conventions: list[str] = result.conventions
        self._is_explained = explain

    @cached_property
    def findings(self) -> list[Finding]:
        """The causes of a value or a gradient that is not finite, or has lost digits; found on first use."""
        from mgrad_cli.evaluation.losses import warnings

        result = self.result if self._is_explained else differentiate(self.script, self.vars)
        return [*result.findings, *warnings(result.losses, self.script.text)]

    @cached_property
    def _detailed(self) -> Result:
        if self.result.nodes is not None:
            return self.result
        return differentiate(self.script, self.vars, with_nodes=True, explain=False)

    @property
    def nodes(self) -> list[Node]:
        """Every node in the order of evaluation, inputs first."""
        return self._detailed.nodes or []

    def check(self, tolerance: float | None = None, on_progress: Callable[[], None] = lambda: None) -> "list[Check]":
        """Return every gradient compared with a numerical derivative, as `Expression.check` does.

        Raises: LimitError where it takes too long.
        """
        from mgrad_cli.evaluation.gradcheck import TOLERANCE
        from mgrad_cli.evaluation.sampling import check_unit

        grads = self.result.grads or {}
        return check_unit(self.script, self.vars, grads, tolerance or TOLERANCE, on_progress)

    def __repr__(self) -> str:
        return f"Evaluation(value={self.value!r}, grads={self.grads!r})"

    def _repr_html_(self) -> str:
        """Return the nodes as an HTML table, with conventions and findings below it."""
        from html import escape

        half = MAX_ROWS // 2
        parts = [self.nodes] if len(self.nodes) <= MAX_ROWS else [self.nodes[:half], self.nodes[-half:]]
        left_out = f'<tr><td colspan="5">{len(self.nodes) - 2 * half} nodes left out</td></tr>'
        cited = {node.id for part in parts for node in part}
        output = self._detailed.output
        rows = left_out.join("".join(row(node, node.id == output, cited) for node in part) for part in parts)
        heads = "".join(f"<th>{head}</th>" for head in ("#", "node", "operation", "data", "grad"))
        notes = [f"by convention: {where}" for where in self.conventions] + list(map(str, self.findings))
        return f"<table><tr>{heads}</tr>{rows}</table>" + "".join(f"<pre>{escape(note)}</pre>" for note in notes)


def row(node: Node, is_output: bool, cited: Collection[int]) -> str:
    from html import escape

    from mgrad_cli.renderers.node_rows import operation_of

    figures = "".join(f'<td style="text-align:right">{figure(each)}</td>' for each in (node.data, node.grad))
    words = (str(node.id), node.label, operation_of(node, cited))
    texts = "".join(f"<td>{escape(printable(each))}</td>" for each in words)
    style = ' style="font-weight:bold"' if is_output else ""
    return f"<tr{style}>{texts}{figures}</tr>"


def figure(value: float | None) -> str:
    if value is None:
        return ""
    return number(value) if math.isfinite(value) else f"<b>{number(value)}</b>"
