"""Checks of gradients as text: a table for people, JSON and CSV for programs."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import StringIO
from typing import Any

from mgrad_cli.evaluation.gradcheck import Check
from mgrad_cli.evaluation.results import Strict
from mgrad_cli.renderers import Renderers, View, from_module


@dataclass(frozen=True, slots=True)
class Report:
    """The checks of one expression and their overall verdict."""

    expr: str
    value: float
    checks: list[Check]
    verdict: str
    method: str = "numerical"
    """The source of the derivative that the gradient is compared with."""


def as_json(report: Report, view: View) -> Iterator[str]:
    """Yield one object; numbers that are not finite are null, and `nonfinite` holds their paths and values."""
    finite = Strict()

    record: dict[str, Any] = {"v": 1, "expr": report.expr, "value": finite(report.value, "/value")}
    record["verdict"] = report.verdict
    record["checks"] = [
        {key: finite(value, f"/checks/{index}/{key}") for key, value in asdict(check).items()}
        for index, check in enumerate(report.checks)
    ]
    if finite.nonfinite:
        record["nonfinite"] = finite.nonfinite
    yield f"{json.dumps(record, allow_nan=False)}\n"


def delimited(report: Report, delimiter: str) -> Iterator[str]:
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(["name", "at", "grad", "numeric", "error", "difference", "verdict", "reason"])
    for check in report.checks:
        figures = (check.at, check.grad, check.numeric, check.error, check.difference)
        writer.writerow([check.name, *map(repr, figures), check.verdict, check.reason])
    yield buffer.getvalue()


def as_csv(report: Report, view: View) -> Iterator[str]:
    return delimited(report, ",")


def as_tsv(report: Report, view: View) -> Iterator[str]:
    return delimited(report, "\t")


CHECK_FORMATS: Renderers[Report] = {
    "table": from_module("tables.checks", "checks"),
    "json": as_json,
    "jsonl": as_json,
    "csv": as_csv,
    "tsv": as_tsv,
}
