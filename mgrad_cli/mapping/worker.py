"""Compute one part of a run, with the same result on any machine and in any attempt."""

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple

from mgrad_cli.data.blocks import RowError, Source
from mgrad_cli.data.destination import opened_sink, part_path
from mgrad_cli.data.opening import open_source, use_threads
from mgrad_cli.errors import ClosedPipe, MgradError, OutputError, Terminated, internal_error
from mgrad_cli.mapping.computation import Computation
from mgrad_cli.mapping.local_run import (
    Report,
    Run,
    RunOptions,
    bare_request,
    check_columns,
    checked_request,
    is_typed,
    report_or_stop,
    write_rows,
)
from mgrad_cli.mapping.outcome import Done
from mgrad_cli.mapping.part import Part
from mgrad_cli.mapping.plan import Job
from mgrad_cli.mapping.records import SCRATCH, PartOutcome, record_done, recorded_outcome
from mgrad_cli.mapping.summation import ExactSum
from mgrad_cli.mapping.task import MapTask
from mgrad_cli.storage.stores import is_address, joined, sentence, state_of, translate_os_errors

MAX_MESSAGES = 10


class Prepared(NamedTuple):
    """The job and computation of a task, prepared once per process."""

    job: Job
    computation: Computation


@lru_cache(maxsize=8)
def prepared(text: str) -> Prepared:
    task = MapTask.from_text(text)
    job = task.job
    return Prepared(job, Computation.of(job, task.kernel, block_rows=task.options.block_rows))


def new_run() -> str:
    """Return a unique name for a run."""
    return f"run-{uuid.uuid4().hex[:12]}"


def run_part(
    task_text: str,
    part_text: str,
    folder: str,
    run: str,
    shown: str = "",
    threads: int = 1,
    report: Report | None = None,
) -> str:
    """Compute a part and commit its results; return the text of its `PartOutcome`, which includes errors.

    The output of a part is written under a temporary name, then renamed, then recorded as done. Any number of attempts,
    also at the same time, have the same result. Without a folder, a part has only sums. Messages call the folder
    `shown`.
    """
    task = MapTask.from_text(task_text)
    part = Part.from_text(part_text)
    started = time.monotonic()
    outcome = PartOutcome(part.number)
    try:
        if folder and (before := recorded_outcome(folder, task, part)):
            return before.text  # done by an attempt whose answer was lost
        use_threads(threads)
        attempt(task, prepared(task_text), part, folder, run, shown or folder, threads, outcome, report)
        outcome.seconds = time.monotonic() - started
        if folder:
            with scratch(folder, run, shown or folder) as temporary:
                record_done(folder, task, part, outcome, temporary)
    except MgradError as error:
        outcome.error, outcome.exit_code = str(error), error.exit_code
        outcome.is_bad_row = isinstance(error, RowError)
    except OSError as error:  # a failure of a disk or a store, not of this part
        outcome.lost = f"{type(error).__name__}: {sentence(error)}"
    except (KeyboardInterrupt, SystemExit, GeneratorExit, Terminated, ClosedPipe):
        raise
    except BaseException as error:  # a bug, here or in a library, which another attempt would meet as well
        outcome.error, outcome.exit_code = f"part {part.number}: {internal_error(error)}", MgradError.exit_code
    return outcome.text


def attempt(
    task: MapTask,
    ready: Prepared,
    part: Part,
    folder: str,
    run: str,
    shown: str,
    threads: int,
    outcome: PartOutcome,
    report: Report | None,
) -> None:
    """Compute a part, write its results to a file in the folder, and fill in the outcome."""
    job, computation = ready
    outcome.sums = [ExactSum() for _ in job.names]

    def on_done(done: Done) -> None:
        outcome.counts.add(done.counts)
        if not done.is_stopped:
            messages = (failure.message for failure in done.failures)
            messages_so_far = [*outcome.messages, *messages]
            outcome.messages = messages_so_far[:MAX_MESSAGES] + messages_so_far[MAX_MESSAGES:][-1:]
        for total, each in zip(outcome.sums, done.sums, strict=False):
            total.merge(each)
        if report is not None:
            report(done)

    with opened_part(task, part, job) as source:
        one = Run(source, job, computation)
        if not folder:
            request = bare_request(job, task.options.on_error)
            source.check(request, "")
            for done in one.outcomes(request, threads, None):
                report_or_stop(done, on_done)
            return
        settings = RunOptions(
            job, task.style(job).like(source), task.options, task.kernel, threads, columns=task.columns
        )
        request = checked_request(source, settings)
        if is_typed(settings, request):
            schema = source.empty(request).table.schema
            outcome.types = {field.name: str(field.type) for field in schema}
        path, name = (part_path(each, part.number, task.file_format) for each in (folder, shown))
        with (
            scratch(folder, run, shown) as temporary,
            opened_sink(path, settings.style, source, request, temporary, name) as sink,
        ):
            write_rows(one, request, sink, settings, on_done, sums=True)
    with translate_os_errors(f"read '{name}'", OutputError):
        state = state_of(path)
    outcome.size = state.size if state else 0


@contextmanager
def opened_part(task: MapTask, part: Part, job: Job) -> Iterator[Source]:
    """Open the rows of a part. Raises: InputError if its file has changed, or has other columns than the first."""
    part.check_unchanged()
    options = task.options
    reading = options.reading.for_variables(job.variables.values(), options.on_error)
    if options.union:
        reading = reading._replace(columns=tuple(task.columns))
    source = open_source(part.path, reading, part.groups, part.label)
    try:
        check_columns(source, task.columns, "the first file")
        yield source
    finally:
        source.close()


@contextmanager
def scratch(folder: str, run: str, shown: str) -> Iterator[str | None]:
    """Make the folder for a run's temporary files; `None` for a store, which needs none. Messages call it `shown`.

    Raises: OutputError if the output folder does not exist, as on a machine that does not share its disk.
    """
    if is_address(folder):
        yield None
        return
    if not os.path.isdir(joined(folder, SCRATCH)):
        raise OutputError(f"'{shown}' does not exist; does every worker see the same disk?")
    path = joined(joined(folder, SCRATCH), run)
    with translate_os_errors(f"write '{shown}'", OutputError):
        os.makedirs(path, exist_ok=True)
    yield path
