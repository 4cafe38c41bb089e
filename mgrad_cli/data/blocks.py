"""What readers make of data and writers take: blocks of rows, columns of doubles beside what passes through."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from mgrad_cli.data.raw_texts import RawTexts
from mgrad_cli.errors import InputError

MAX_FAILURES = 20
"""How many failures of a block are told, the last among them; the others are counted."""


class RowRequest(NamedTuple):
    """What is wanted of each row.

    variables   the column for each variable
    keep        the columns that pass through
    as_lines    whether rows pass through as the text they are; otherwise as a table of the columns kept
    results     the names that results will have beside them
    typed       whether, in that table, the columns of variables are numbers rather than the text they were
    on_error    what a bad row does: `stop`, `null` or `skip`
    keeps_all   whether everything that a row holds passes through, and not only some columns
    keeps_bytes whether cells that are not UTF-8 can go out as they are
    schema      the types of the columns kept, a `pyarrow.Schema`, where several files have to agree on them
    """

    variables: Mapping[str, str]
    keep: tuple[str, ...]
    as_lines: bool
    typed: bool
    on_error: str = "stop"
    results: tuple[str, ...] = ()
    keeps_all: bool = False
    keeps_bytes: bool = False
    schema: Any = None


@dataclass(slots=True, eq=False)
class Block:
    """Some rows in order.

    columns     for each variable a contiguous array of doubles of shape (rows,)
    nulls       an array of truths of shape (rows,): rows that have no result; or `None` where all have
    lines       the rows' own text, a `polars.Series`, where that was asked for
    table       the columns kept, a `pyarrow.Table`, where that was; with no lines and no table nothing is kept
    holds_cells whether the texts of the table are cells of a text, any of which may be a number
    nonfinite   by row, the members of its own text that are null there because they are not finite, with the word
                for each
    surplus     by row, the text of cells that belong to no column, which go behind the results
    raw         what is in the place of marks in the texts
    failures    what was wrong with the first rows that failed, and with the last; under `stop` with the one that
                ended the block
    failed      how many failed, and `failed_nulls` how many of the rows here have no result because they did
    blank       lines that were passed over because nothing stood in them
    """

    rows: int
    columns: dict[str, Any]
    nulls: Any = None
    lines: Any = None
    table: Any = None
    holds_cells: bool = False
    nonfinite: dict[int, dict[str, str]] = field(default_factory=dict)
    surplus: dict[int, str] = field(default_factory=dict)
    raw: RawTexts | None = None
    failures: list["RowError"] = field(default_factory=list)
    failed: int = 0
    failed_nulls: int = 0
    blank: int = 0


class RowError(InputError):
    """A row that cannot be read: in which file, at which line and column."""

    def __init__(self, message: str, file: str = "", line: int = 0, column: int = 0) -> None:
        index = f", column {column}" if column else ""
        super().__init__(f"{file}, line {line}{index}: {message}" if line else f"{file}: {message}")


class Source(Protocol):
    """One input: its columns, then its rows as chunks, read one after the other, of which any thread makes blocks."""

    name: str
    file_format: str
    columns: tuple[str, ...]
    total: int | None
    """How much there is to do, in the unit of `Chunk.done`, where that is known."""
    rows: int | None
    """How many rows there are, about, where that is known."""

    def check(self, request: RowRequest, file_format: str) -> None:
        """Raises: InputError for a variable whose column is known to hold no numbers, UsageError for a column that
        cannot be kept in a format.
        """

    def chunks(self, request: RowRequest) -> Iterator[Any]: ...

    def block(self, chunk: Any, request: RowRequest) -> Block: ...

    def empty(self, request: RowRequest) -> Block:
        """A block without rows."""

    def done(self, chunk: Any) -> int:
        """How much of `total` a chunk was."""

    def close(self) -> None: ...
