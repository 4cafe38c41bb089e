"""A stream of text cut into chunks of whole records, each short enough to hold, none inside a quoted cell."""

import gzip
import os
import stat
import sys
from collections.abc import Iterator
from typing import IO, Any, NamedTuple, cast

from mgrad_cli.errors import InputError
from mgrad_cli.files import refuse_closed_input

CHUNK_BYTES = 2 << 20
GZIP = b"\x1f\x8b"


class Chunk(NamedTuple):
    """Whole records, each with its line end, and the number of the first line, from 1.

    A record longer than is allowed comes alone, cut, with `is_too_long`.
    """

    data: bytes
    line: int
    is_too_long: bool = False


class Bytes:
    """A file, or standard input for `-`, read front to back; the first bytes can be looked at before.

    What gzip compressed is decompressed. Raises: InputError for what cannot be read.
    """

    def __init__(self, path: str, is_live: bool = False) -> None:
        self.name = "standard input" if path == "-" else path
        self.is_live = is_live  # whether to take what has come rather than wait for more
        try:
            if path == "-":
                refuse_closed_input()
                self.raw: Any = sys.stdin.buffer
            else:
                self.raw = open(path, "rb")  # noqa: SIM115
            self.stream: Any = self.raw
            self.seen = self.taken(8)
            if self.seen.startswith(GZIP):
                self.stream = gzip.GzipFile(fileobj=cast("Any", Prefixed(self.seen, self.raw)), mode="rb")
                self.seen = self.stream.read(8)
        except (OSError, EOFError) as error:
            raise self.failure(error) from None

    def failure(self, error: Exception) -> InputError:
        shown = self.name if self.name == "standard input" else f"'{self.name}'"
        return InputError(f"cannot read {shown}: {getattr(error, 'strerror', None) or error}")

    def read(self, size: int) -> bytes:
        """The next bytes, `size` of them unless the stream ends, or fewer where it is live; none at its end."""
        seen, self.seen = self.seen, b""
        if seen and self.is_live:
            return seen
        try:
            return seen + self.taken(size - len(seen))
        except (OSError, EOFError) as error:
            raise self.failure(error) from None

    def taken(self, size: int) -> bytes:
        return cast("bytes", (self.stream.read1 if self.is_live else self.stream.read)(size))

    @property
    def size(self) -> int | None:
        """The bytes in all, where that is known."""
        if self.stream is not self.raw:
            return None
        state = os.fstat(self.raw.fileno())
        return state.st_size if stat.S_ISREG(state.st_mode) else None

    def close(self) -> None:
        if self.name != "standard input":
            self.raw.close()


class Prefixed:
    """A stream with bytes put back before it."""

    def __init__(self, prefix: bytes, stream: IO[bytes]) -> None:
        self.prefix = prefix
        self.stream = stream

    def read(self, size: int) -> bytes:
        prefix, self.prefix = self.prefix[:size], self.prefix[size:]
        return prefix if len(prefix) == size else prefix + self.stream.read(size - len(prefix))


class Cutter:
    """Cuts a stream into chunks. With `quote`, line ends between two quotes are not the ends of records."""

    def __init__(self, stream: Bytes, most_line: int, quote: bytes = b"") -> None:
        self.stream = stream
        self.most_line = most_line
        self.quote = quote
        self.rest = b""
        self.line = 1
        self.is_more = True

    def rows(self) -> int | None:
        """How many records there still are, about; `None` where only reading on would tell."""
        if not self.stream.is_live and self.is_more and len(self.rest) < CHUNK_BYTES:
            self.fill(CHUNK_BYTES)
        seen = self.rest.count(b"\n")
        size = self.stream.size
        if self.is_more and size is not None:
            return size * seen // max(1, len(self.rest))
        return None if self.is_more else seen

    def fill(self, size: int) -> None:
        more = self.stream.read(size)
        self.is_more = len(more) == size or (self.stream.is_live and len(more) > 0)
        self.rest += more

    def first(self) -> bytes:
        """The first record, without its line end, or all there is; taken off the stream.

        Raises: InputError for one that is too long.
        """
        while (end := self.first_end(self.rest)) < 0:
            if not self.is_more or len(self.rest) > self.most_line:
                end = len(self.rest)
                break
            self.fill(1 << 16)
        if end > self.most_line:
            raise InputError(f"{self.stream.name}, line 1: longer than {self.most_line} bytes (--max-line)")
        record, self.rest = self.rest[:end], self.rest[end + 1 :]
        self.line += record.count(b"\n") + 1
        return record

    def first_end(self, data: bytes) -> int:
        end = data.find(b"\n")
        while end >= 0 and self.quote and data.count(self.quote, 0, end) % 2:
            end = data.find(b"\n", end + 1)
        return end

    def last_end(self, data: bytes) -> int:
        """Where the last whole record of the data ends, after its line end; 0 where there is none."""
        end = data.rfind(b"\n")
        if not self.quote or self.quote not in data:
            return end + 1
        quotes = data.count(self.quote, 0, end + 1)
        while end >= 0 and quotes % 2:
            before = data.rfind(b"\n", 0, end)
            quotes -= data.count(self.quote, before + 1, end + 1)
            end = before
        return end + 1

    def chunks(self) -> Iterator[Chunk]:
        """The rest of the stream."""
        while self.is_more or self.rest:
            if self.is_more and len(self.rest) < CHUNK_BYTES and not (self.stream.is_live and self.last_end(self.rest)):
                self.fill(CHUNK_BYTES)
            if not self.is_more and self.rest and not self.rest.endswith(b"\n"):
                self.rest += b"\n"
            end = self.last_end(self.rest) if self.is_more else len(self.rest)
            chunk, self.rest = self.rest[:end], self.rest[end:]
            if chunk:
                yield Chunk(chunk, self.line)
                self.line += chunk.count(b"\n")
            elif self.is_more and len(self.rest) <= self.most_line:
                self.fill(CHUNK_BYTES)
            if len(self.rest) > self.most_line:
                yield Chunk(self.rest[: self.most_line + 1], self.line, is_too_long=True)
                self.skip_line()

    def skip_line(self) -> None:
        """Passes over the rest of a line that is too long; where a quote stands open, of that physical line."""
        while (end := self.rest.find(b"\n")) < 0:
            self.rest = self.stream.read(CHUNK_BYTES)
            if not self.rest:
                return
        self.rest = self.rest[end + 1 :]
        self.line += 1
