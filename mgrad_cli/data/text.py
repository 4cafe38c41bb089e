"""Convert chunks of text to blocks: regular records of large chunks at once, the others row by row."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mgrad_cli.data.blocks import Block, RowError, RowRequest
from mgrad_cli.data.chunks import Cutter, Record, TextChunk, longer_line
from mgrad_cli.data.dialect import PLAIN
from mgrad_cli.data.formats import PLAIN_ROWS, has_arrow
from mgrad_cli.data.polars_series import series_from
from mgrad_cli.data.rows import RowCollector
from mgrad_cli.data.scanner import RETURN
from mgrad_cli.data.streams import ByteStream

if TYPE_CHECKING:
    from mgrad_cli.data.regular import Regular

INLINE_BYTES = 12
"""The longest text that a view holds itself."""
MAX_BYTES = (1 << 31) - 1
"""The longest text that views can be of."""


class TextSource(ABC):
    """A file or stream of text. Subclasses define `at_once`, `records` and `add`.

    The fast way takes only records that are certain to have no error; the slow way finds the errors of the others. Few
    rows go the slow way too, which is over before polars would be imported.
    """

    file_format: str
    columns: tuple[str, ...]
    members: tuple[str, ...] = ()
    has_lines = True
    dialect = PLAIN
    unit = "line"
    """What the number of a record counts in messages."""
    rows: int | None
    empty_line: str
    """The text of a row whose own text cannot be kept."""

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
        is_slow = (chunk.is_plain and not request.as_arrow) or len(chunk.data) > MAX_BYTES
        regular = None if is_slow else self.at_once(chunk, request)
        return self.row_by_row(chunk, request) if regular is None else self.completed(regular, request)

    def completed(self, regular: "Regular", request: RowRequest) -> Block:
        """Return the block of a chunk of which the regular records have been read."""
        if regular.others is None:
            return regular.block
        from mgrad_cli.data.regular import merged

        return merged(regular, self.collected(regular.others, request))

    def row_by_row(self, chunk: TextChunk, request: RowRequest) -> Block:
        """Return the block of any chunk, with its failures."""
        if not chunk.is_too_long:
            return self.collected(self.records(chunk), request).block()
        rows = RowCollector(request, self.empty_line, self.name, chunk.line, self.unit)
        self.add_start(rows, chunk)
        return rows.block()

    def records(self, chunk: TextChunk) -> Iterator[Record]:
        """Yield the records of a chunk."""
        line = chunk.line
        for record in self.cutter.scanner.records(chunk.data):
            yield Record(line, record.removesuffix(b"\n"))
            line += record.count(b"\n")

    def collected(self, records: Iterable[Record], request: RowRequest) -> RowCollector:
        """Read records one by one, up to the first failure if that ends the block."""
        rows = RowCollector(request, self.empty_line, self.name, unit=self.unit)
        for record in records:
            if rows.is_stopped:
                break
            rows.line = record.line
            self.add(rows, record)
        return rows

    def empty(self, request: RowRequest) -> Block:
        return RowCollector(request, "", self.name).block()

    @abstractmethod
    def at_once(self, chunk: TextChunk, request: RowRequest) -> "Regular | None":
        """Return the regular records of a chunk; `None` if these cannot be told quickly."""

    @abstractmethod
    def add(self, rows: RowCollector, record: Record) -> None:
        """Add a record and its failure, if any, to the rows."""

    @abstractmethod
    def add_start(self, rows: RowCollector, chunk: TextChunk) -> None:
        """Add the start of a record that is too long to the rows, and its failure."""

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
    """Return records as a Series of texts without line ends. `ends` are the indices of their newlines.

    The Series has the views that Arrow defines for texts, of these bytes; they are not copied.
    """
    import numpy
    import pyarrow

    text = numpy.frombuffer(data, numpy.uint8)
    starts = numpy.append(0, ends + 1)[:-1]
    lengths = ends - starts
    if b"\r" in data:
        lengths -= (text[ends - 1] == RETURN) & (lengths > 0)
    views = numpy.zeros((len(ends), 4), dtype=numpy.int32)  # length, first bytes, buffer, offset
    views[:, 0] = lengths
    views[:, 3] = starts
    if len(data) > INLINE_BYTES:
        firsts = numpy.ndarray(len(data) - 3, numpy.int32, data, strides=(1,))
        views[:, 1] = firsts[numpy.minimum(starts, len(firsts) - 1)]
    short = numpy.flatnonzero(lengths <= INLINE_BYTES)
    if len(short):  # instead of the last three, all bytes
        indices = numpy.arange(INLINE_BYTES)
        content = text[numpy.minimum(starts[short, None] + indices, len(data) - 1)]
        content[indices >= lengths[short, None]] = 0
        views[short, 1:] = content.view(numpy.int32)
    buffers = [None, pyarrow.py_buffer(views), pyarrow.py_buffer(data)]
    return series_from(pyarrow.Array.from_buffers(pyarrow.string_view(), len(ends), buffers))
