"""Where blocks go with their results. Any thread makes the pieces; they are written in the order of rows."""

from collections.abc import Callable
from io import RawIOBase
from typing import Any, Protocol, TextIO, TypeAlias

from mgrad_cli.data.blocks import Block
from mgrad_cli.data.plain_writing import first_rows
from mgrad_cli.data.polars_series import series_from
from mgrad_cli.storage.streams import Output
from mgrad_cli.text import printable

Draw: TypeAlias = Callable[[list[str], list[list[Any]], int, TextIO], str]
"""Draws a table of columns and rows for a stream, given the number of further rows."""


class Sink(Protocol):
    """Where results go. Any thread makes a piece from a block and its results; pieces are written in order."""

    def piece(self, block: Block, results: list[Any]) -> Any: ...

    def write(self, piece: Any) -> None: ...

    def close(self) -> None:
        """Write the rest after a successful run."""

    def abandon(self) -> None:
        """Write nothing more after a failed run."""


class TextParts(RawIOBase):
    """A stream that keeps what is written to it in parts, which are not copied together."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.parts.append(bytes(content))
        return len(content)


class TextSink:
    """Text in pieces of whole lines."""

    def __init__(self, output: Output) -> None:
        self.output = output

    def write(self, piece: list[bytes]) -> None:
        """Write parts of text, on a terminal without control characters."""
        if self.output.stream.isatty():
            lines = b"".join(piece).decode(errors="replace").split("\n")
            piece = ["\n".join("\t".join(map(printable, line.split("\t"))) for line in lines).encode()]
        for part in piece:
            self.output.write_bytes(part)

    def close(self) -> None:
        pass

    def abandon(self) -> None:
        if self.output.name == "standard output":
            self.output.flush()


def result_series(block: Block, results: list[Any], names: list[str]) -> list[Any]:
    """Return the results as Series, null in rows without results."""
    import numpy
    import pyarrow

    is_valid = None
    if block.nulls is not None:
        is_valid = pyarrow.py_buffer(numpy.packbits(~block.nulls, bitorder="little"))
    arrays = [  # `pyarrow.array` imports `numpy.ma`
        pyarrow.Array.from_buffers(pyarrow.float64(), block.rows, [is_valid, pyarrow.py_buffer(result)])
        for result in results
    ]
    return [series_from(array, name) for name, array in zip(names, arrays, strict=True)]


def series_of(table: Any) -> list[Any]:
    """Return the columns of an Arrow table as Series, with dictionary values as text; an empty list for no table."""
    import polars

    columns = [] if table is None else zip(table.column_names, table.columns, strict=True)
    found = [series_from(column, name) for name, column in columns]
    worded = (polars.Categorical, polars.Enum)
    return [series.cast(polars.String) if isinstance(series.dtype, worded) else series for series in found]


class PreviewSink:
    """A table for people: the first rows, and the number of further rows."""

    max_rows = 40

    def __init__(self, output: Output, columns: list[str], draw: Draw) -> None:
        self.output = output
        self.columns = columns
        self.draw = draw
        self.rows: list[list[Any]] = []
        self.more = 0

    def piece(self, block: Block, results: list[Any]) -> tuple[list[list[Any]], int]:
        first = self.max_rows
        if block.is_plain:
            return first_rows(block, results, first), block.rows
        kept = [series.head(first) for series in series_of(block.table)]
        shown = [series.head(first) for series in result_series(block, results, self.columns[len(kept) :])]
        return [list(row) for row in zip(*(series.to_list() for series in (*kept, *shown)), strict=True)], block.rows

    def write(self, piece: tuple[list[list[Any]], int]) -> None:
        rows, count = piece
        taken = rows[: self.max_rows - len(self.rows)]
        self.rows += taken
        self.more += count - len(taken)

    def abandon(self) -> None:
        pass

    def close(self) -> None:
        self.output.write(self.draw(self.columns, self.rows, self.more, self.output.stream))
