"""Checks of gradients as text: a table for people, JSON and CSV for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from mgrad_cli.evaluation.gradcheck import Check
from mgrad_cli.evaluation.json_record import Strict
from mgrad_cli.renderers import Renderers, View, from_module
from mgrad_cli.renderers.delimited_text import delimited
from mgrad_cli.renderers.json_lines import encode


@dataclass(frozen=True, slots=True)
class Report:
    """The checks of one expression and their overall verdict.

    value       the value of the expression, or of its first output
    method      the source of the derivative that the gradient is compared with
    outputs     the values of several outputs, by name
    figure      what is compared
    """

    expr: str
    value: float
    checks: list[Check]
    verdict: str
    method: str = "numerical"
    outputs: dict[str, float] = field(default_factory=dict)
    figure: str = "gradient"

    @property
    def has_outputs(self) -> bool:
        """Whether there are several outputs."""
        return len(self.outputs) > 1


def as_json(report: Report, view: View) -> Iterator[str]:
    """Yield one object; numbers that are not finite are null, and `nonfinite` holds their paths and values."""
    finite = Strict()

    record: dict[str, Any] = {"v": 1, "expr": report.expr, "value": finite(report.value, "/value")}
    record["verdict"] = report.verdict
    record["checks"] = [
        {key: finite(value, f"/checks/{index}/{key}") for key, value in check.members.items()}
        for index, check in enumerate(report.checks)
    ]
    if report.has_outputs:
        record["outputs"] = [
            {"name": name, "value": finite(value, f"/outputs/{index}/value")}
            for index, (name, value) in enumerate(report.outputs.items())
        ]
    if finite.nonfinite:
        record["nonfinite"] = finite.nonfinite
    yield f"{encode(record)}\n"


def rows(report: Report, view: View) -> Iterator[Sequence[Any]]:
    start = ["output"] if report.has_outputs else []
    yield [*start, "name", "at", "grad", "numeric", "error", "difference", "verdict", "reason"]
    for check in report.checks:
        figures = (check.at, check.grad, check.numeric, check.error, check.difference)
        start = [check.output] if report.has_outputs else []
        yield [*start, check.name, *map(repr, figures), check.verdict, check.reason]


CHECK_FORMATS: Renderers[Report] = {
    "table": from_module("tables.checks", "checks"),
    "json": as_json,
    "jsonl": as_json,
    "csv": delimited(rows, ","),
    "tsv": delimited(rows, "\t"),
}
