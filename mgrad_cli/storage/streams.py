"""Write text to standard output, and messages to standard error."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from mgrad_cli.errors import ClosedPipe, InputError, OutputError
from mgrad_cli.text import printable

ESCAPED = "backslashreplace"
"""The error handler for characters that the encoding of the output lacks."""


def check_input_open() -> None:
    """Raise InputError if there is no standard input."""
    if sys.stdin is None:
        raise InputError("cannot read standard input: it is closed")


def log(text: str) -> None:
    """Write lines of text to standard error, in colour on a terminal. Write errors are ignored.

    Control, bidirectional and escape characters are replaced, wherever the text comes from.
    """
    from mgrad_cli.storage.colors import colored, has_colors

    lines = [printable(line) for line in text.split("\n")]
    with suppress(OSError, ValueError, AttributeError):
        safe = "\n".join(colored(lines) if has_colors(sys.stderr) else lines)
        sys.stderr.write(f"{safe}\n")
        sys.stderr.flush()


def terminal_for_progress() -> TextIO | None:
    """Return standard error if it is a terminal, for a progress bar with `printable` text; otherwise `None`."""
    return sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None


def message_status() -> os.stat_result | None:
    """Return the status of standard error; `None` if it is closed or unknown to the system."""
    try:
        return os.fstat(sys.stderr.fileno())
    except (OSError, AttributeError, ValueError):
        return None


def divert_messages(is_silent: bool = False) -> None:
    """Send further messages to standard output, or with `is_silent` nowhere."""
    sys.stderr = None if is_silent else sys.stdout


def escape_unencodable() -> None:
    """Make the standard streams write characters that their encoding lacks as escapes."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors=ESCAPED)  # type: ignore[union-attr]


class Output:
    """A stream that data is written to, in order. Write errors become OutputError."""

    def __init__(self, stream: TextIO, name: str, flush_each: bool) -> None:
        self.stream = stream
        self.name = name
        self.flush_each = flush_each or stream.isatty()

    def write(self, text: str) -> None:
        with writing(self.name):
            self.stream.write(text)
            if self.flush_each:
                self.stream.flush()

    def write_bytes(self, content: bytes) -> None:
        """Write bytes to a stream that is used for bytes only."""

        def write() -> None:
            self.stream.buffer.write(content)
            if self.flush_each:
                self.stream.buffer.flush()

        self.guarded(write)

    def flush(self) -> None:
        self.guarded(self.stream.flush)

    def guarded(self, write: Callable[[], None]) -> None:
        """Call a function that writes to the stream's bytes, and translate its errors."""
        with writing(self.name):
            write()


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Translate a failed write to an OutputError, and a closed pipe to the end of the program."""
    try:
        yield
    except BrokenPipeError:
        raise ClosedPipe from None
    except OSError as error:
        raise OutputError(f"cannot write {name}: {error.strerror}") from None


@contextmanager
def opened_output(
    path: str | None, flush_each: bool = False, scratch: str | None = None, shown: str = ""
) -> Iterator[Output]:
    """Open standard output, for no path or `-`, or what `opened_file` opens.

    Raises: OutputError for a standard output that is closed; as `opened_file` does.
    """
    if path is not None and path != "-":
        from mgrad_cli.storage.files import opened_file

        with opened_file(path, flush_each, scratch, shown) as output:
            yield output
        return
    if sys.stdout is None:
        raise OutputError("cannot write standard output: it is closed")
    yield Output(sys.stdout, "standard output", flush_each)
    with writing("standard output"):
        sys.stdout.flush()
