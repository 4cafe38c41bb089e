"""One formula over every row: chunks read, computed and written at the same time, in the order of the input."""

import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import Queue
from threading import Event, Thread
from typing import Any, NamedTuple, TypeAlias, TypeVar

from mgrad_cli.data.blocks import Block, Request, RowError, Source
from mgrad_cli.data.writing import Sink
from mgrad_cli.destination import Style, mark_success, opened_sink, part_path, prepared_folder, removed_on_failure
from mgrad_cli.errors import BindingError, InputError, UsageError, nearest
from mgrad_cli.evaluation import MOST_NAMES, check_names, constant_value, input_names
from mgrad_cli.kernels import Kernel, kernel_for
from mgrad_cli.lowering import Unit
from mgrad_cli.program import Program, differentiate, substitute, trace
from mgrad_cli.summation import ExactSum

READ_AHEAD = 2
QUEUED = 2
"""Blocks under way for each thread: enough to keep it busy, few enough to hold in memory."""

Item = TypeVar("Item")
Piece: TypeAlias = Callable[[Block, list[Any]], Any]
"""What makes of a block and its results a piece of output."""


class Job(NamedTuple):
    """What is computed of each row: the program over columns, and where its inputs come from.

    variables   the column of each variable that has one
    values      the numbers of the others
    wrt         the names of the partial derivatives, in the order of the outputs after the value
    """

    program: Program
    variables: dict[str, str]
    values: dict[str, float]
    wrt: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Counts:
    """How many rows came out how; `failed` ones among `rows` only where they were not skipped."""

    rows: int = 0
    failed: int = 0
    null: int = 0
    nonfinite: int = 0
    blank: int = 0

    def add(self, other: "Counts") -> None:
        self.rows += other.rows
        self.failed += other.failed
        self.null += other.null
        self.nonfinite += other.nonfinite
        self.blank += other.blank


@dataclass(slots=True, eq=False)
class Done:
    """What became of a chunk: a piece to write or sums to add, what there is to count, and what was wrong."""

    piece: Any = None
    sums: list[ExactSum] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    failures: list[RowError] = field(default_factory=list)
    is_stopped: bool = False
    done: int = 0


def plan(
    unit: Unit,
    columns: Sequence[str],
    renamed: Mapping[str, str],
    values: Mapping[str, float],
    wrt: Sequence[str] | None = None,
    of_values: bool = False,
) -> Job:
    """The job of a unit over data with these columns.

    renamed     the column for a variable, where it is not the one of its name
    values      the numbers of variables that are bound
    wrt         the variables to differentiate by; by default all, or with `of_values` those that are no columns

    Raises: UsageError for a variable without a column or a value; BindingError for a name that is no variable.
    """
    available: dict[str, str] = {}
    twice: dict[str, str] = {}
    for column in columns:
        name = unicodedata.normalize("NFC", column)
        if name in available:
            twice[name] = column
        available[name] = column
    for name, column in renamed.items():
        if column not in columns:
            raise no_column(column, columns)
        available[name] = column
    check_names(unit, [*values, *renamed])
    names, declared = input_names(unit, {*available, *values})
    variables, numbers = {}, {}
    for name in names:
        if name in values:
            if name in renamed:
                raise UsageError(f"'{name}' is bound, and --col gives it a column too")
            if name in available:
                raise UsageError(f"'{name}' is bound, and the data has a column of that name too; which is meant?")
            numbers[name] = values[name]
        elif name in twice and name not in renamed:
            raise UsageError(f"two columns are called '{name}', in other letters; name one with --col {name}=COLUMN")
        elif name in available:
            variables[name] = available[name]
        elif name in declared:
            numbers[name] = constant_value(declared[name])
        else:
            raise no_column(name, columns)
    chosen = tuple(wrt if wrt is not None else numbers if of_values else names)
    for name in chosen:
        if name not in names:
            raise BindingError(f"no variable '{name}' in the expression{nearest(name, names)}")
    program = substitute(differentiate(trace(unit, names), chosen), numbers)
    return Job(program, variables, numbers, chosen)


def no_column(name: str, columns: Sequence[str]) -> UsageError:
    return UsageError(f"no column '{name}'; columns: {shown_columns(columns)}{nearest(name, columns)}")


def shown_columns(columns: Sequence[str]) -> str:
    """The names of columns, as many as a message has room for."""
    more = ", ..." if len(columns) > MOST_NAMES else ""
    return (", ".join(columns[:MOST_NAMES]) or "none") + more


class Settings(NamedTuple):
    """What holds for a whole run.

    kernel      the kind of kernel that is wanted, and `block_rows` how many rows it takes at a time
    threads     how many compute beside those that read and write; none where each row is answered as it comes
    """

    job: Job
    style: Style
    on_error: str = "stop"
    kernel: str = "auto"
    threads: int = 1
    block_rows: int | None = None


Report: TypeAlias = Callable[[Done], None]
"""What hears of every chunk when its results are where they belong."""


def written(settings: Settings, sources: Iterable[Source], output: str | None, folder: bool, report: Report) -> None:
    """The rows of all sources with their results, to one output or to a folder with a file for each source.

    Raises: RowError for the first bad row, where `on_error` is `stop`, when the rows before it are written.
    """
    if folder:
        assert output is not None
        written_parts(settings, sources, prepared_folder(output), report)
        return
    with ExitStack() as stack:
        sink: Sink | None = None
        for run in runs(settings, sources):
            request = run.request(settings)
            if sink is None:
                sink = stack.enter_context(opened_sink(output, settings.style, run.source, request))
            write_rows(run, request, sink, settings, report)


def written_parts(settings: Settings, sources: Iterable[Source], folder: str, report: Report) -> None:
    parts = rows = 0

    def count(done: Done) -> None:
        nonlocal rows
        rows += done.counts.rows
        report(done)

    with removed_on_failure(folder):
        for run in runs(settings, sources):
            request = run.request(settings)
            path = part_path(folder, parts, settings.style.form)
            with opened_sink(path, settings.style, run.source, request) as sink:
                write_rows(run, request, sink, settings, count)
            parts += 1
        mark_success(folder, parts, rows)


def write_rows(run: "Run", request: Request, sink: Sink, settings: Settings, report: Report) -> None:
    import numpy

    sink.write(sink.piece(run.source.empty(request), [numpy.empty(0) for _ in run.job.program.outputs]))
    for done in run.outcomes(request, settings.threads, sink.piece):
        sink.write(done.piece)
        report_or_stop(done, report)


def reduced(settings: Settings, sources: Iterable[Source], report: Report) -> list[ExactSum]:
    """The sums over all rows of the value and of each partial derivative; rows without a result count for nothing."""
    sums: list[ExactSum] = []
    for run in runs(settings, sources):
        request = Request(run.job.variables, (), as_lines=False, typed=True, on_error=settings.on_error)
        run.source.check(request, "")
        sums = sums or [ExactSum() for _ in run.job.program.outputs]
        for done in run.outcomes(request, settings.threads, None):
            for total, part in zip(sums, done.sums, strict=True):
                total.merge(part)
            report_or_stop(done, report)
    return sums


def report_or_stop(done: Done, report: Report) -> None:
    report(done)
    if done.is_stopped:
        raise done.failures[0]


class Run(NamedTuple):
    """A source with what is computed of its rows."""

    source: Source
    job: Job
    kernel: Kernel

    def request(self, settings: Settings) -> Request:
        """What is wanted of each row, when it is certain that the source has it."""
        request = settings.style.request(self.source, self.job.variables, settings.on_error)
        self.source.check(request, settings.style.form)
        return request

    def outcomes(self, request: Request, threads: int, piece: Piece | None) -> Iterator[Done]:
        """What becomes of each chunk, in order: a piece made of its block, or with no `piece` its sums.

        One thread reads ahead, some compute, and whoever takes what this gives writes.
        """
        source, job, kernel = self

        def work(chunk: Any) -> Done:
            return computed(source.block(chunk, request), job, kernel, request, piece, source.done(chunk))

        if threads == 0:  # each as it comes
            return map(work, source.chunks(request))
        return in_order(work, read_ahead(source.chunks(request)), threads)


def runs(settings: Settings, sources: Iterable[Source]) -> Iterator[Run]:
    """A run for each source; all have the same columns and the same kernel.

    Raises: InputError for a source whose columns are others than the first one's.
    """
    first: Source | None = None
    for source in sources:
        try:
            if first is None:
                first = source
                kernel = kernel_for(settings.job.program, settings.kernel, source.rows, settings.block_rows)
            elif source.columns != first.columns:
                raise InputError(
                    f"{source.name} has other columns than {first.name}: {shown_columns(source.columns)}, "
                    f"where that has {shown_columns(first.columns)}"
                )
            yield Run(source, settings.job, kernel)
        finally:
            source.close()


def computed(
    block: Block,
    job: Job,
    kernel: Kernel,
    request: Request,
    piece: Piece | None,
    done: int,
) -> Done:
    import numpy

    results = list(numpy.empty((len(job.program.outputs), block.rows)))
    if block.rows:
        kernel([block.columns[name] for name in job.program.inputs], results)
    is_nonfinite = numpy.zeros(block.rows, dtype=bool)
    for result in results:
        is_nonfinite |= ~numpy.isfinite(result)
    null = 0
    if block.nulls is not None:
        is_nonfinite &= ~block.nulls
        null = int(block.nulls.sum())
    failed = len(block.failures)
    stays = failed if request.on_error == "null" else 0
    counts = Counts(block.rows + failed - stays, failed, null - stays, int(is_nonfinite.sum()), block.blank)
    is_stopped = request.on_error == "stop" and failed > 0
    outcome = Done(counts=counts, failures=block.failures, is_stopped=is_stopped, done=done)
    if piece is not None:
        outcome.piece = piece(block, results)
    else:
        there = slice(None) if block.nulls is None else ~block.nulls
        for result in results:
            total = ExactSum()
            total.add(result[there])
            outcome.sums.append(total)
    return outcome


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items, taken by a thread of their own a little before they are wanted."""
    queue: Queue[tuple[bool, Any]] = Queue(READ_AHEAD)
    is_over = Event()

    def fill() -> None:
        try:
            for item in items:
                queue.put((True, item))
                if is_over.is_set():
                    return
            queue.put((False, None))
        except BaseException as error:
            queue.put((False, error))

    thread = Thread(target=fill, daemon=True)
    thread.start()
    try:
        while True:
            is_item, item = queue.get()
            if is_item:
                yield item
            elif item is None:
                return
            else:
                raise item
    finally:
        is_over.set()
        while thread.is_alive():  # it may be waiting for room, or for input that does not come: it ends with us
            if queue.empty():
                break
            queue.get_nowait()


def in_order(work: Callable[[Item], Done], items: Iterable[Item], threads: int) -> Iterator[Done]:
    """The work on each item, by some threads, in the order of the items and with few of them under way."""
    pool = ThreadPoolExecutor(threads)
    under_way: deque[Future[Done]] = deque()
    try:
        for item in items:
            under_way.append(pool.submit(work, item))
            while under_way and (len(under_way) >= threads * QUEUED or under_way[0].done()):
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
