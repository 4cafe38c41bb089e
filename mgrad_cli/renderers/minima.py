"""Minima as text: a table for people, JSON and CSV for programs, and the steps of the search as JSON Lines."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from mgrad_cli.analysis.extremum import Extremum
from mgrad_cli.analysis.objective import Iterate
from mgrad_cli.analysis.verdicts import verdict
from mgrad_cli.evaluation.json_record import Strict
from mgrad_cli.renderers import Renderers, View, from_module
from mgrad_cli.renderers.delimited_text import delimited
from mgrad_cli.renderers.json_lines import encode


def record_of(found: Extremum, with_path: bool) -> dict[str, Any]:
    """Return a minimum as a JSON object; numbers that are not finite are null, and `nonfinite` holds their paths."""
    finite = Strict()

    def members(numbers: dict[str, float], path: str) -> dict[str, Any]:
        return {name: finite(value, f"{path}/{name}") for name, value in numbers.items()}

    record: dict[str, Any] = {"v": 1, "expr": found.expr, "status": "ok" if found.is_found else "failed"}
    record |= {"goal": found.goal, "kind": found.kind, "message": verdict(found)}
    record["value"] = finite(found.value, "/value")
    record["at"] = members(found.point, "/at")
    record["gradient"] = members(found.gradient, "/gradient")
    record["gradient_norm"] = finite(found.gradient_norm, "/gradient_norm")
    record["eigenvalues"] = found.eigenvalues
    if found.bounds:
        record["bounds"] = {
            name: [finite(low, f"/bounds/{name}/0"), finite(high, f"/bounds/{name}/1")]
            for name, (low, high) in found.bounds.items()
        }
        record["active"] = found.active
    if found.parameters:
        record["parameters"] = members(found.parameters, "/parameters")
        record["sensitivity"] = {
            "value": members(found.value_by, "/sensitivity/value"),
            "at": {name: members(slopes, f"/sensitivity/at/{name}") for name, slopes in found.point_by.items()},
        }
    if found.passed:
        record["passed"] = [{"kind": each.kind, "at": each.point} for each in found.passed]
    if found.conventions:
        record["conventions"] = found.conventions
    record |= {"method": found.method, "iterations": found.iterations, "evaluations": asdict(found.evaluations)}
    if with_path:
        record["trace"] = [step_of(found, index, each) for index, each in enumerate(found.path)]
    if finite.nonfinite:
        record["nonfinite"] = finite.nonfinite
    return record


def step_of(found: Extremum, index: int, iterate: Iterate) -> dict[str, Any]:
    """Return a step of the search as a JSON object."""
    finite = Strict()
    step: dict[str, Any] = {"i": index, "at": dict(zip(found.point, iterate.point.tolist(), strict=True))}
    step["value"] = finite(iterate.value, "/value")
    step["gradient_norm"] = finite(iterate.gradient_norm, "/gradient_norm")
    if finite.nonfinite:
        step["nonfinite"] = finite.nonfinite
    return step


def as_json(found: Extremum, view: View) -> Iterator[str]:
    yield f"{encode(record_of(found, with_path=view.all_nodes))}\n"


def trace(found: Extremum, view: View) -> Iterator[str]:
    """Yield the points that the search accepted, one JSON object a line."""
    for index, iterate in enumerate(found.path):
        yield f"{encode(step_of(found, index, iterate))}\n"


def rows(found: Extremum, view: View) -> Iterator[Sequence[Any]]:
    """Yield a row for the minimum and one for each unknown, with the derivatives by the parameters."""
    yield ["name", "value", "gradient", "bound", *(f"d_{name}" for name in found.parameters)]
    yield [found.goal, repr(found.value), "", "", *slopes_of(found, found.value_by)]
    for name, value in found.point.items():
        slopes = slopes_of(found, found.point_by.get(name, {}))
        yield [name, repr(value), repr(found.gradient[name]), found.active.get(name, ""), *slopes]


def slopes_of(found: Extremum, slopes: dict[str, float]) -> Sequence[str]:
    return [repr(slopes[name]) if name in slopes else "" for name in found.parameters]


MINIMUM_FORMATS: Renderers[Extremum] = {
    "table": from_module("tables.minima", "minimum"),
    "json": as_json,
    "jsonl": as_json,
    "csv": delimited(rows, ","),
    "tsv": delimited(rows, "\t"),
}
"""The formats of a minimum."""
