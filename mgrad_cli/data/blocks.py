"""Blocks of rows, which readers make and writers take."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from mgrad_cli.data.dialect import Dialect
from mgrad_cli.data.raw_texts import RawTexts
from mgrad_cli.errors import InputError

NONFINITE = "nonfinite"
"""The JSON member that names the members that are null because they are not finite, with the word for each."""
MAX_FAILURES = 20
"""The maximum number of failures in a block that are reported, the last among them; the others are counted."""
MAX_RESULTS = 1 << 22
"""The maximum number of results in a block, 32 MiB of doubles, unless a row has more."""


class RowRequest(NamedTuple):
    """What to read of each row.

    variables   the column of each variable
    keep        the columns to keep
    as_lines    whether to keep rows as their own text; otherwise as a table of the columns to keep
    results     the names of the results
    typed       whether the columns of variables in that table are numbers rather than text
    on_error    what to do with a bad row: `stop`, `null` or `skip`
    keeps_all   whether to keep everything in a row
    keeps_bytes whether to keep cells that are not UTF-8 as they are
    as_arrow    whether the table must be a `pyarrow.Table`, which formats with typed columns are written from
    schema      the types of the columns to keep, a `pyarrow.Schema`, if several files must agree on them
    nulls       the words in cells to keep that become null; the output has other words of the input as they are
    """

    variables: Mapping[str, str]
    keep: tuple[str, ...]
    as_lines: bool
    typed: bool
    on_error: str = "stop"
    results: tuple[str, ...] = ()
    keeps_all: bool = False
    keeps_bytes: bool = False
    as_arrow: bool = False
    schema: Any = None
    nulls: frozenset[str] = frozenset()

    @property
    def max_rows(self) -> int:
        """The maximum number of rows in a block, so that its results fit in memory."""
        return max(1, MAX_RESULTS // max(1, len(self.results)))


@dataclass(slots=True, eq=False)
class Block:
    """Consecutive rows.

    columns     the values of each variable, a contiguous array of doubles of shape (rows,)
    nulls       a boolean array of shape (rows,): the rows without a result; `None` if all have one
    lines       the text of the rows, a `polars.Series`, if requested
    table       the columns to keep, a `pyarrow.Table`, if requested; nothing is kept without lines and table
    is_plain    whether lines are a list, and the table lists by column, which are written without polars
    holds_cells whether the texts in the table are cells, each of which may be a number
    nonfinite   by row, the members that are null because they are not finite, with the word for each
    surplus     by row, the text of cells beyond the last column, which follow the results
    raw         the byte strings that marks in the texts stand for
    error       returns the error of a row, by its index, with a message; it names the place of the row in the input
    failures    the errors of the first rows that failed and of the last; under `stop`, of the one that ended the block
    failed      the number of rows that failed; `failed_nulls` of the rows in the block have no result for that reason
    blank       the number of blank lines skipped
    """

    rows: int
    columns: dict[str, Any]
    nulls: Any = None
    lines: Any = None
    table: Any = None
    is_plain: bool = False
    holds_cells: bool = False
    nonfinite: dict[int, dict[str, str]] = field(default_factory=dict)
    surplus: dict[int, str] = field(default_factory=dict)
    raw: RawTexts | None = None
    error: Callable[[int, str], "RowError"] | None = None
    failures: list["RowError"] = field(default_factory=list)
    failed: int = 0
    failed_nulls: int = 0
    blank: int = 0


class RowError(InputError):
    """A row that cannot be read or computed, with its file, line and column; `unit` is what `line` counts."""

    def __init__(self, message: str, file: str = "", line: int = 0, column: int = 0, unit: str = "line") -> None:
        index = f", column {column}" if column else ""
        super().__init__(f"{file}, {unit} {line}{index}: {message}" if line else f"{file}: {message}")
        self.place = line


class Source(Protocol):
    """An input: its columns, and its rows in chunks. Chunks are read in order; any thread converts them to blocks."""

    name: str
    file_format: str
    columns: tuple[str, ...]
    members: tuple[str, ...]
    """The members of columns that are objects, as `s.a`, which variables may take as columns."""
    dialect: Dialect
    """How its text is written."""
    total: int | None
    """The amount of work in the unit of `done`; `None` if unknown."""
    rows: int | None
    """The approximate number of rows; `None` if unknown."""

    @property
    def is_small(self) -> bool:
        """Whether there are so few rows that threads do not pay."""

    has_lines: bool
    """Whether rows can be kept as their own text."""

    def check(self, request: RowRequest, file_format: str) -> None:
        """Check the columns that a request names.

        Raises: InputError for a variable whose column is not numeric; UsageError for a column that the format cannot
        hold.
        """

    def chunks(self, request: RowRequest) -> Iterator[Any]: ...

    def block(self, chunk: Any, request: RowRequest) -> Block: ...

    def empty(self, request: RowRequest) -> Block:
        """Return a block without rows."""

    def done(self, chunk: Any) -> int:
        """Return how much of `total` a chunk was."""

    def close(self) -> None: ...
