"""Read text with a limit, write files completely or not at all, and write messages."""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from mgrad_cli.errors import ClosedPipe, InputError, OutputError
from mgrad_cli.storage.replacing import Replacement, named_descriptor, open_stream
from mgrad_cli.storage.stores import copied_to, is_address, translate_os_errors
from mgrad_cli.storage.writeback import EarlyFile
from mgrad_cli.text import printable

ESCAPED = "backslashreplace"
"""The error handler for characters that the encoding of the output lacks."""


def check_input_open() -> None:
    """Raise InputError if there is no standard input."""
    if sys.stdin is None:
        raise InputError("cannot read standard input: it is closed")


def check_descriptors(count: int) -> None:
    """Check that this process can open `count` more files.

    Raises: OSError otherwise.
    """
    held: list[int] = []
    try:
        while len(held) < count:
            held.append(os.open(os.devnull, os.O_RDONLY))
    finally:
        for descriptor in held:
            os.close(descriptor)


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
    """Open an output as `opened_plainly` does. What goes to a file with an ending as `.gz` is compressed.

    Raises: MissingExtraError for a compression whose library is not installed.
    """
    packed = None
    if path is not None and path != "-":
        from mgrad_cli.storage.compression import compression_of

        packed = compression_of(path)
    with opened_plainly(path, flush_each, scratch, shown) as output:
        if packed is None:
            yield output
            return
        content = packed.opened(Unclosed(output.stream.buffer), "wb")
        text = io.TextIOWrapper(content, encoding="utf-8", errors=ESCAPED, newline="")
        try:
            yield Output(text, output.name, flush_each)
            with writing(output.name):
                text.flush()
                content.close()
        finally:
            with suppress(OSError, ValueError):
                text.detach()


class Unclosed:
    """A stream to write to that stays open: who opened it closes it."""

    closed = False

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, content: bytes) -> int:
        return int(self.stream.write(content))

    def flush(self) -> None:
        self.stream.flush()

    def close(self) -> None:
        """Leave it open."""


@contextmanager
def opened_plainly(
    path: str | None, flush_each: bool = False, scratch: str | None = None, shown: str = ""
) -> Iterator[Output]:
    """Open standard output, a named stream, or a file that keeps its old content until the new one is complete.

    The new content goes to a temporary file beside it, or in the folder `scratch` on the same disk. It replaces the
    file when everything is written, and is removed on any failure or signal. For an address in a store the temporary
    file is on this machine. `shown` is the path in messages, by default unchanged.
    """
    if path is None or path == "-" or (not is_address(path) and named_descriptor(path) == 1):
        if sys.stdout is None:
            raise OutputError("cannot write standard output: it is closed")
        yield Output(sys.stdout, "standard output", flush_each)
        with writing("standard output"):
            sys.stdout.flush()
        return
    name = f"'{shown or path}'"
    if is_address(path):
        import tempfile

        with tempfile.NamedTemporaryFile("w", encoding="utf-8", errors=ESCAPED, newline="") as spool:
            yield Output(cast("TextIO", spool), name, flush_each)
            spool.flush()
            with translate_os_errors(f"write {name}", OutputError):
                copied_to(path, spool.name)
        return
    with writing(name):
        descriptor = open_stream(path)
    if descriptor is not None:
        with writing(name), text_stream(descriptor) as stream:
            yield Output(stream, name, flush_each)
        return
    with replaced(path, scratch, name) as stream:
        yield Output(stream, name, flush_each)


def text_stream(descriptor: int) -> TextIO:
    return open(descriptor, "w", encoding="utf-8", errors=ESCAPED, newline="")


def file_stream(descriptor: int) -> TextIO:
    """Return a text stream to a new file, which is to be on the disk when it is complete."""
    content = io.BufferedWriter(EarlyFile(descriptor, "w"))
    return io.TextIOWrapper(content, encoding="utf-8", errors=ESCAPED, newline="")


def check_writable(path: str) -> None:
    """Raise OutputError if a file could not be written to a path. Addresses are not checked."""
    if path == "-" or is_address(path) or named_descriptor(path) is not None:
        return
    with writing(f"'{path}'"):
        target = os.path.realpath(path)
        check_replaceable(target)
        folder = os.path.dirname(target)
        os.stat(folder)
        if not os.path.exists(target) and not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if not os.path.isdir(folder):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def check_replaceable(target: str) -> None:
    """Raise OSError for a folder, or a file that may not be written."""
    if os.path.exists(target) and (os.path.isdir(target) or not os.access(target, os.W_OK)):
        os.close(os.open(target, os.O_WRONLY))  # raises the error that says why


@contextmanager
def replaced(path: str, scratch: str | None, name: str) -> Iterator[TextIO]:
    """Open a stream whose content replaces a file at the end. Without `scratch`, a link to the file stays a link."""
    target = os.path.abspath(path) if scratch else os.path.realpath(path)
    replacement = Replacement(target, scratch or os.path.dirname(target))
    stream: TextIO | None = None
    try:
        with writing(name):
            check_replaceable(target)
            replacement.create()
        stream = file_stream(replacement.descriptor)
        yield stream
        with writing(name):
            stream.flush()
            replacement.commit()
            stream.close()
    except BaseException:
        replacement.discard()
        if stream is not None:
            with suppress(OSError):  # closing flushes, and fails again if writing did
                stream.close()
        raise
