"""The folder that a run fills: begun once, gone on with where it stopped, and said to be complete at last.

part-00007.parquet      a part that is done
_tmp/job.json           the task and the parts
_tmp/done/...json       what became of each part that is done
_tmp/run-.../           files that are being written
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
from mgrad_cli.data.opening import ENDINGS
from mgrad_cli.destination import part_path
from mgrad_cli.diagnosis import number
from mgrad_cli.errors import OutputError, UsageError
from mgrad_cli.mapping.outcome import Counts
from mgrad_cli.mapping.records import DONE, SCRATCH, Outcome, done_before, read_record, summed, write_record
from mgrad_cli.mapping.task import Part, Task
from mgrad_cli.places import is_address, joined, names_in, remove, remove_folder, state_of, telling

SUCCESS = "_SUCCESS"
JOB, LOCK = "job.json", "lock"
MOST_SHOWN = 80
NAMES = {
    "expression": "the expression", "renamed": "--col", "values": "the values of variables", "wrt": "--wrt",
    "form": "--format", "value_name": "--value-name", "grad_prefix": "--grad-prefix", "keep": "--keep",
    "is_safe": "--csv-safe", "on_error": "--on-error", "kernel": "the kernel", "block_rows": "--block-rows",
    "input_format": "--input-format", "accepts_nan": "--allow-nan-input", "columns": "the columns of the data",
}  # fmt: skip


class Folder:
    """An output folder, while this process alone fills it."""

    def __init__(self, path: str, task: Task, parts: Sequence[Part]) -> None:
        self.path = path
        self.task = task
        self.parts = parts
        self.outcomes: dict[int, Outcome] = {}
        self.is_complete = False

    def inner(self, *names: str) -> str:
        path = self.path
        for name in (SCRATCH, *names):
            path = joined(path, name)
        return path

    def begin(self, resumes: bool, overwrites: bool) -> None:
        """Makes the folder ready: anew, or with the parts that are done already.

        Raises: UsageError for a folder with something in it that is not to be gone on with, or cannot be.
        """
        with telling(f"write '{self.path}'", OutputError):
            names = [name for name in names_in(self.path) if not name.startswith(".")]
            content = [name for name in names if name != SCRATCH or JOB in names_in(self.inner())]
            if content and overwrites:
                self.clear(names)
            elif content and resumes:
                self.resume()
            elif content:
                raise UsageError(
                    f"the folder '{self.path}' is not empty; --resume goes on with an unfinished run, "
                    "--overwrite begins anew"
                )
            for name in names_in(self.inner()):
                if name.startswith("run-"):
                    remove_folder(self.inner(name))
            if not is_address(self.path):
                os.makedirs(self.inner(DONE), exist_ok=True)
            write_record(self.inner(JOB), self.job)

    @property
    def job(self) -> dict[str, Any]:
        return {"task": self.task._asdict(), "version": __version__, "parts": [part.text for part in self.parts]}

    @property
    def sources(self) -> str:
        """A fingerprint of the parts."""
        return sha256("\n".join(part.text for part in self.parts).encode()).hexdigest()[:32]

    def clear(self, names: Sequence[str]) -> None:
        """Takes away what an earlier run made. Raises: UsageError where anything else is there."""
        endings = tuple(ENDINGS)
        own = [name for name in names if name.startswith("part-") and name.endswith(endings)]
        others = [name for name in names if name not in {*own, SUCCESS, SCRATCH}]
        if others:
            raise UsageError(f"'{self.path}' holds '{others[0]}', which no run made; --overwrite would not spare it")
        for name in (SUCCESS, *own):
            remove(joined(self.path, name))
        for name in names_in(self.inner()):
            if name != LOCK:
                (remove_folder if name == DONE or name.startswith("run-") else remove)(self.inner(name))

    def resume(self) -> None:
        """Finds the parts that are done.

        Raises: UsageError where there is no run to go on with, or it was of something else.
        """
        finished = read_record(joined(self.path, SUCCESS))
        before = read_record(self.inner(JOB))
        if finished is not None:
            if (finished.get("task"), finished.get("sources")) != (self.task.digest, self.sources):
                raise UsageError(f"'{self.path}' is complete, with other results; --overwrite begins anew")
            self.outcomes = {part.number: Outcome(part.number) for part in self.parts}
            self.is_complete = True
            return
        if before is None:
            raise UsageError(f"'{self.path}' is not empty, and holds no run to resume")
        self.refuse_changes(before)
        for part in self.parts:
            outcome = done_before(self.path, self.task, part)
            if outcome is not None:
                self.outcomes[part.number] = outcome

    def refuse_changes(self, before: dict[str, Any]) -> None:
        """Raises: UsageError that says what is no longer as it was when the run began."""
        task, now = before["task"], json.loads(json.dumps(self.task._asdict()))
        for field, value in now.items():
            if task.get(field) != value:
                shown = f": it was '{cut(task[field])}'" if field == "expression" else ""
                raise UsageError(f"cannot resume '{self.path}': {NAMES.get(field, field)} changed{shown}")
        if before["version"] != __version__:
            raise UsageError(f"cannot resume '{self.path}': it was begun by version {before['version']} of mgrad")
        if before["parts"] != [part.text for part in self.parts]:
            old = [json.loads(text) for text in before["parts"]]
            names = {part["path"] for part in old} ^ {part.path for part in self.parts}
            states = {part["path"]: (part["size"], part["modified"]) for part in old}
            changed = [p.path for p in self.parts if states.get(p.path) != (p.size, p.modified)]
            which = sorted(names) or changed or ["the order of the data"]
            raise UsageError(f"cannot resume '{self.path}': {which[0]} {'came or went' if names else 'changed'}")

    def finish(self) -> None:
        """Checks that every part is there, and says so. Raises: OutputError where one is not."""
        if set(self.outcomes) != {part.number for part in self.parts}:
            raise OutputError(f"'{self.path}' lacks parts")
        with telling(f"write '{self.path}'", OutputError):
            for part in self.parts:
                path = part_path(self.path, part.number, self.task.form)
                state = state_of(path)
                size = self.outcomes[part.number].size
                if state is None or (state.size != size and not self.is_complete):
                    raise OutputError(f"'{path}' is not what was written")
            for name in names_in(self.inner()):
                if name.startswith("run-"):
                    remove_folder(self.inner(name))
            if not self.is_complete:
                write_record(joined(self.path, SUCCESS), self.success)
            remove_folder(self.inner())

    @property
    def success(self) -> dict[str, Any]:
        """What the folder holds: parts, rows by how they came out, the exact sum of each result, and what made it."""
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
            "versions": {"mgrad": __version__, **library_versions()},
        }

    def abandon(self) -> int:
        """Leaves the folder as it is if any part is done, or else takes away what was made; how many are done."""
        with telling(f"write '{self.path}'", OutputError):
            count = len(names_in(self.inner(DONE)))
            for name in names_in(self.inner()):
                if name.startswith("run-"):
                    remove_folder(self.inner(name))
            if not count:
                for part in self.parts:
                    remove(part_path(self.path, part.number, self.task.form))
                remove(self.inner(JOB))
        return count


def cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def library_versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("numpy", "polars", "pyarrow")}
