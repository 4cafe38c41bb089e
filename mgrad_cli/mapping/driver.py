"""Run the parts of a task: submit them to an executor, retry lost ones, and stop at the first error."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mgrad_cli.errors import InputError, LostWorkError, MgradError, StoppedRunError
from mgrad_cli.mapping.executors import Executor, Order, PartAnswer
from mgrad_cli.mapping.folder import Folder
from mgrad_cli.mapping.lock import folder_lock
from mgrad_cli.mapping.part import Part
from mgrad_cli.mapping.records import PartOutcome, outcome_of
from mgrad_cli.mapping.task import MapTask
from mgrad_cli.mapping.worker import new_run
from mgrad_cli.storage.stores import absolute, is_address
from mgrad_cli.text import counted

AHEAD = 3
"""Parts to submit for each one that is computed, so that no worker waits for the next."""


@dataclass(slots=True)
class Tally:
    """The progress of a run: parts, rows and retries so far."""

    parts: int
    done: int = 0
    resumed: int = 0
    rows: int = 0
    retries: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


OnProgress = Callable[[Tally, PartOutcome | None], None]
"""Called after each part with its outcome, and from time to time with `None`."""


def run_parts(
    task: MapTask,
    parts: Sequence[Part],
    executor: Executor,
    retries: int,
    on_progress: OnProgress,
    folder: Folder | None = None,
    run: str = "",
) -> tuple[list[PartOutcome], Tally]:
    """Run all parts, except for those that the folder has; return their outcomes in order.

    Raises: StoppedRunError for a part that fails, with its message and exit code; LostWorkError for a part whose
    worker was lost more than `retries` times.
    """
    outcomes = {} if folder is None else folder.outcomes
    tally = Tally(len(parts), done=len(outcomes), resumed=len(outcomes))
    waiting = [part for part in parts if part.number not in outcomes]
    waiting.reverse()
    lost: dict[int, int] = {}
    text, path, shown = task.text, "" if folder is None else folder.path, "" if folder is None else folder.name

    in_progress = 0

    def submit_more() -> None:
        nonlocal in_progress
        while waiting and in_progress < executor.width * AHEAD:
            part = waiting.pop()
            in_progress += 1
            executor.submit(Order(part.number, text, part.text, path, run, shown))

    try:
        submit_more()
        for answer in executor.answers():
            if answer is None:
                on_progress(tally, None)
                continue
            outcome = outcome_of(answer.outcome) if answer.outcome else None
            if outcome is None or outcome.lost:
                count_retry(answer, outcome.lost if outcome else answer.lost, lost, retries, tally)
                executor.submit(answer.order)
                continue
            in_progress -= 1
            if outcome.error:
                raise StoppedRunError(outcome.error, outcome.exit_code, outcome.is_bad_row)
            outcomes[outcome.part] = outcome
            tally.done += 1
            tally.rows += outcome.counts.rows
            on_progress(tally, outcome)
            submit_more()
    finally:
        executor.close()
    return [outcomes[part.number] for part in parts], tally


def count_retry(answer: PartAnswer, why: str, lost: dict[int, int], retries: int, tally: Tally) -> None:
    """Count a lost attempt. Raises: LostWorkError if there were more than `retries`."""
    number = answer.order.number
    lost[number] = lost.get(number, 0) + 1
    tally.retries += 1
    if lost[number] > retries:
        raise LostWorkError(f"part {number} could not be done in {counted(lost[number], 'attempt')}: {why}")


def run_to_folder(
    path: str,
    task: MapTask,
    parts: Sequence[Part],
    executor: Executor,
    retries: int,
    on_progress: OnProgress,
    resumes: bool = False,
    overwrites: bool = False,
) -> tuple[list[PartOutcome], Tally]:
    """Run all parts with their results in a folder, which is complete at the end; return their outcomes in order.

    With `overwrites`, earlier results stay until the new ones are complete. If the run stops early, finished parts are
    kept, and the error says how to continue.

    Raises: as `run_parts` and `Folder.begin` do.
    """
    run = new_run()
    whole = Folder(absolute(path), task, parts, path if is_address(path) else path.rstrip("/") or path)
    with folder_lock(whole.path, run, whole.name):
        folder = whole.begin(resumes, overwrites)
        try:
            outcomes, tally = run_parts(task, parts, executor, retries, on_progress, folder, run)
            folder.finish()
        except BaseException as error:
            done = folder.abandon()
            if done and isinstance(error, MgradError):
                error.message += f"; {done} of {len(parts)} parts are done, {next_step(error)}"
            raise
        whole.replace()
    return outcomes, tally


def next_step(error: MgradError) -> str:
    """Return what to do after an error. Bad data would stop a resumed run as well."""
    if not isinstance(error, StoppedRunError) or error.exit_code != InputError.exit_code:
        return "and --resume continues"
    change = "correct the row, or give --on-error null or skip" if error.is_bad_row else "correct the data"
    return f"and the same data would stop a resumed run too: {change}, and start again with --overwrite"
