"""Read files of expressions, whole or line by line."""

import io
from collections.abc import Iterator

from mgrad_cli.data.json_arrays import ArrayLines
from mgrad_cli.data.signatures import BLANKS, LINES, check_content
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.errors import InputError, LimitError

BUFFER_BYTES = 1 << 18
SKIPPED_BYTES = 1 << 16
NOT_UTF8 = "if the file is in Latin-1, convert it: iconv -f LATIN1 -t UTF-8 FILE"


class RawBytes(io.RawIOBase):
    """A stream of bytes for Python's buffered readers."""

    def __init__(self, stream: ByteStream) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        content = self.stream.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self.stream.close()
        super().close()


def opened_text(path: str, content_type: str, command: str, max_line: int = 0, encoding: str = "") -> io.BufferedReader:
    """Open a file, or standard input for `-`, as bytes without a byte order mark.

    Lines of expressions may be an array of records of at most `max_line` bytes.

    Raises: InputError for a file that cannot be read, or is not `content_type`; it names the `command` that would
    read it.
    """
    stream = ByteStream(path, is_live=True, command=command, encoding=encoding)
    try:
        check_content(stream.start, content_type, stream.name, command)
        stream.skip_bom()
        if content_type == LINES and stream.start.lstrip(BLANKS).startswith(b"["):
            stream.convert(lambda array: ArrayLines(array, stream.name, max_line))
    except BaseException:
        stream.close()
        raise
    return io.BufferedReader(RawBytes(stream), BUFFER_BYTES)


def read_text(path: str, max_chars: int) -> str:
    """Return the text of a file, or of standard input for `-`, without trailing blanks.

    Raises: InputError for a file that cannot be read or is not UTF-8; LimitError for more than `max_chars` characters,
    without reading further.
    """
    max_bytes = 4 * max_chars + 1
    shown = "standard input" if path == "-" else f"'{path}'"
    with opened_text(path, "an expression", "mgrad eval -") as reader:
        content = reader.read(max_bytes)
    if len(content) == max_bytes:
        raise LimitError(f"the expression is longer than {max_chars} characters (--max-chars)")
    try:
        return content.decode().rstrip()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{shown} is not UTF-8: byte {error.start + 1}, in line {line}; {NOT_UTF8}") from None


def bounded_lines(path: str, max_bytes: int, command: str) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file, or of standard input for `-`, with their numbers from 1.

    A line of more than `max_bytes` is cut to one byte more than that.

    Raises: InputError for a file that cannot be read or is not text; it names the `command` that would read it.
    """
    with opened_text(path, LINES, command, max_bytes) as reader:
        number = 0
        while line := reader.readline(max_bytes + 1):
            number += 1
            yield number, line
            while len(line) > max_bytes and not line.endswith(b"\n"):
                line = reader.readline(max_bytes + 1)


class LineBlocks:
    """Reads whole lines of files, or of standard input for `-`, in blocks of about `size` bytes, which may be changed.

    A stream is not awaited longer than to the end of a line. A line of more than `max_bytes` may lack what is beyond
    them, but for one byte. With `by_line` each line is a block.
    """

    def __init__(self, max_bytes: int, command: str, size: int, by_line: bool = False, encoding: str = "") -> None:
        self.max_bytes = max_bytes
        self.command = command
        self.size = size
        self.by_line = by_line
        self.encoding = encoding

    def read(self, path: str) -> Iterator[bytes]:
        """Yield the blocks of a file.

        Raises: InputError for a file that cannot be read or is not text; it names the `command` that would read it.
        """
        with opened_text(path, LINES, self.command, self.max_bytes, self.encoding) as reader:
            while True:
                content = b"" if self.by_line else reader.read1(self.size)
                if not content.endswith(b"\n"):
                    content += self.rest_of_line(reader, content)
                if not content:
                    return
                yield content

    def rest_of_line(self, reader: io.BufferedReader, begun: bytes) -> bytes:
        """Return the rest of the line with which a block ends, cut to the limit."""
        length = len(begun) - begun.rfind(b"\n") - 1
        rest = piece = reader.readline(max(self.max_bytes - length, 0) + 1)
        while piece and not piece.endswith(b"\n"):
            piece = reader.readline(SKIPPED_BYTES)
        return rest if rest.endswith(b"\n") else rest + piece[-1:]
