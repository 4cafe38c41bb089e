"""Read a file or pipe as a stream of bytes whose start can be inspected."""

import os
import shlex
import stat
import sys
from collections.abc import Callable
from typing import Any, cast

from mgrad_cli.data.encodings import Transcoded, marked_encoding
from mgrad_cli.data.signatures import BOM, MAP, is_binary_start, is_undecided
from mgrad_cli.errors import InputError
from mgrad_cli.storage.compression import compression_in
from mgrad_cli.storage.stores import is_address, opened, state_of
from mgrad_cli.storage.streams import check_input_open

LOOK_BYTES = 512
MIN_BYTES = 2
READ_ERRORS = (OSError, ValueError)


class ByteStream:
    """A file, or standard input for `-`, read from start to end.

    What is compressed is decompressed, and text in `encoding`, or with the byte order mark of another than UTF-8, is
    converted to UTF-8. `start` holds the first bytes, which `read` returns again. A pipe is awaited only until they can
    be recognized.

    Raises: InputError for a path that cannot be read.
    """

    closed = False

    def __init__(
        self, path: str, is_live: bool = False, command: str = MAP, shown: str = "", encoding: str = ""
    ) -> None:
        self.path = path
        self.name = "standard input" if path == "-" else shown or path  # as messages call it
        self.is_live = is_live  # whether to return what has arrived instead of waiting for more
        try:
            if path == "-":
                check_input_open()
                self.raw: Any = sys.stdin.buffer
            else:
                self.raw = opened(path)
            self.stream: Any = self.raw
            self.start = self.pending = self.read_start()
            if packed := compression_in(self.start):
                self.layer(Unpacked(packed.opened(Rewound(self.start, self.raw), "rb")))
            if again := compression_in(self.start):
                file = "FILE" if path == "-" else shlex.quote(self.name)
                raise InputError(f"{self.name} is compressed twice; unpack it once: {again.program} {file} | {command}")
            encoding = encoding or marked_encoding(self.start)
            if encoding and not is_binary_start(self.start):
                self.layer(Transcoded(Rewound(self.start, self.stream), encoding))
        except READ_ERRORS as error:
            raise self.failure(error) from None

    def layer(self, stream: Any) -> None:
        """Read from here on what a stream makes of this one."""
        self.stream = stream
        self.start = self.pending = self.read_start()

    def convert(self, make: Callable[[Any], Any]) -> None:
        """Read from here on what `make` makes of the stream."""
        self.layer(make(Rewound(self.pending, self.stream)))

    def read_start(self) -> bytes:
        """Return the first bytes: those that arrive first, and more while the kind of data is undecided."""
        start = b""
        while len(start) < LOOK_BYTES and is_undecided(start):
            more = self.stream.read1(LOOK_BYTES - len(start))
            if not more:
                break
            start += more
        return start

    def skip_bom(self) -> None:
        """Remove a UTF-8 byte order mark from the start."""
        self.start = self.pending = self.start.removeprefix(BOM)

    def failure(self, error: Exception) -> InputError:
        shown = self.name if self.name == "standard input" else f"'{self.name}'"
        return InputError(f"cannot read {shown}: {getattr(error, 'strerror', None) or error}")

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes: fewer at the end of the stream or if it is live, none after the end."""
        ready, self.pending = self.pending[:size], self.pending[size:]
        if len(ready) == size or (ready and self.is_live):
            return ready
        read = self.stream.read1 if self.is_live else self.stream.read
        try:
            return ready + cast("bytes", read(size - len(ready)))
        except READ_ERRORS as error:
            raise self.failure(error) from None

    @property
    def is_regular(self) -> bool:
        """Whether these are the unchanged bytes of an ordinary local file."""
        is_plain = self.stream is self.raw and not is_address(self.path)
        return is_plain and stat.S_ISREG(os.fstat(self.raw.fileno()).st_mode)

    @property
    def size(self) -> int | None:
        """The total number of bytes; `None` if unknown."""
        if self.stream is self.raw and is_address(self.path):
            state = state_of(self.path)
            return state.size if state else None
        return os.fstat(self.raw.fileno()).st_size if self.is_regular else None

    def fileno(self) -> int:
        return int(self.raw.fileno())

    def close(self) -> None:
        self.closed = True
        if self.path != "-":
            self.raw.close()


class Unpacked:
    """The content of a compressed stream. Raises: OSError for anything that is wrong with it."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def read1(self, size: int) -> bytes:
        """Return what has arrived, at most `size` bytes; none after the end."""
        try:
            return cast("bytes", self.stream.read1(size))
        except Exception as error:  # each library has its own
            raise OSError(None, str(error)) from None

    def read(self, size: int) -> bytes:
        """Return `size` bytes; fewer at the end."""
        pieces = []
        while size and (piece := self.read1(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


class Rewound:
    """A stream that starts again, given the bytes that were read of it. Reads return what has arrived."""

    closed = False

    def __init__(self, start: bytes, stream: Any) -> None:
        self.start = start
        self.stream = stream

    def close(self) -> None:
        """Leave the stream open: who opened it closes it."""

    def read1(self, size: int) -> bytes:
        if not self.start:
            return cast("bytes", self.stream.read1(size))
        ready, self.start = self.start[:size], self.start[size:]
        return ready

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < min(size, MIN_BYTES):  # a caller that asks for so few bytes needs all of them
            more = self.start[: size - len(data)] or self.stream.read1(size - len(data))
            self.start = self.start[size - len(data) :]
            if not more:
                break
            data += more
        return data
