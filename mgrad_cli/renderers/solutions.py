"""Roots of equations as text: a table for people, JSON and CSV for programs."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mgrad_cli.analysis.solutions import Solution
from mgrad_cli.evaluation.json_record import Strict
from mgrad_cli.renderers import Renderers, View, from_module
from mgrad_cli.renderers.delimited_text import delimited
from mgrad_cli.renderers.json_lines import encode


class SolutionRow(NamedTuple):
    """A figure of a solution: an unknown with its right digits, or with `by` its derivative by a parameter."""

    name: str
    by: str
    value: float
    digits: float | None

    @property
    def label(self) -> str:
        return f"d{self.name}/d{self.by}" if self.by else self.name


def solution_rows(solution: Solution) -> Iterator[SolutionRow]:
    """Yield each unknown, followed by its derivatives."""
    for name, value in solution.root.items():
        yield SolutionRow(name, "", value, solution.digits[name])
        for parameter, slope in solution.derivatives[name].items():
            yield SolutionRow(name, parameter, slope, None)


def as_record(solution: Solution) -> dict[str, Any]:
    """Return a solution as a JSON object; numbers that are not finite are null, and `nonfinite` has their paths."""
    finite = Strict()

    def members(path: str, numbers: dict[str, float]) -> dict[str, Any]:
        return {name: finite(value, f"{path}/{name}") for name, value in numbers.items()}

    record: dict[str, Any] = {"v": 1, "expr": solution.expr, "vars": members("/vars", solution.parameters)}
    record["root"] = members("/root", solution.root)
    record["derivatives"] = {
        name: members(f"/derivatives/{name}", slopes) for name, slopes in solution.derivatives.items()
    }
    record["digits"] = solution.digits
    record["residual"] = members("/residual", solution.residual)
    record["condition"] = finite(solution.condition, "/condition")
    record |= {"multiplicity": solution.multiplicity, "method": solution.method, "iterations": solution.iterations}
    if solution.notes:
        record["notes"] = solution.notes
    if solution.proof is not None:
        boxes = {name: list(ends) for name, ends in solution.proof.box.items()}
        record["certified"] = {"bits": solution.proof.bits, "box": boxes}
    if finite.nonfinite:
        record["nonfinite"] = finite.nonfinite
    return record


def as_json(solution: Solution, view: View) -> Iterator[str]:
    """Yield one object."""
    yield f"{encode(as_record(solution))}\n"


def rows(solution: Solution, view: View) -> Iterator[Sequence[Any]]:
    """Yield a row for each unknown and each of its derivatives."""
    yield ["unknown", "by", "value", "digits"]
    for row in solution_rows(solution):
        yield [row.name, row.by, repr(row.value), "" if row.digits is None else row.digits]


SOLUTION_FORMATS: Renderers[Solution] = {
    "table": from_module("tables.solutions", "solution_table"),
    "json": as_json,
    "jsonl": as_json,
    "csv": delimited(rows, ","),
    "tsv": delimited(rows, "\t"),
}
