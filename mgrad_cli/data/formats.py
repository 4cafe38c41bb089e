"""The formats of data files: one record for each."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, NamedTuple

from mgrad_cli.data.blocks import Source
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.errors import MissingExtraError, is_installed

PLAIN_BYTES, PLAIN_ROWS = 1 << 20, 40_000
"""The size of text, and the number of rows, that take as long without polars as with it, its import included."""
LIBRARIES = "polars and pyarrow"


class ReadOptions(NamedTuple):
    """How an input is read.

    file_format  its format; by default what its name or its first bytes say
    max_line    the maximum length of a line, in bytes
    accepts_nan  whether JSON may hold NaN and Infinity
    is_live      whether rows are read as they arrive
    dialect      how its text is written
    is_format_given  whether the format was named, rather than found
    columns      the columns that every file has, perhaps as missing values; by default its own
    needed       the members that a JSON record must have to name the columns, if bad records may precede it
    plain_bytes  up to how many bytes a text of few rows is read without polars, which takes longer to import
    """

    file_format: str | None = None
    max_line: int = 16 << 20
    accepts_nan: bool = False
    is_live: bool = False
    dialect: Dialect = PLAIN
    is_format_given: bool = False
    columns: tuple[str, ...] | None = None
    needed: frozenset[str] | None = None
    plain_bytes: int = PLAIN_BYTES

    def for_variables(self, columns: Iterable[str], on_error: str) -> "ReadOptions":
        """Return the options for a run that reads these columns."""
        return self if on_error == "stop" else self._replace(needed=frozenset(columns))


class DataFormat(NamedTuple):
    """A format of data files.

    title           what messages call it
    endings         the endings of file names, the usual one first; `.gz` may follow those of text formats
    reader          `module.function` in this package: makes a `Source` of the origin (a `ByteStream`, or for a binary
                    format perhaps a path or address), its name, the `ReadOptions` and a range of row groups or `None`
    writer          `module.function` in this package: makes a `Sink` of the `Output`, the `Style`, the `Source` (`None`
                    for a single record) and the `RowRequest`
    is_binary       whether columns have types; otherwise lines of text
    has_row_groups  whether a large file can be divided by row groups
    separator       what separates the cells of delimited text
    magic           the bytes that a file may begin with, if they tell the format
    compressions    how a file may be compressed, the usual way first
    """

    title: str
    endings: tuple[str, ...]
    reader: str
    writer: str
    is_binary: bool = False
    has_row_groups: bool = False
    separator: str = ""
    magic: tuple[bytes, ...] = ()
    compressions: tuple[str, ...] = ()

    def source(self, *arguments: Any) -> Source:
        """Call the reader. Raises: MissingExtraError for a binary format if its libraries are not installed."""
        self.check_installed()
        source: Source = imported(self.reader)(*arguments)
        return source

    def sink(self, *arguments: Any) -> Any:
        """Call the writer. Raises: MissingExtraError for a binary format if its libraries are not installed."""
        self.check_installed()
        return imported(self.writer)(*arguments)

    def check_installed(self) -> None:
        if self.is_binary and not has_arrow():
            raise MissingExtraError(self.title, LIBRARIES, "data")


def slow_reading_hint(source: Source) -> str:
    """Return what would read a source faster; empty if all is installed, or the source has few rows."""
    return (
        "" if source.is_small or has_arrow() else str(MissingExtraError("fast reading of many rows", LIBRARIES, "data"))
    )


def has_arrow() -> bool:
    """Return whether the libraries are installed that read and write binary formats, and large text quickly."""
    return is_installed("polars") and is_installed("pyarrow")


def imported(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(".")
    found: Callable[..., Any] = getattr(import_module(f"mgrad_cli.data.{module}"), function)
    return found


DATA_FORMATS = {
    "csv": DataFormat(
        "CSV", (".csv",), "delimited.open_delimited", "delimited_writing.delimited_sink", separator=",",
    ),
    "tsv": DataFormat(
        "TSV", (".tsv", ".tab"), "delimited.open_delimited", "delimited_writing.delimited_sink", separator="\t",
    ),
    "jsonl": DataFormat(
        "JSON Lines", (".jsonl", ".ndjson"), "json_lines.open_json_lines", "json_writing.json_lines_sink"
    ),
    "parquet": DataFormat(
        "Parquet", (".parquet", ".pq"), "arrow.open_parquet", "arrow_writing.arrow_sink",
        is_binary=True, has_row_groups=True, magic=(b"PAR1",), compressions=("snappy", "zstd", "none"),
    ),
    "arrow": DataFormat(
        "Arrow IPC", (".arrow", ".feather", ".ipc", ".arrows"), "arrow.open_ipc", "arrow_writing.arrow_sink",
        is_binary=True, magic=(b"ARROW1\0\0", b"\xff\xff\xff\xff"), compressions=("none", "zstd"),
    ),
}  # fmt: skip
COMPRESSIONS = tuple(sorted({name for each in DATA_FORMATS.values() for name in each.compressions}, reverse=True))
"""All ways to compress a file."""
ENDINGS = {ending: name for name, each in DATA_FORMATS.items() for ending in each.endings}
"""The format of each ending of a file name."""


def is_binary(file_format: str) -> bool:
    """Return whether files of a format have typed columns; `table` and other formats for people do not."""
    return file_format in DATA_FORMATS and DATA_FORMATS[file_format].is_binary


def is_text(file_format: str) -> bool:
    """Return whether a format is one of text data."""
    return file_format in DATA_FORMATS and not DATA_FORMATS[file_format].is_binary


def separator_of(file_format: str) -> str:
    """Return what separates the cells of a format; empty if it is not delimited text."""
    return DATA_FORMATS[file_format].separator if file_format in DATA_FORMATS else ""
