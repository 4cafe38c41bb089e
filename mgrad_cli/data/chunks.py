"""Cut a stream of text into chunks of whole records, in bounded memory."""

from collections.abc import Iterator
from typing import NamedTuple

from mgrad_cli.data.scanner import NEWLINE, SAMPLE_BYTES, Quoting, RecordScanner
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.errors import InputError

CHUNK_BYTES, MIN_BYTES = 2 << 20, 1 << 18
CHUNK_ROWS, MAX_ROWS = 1 << 16, 1 << 18


class TextChunk(NamedTuple):
    """Whole records with their line ends, and the number of the first line, from 1.

    A record that is too long stands alone, cut off, with `is_too_long`, and with `is_quoted` if a quoted cell is the
    reason. Chunks with `is_plain` are read without polars. `quoting` is what is in quotes, if that is known.
    """

    data: bytes
    line: int
    is_too_long: bool = False
    is_quoted: bool = False
    is_plain: bool = False
    quoting: Quoting | None = None


class Record(NamedTuple):
    """A record without its line end, and the number of its first line."""

    line: int
    content: bytes


def longer_line(max_line: int) -> str:
    """Return the option that allows longer lines."""
    return f"raise the limit, as with --max-line {2 * max_line}"


def newlines(data: bytes, end: int) -> int:
    """Return the number of newlines up to a position; in large data faster than the method of bytes."""
    if end < MIN_BYTES:
        return data.count(b"\n", 0, end)
    import numpy

    return int(numpy.count_nonzero(numpy.frombuffer(data, numpy.uint8, end) == NEWLINE))


class Cutter:
    """Cuts a stream into chunks of whole records, of about so many rows at most."""

    def __init__(self, stream: ByteStream, max_line: int, scanner: RecordScanner) -> None:
        self.stream = stream
        self.max_line = max_line
        self.scanner = scanner
        self.rest = b""
        self.line = 1
        self.is_more = True
        self.size = CHUNK_BYTES

    def rows(self) -> int | None:
        """Return the approximate number of remaining records; `None` if it cannot be estimated."""
        if not self.stream.is_live and self.is_more and len(self.rest) < CHUNK_BYTES:
            self.fill(CHUNK_BYTES)
        seen = self.rest.count(b"\n")
        self.size = min(CHUNK_BYTES, max(MIN_BYTES, CHUNK_ROWS * len(self.rest) // max(1, seen)))
        size = self.stream.size
        if self.is_more and size is not None:
            return size * seen // max(1, len(self.rest))
        return None if self.is_more else seen

    def fill(self, size: int) -> None:
        more = self.stream.read(size)
        self.is_more = len(more) == size or (self.stream.is_live and len(more) > 0)
        self.rest += more
        if not self.is_more and self.rest and not self.rest.endswith(b"\n"):
            self.rest += b"\n"

    def skip_lines(self, count: int) -> None:
        """Take so many lines off the stream. Raises: InputError if it has no more than these."""
        for _ in range(count):
            while not (end := self.rest.find(b"\n") + 1) and self.is_more:
                self.rest = self.rest[-1:]  # which says whether the last line has an end
                self.fill(CHUNK_BYTES)
            if not end:
                break
            self.skip(end)
        if not self.rest:
            self.fill(1)
        if count and not self.rest and not self.is_more:
            raise InputError(f"{self.stream.name} has no lines after the {count} to skip (--skip)")

    def sample(self) -> bytes:
        """Return the next lines, without taking them off the stream."""
        while b"\n" not in self.rest and self.is_more and len(self.rest) <= self.max_line:
            self.fill(max(1 << 16, len(self.rest)))
        return self.rest[: self.rest.rfind(b"\n", 0, SAMPLE_BYTES) + 1]

    def first(self) -> bytes:
        """Take the first record off the stream and return it without its line end.

        Raises: InputError for one that is too long.
        """
        while not (end := self.scanner.first_end(self.rest, self.is_more)):
            if not self.is_more or len(self.rest) > self.max_line:
                end = len(self.rest)
                break
            self.fill(max(1 << 16, len(self.rest)))
        if end - 1 > self.max_line:
            raise InputError(
                f"{self.stream.name}, line {self.line}: longer than {self.max_line} bytes (--max-line); "
                f"{longer_line(self.max_line)}"
            )
        record, self.rest = self.rest[:end], self.rest[end:]
        self.line += record.count(b"\n")
        return record.removesuffix(b"\n")

    def chunks(self, max_rows: int = MAX_ROWS) -> Iterator[TextChunk]:
        """Yield the rest of the stream, in chunks of at most so many rows, about.

        Raises: InputError for a quoted cell that is too long and whose end cannot be found.
        """
        while self.is_more or self.rest:
            if self.is_more and len(self.rest) < self.size and not (self.stream.is_live and self.last_end()[0]):
                self.fill(self.size)
            if not self.rest:
                continue
            end, quoting = self.last_end()
            if not end and self.is_more and len(self.rest) <= self.max_line:
                self.fill(max(self.size, len(self.rest)))
                continue
            if not end and len(self.rest) > self.max_line and not self.scanner.is_unclosed(self.rest):
                is_quoted = self.scanner.opening(self.rest) is not None
                yield TextChunk(self.rest[: self.max_line + 1], self.line, is_too_long=True, is_quoted=is_quoted)
                self.skip_record()
                continue
            if not end:  # a quote that is never closed: only its first line is bad
                end, quoting = self.rest.find(b"\n") + 1, None
            rows = newlines(self.rest, end)
            if rows > min(MAX_ROWS, max_rows) and end <= self.size:
                self.size = self.size * min(CHUNK_ROWS, max_rows) // rows
                continue
            chunk, self.rest = self.rest[:end], self.rest[end:]
            yield TextChunk(chunk, self.line, quoting=quoting)
            self.line += rows

    def last_end(self) -> tuple[int, Quoting | None]:
        """Return where to cut what has been read: after the last whole record that fits in the chunk, or after one.

        Return also what is in quotes up to there, if that is known.
        """
        if not self.is_more and len(self.rest) <= self.size:
            return len(self.rest), None
        end, quoting = self.scanner.last_end(self.rest, self.size)
        if end:
            return end, quoting
        if self.is_more:
            return self.scanner.last_end(self.rest, len(self.rest))
        return self.scanner.first_end(self.rest, is_more=False), None

    def skip_record(self) -> None:
        """Skip a record that is too long.

        Raises: InputError if a quoted cell is not closed: what follows could be its text, or rows.
        """
        first = self.line
        while not (end := self.scanner.first_end(self.rest, self.is_more)):
            opening = self.scanner.opening(self.rest)
            if opening is not None:
                self.skip(opening)
                if not self.skip_quoted():
                    raise InputError(
                        f"{self.stream.name}, line {first}: a quote that is not closed within {self.max_line} bytes "
                        "(--max-line), nor later; mend it, or give --quote none"
                    )
            else:
                self.skip(len(self.rest))
            if not self.rest and not self.is_more:
                return
            self.fill(CHUNK_BYTES)
        self.skip(end)

    def skip_quoted(self) -> bool:
        """Skip the rest of a quoted cell and its closing quote; return whether there is one."""
        while True:
            end, is_closed = self.scanner.closing(self.rest)
            self.skip(end)
            if is_closed is not None:
                return is_closed
            if not self.is_more:
                return False
            self.fill(CHUNK_BYTES)

    def skip(self, size: int) -> None:
        """Skip some bytes of what has been read."""
        self.line += self.rest.count(b"\n", 0, size)
        self.rest = self.rest[size:]
