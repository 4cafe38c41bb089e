"""The result of calling an expression: value and gradient at a point."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.results import Node, Result
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import one_output

if TYPE_CHECKING:
    from mgrad_cli.evaluation.diagnosis import Finding
    from mgrad_cli.evaluation.gradcheck import Check


class Evaluation:
    """An expression at a point.

    value           its value, a double
    grads           the partial derivative with respect to each variable, 0 for one that does not appear
    outputs         the value of each output, by its name
    jacobian        the `grads` of each output, by its name
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

    Of several outputs there are `outputs` and `jacobian`. The other figures are those of one output, and UsageError is
    raised where they are read.

    >>> Expression("x*y, x + y")(x=2, y=3)
    Evaluation(outputs={'f1': 6.0, 'f2': 5.0}, jacobian={'f1': {'x': 3.0, 'y': 2.0}, 'f2': {'x': 1.0, 'y': 1.0}})
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
        order: int = 1,
        vector: Mapping[str, float] | None = None,
    ) -> None:
        if order not in (1, 2):
            raise UsageError(f"the order must be 1 or 2, not {order!r}")
        result = self.result = differentiate(script, point, wrt, with_nodes, explain, with_hints, with_digits)
        if order > 1 or vector is not None:
            from mgrad_cli.evaluation.second_results import add_second_order

            add_second_order(result, script, order, vector, explain, with_digits)
        self.script = script
        self.outputs: dict[str, float] = {}
        self.jacobian: dict[str, dict[str, float]] = {}
        for name, part in zip(script.outputs, result.parts, strict=True):
            assert part.value is not None
            self.outputs[name] = part.value
            self.jacobian[name] = dict.fromkeys(variables, 0.0) | (part.grads or {})
        self.vars: dict[str, float] = result.vars
        self.conventions: list[str] = result.conventions
        self._is_explained = explain

    @property
    def value(self) -> float:
        """The value of the only output. Raises: UsageError if there are several."""
        return self.outputs[self._only_output]

    @property
    def grads(self) -> dict[str, float]:
        """The partial derivatives of the only output. Raises: UsageError if there are several."""
        return self.jacobian[self._only_output]

    @property
    def _only_output(self) -> str:
        if len(self.outputs) > 1:
            raise UsageError(f"the expression has {len(self.outputs)} outputs; use 'outputs' and 'jacobian'")
        return self.script.outputs[0]

    @cached_property
    def findings(self) -> "list[Finding]":
        """The causes of a value or a gradient that is not finite, or has lost digits; found on first use."""
        from mgrad_cli.evaluation.losses import warnings

        result = self.result if self._is_explained else differentiate(self.script, self.vars)
        return [*result.findings, *warnings(result.losses, self.script.text)]

    @cached_property
    def detailed(self) -> Result:
        """The result with its nodes."""
        if self.result.nodes is not None:
            return self.result
        return differentiate(self.script, self.vars, with_nodes=True, explain=False)

    @property
    def nodes(self) -> list[Node]:
        """Every node in the order of evaluation, inputs first. Raises: UsageError if there are several outputs."""
        assert self._only_output
        return self.detailed.nodes or []

    def check(self, tolerance: float | None = None, on_progress: Callable[[], None] = lambda: None) -> "list[Check]":
        """Return every gradient of every output compared with a numerical one, as `Expression.check` does.

        If Hessians were computed, they are compared instead.

        Raises: UsageError for a tolerance that is not positive; LimitError where it takes too long.
        """
        from dataclasses import replace

        from mgrad_cli.evaluation.gradcheck import TOLERANCE

        tolerance = TOLERANCE if tolerance is None else tolerance
        if not tolerance > 0:
            raise UsageError(f"the tolerance must be positive, not {tolerance!r}")
        if self.result.hessian is not None:
            from mgrad_cli.evaluation.second_check import check_hessian

            return [
                replace(check, output=part.name)
                for index, part in enumerate(self.result.parts)
                if part.hessian is not None
                for check in check_hessian(
                    one_output(self.script, index), self.vars, part.hessian, tolerance, on_progress
                )
            ]
        from mgrad_cli.evaluation.sampling import check_script

        return [
            replace(check, output=part.name)
            for index, part in enumerate(self.result.parts)
            for check in check_script(
                one_output(self.script, index), self.vars, part.grads or {}, tolerance, on_progress
            )
        ]

    def __repr__(self) -> str:
        if len(self.outputs) > 1:
            return f"Evaluation(outputs={self.outputs!r}, jacobian={self.jacobian!r})"
        return f"Evaluation(value={self.value!r}, grads={self.grads!r})"

    def _repr_html_(self) -> str:
        """Return the nodes, or the Jacobian of several outputs, as an HTML table with notes below it."""
        from mgrad_cli.library.evaluation_table import html

        return html(self)
