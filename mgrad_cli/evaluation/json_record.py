"""A result as a JSON object, as `result.schema.json` describes it."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mgrad_cli.evaluation.results import Node, Result

if TYPE_CHECKING:
    from mgrad_cli.series.limits import Limit
    from mgrad_cli.series.sides import SidesReport

NONFINITE_NAMES = {math.inf: "inf", -math.inf: "-inf"}


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
