"""Run `mgrad map` over all rows in this process, to one output or to sums."""

import sys
from typing import NamedTuple

from mgrad_cli.cli.evaluating import FailureLog
from mgrad_cli.cli.map_input import MapInput
from mgrad_cli.cli.map_options import MapOptions
from mgrad_cli.cli.map_target import Target
from mgrad_cli.data.destination import Style
from mgrad_cli.data.formats import is_binary
from mgrad_cli.mapping.local_run import RunOptions, kept_schema, reduce_sources, write_sources
from mgrad_cli.mapping.outcome import Counts, Done
from mgrad_cli.mapping.plan import Job
from mgrad_cli.mapping.summation import ExactSum
from mgrad_cli.mapping.variables import RowFormula
from mgrad_cli.renderers.progress import Progress


class MapRun(NamedTuple):
    """A run of `mgrad map` that is ready to start."""

    options: MapOptions
    data: MapInput
    target: Target
    formula: RowFormula
    job: Job
    style: Style
    threads: int

    def progress(self, total: int | None) -> Progress:
        """Return the progress bar of the run, which is not drawn over rows in a terminal."""
        is_shown = self.target.path is None and sys.stdout is not None and sys.stdout.isatty()
        return Progress(total, not self.options.quiet and not is_shown, "rows")


def run_rows(run: MapRun, failures: FailureLog) -> tuple[Counts, list[ExactSum]]:
    """Write all rows with their results to one output, or compute their sums."""
    options, data, target = run.options, run.data, run.target
    threads = 0 if options.unbuffered else run.threads
    settings = RunOptions(run.job, run.style, options, options.kernel, threads)
    if len(data.files) > 1 and not target.is_reduced and is_binary(target.file_format):
        settings = settings._replace(schema=kept_schema(settings, data.first, data.regular_files()))
    sums: list[ExactSum] = []
    with run.progress(None if len(data.files) > 1 else data.first.total) as progress:
        report = Reporter(progress, failures)
        if target.is_reduced:
            sums = reduce_sources(settings, data.sources(), report)
        else:
            write_sources(settings, data.sources(), target.path, report)
    return report.counts, sums


class Reporter:
    """Reports the progress and the first bad rows of a run, and adds up its counts."""

    def __init__(self, progress: Progress, failures: FailureLog) -> None:
        self.progress = progress
        self.counts = Counts()
        self.failures = failures

    def __call__(self, done: Done) -> None:
        self.counts.add(done.counts)
        if not done.is_stopped:
            self.failures.report((failure.message for failure in done.failures), done.counts.failed)
        self.progress.advance(done.counts.rows, done.counts.failed, done.done)
