"""The output folder of a run: created, resumed if a run was interrupted, and marked complete at the end.

part-00007.parquet      the results of a part
_tmp/                   the state of the run
_SUCCESS                written last: the folder is complete
"""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from importlib import metadata
from typing import Any

from mgrad_cli import __version__
from mgrad_cli.data.destination import part_name, part_path
from mgrad_cli.errors import OutputError, UsageError
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.mapping.outcome import Counts
from mgrad_cli.mapping.part import Part
from mgrad_cli.mapping.records import (
    DONE,
    JOB,
    SCRATCH,
    SUCCESS,
    PartOutcome,
    is_record,
    read_record,
    recorded_outcome,
    summed,
    write_record,
)
from mgrad_cli.mapping.scratch import (
    JobRecord,
    clear_runs,
    clear_scratch,
    foreign_names,
    read_job,
    recorded_files,
    scratch_path,
)
from mgrad_cli.mapping.swap import drop_staged, is_staged_complete, put_in_place, staged_path
from mgrad_cli.mapping.task import MapTask
from mgrad_cli.storage.stores import is_address, joined, names_in, remove, remove_folder, state_of, translate_os_errors
from mgrad_cli.text import truncate

MAX_SHOWN = 80
NAMES = {
    "expression": "the expression", "renamed": "--col", "values": "the values of variables",
    "file_format": "--format", "kernel": "the kernel", "columns": "the columns of the data",
    "members": "the columns of the data",
    "uncertain": "--u or --corr",
}  # fmt: skip
"""The members of a task that messages do not call by the name of their option."""


class Folder:
    """An output folder that this run alone writes to, staged or not. Messages call it `name`."""

    def __init__(
        self, path: str, task: MapTask, parts: Sequence[Part], name: str = "", is_staged: bool = False
    ) -> None:
        self.path = path
        self.name = name or path
        self.is_staged = is_staged
        self.task = task
        self.parts = parts
        self.outcomes: dict[int, PartOutcome] = {}
        self.finished: dict[str, Any] | None = None

    def begin(self, resumes: bool, overwrites: bool) -> "Folder":
        """Prepare a run; return this folder, or the one for results that will replace the results in this one.

        Raises: UsageError for a folder that is not empty and is not, or cannot be, resumed or replaced.
        """
        with translate_os_errors(f"write '{self.name}'", OutputError):
            names = [name for name in names_in(self.path) if not name.startswith(".")]
            has_content = any(name != SCRATCH or JOB in names_in(scratch_path(self.path)) for name in names)
            if has_content and not (resumes or overwrites):
                is_unfinished = any(read_job(path) is not None for path in (self.path, staged_path(self.path)))
                advice = "--resume continues its unfinished run, " if is_unfinished else ""
                raise UsageError(f"the folder '{self.name}' is not empty; {advice}--overwrite starts again")
            if has_content and is_staged_complete(self.path):
                put_in_place(self.path)
            resumes &= has_content
            for name in foreign_names(self.path):
                if not resumes or name.startswith(SCRATCH):
                    raise UsageError(f"'{self.name}' holds '{name}', which no mgrad run wrote; nothing was changed")
            staged = Folder(staged_path(self.path), self.task, self.parts, self.name, is_staged=True)
            if resumes:
                return self.resume() if read_job(staged.path) is None else staged.resume()
            drop_staged(self.path)
            if recorded_files(self.path) & {*names_in(self.path)}:
                return staged.start()
            clear_scratch(self.path)
            return self.start()

    def start(self) -> "Folder":
        """Record the start of the run and remove unfinished files. Raises: OSError."""
        clear_runs(self.path)
        if not is_address(self.path):
            os.makedirs(scratch_path(self.path, DONE), exist_ok=True)
        write_record(scratch_path(self.path, JOB), self.job)
        return self

    @property
    def job(self) -> dict[str, Any]:
        parts = [part.text for part in self.parts]
        return {"task": self.task.record, "version": __version__, "parts": parts, "files": self.files}

    @property
    def files(self) -> list[str]:
        return [part_name(part.number, self.task.file_format) for part in self.parts]

    @property
    def sizes(self) -> list[int]:
        """The size of each file in bytes, once all parts are done."""
        return [self.outcomes[part.number].size for part in self.parts]

    @property
    def sources(self) -> str:
        """A fingerprint of the parts."""
        return sha256("\n".join(part.recorded.text for part in self.parts).encode()).hexdigest()[:32]

    def resume(self) -> "Folder":
        """Load the parts that are done.

        Raises: UsageError if there is no run to resume, or it had other options or data; OSError.
        """
        finished = read_record(joined(self.path, SUCCESS))
        if finished is not None:
            if (finished.get("task"), finished.get("sources")) != (self.task.digest, self.sources):
                raise UsageError(f"'{self.name}' is complete, with other results; --overwrite starts again")
            return self.reopen(finished)
        before = read_job(self.path)
        if before is None:
            if JOB in names_in(scratch_path(self.path)):
                raise UsageError(f"cannot resume '{self.name}': the record of its run, {SCRATCH}/{JOB}, is damaged")
            raise UsageError(f"'{self.name}' is not empty and has no run to resume")
        self.check_unchanged(before)
        for part in self.parts:
            outcome = recorded_outcome(self.path, self.task, part)
            if outcome is not None:
                self.outcomes[part.number] = outcome
        return self.start()

    def reopen(self, finished: dict[str, Any]) -> "Folder":
        """Load the parts of a complete run whose files have the recorded size; the others will be computed again.

        The record of the complete run stays as it is. Raises: OSError.
        """
        sizes = finished.get("sizes")
        sizes = sizes if isinstance(sizes, list) and len(sizes) == len(self.parts) else [None] * len(self.parts)
        for part, size in zip(self.parts, sizes, strict=True):
            state = state_of(part_path(self.path, part.number, self.task.file_format))
            if state is not None and size == state.size:
                self.outcomes[part.number] = PartOutcome(part.number, size=size)
        self.finished = finished
        return self if len(self.outcomes) == len(self.parts) else self.start()

    def check_unchanged(self, before: JobRecord) -> None:
        """Raise UsageError that names the option or file that has changed since the run began."""
        if change := self.change_since(before):
            raise UsageError(f"cannot resume '{self.name}': {change}; --overwrite starts again")

    def change_since(self, before: JobRecord) -> str:
        """Return what has changed since a run began, or an empty string."""
        now = json.loads(json.dumps(self.task.record))
        for field, value in now.items():
            if before.task.get(field) != value:
                what = NAMES.get(field, f"--{field.replace('_', '-')}")
                was = truncate(str(before.task.get(field)), MAX_SHOWN)
                shown = f": it was '{was}'" if field == "expression" else ""
                return f"{what} changed{shown}"
        if before.version != __version__:
            return f"it was started by mgrad {before.version}"
        states = {part.path: (part.size, part.modified) for part in before.parts}
        for part in self.parts:
            if part.path not in states:
                return f"{part.label} was not in the data"
            if states[part.path] != (part.size, part.modified):
                return f"{part.label} changed"
        given = {part.path for part in self.parts}
        for part in before.parts:
            if part.path not in given:
                return f"{part.label} is no longer in the data"
        is_same = [part.recorded for part in before.parts] == [part.recorded for part in self.parts]
        return "" if is_same else "the order of the data changed"

    def finish(self) -> None:
        """Check that every part is there, and mark the folder complete. Raises: OutputError if a part is missing."""
        if set(self.outcomes) != {part.number for part in self.parts}:
            raise OutputError(f"'{self.name}' lacks parts")
        with translate_os_errors(f"write '{self.name}'", OutputError):
            for part in self.parts:
                path = part_path(self.path, part.number, self.task.file_format)
                state = state_of(path)
                size = self.outcomes[part.number].size
                if state is None or state.size != size:
                    name = part_path(self.name, part.number, self.task.file_format)
                    raise OutputError(f"'{name}' is not what was written")
            if self.finished is None or self.success != self.finished:
                scratch = None if is_address(self.path) else scratch_path(self.path)
                write_record(joined(self.path, SUCCESS), self.success, scratch)
            clear_scratch(self.path)

    def replace(self) -> None:
        """Replace the results in this folder by complete new ones, if there are any. Raises: OutputError."""
        with translate_os_errors(f"write '{self.name}'", OutputError):
            if is_staged_complete(self.path):
                put_in_place(self.path)

    @property
    def success(self) -> dict[str, Any]:
        """The content of `_SUCCESS`: counts of parts and rows, the exact sum of each result, and the versions used."""
        if self.finished is not None:
            return self.finished | {"sizes": self.sizes}
        counts = Counts()
        for outcome in self.outcomes.values():
            counts.add(outcome.counts)
        names = self.task.style(self.task.job).names
        totals = zip(names, summed(self.outcomes.values()), strict=False)
        return {
            "parts": len(self.parts),
            **asdict(counts),
            "sums": {name: each.total if math.isfinite(each.total) else number(each.total) for name, each in totals},
            "expression": self.task.expression,
            "task": self.task.digest,
            "sources": self.sources,
            "files": self.files,
            "sizes": self.sizes,
            "versions": {"mgrad": __version__, **library_versions()},
        }

    def abandon(self) -> int:
        """Keep the parts that are done; if there are none, remove all that the run made. Return their number."""
        with translate_os_errors(f"write '{self.name}'", OutputError):
            if state_of(joined(self.path, SUCCESS)) is not None:
                clear_runs(self.path)
                return len(self.outcomes)
            count = sum(map(is_record, names_in(scratch_path(self.path, DONE))))
            clear_runs(self.path)
            if not count:
                for part in self.parts:
                    remove(part_path(self.path, part.number, self.task.file_format))
                remove(scratch_path(self.path, JOB))
                if self.is_staged:
                    remove_folder(self.path)
        return count


def library_versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("numpy", "polars", "pyarrow")}
