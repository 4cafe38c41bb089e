"""One part of a run, start to finish: the same on this machine and on any other, and the same however often."""

import json
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from mgrad_cli.data.blocks import Request
from mgrad_cli.data.opening import open_source, use_threads
from mgrad_cli.destination import opened_sink, part_path
from mgrad_cli.errors import InputError, MgradError, OutputError
from mgrad_cli.files import opened_output
from mgrad_cli.kernels import Kernel, kernel_for
from mgrad_cli.mapping.job import Job, shown_columns
from mgrad_cli.mapping.outcome import Counts, Done
from mgrad_cli.mapping.run import Report, Run, Settings, report_or_stop, write_rows
from mgrad_cli.mapping.task import Part, Task, from_text
from mgrad_cli.places import is_address, joined, opened, sentence, state_of, telling
from mgrad_cli.summation import ExactSum

SCRATCH = "_tmp"
DONE = "done"
MOST_MESSAGES = 10


class Prepared(NamedTuple):
    """A task made ready to run, once in a process."""

    job: Job
    kernel: Kernel


@lru_cache(maxsize=8)
def prepared(text: str) -> Prepared:
    task: Task = from_text(Task, text)
    job = task.job
    return Prepared(job, kernel_for(job.program, task.kernel, block_rows=task.block_rows))


@dataclass(slots=True)
class Outcome:
    """What became of a part.

    sums        of the value and each partial derivative, exact
    size        the bytes of the output
    messages    what was wrong with the first bad rows
    error       why it cannot be done, with the exit code that says so
    lost        why it was not, which another attempt may change
    """

    part: int
    counts: Counts = field(default_factory=Counts)
    sums: list[ExactSum] = field(default_factory=list)
    size: int = 0
    seconds: float = 0.0
    messages: list[str] = field(default_factory=list)
    error: str = ""
    exit_code: int = 0
    lost: str = ""

    @property
    def text(self) -> str:
        sums = [[hex(each.units), each.count, repr(each.nonfinite)] for each in self.sums]
        record = {
            name: getattr(self, name) for name in ("part", "size", "seconds", "messages", "error", "exit_code", "lost")
        }
        return json.dumps({**record, "counts": asdict(self.counts), "sums": sums})


def outcome_of(text: str) -> Outcome:
    """An outcome from its text."""
    record = json.loads(text)
    counts = Counts(**record.pop("counts"))
    sums = [ExactSum(int(units, 16), count, float(rest)) for units, count, rest in record.pop("sums")]
    return Outcome(**record, counts=counts, sums=sums)


def run_part(
    task_text: str, part_text: str, folder: str, run: str, threads: int = 1, report: Report | None = None
) -> str:
    """Computes a part and commits what comes out: the text of its `Outcome`, an error of the part's own included.

    A part of a folder of results goes to a temporary name, then to its own, and then a record says that it is done.
    Any number of attempts, one after the other or at the same time, leave the same.
    """
    task: Task = from_text(Task, task_text)
    part: Part = from_text(Part, part_text)
    started = time.monotonic()
    outcome = Outcome(part.number)
    try:
        if folder and (before := done_before(folder, task, part)):
            return before.text  # by an attempt whose answer was lost
        attempt(task, task_text, part, folder, run, threads, outcome, report)
    except MgradError as error:
        outcome.error, outcome.exit_code = str(error), error.exit_code
    except Exception as error:  # of a disk, a store, a library: not of this part
        outcome.lost = f"{type(error).__name__}: {sentence(error)}"
    outcome.seconds = time.monotonic() - started
    if folder and not outcome.error and not outcome.lost:
        record(folder, task, part, outcome)
    return outcome.text


def attempt(
    task: Task,
    task_text: str,
    part: Part,
    folder: str,
    run: str,
    threads: int,
    outcome: Outcome,
    report: Report | None,
) -> None:
    use_threads(threads)
    job, kernel = prepared(task_text)
    outcome.sums = [ExactSum() for _ in job.program.outputs]
    part.refuse_changes()
    source = open_source(part.path, task.reading, part.groups)
    try:
        if list(source.columns) != task.columns:
            raise InputError(
                f"{source.name} has other columns than the first file: {shown_columns(source.columns)}, "
                f"where that has {shown_columns(task.columns)}"
            )

        def heard(done: Done) -> None:
            outcome.counts.add(done.counts)
            if not done.is_stopped:
                outcome.messages += [failure.message for failure in done.failures][
                    : MOST_MESSAGES - len(outcome.messages)
                ]
            for total, each in zip(outcome.sums, done.sums, strict=False):
                total.merge(each)
            if report is not None:
                report(done)

        settings = Settings(job, task.style(job), task.on_error, task.kernel, threads, task.block_rows)
        one = Run(source, job, kernel)
        if not folder:
            request = Request(job.variables, (), as_lines=False, typed=True, on_error=task.on_error)
            source.check(request, "")
            for done in one.outcomes(request, threads, None):
                report_or_stop(done, heard)
            return
        request = one.request(settings)
        path = part_path(folder, part.number, task.form)
        with scratch(folder, run) as temporary, opened_sink(path, settings.style, source, request, temporary) as sink:
            write_rows(one, request, sink, settings, heard, sums=True)
        with telling(f"read '{path}'", OutputError):
            state = state_of(path)
        outcome.size = state.size if state else 0
    finally:
        source.close()


@contextmanager
def scratch(folder: str, run: str) -> Iterator[str | None]:
    """The folder for temporary files of a run; `None` for a store, which needs none.

    Raises: OutputError where the output folder is not there, as on a machine that does not share its disk.
    """
    if is_address(folder):
        yield None
        return
    if not os.path.isdir(joined(folder, SCRATCH)):
        raise OutputError(f"'{folder}' is not there; does every worker see the same disk?")
    path = joined(joined(folder, SCRATCH), run)
    with telling(f"write '{path}'", OutputError):
        os.makedirs(path, exist_ok=True)
    yield path


def record_path(folder: str, part: Part) -> str:
    return joined(joined(joined(folder, SCRATCH), DONE), f"{part.name}.json")


def record(folder: str, task: Task, part: Part, outcome: Outcome) -> None:
    """Says that a part is done, in words that a later attempt or run can check."""
    write_record(record_path(folder, part), {"task": task.digest, "part": part.text, "outcome": outcome.text})


def done_before(folder: str, task: Task, part: Part) -> Outcome | None:
    """What became of a part, if that is on record and its output there."""
    said = read_record(record_path(folder, part))
    if said is None or said["task"] != task.digest or said["part"] != part.text:
        return None
    outcome = outcome_of(said["outcome"])
    state = state_of(part_path(folder, part.number, task.form))
    return outcome if state is not None and state.size == outcome.size else None


def write_record(path: str, record: dict[str, Any]) -> None:
    """A small file of JSON, whole or not at all."""
    with opened_output(path) as output:
        output.write(f"{json.dumps(record)}\n")


def read_record(path: str) -> dict[str, Any] | None:
    """A small file of JSON; `None` where there is none, or it is none of ours."""
    try:
        with opened(path) as file:
            record = json.loads(file.read())
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def summed(outcomes: Iterable[Outcome]) -> list[ExactSum]:
    """The sums over all parts."""
    totals: list[ExactSum] = []
    for outcome in outcomes:
        totals = totals or [ExactSum() for _ in outcome.sums]
        for total, part in zip(totals, outcome.sums, strict=True):
            total.merge(part)
    return totals


def new_run() -> str:
    return f"run-{uuid.uuid4().hex[:12]}"
