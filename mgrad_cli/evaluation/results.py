"""Results of evaluations as plain records: the value, the gradients, and on request every node."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mgrad_cli.errors import MgradError

if TYPE_CHECKING:
    from mgrad_cli.evaluation.diagnosis import Finding
    from mgrad_cli.evaluation.hessian import Hessian
    from mgrad_cli.evaluation.json_record import Strict
    from mgrad_cli.evaluation.losses import Loss
    from mgrad_cli.series.sides import SidesReport


class Node(NamedTuple):
    """A node as shown. `op` is empty for an input and `const` for a constant, which has no gradient."""

    id: int
    label: str
    op: str
    operands: tuple[int, ...]
    data: float
    grad: float | None


class Figures(NamedTuple):
    """Figures beside those of a result: their doubles, accuracy or digits.

    second  of second derivatives by two variables, in the order of the Hessian
    """

    value: Any
    grads: dict[str, Any]
    second: Mapping[tuple[str, str], Any] | None = None

    def of_pair(self, a: str, b: str) -> Any:
        """Return what belongs to a second derivative by two variables, in any order; `None` without them."""
        second = self.second or {}
        return second.get((a, b), second.get((b, a)))


class RecordMember(Protocol):
    """What a result can hold as one more member of its record."""

    def members(self, finite: "Strict", path: str) -> dict[str, Any]:
        """Return the member. `finite` converts numbers for strict JSON, and `path` is where the member is."""


class Result:
    """One evaluation, or the error in its place. Gradients are keyed by input, in order of appearance.

    For proven figures, `bits` is the precision of the proof, `doubles` are the results computed in doubles, and
    `accuracy` is the number of their correct digits; or `digits` are the figures to any number of digits.
    `uncertainty` is the `Propagation` of the uncertainties of the inputs.

    `hessian` holds the second derivatives, and `hvp` their product with a vector, where these are asked for.

    Where there are several outputs, `outputs` are their results, with their names, and the figures here are the first
    one's. Without them, the result is its own only output.
    """

    def __init__(
        self,
        expr: str,
        value: float | None = None,
        grads: dict[str, float] | None = None,
        bindings: dict[str, float] | None = None,
        conventions: list[str] | None = None,
        *,
        digits: Figures | None = None,
        hessian: "Hessian | None" = None,
        findings: "list[Finding] | None" = None,
        error: MgradError | None = None,
        name: str = "",
    ) -> None:
        self.expr = expr
        self.value = value
        self.grads = grads
        self.vars = {} if bindings is None else bindings
        self.conventions = [] if conventions is None else conventions
        self.findings = [] if findings is None else findings
        self.losses: Sequence[Loss] = ()
        self.nodes: list[Node] | None = None
        self.output = 0
        self.bits = 0
        self.doubles: Figures | None = None
        self.accuracy: Figures | None = None
        self.digits = digits
        self.sides: SidesReport | None = None
        self.uncertainty: RecordMember | None = None
        self.hessian = hessian
        self.hvp: dict[str, float] | None = None
        self.error = error
        self.index = 0
        self.id: Any = None
        self.has_id = False
        self.name = name
        self.outputs: Sequence[Result] = ()

    @property
    def parts(self) -> "Sequence[Result]":
        """The result of each output."""
        return self.outputs or (self,)

    def check_size(self) -> None:
        """Raise LimitError if the whole Hessians of all outputs are too large to write."""
        if self.hessian is not None:
            self.hessian.check_size(len(self.parts))

    @property
    def has_nonfinite(self) -> bool:
        """Whether any number shown without its nodes is not finite, also a variable's own value."""
        return not self.is_finite or not all(map(math.isfinite, self.vars.values()))

    @property
    def is_finite(self) -> bool:
        """Whether the value and every derivative of every output are finite; false for an error."""
        if self.outputs:
            return all(output.is_finite for output in self.outputs)
        return (
            self.value is not None
            and math.isfinite(self.value)
            and all(map(math.isfinite, (self.grads or {}).values()))
            and (self.hessian is None or self.hessian.is_finite)
            and all(map(math.isfinite, (self.hvp or {}).values()))
        )
