"""Records of parts: small JSON files, complete or absent, that later attempts and runs check."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from mgrad_cli.data.destination import part_name, part_path
from mgrad_cli.mapping.outcome import Counts
from mgrad_cli.mapping.part import Part
from mgrad_cli.mapping.summation import ExactSum
from mgrad_cli.mapping.task import MapTask
from mgrad_cli.storage.stores import joined, opened, state_of
from mgrad_cli.storage.streams import opened_output

SUCCESS = "_SUCCESS"
SCRATCH, DONE = "_tmp", "done"
"""The folder in an output folder for the state of a run, and in it the folder for records of parts."""
JOB, LOCK = "job.json", "lock"


@dataclass(slots=True)
class PartOutcome:
    """The outcome of a part.

    sums        the exact sums of the value and each partial derivative
    size        the size of the output in bytes
    types       the types of the columns to keep, by name, if the output has types
    messages    the messages of the first bad rows and of the last
    error       the error that stops the run, with its exit code, and whether a single row is the cause
    lost        why the attempt was lost; another one may succeed
    """

    part: int
    counts: Counts = field(default_factory=Counts)
    sums: list[ExactSum] = field(default_factory=list)
    size: int = 0
    seconds: float = 0.0
    types: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    error: str = ""
    exit_code: int = 0
    is_bad_row: bool = False
    lost: str = ""

    @property
    def text(self) -> str:
        sums = [[hex(each.units), each.count, repr(each.nonfinite)] for each in self.sums]
        plain = ("part", "size", "seconds", "types", "messages", "error", "exit_code", "is_bad_row", "lost")
        record = {name: getattr(self, name) for name in plain}
        return json.dumps({**record, "counts": asdict(self.counts), "sums": sums})


def outcome_of(text: str) -> PartOutcome:
    """Return the outcome that `text` describes."""
    record = json.loads(text)
    counts = Counts(**record.pop("counts"))
    sums = [ExactSum(int(units, 16), count, float(rest)) for units, count, rest in record.pop("sums")]
    return PartOutcome(**record, counts=counts, sums=sums)


def summed(outcomes: Iterable[PartOutcome]) -> list[ExactSum]:
    """Return the sums over all parts."""
    totals: list[ExactSum] = []
    for outcome in outcomes:
        totals = totals or [ExactSum() for _ in outcome.sums]
        for total, part in zip(totals, outcome.sums, strict=True):
            total.merge(part)
    return totals


def differing_types(outcomes: Iterable[PartOutcome]) -> dict[str, list[str]]:
    """Return the columns whose type differs between parts, with these types."""
    found: dict[str, set[str]] = {}
    for outcome in outcomes:
        for column, kind in outcome.types.items():
            found.setdefault(column, set()).add(kind.removeprefix("large_"))
    return {column: sorted(kinds) for column, kinds in found.items() if len(kinds) > 1}


def done_path(folder: str, part: Part) -> str:
    return joined(joined(joined(folder, SCRATCH), DONE), f"{part.name}.json")


def is_record(name: str) -> bool:
    """Return whether a file in the folder of records is a complete record."""
    return name.startswith("part-") and name.endswith(".json")


def record_done(folder: str, task: MapTask, part: Part, outcome: PartOutcome, scratch: str | None) -> None:
    """Record that a part is done. The record is written in the folder `scratch` first."""
    record = {"task": task.digest, "part": part.recorded.text, "file": part_name(part.number, task.file_format)}
    write_record(done_path(folder, part), {**record, "outcome": outcome.text}, scratch)


def recorded_outcome(folder: str, task: MapTask, part: Part) -> PartOutcome | None:
    """Return the outcome of a part if it is recorded and its output is there."""
    record = read_record(done_path(folder, part)) or {}
    if record.get("task") != task.digest or record.get("part") != part.recorded.text:
        return None
    try:
        outcome = outcome_of(record["outcome"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None  # the record is damaged: do the part again
    state = state_of(part_path(folder, part.number, task.file_format))
    return outcome if state is not None and state.size == outcome.size else None


def write_record(path: str, record: dict[str, Any], scratch: str | None = None) -> None:
    with opened_output(path, scratch=scratch) as output:
        output.write(f"{json.dumps(record)}\n")


def read_record(path: str) -> dict[str, Any] | None:
    """Return the content of a record; `None` if there is none, or it is damaged."""
    try:
        with opened(path) as file:
            record = json.loads(file.read())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None
