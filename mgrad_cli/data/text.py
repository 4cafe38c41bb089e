"""Convert chunks of text to blocks: at once if the chunk is regular and large, row by row otherwise."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from mgrad_cli.data.blocks import Block, RowError, RowRequest
from mgrad_cli.data.chunks import Cutter, TextChunk, longer_line
from mgrad_cli.data.dialect import PLAIN
from mgrad_cli.data.formats import PLAIN_ROWS, has_arrow
from mgrad_cli.data.rows import RowCollector
from mgrad_cli.data.streams import ByteStream


class TextSource(ABC):
    """A file or stream of text. Subclasses define `at_once` and `row_by_row`.

    The fast way takes only chunks that are certain to have no error; the slow way finds the errors. Few rows go the
    slow way too, which is over before polars would be imported.
    """

    file_format: str
    columns: tuple[str, ...]
    members: tuple[str, ...] = ()
    dialect = PLAIN
    rows: int | None

    def __init__(self, stream: ByteStream, cutter: Cutter, plain_bytes: int) -> None:
        self.name = stream.name
        self.plain_bytes = plain_bytes
        self.stream = stream
        self.cutter = cutter
        self.total = stream.size

    def close(self) -> None:
        self.stream.close()

    def check(self, request: RowRequest, file_format: str) -> None:  # noqa: B027
        """Accept any request: only the cells of text can tell."""

    @property
    def is_small(self) -> bool:
        """Whether the rest of the stream has been read, and has at most `plain_bytes` and few lines."""
        rest = self.cutter.rest
        return not self.cutter.is_more and len(rest) <= self.plain_bytes and rest.count(b"\n") <= PLAIN_ROWS

    def chunks(self, request: RowRequest) -> Iterator[TextChunk]:
        """Yield the rest of the stream. Its start is plain if there may not be much more."""
        left: float = self.plain_bytes if self.stream.is_live or self.is_small else 0
        if not self.is_small and not has_arrow():
            left = math.inf
        for chunk in self.cutter.chunks(request.max_rows):
            left -= len(chunk.data)
            yield chunk._replace(is_plain=left >= 0)

    def done(self, chunk: TextChunk) -> int:
        return len(chunk.data)

    def block(self, chunk: TextChunk, request: RowRequest) -> Block:
        at_once = None if chunk.is_plain and not request.as_arrow else self.at_once(chunk, request)
        return at_once or self.row_by_row(chunk, request)

    def empty(self, request: RowRequest) -> Block:
        return RowCollector(request, "", self.name).block()

    @abstractmethod
    def at_once(self, chunk: TextChunk, request: RowRequest) -> Block | None:
        """Return the block of a chunk without errors; `None` if that cannot be told quickly."""

    @abstractmethod
    def row_by_row(self, chunk: TextChunk, request: RowRequest) -> Block:
        """Return the block of any chunk, with its failures."""

    def too_long(self, line: int, is_quoted: bool = False) -> RowError:
        what = "a quoted cell longer" if is_quoted else "longer"
        hint = ", or a quote that is never closed" if is_quoted else ""
        return RowError(
            f"{what} than {self.cutter.max_line} bytes (--max-line){hint}; {longer_line(self.cutter.max_line)}",
            self.name,
            line,
        )


def check_encoding(text: bytes, file: str, line: int, unit: str = "line") -> None:
    """Check that bytes are UTF-8. `unit` is what `line` counts.

    Raises: RowError otherwise.
    """
    try:
        text.decode()
    except UnicodeDecodeError as error:
        remedy = "give the encoding of the file, as --encoding latin-1"
        raise RowError(f"not UTF-8; {remedy}", file, line, error.start + 1, unit) from None


def lines_of(data: bytes, ends: Any) -> Any:
    """Return records as a Series of texts without line ends. `ends` are the indices of their newlines."""
    import numpy
    import polars
    import pyarrow

    offsets = numpy.empty(len(ends) + 1, dtype=numpy.int64)
    offsets[0] = 0
    numpy.add(ends, 1, out=offsets[1:])
    text = pyarrow.LargeStringArray.from_buffers(len(ends), pyarrow.py_buffer(offsets), pyarrow.py_buffer(data))
    lines = polars.Series(text).str.head(-1)
    return lines.str.strip_suffix("\r") if b"\r\n" in data else lines
