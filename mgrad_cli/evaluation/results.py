"""Results of evaluations as plain records: the value, the gradients, and on request every node."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mgrad_cli.errors import BindingError, MgradError, nearest_listed
from mgrad_cli.evaluation.accuracy import estimated, is_quick
from mgrad_cli.evaluation.conventions import conventions
from mgrad_cli.evaluation.graph import Graph, evaluate
from mgrad_cli.language.lowering import Script
from mgrad_cli.value import Constant

if TYPE_CHECKING:
    from mgrad_cli.evaluation.diagnosis import Finding
    from mgrad_cli.evaluation.losses import Loss
    from mgrad_cli.evaluation.second_order import Hessian
    from mgrad_cli.series.limits import Limit
    from mgrad_cli.series.sides import SidesReport

NONFINITE_NAMES = {math.inf: "inf", -math.inf: "-inf"}


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
        doubles: Figures | None = None,
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
        self.doubles = doubles
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


def differentiate(
    unit: Script,
    bindings: Mapping[str, float],
    wrt: Sequence[str] = (),
    with_nodes: bool = False,
    explain: bool = True,
    with_hints: bool = False,
    with_digits: bool = False,
) -> Result:
    """Evaluate a script and run the backward pass from its output, or from each of several.

    `wrt` keeps only the gradients of these inputs; `explain` looks for the cause of a result that is not finite, and of
    lost digits unless that takes long; `with_hints` looks for limits that say more; `with_digits` estimates how many
    digits of each figure are right.

    Raises: BindingError for a variable without a value, or a value or a name in `wrt` without a variable; LimitError
    for a Jacobian that is too large.
    """
    graph = evaluate(unit, bindings)
    check_wrt(wrt, graph.inputs)
    request = Request(wrt or tuple(graph.inputs), with_nodes, explain, explain, with_hints, with_digits)
    if len(graph.outputs) == 1:
        return gradient(graph, request)
    from mgrad_cli.evaluation.jacobian import jacobian

    return jacobian(graph, request)


class Request(NamedTuple):
    """The figures that are wanted of a graph.

    names           the inputs whose gradients are kept
    with_losses     whether to look for lost digits unless that takes long
    """

    names: Sequence[str]
    with_nodes: bool
    explain: bool
    with_losses: bool
    with_hints: bool
    with_digits: bool


def gradient(graph: Graph, request: Request) -> Result:
    """Run the backward pass of a graph from its output, and return what is wanted of it."""
    names, with_nodes, explain, with_losses, with_hints, with_digits = request
    graph.output.backward()
    inputs = graph.inputs
    result = Result(
        graph.unit.text,
        graph.output.data,
        {name: inputs[name].grad for name in names},
        {name: node.data for name, node in inputs.items()},
        conventions(graph.nodes),
    )
    if with_nodes:
        result.nodes = shown_nodes(graph)
        result.output = graph.nodes.index(graph.output)
    if explain and (result.conventions or not result.is_finite):
        from mgrad_cli.evaluation.diagnosis import findings, with_limits

        result.findings = [] if result.is_finite else findings(graph)
        if with_hints:
            result.findings = with_limits(result.findings, graph, result.conventions)
    if with_digits or (with_losses and is_quick(graph, 1 + len(names))):
        digits, losses = estimated(graph, names)
        if with_losses:
            result.losses = losses
        if with_digits:
            result.accuracy = Figures(digits[0], dict(zip(names, digits[1:], strict=True)))
    return result


def check_wrt(wrt: Sequence[str], inputs: Collection[str]) -> None:
    """Raise BindingError for a name in `wrt` that is not an input."""
    for name in wrt:
        if name not in inputs:
            raise BindingError(f"no variable '{name}' in the expression{nearest_listed(name, inputs)}")


def shown_nodes(graph: Graph) -> list[Node]:
    """Return the nodes of a graph as records. An id is the index in the order of evaluation, inputs first."""
    from mgrad_cli.evaluation.diagnosis import describe

    indices = {id(node): index for index, node in enumerate(graph.nodes)}
    return [
        Node(
            index,
            describe(graph, index),
            "const" if isinstance(node, Constant) else node._op,
            tuple(indices[id(operand)] for operand in node._prev),
            node.data,
            None if isinstance(node, Constant) else node.grad,
        )
        for index, node in enumerate(graph.nodes)
    ]


class Strict:
    """Converts numbers for strict JSON: those that are not finite become null, and `nonfinite` keeps what they were."""

    def __init__(self) -> None:
        self.nonfinite: dict[str, str] = {}

    def __call__(self, value: Any, index: str) -> Any:
        if not isinstance(value, float) or math.isfinite(value):
            return value
        self.nonfinite[index] = NONFINITE_NAMES.get(value, "nan")
        return None


def as_record(result: Result) -> dict[str, Any]:
    """Return the result as a JSON object as `result.schema.json` describes it.

    Numbers that are not finite are null, and `nonfinite` holds their paths and values.

    Raises: LimitError for second derivatives that are too many to write.
    """
    result.check_size()
    finite = Strict()
    record: dict[str, Any] = {"v": 1, "i": result.index}
    if result.has_id:
        record["id"] = result.id
    record["expr"] = result.expr
    if result.error is not None:
        error = result.error
        record |= {"status": "error", "value": None, "grads": None}
        index = {"file": error.file, "line": error.line, "col": error.column}
        record["error"] = {"code": error.code, "message": error.message} | {
            key: value for key, value in index.items() if value is not None
        }
        return record
    record["vars"] = {name: finite(value, f"/vars/{name}") for name, value in result.vars.items()}
    record["status"] = "ok"
    record |= figure_members(result, finite, "")
    if result.nodes is not None:
        record["nodes"] = node_members(result.nodes, finite, "/nodes")
    if result.sides is not None:
        record["sides"] = sides_members(result.sides)
    if result.outputs:
        record["outputs"] = [
            output_members(output, finite, f"/outputs/{index}") for index, output in enumerate(result.outputs)
        ]
    if result.uncertainty is not None:
        record["uncertainty"] = result.uncertainty.members(finite, "/uncertainty")
    if finite.nonfinite:
        record["status"] = "nonfinite"
        record["nonfinite"] = finite.nonfinite
    return record


def output_members(output: Result, finite: Strict, path: str) -> dict[str, Any]:
    """Return one of several outputs as JSON members. `path` is where they are in the record."""
    members = {"name": output.name} | figure_members(output, finite, path)
    if output.nodes is not None:
        members["nodes"] = node_members(output.nodes, finite, f"{path}/nodes")
    if output.sides is not None:
        members["sides"] = sides_members(output.sides)
    return members


def node_members(nodes: Sequence[Node], finite: Strict, path: str) -> list[dict[str, Any]]:
    """Return nodes as JSON members. `path` is where they are in the record."""
    return [
        {
            "id": node.id,
            "label": node.label,
            "op": node.op,
            "operands": list(node.operands),
            "data": finite(node.data, f"{path}/{node.id}/data"),
            "grad": finite(node.grad, f"{path}/{node.id}/grad"),
        }
        for node in nodes
    ]


def figure_members(result: Result, finite: Strict, path: str) -> dict[str, Any]:
    """Return the value and the gradients of an output, and what is said of them, as JSON members."""
    start = f"{path}/grads/"
    members: dict[str, Any] = {
        "value": finite(result.value, f"{path}/value"),
        "grads": {name: finite(value, start + name) for name, value in (result.grads or {}).items()},
    }
    if result.hessian is not None:
        start = f"{path}/hessian/"
        members["hessian"] = {
            name: {other: finite(entry, f"{start}{name}/{other}") for other, entry in row.items()}
            for name, row in result.hessian.items()
        }
    if result.hvp is not None:
        start = f"{path}/hvp/"
        members["hvp"] = {name: finite(entry, start + name) for name, entry in result.hvp.items()}
    if result.conventions:
        members["conventions"] = result.conventions
    if result.accuracy is not None:
        members["accuracy"] = {"value": result.accuracy.value, "grads": result.accuracy.grads}
    if result.doubles is not None:
        value, grads, second = result.doubles
        start = f"{path}/certified/doubles"
        doubles = {
            "value": finite(value, f"{start}/value"),
            "grads": {name: finite(grad, f"{start}/grads/{name}") for name, grad in grads.items()},
        }
        if second is not None:
            doubles["hessian"] = {
                name: {other: finite(entry, f"{start}/hessian/{name}/{other}") for other, entry in row.items()}
                for name, row in square(second).items()
            }
        members["certified"] = {"bits": result.bits, "doubles": doubles}
    if result.digits is not None:
        members["digits"] = {"value": result.digits.value, "grads": result.digits.grads}
        if result.digits.second is not None:
            members["digits"]["hessian"] = square(result.digits.second)
    return members


def square(triangle: Mapping[tuple[str, str], Any]) -> dict[str, dict[str, Any]]:
    """Return the whole matrix of entries that are given for each pair of variables once."""
    names = dict.fromkeys(a for a, _ in triangle)
    return {a: {b: triangle.get((a, b), triangle.get((b, a))) for b in names} for a in names}


def sides_members(report: "SidesReport") -> dict[str, Any]:
    """Return the limits along each variable as JSON members. Each side has its own `nonfinite`."""
    direction = {"direction": list(report.direction)} if report.direction else {}
    return {
        name: {"left": side_members(sides.left), "right": side_members(sides.right), **direction}
        for name, sides in report.variables.items()
    }


def side_members(side: "Limit") -> dict[str, Any]:
    """Return a side as JSON members. `nonfinite` says nan where the function has no value."""
    finite = Strict()
    members: dict[str, Any] = {"value": finite(side.value, "value"), "slope": finite(side.slope, "slope")}
    if side.reason:
        members["reason"] = side.reason
    if side.is_assumed:
        members["assumed"] = True
    if finite.nonfinite:
        members["nonfinite"] = finite.nonfinite
    return members
