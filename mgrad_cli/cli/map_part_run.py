"""Run `mgrad map` in parts, to a folder or on a cluster: executors and reports."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from mgrad_cli.cli.evaluating import FailureLog
from mgrad_cli.cli.map_options import MapOptions
from mgrad_cli.cli.map_part_options import RETRIES, WAIT_SECONDS
from mgrad_cli.cli.map_run import MapRun
from mgrad_cli.kernels import kernel_name
from mgrad_cli.mapping.driver import Tally, run_parts, run_to_folder
from mgrad_cli.mapping.executors import Executor, InProcessExecutor, ProcessExecutor
from mgrad_cli.mapping.outcome import Counts, Done
from mgrad_cli.mapping.part import Part, parts_of
from mgrad_cli.mapping.records import PartOutcome, differing_types, summed, write_record
from mgrad_cli.mapping.summation import ExactSum
from mgrad_cli.mapping.task import MapTask
from mgrad_cli.renderers.progress import Progress
from mgrad_cli.storage.files import check_writable
from mgrad_cli.storage.stores import local_path
from mgrad_cli.storage.streams import log
from mgrad_cli.text import printable


class ProgressReporter:
    """Reports the progress and the first bad rows of a run in parts."""

    def __init__(self, progress: Progress, is_here: bool, failures: FailureLog) -> None:
        self.progress = progress
        self.is_here = is_here
        self.failures = failures
        self.workers: Callable[[], int] | None = None

    def on_rows(self, done: Done) -> None:
        """Report rows of a part that this process computes."""
        self.progress.advance(done.counts.rows, done.counts.failed, 0)

    def on_progress(self, tally: Tally, outcome: PartOutcome | None) -> None:
        if outcome is not None:
            self.failures.report(outcome.messages, outcome.counts.failed)
        parts = [f"{tally.done}/{tally.parts} parts"]
        if self.workers is not None and self.progress.wanted:
            parts.append(f"{self.workers()} workers")
        if tally.retries:
            parts.append(f"{tally.retries} retries")
        self.progress.note = ", ".join(parts)
        rows = 0 if self.is_here or outcome is None else outcome.counts.rows
        failed = 0 if self.is_here or outcome is None else outcome.counts.failed
        self.progress.advance(rows, failed, 0 if outcome is None else 1)


def executor_for(options: MapOptions, threads: int, reporter: ProgressReporter, task: MapTask) -> Executor:
    """Return the executor of the parts.

    Raises: EngineError if the cluster is not available; MissingExtraError if its library is not installed.
    """
    jobs = options.jobs
    if options.engine == "dask":
        from mgrad_cli.mapping.cluster import Cluster, Options

        needs = ("llvmlite",) if task.kernel == "native" else ()
        cluster = Cluster(
            Options(
                options.scheduler, jobs or threads,
                WAIT_SECONDS if options.wait_workers is None else options.wait_workers, options.ship != "none",
                options.tls_ca_file, options.tls_cert, options.tls_key, needs,
            )
        )  # fmt: skip
        if cluster.dashboard and not options.quiet:
            log(f"dashboard: {cluster.dashboard}")
        reporter.workers = lambda: len(cluster.workers())
        return cluster
    return ProcessExecutor(jobs) if jobs is not None and jobs > 1 else InProcessExecutor(threads, reporter.on_rows)


def run_in_parts(run: MapRun, failures: FailureLog) -> tuple[Counts, list[ExactSum]]:
    """Run all parts and return their counts and sums. The results of a run to a folder are in the folder."""
    run.data.first.close()
    parts = parts_of(run.data.files, run.data.reading)
    task = task_of(run, parts)
    with run.progress(len(parts)) as progress:
        return run_task(task, parts, run, progress, failures)


def task_of(run: MapRun, parts: Sequence[Part]) -> MapTask:
    """Return what workers need to compute a part."""
    first, formula, keep = run.data.first, run.formula, run.target.keep
    rows = first.rows and first.rows * sum(part.size for part in parts) // max(1, parts[0].size)
    return MapTask(
        expression=formula.script.text,
        columns=list(first.columns),
        members=list(first.members),
        renamed=dict(formula.renamed),
        values={name: value.hex() for name, value in formula.values.items()},
        wrt=None if formula.wrt is None else list(formula.wrt),
        keep=None if keep is None else list(keep),
        file_format="" if run.target.is_reduced else run.target.file_format,
        kernel=kernel_name(run.job.program, run.options.kernel, rows),
        uncertain=formula.uncertain,
        options=run.options,
    )


def run_task(
    task: MapTask, parts: Sequence[Part], run: MapRun, progress: Progress, failures: FailureLog
) -> tuple[Counts, list[ExactSum]]:
    """Compute all parts of a task with the executor that the options choose, and report on them."""
    options = run.options
    output = run.target.path if run.target.to_folder else None
    if options.report:
        check_writable(local_path(options.report))
    retries = RETRIES if options.retries is None else options.retries
    is_here = options.engine == "local" and (options.jobs or 1) == 1
    reporter = ProgressReporter(progress, is_here, failures)
    executor = executor_for(options, run.threads, reporter, task)
    where, width = executor.where, executor.width
    try:
        if output is None:
            outcomes, tally = run_parts(task, parts, executor, retries, reporter.on_progress)
        else:
            outcomes, tally = run_to_folder(
                output, task, parts, executor, retries, reporter.on_progress, options.resume, options.overwrite
            )
    finally:
        executor.close()
    for column, kinds in differing_types(outcomes).items():
        log(
            f"warning: column '{printable(column)}' has the types {', '.join(kinds)} in different parts, which may not "
            "be readable as one data set; -o FILE gives one type or refuses"
        )
    counts = Counts()
    for outcome in outcomes:
        counts.add(outcome.counts)
    if options.report:
        write_record(local_path(options.report), statistics(options.engine, where, width, outcomes, tally, counts))
    return counts, summed(outcomes)


def statistics(
    engine: str, where: str, width: int, outcomes: Sequence[PartOutcome], tally: Tally, counts: Counts
) -> dict[str, Any]:
    """Return a run's figures. Seconds and bytes are those of this run and its parts."""
    seconds = sorted(round(outcome.seconds, 4) for outcome in outcomes) or [0.0]
    return {
        "engine": engine, "where": where, "workers": width, "parts": tally.parts, "resumed": tally.resumed,
        "retries": tally.retries, "rows": counts.rows, "failed": counts.failed, "null": counts.null,
        "nonfinite": counts.nonfinite, "blank": counts.blank, "bytes": sum(outcome.size for outcome in outcomes),
        "seconds": round(tally.seconds, 3), "rows_per_second": round(tally.rows / max(tally.seconds, 1e-9)),
        "part_seconds": {"least": seconds[0], "median": median(seconds), "most": seconds[-1]},
    }  # fmt: skip
