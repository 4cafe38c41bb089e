"""Choose where results go: one output, or a folder with a file for each input."""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from mgrad_cli.data.blocks import NONFINITE, Block, RowRequest, Source
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.data.formats import DATA_FORMATS, is_binary, is_text, separator_of
from mgrad_cli.data.opening import format_of
from mgrad_cli.data.writing import Draw, PreviewSink, Sink
from mgrad_cli.errors import OutputError, UsageError
from mgrad_cli.storage import stores as indices
from mgrad_cli.storage.compression import unpacked_name
from mgrad_cli.storage.stores import ending, joined, translate_os_errors
from mgrad_cli.storage.streams import Output, opened_output


class Style(NamedTuple):
    """How results are written.

    names     the names of the result columns
    keep      the columns to keep; by default all
    is_safe   whether to prefix text cells that a spreadsheet would run
    compression  how Parquet and Arrow IPC are compressed; one of those that the format has
    flush     whether to write each piece at once
    preview   draws the table of the first rows, for the format `table`
    dialect   how delimited text is written that has the format of the input: as that, of which a source is an example
    renaming  how to give the results other names, for messages; by default the options of `mgrad map`
    """

    file_format: str
    names: list[str]
    keep: tuple[str, ...] | None = None
    is_safe: bool = False
    compression: str = "none"
    flush: bool = False
    preview: Draw | None = None
    renaming: str = ""
    dialect: Dialect = PLAIN

    def like(self, source: Source) -> "Style":
        """Return the style for delimited text that is written as a source is; other formats have nothing to take."""
        if not separator_of(self.file_format) or not separator_of(source.file_format):
            return self._replace(dialect=Dialect(decimal=source.dialect.decimal))
        is_writable = source.dialect.delimiter.isascii()
        delimiter = source.dialect.delimiter if self.file_format == source.file_format and is_writable else ""
        return self._replace(dialect=Dialect(delimiter, source.dialect.decimal))

    @property
    def delimiter(self) -> str:
        """What separates the cells of delimited text."""
        return self.dialect.delimiter or separator_of(self.file_format)

    def request(
        self, source: Source, variables: dict[str, str], on_error: str, order: Sequence[str] | None = None
    ) -> RowRequest:
        """Return the request for the rows of a source, with its columns in `order`; by default in their own order.

        Raises: UsageError for a column to keep that is missing, or that has the name of a result.
        """
        order = source.columns if order is None else order
        keep = order if self.keep is None else self.keep
        there = {*source.columns, *source.members}
        for column in keep:
            if column not in there and not (
                self.file_format == source.file_format == "jsonl"
            ):  # any record may have it
                raise UsageError(f"no column '{column}' to keep; columns: {', '.join(source.columns)}")
        kept = set(keep)
        if len(kept) < len(keep):
            raise UsageError("--keep names a column twice")
        self.check_distinct_names(kept, "also a column of the input", "or leave columns out with --keep")
        if self.file_format == "jsonl" != source.file_format and NONFINITE in kept:
            raise UsageError(
                f"the column '{NONFINITE}' has the name that JSON gives to what is not finite; --keep others"
            )
        passes = self.keep is None or (self.file_format == "jsonl" and bool(keep))
        is_same_text = self.file_format == source.file_format and is_text(self.file_format) and source.has_lines
        if separator_of(self.file_format):
            is_same_text &= source.dialect.delimiter == self.delimiter
        is_ordered = self.file_format == "jsonl" or tuple(order) == source.columns
        as_lines = passes and is_same_text and is_ordered and not self.is_safe
        typed = not is_text(self.file_format)
        is_delimited = separator_of(self.file_format) and separator_of(source.file_format)
        keeps_bytes = bool(is_delimited) and not self.is_safe
        return RowRequest(
            variables,
            tuple(keep),
            as_lines,
            typed,
            on_error,
            tuple(self.names),
            self.keep is None,
            keeps_bytes,
            is_binary(self.file_format),
            nulls=frozenset() if is_delimited else source.dialect.nulls,
        )

    def check_distinct_names(self, taken: Collection[str], as_what: str, advice: str = "") -> None:
        """Raise UsageError for a result whose name is taken, or is the name of another result."""
        counts = Counter(self.names)
        for name in self.names:
            is_reserved = self.file_format == "jsonl" and name == NONFINITE
            if name in taken or is_reserved or counts[name] > 1:
                reserved = "the name of what is not finite" if is_reserved else "the name of two results"
                options = f"rename results with --value-name and --grad-prefix{', ' if advice else ''}{advice}"
                what = as_what if name in taken else reserved
                raise UsageError(f"the output column '{name}' is {what}; {self.renaming or options}")

    def sink(self, output: Output, source: Source | None, request: RowRequest) -> Sink:
        """Return the sink for the rows of a source, or for a single record, with its header written."""
        if self.file_format == "table":
            assert self.preview is not None
            return PreviewSink(output, [*request.keep, *self.names], self.preview)
        sink: Sink = DATA_FORMATS[self.file_format].sink(output, self, source, request)
        return sink


def chosen_file_format(file_format: str | None, output: str | None, otherwise: str) -> str:
    """Return the output format: the given one, the one of the output's name, or `otherwise`, the format of the input.

    Binary formats are replaced by CSV on standard output.

    Raises: UsageError if the name contradicts the given format; MissingExtraError if the libraries for it are not
    installed.
    """
    chosen = wanted_file_format(file_format, output, otherwise)
    if chosen in DATA_FORMATS:
        DATA_FORMATS[chosen].check_installed()
    return chosen


def wanted_file_format(file_format: str | None, output: str | None, otherwise: str) -> str:
    """Return the output format, whether or not it can be written. Raises: UsageError."""
    named = format_of(output) if output is not None and output != "-" else None
    if file_format is not None and named not in {None, file_format} and file_format != "table":
        raise UsageError(f"--format {file_format} conflicts with the output name '{output}'")
    if file_format is not None or named is not None:
        return file_format or named or ""
    named_so = os.path.splitext(unpacked_name(output or ""))[1]
    if named_so and output is not None and not is_there(output):
        raise UsageError(f"cannot tell the format from the ending '{named_so}'; give one with --format")
    return otherwise if is_text(otherwise) or output not in {None, "-"} else "csv"


def chosen_compression(compression: str | None, file_format: str) -> str:
    """Return how a format is compressed: as given, or as usual. Raises: UsageError for what the format lacks."""
    known = DATA_FORMATS[file_format].compressions if file_format in DATA_FORMATS else ()
    if compression is None:
        return known[0] if known else "none"
    if compression in known:
        return compression
    if known:
        raise UsageError(f"{DATA_FORMATS[file_format].title} has no {compression}; give one of {', '.join(known)}")
    raise UsageError("--compression applies only to Parquet and Arrow output; pipe text through gzip or zstd")


def is_folder(output: str | None, files: Sequence[str]) -> bool:
    """Return whether an output is a folder.

    It is if it exists as one, its name ends in a slash, or there are several inputs and its name is new and has no
    ending.
    """
    if output is None or output == "-":
        return False
    if ending(output).endswith("/") or is_there(output):
        return True
    return len(files) > 1 and format_of(output) is None and not os.path.exists(output)


def is_there(folder: str) -> bool:
    with translate_os_errors(f"write '{folder}'", OutputError):
        return indices.is_folder(folder)


def part_name(index: int, file_format: str) -> str:
    return f"part-{index:05}{DATA_FORMATS[file_format].endings[0]}"


def part_path(folder: str, index: int, file_format: str) -> str:
    return joined(folder, part_name(index, file_format))


@contextmanager
def opened_sink(
    path: str | None,
    style: Style,
    source: Source,
    request: RowRequest,
    scratch: str | None = None,
    shown: str = "",
) -> Iterator[Sink]:
    """Open a sink. It is closed at the end; if anything fails, no file is left.

    `scratch` is a folder for the unfinished file. Messages call the file `shown`.
    """
    with opened_output(path, style.flush, scratch, shown) as output:
        if is_binary(style.file_format) and output.stream.isatty():
            raise UsageError(f"{style.file_format} cannot be shown in a terminal; write it to a file with --output")
        sink = style.sink(output, source, request)
        try:
            yield sink
            sink.close()
        except BaseException:
            sink.abandon()
            raise


def write_record(path: str | None, style: Style, columns: dict[str, Any], values: Sequence[float]) -> None:
    """Write one row: these columns, then the values under the names of the results."""
    import numpy

    table: Any = {name: [value] for name, value in columns.items()}
    is_plain = not is_binary(style.file_format)
    if not is_plain:
        import pyarrow

        table = pyarrow.table(table)
    block = Block(1, {}, table=table, is_plain=is_plain)
    with opened_output(path, style.flush) as output:
        sink = style.sink(output, None, RowRequest({}, tuple(columns), as_lines=False, typed=True))
        sink.write(sink.piece(block, [numpy.array([value]) for value in values]))
        sink.close()
