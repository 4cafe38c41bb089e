"""A whole run: every source read, computed and written at the same time, in the order of the input."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from mgrad_cli.data.blocks import Block, RowRequest, Source
from mgrad_cli.data.columns import separator_in, separator_message
from mgrad_cli.data.destination import Style, opened_sink
from mgrad_cli.data.formats import is_binary
from mgrad_cli.data.writing import Sink
from mgrad_cli.errors import InputError, UsageError
from mgrad_cli.mapping.computation import Computation
from mgrad_cli.mapping.options import ResultOptions
from mgrad_cli.mapping.outcome import Done, Piece, compute_block
from mgrad_cli.mapping.pipeline import in_order, interruptible, read_ahead
from mgrad_cli.mapping.plan import Job
from mgrad_cli.mapping.summation import ExactSum
from mgrad_cli.mapping.variables import shown_columns


class RunOptions(NamedTuple):
    """The settings of a run.

    kernel      the kind of kernel to use
    threads     the number of threads that compute, beside those that read and write; 0 to finish each row as it comes
    schema      the types of the columns to keep, a `pyarrow.Schema`; by default those of the first source
    columns     the columns of the first source, which set the order of the output
    """

    job: Job
    style: Style
    options: ResultOptions
    kernel: str
    threads: int
    schema: Any = None
    columns: Sequence[str] | None = None


Report: TypeAlias = Callable[[Done], None]
"""Called for each chunk when its results are written."""


def write_sources(settings: RunOptions, sources: Iterable[Source], output: str | None, report: Report) -> None:
    """Write the rows of all sources with their results to one output.

    Raises: RowError for the first bad row if `on_error` is `stop`, after the rows before it are written.
    """
    with ExitStack() as stack:
        sink: Sink | None = None
        for run in runs(settings, sources):
            if sink is None:
                columns = settings.columns or run.source.columns
                settings = settings._replace(columns=columns, style=settings.style.like(run.source))
            request = checked_request(run.source, settings)
            if sink is None:
                sink = stack.enter_context(opened_sink(output, settings.style, run.source, request))
                if is_typed(settings, request) and settings.schema is None:
                    settings = settings._replace(schema=run.source.empty(request).table.schema)
            write_rows(run, request, sink, settings, report)


def is_typed(settings: RunOptions, request: RowRequest) -> bool:
    """Return whether the output has typed columns beside the results."""
    return is_binary(settings.style.file_format) and bool(request.keep)


def kept_schema(settings: RunOptions, first: Source, others: Iterable[Source]) -> Any:
    """Return types for the columns to keep that hold the values of all sources exactly; `None` if none are needed.

    Closes all sources but the first. Raises: InputError for a source with other columns, or with a column of an
    incompatible type; also as `checked_request` does.
    """
    schema = None
    settings = settings._replace(columns=first.columns, style=settings.style.like(first))
    for source in chain([first], others):
        try:
            check_columns(source, first.columns, first.name)
            request = checked_request(source, settings)
            if not is_typed(settings, request):
                return None
            found = source.empty(request).table.schema
            from mgrad_cli.data.column_types import merged_schema

            schema = found if schema is None else merged_schema(schema, found, source.name)
        finally:
            if source is not first:
                source.close()
    return schema


def checked_request(source: Source, settings: RunOptions) -> RowRequest:
    """Return the request for the rows of a source, which has been checked. Raises: UsageError, InputError."""
    request = settings.style.request(source, settings.job.variables, settings.options.on_error, settings.columns)
    source.check(request, settings.style.file_format)
    return request._replace(schema=settings.schema)


def write_rows(
    run: "Run", request: RowRequest, sink: Sink, settings: RunOptions, report: Report, sums: bool = False
) -> None:
    """Write the rows of a source with their results. Report each chunk, with its sums if `sums`."""
    import numpy

    empty = run.in_schema(run.source.empty(request), request)
    sink.write(sink.piece(empty, [numpy.empty(0) for _ in run.job.names]))
    for done in run.outcomes(request, settings.threads, sink.piece, sums):
        sink.write(done.piece)
        report_or_stop(done, report)


def reduce_sources(settings: RunOptions, sources: Iterable[Source], report: Report) -> list[ExactSum]:
    """Return the sums over all rows of the value and each partial derivative. Rows without results are left out."""
    sums: list[ExactSum] = []
    for run in runs(settings, sources):
        request = bare_request(run.job, settings.options.on_error)
        run.source.check(request, "")
        sums = sums or [ExactSum() for _ in run.job.names]
        for done in run.outcomes(request, settings.threads, None):
            for total, part in zip(sums, done.sums, strict=True):
                total.merge(part)
            report_or_stop(done, report)
    return sums


def bare_request(job: Job, on_error: str) -> RowRequest:
    """Return the request for rows of which nothing but the results is needed."""
    return RowRequest(job.variables, (), as_lines=False, typed=True, on_error=on_error, results=job.names)


def report_or_stop(done: Done, report: Report) -> None:
    report(done)
    if done.is_stopped:
        raise done.failures[0]


class Run(NamedTuple):
    """A source with what is computed of its rows."""

    source: Source
    job: Job
    computation: Computation

    def in_schema(self, block: Block, request: RowRequest) -> Block:
        """Convert the columns that a block keeps to the requested types.

        Raises: InputError for a value that its type cannot hold exactly.
        """
        if request.schema is not None and block.table is not None:
            from mgrad_cli.data.column_types import widened

            block.table = widened(block.table, request.schema, self.source.name)
        return block

    def outcomes(self, request: RowRequest, threads: int, piece: Piece | None, sums: bool = False) -> Iterator[Done]:
        """Yield the result of each chunk in order: a piece of output, or without `piece` sums.

        One thread reads ahead and others compute; the caller writes.
        """
        source, job, computation = self

        def work(chunk: Any) -> Done:
            block = self.in_schema(source.block(chunk, request), request)
            return compute_block(block, job, computation, request, piece, source.done(chunk), sums)

        if threads == 0 or source.is_small:  # finish each chunk as it comes
            return interruptible(map(work, source.chunks(request)))
        return interruptible(in_order(work, read_ahead(source.chunks(request)), threads))


def runs(settings: RunOptions, sources: Iterable[Source]) -> Iterator[Run]:
    """Yield a run for each source, all with the same computation.

    Raises: InputError for a source whose columns differ from those of the first.
    """
    first: Source | None = None
    for source in sources:
        try:
            if first is None:
                first = source
                computation = Computation.of(settings.job, settings.kernel, source.rows, settings.options.block_rows)
            check_columns(source, first.columns, first.name)
            yield Run(source, settings.job, computation)
        finally:
            source.close()


def check_columns(source: Source, columns: Sequence[str], first: str) -> None:
    """Raise InputError for a source whose columns, in any order, differ from those of the first."""
    if set(source.columns) == set(columns):
        return
    if separator := separator_in(source.columns, source.dialect.delimiter):
        column = source.columns[0]
        raise InputError(separator_message(source.name, source.file_format, column, separator, is_first=False))
    raise InputError(
        f"{source.name} has other columns than {first}: {shown_columns(source.columns)}, "
        f"where that has {shown_columns(columns)}; --union takes what a file lacks as missing values"
    )


def check_separator(source: Source, needed: Collection[str]) -> None:
    """Check that the first source does not lack columns because it has another separator, or lines before its header.

    Raises: UsageError otherwise.
    """
    if set(needed) <= set(source.columns):
        return
    separator = separator_in(source.columns, source.dialect.delimiter, needed)
    if separator:
        column = source.columns[0]
        raise UsageError(separator_message(source.name, source.file_format, column, separator, is_first=True))
    header_below: Callable[[Collection[str]], int] | None = getattr(source, "header_below", None)
    line = header_below(needed) if header_below is not None else 0
    if line:
        remedy = f"give --skip {line - 1}" if source.dialect.has_header else "leave out --no-header"
        raise UsageError(f"{source.name}: line {line} has the names of the columns; {remedy}")
