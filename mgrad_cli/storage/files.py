"""Files as users may rely on them: read with a limit, and written whole or not at all."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

from mgrad_cli.errors import ClosedPipe, InputError, OutputError
from mgrad_cli.storage.replacing import Replacement, named_descriptor, open_stream
from mgrad_cli.storage.stores import copied_to, is_address, translate_os_errors
from mgrad_cli.text import printable

ESCAPED = "backslashreplace"
"""What becomes of characters that the output's encoding does not have."""


def check_input_open() -> None:
    """Raises: InputError where there is no standard input."""
    if sys.stdin is None:
        raise InputError("cannot read standard input: it is closed")


def check_descriptors(count: int) -> None:
    """Raises: OSError where this process cannot open so many more files."""
    held: list[int] = []
    try:
        while len(held) < count:
            held.append(os.open(os.devnull, os.O_RDONLY))
    finally:
        for descriptor in held:
            os.close(descriptor)


def log(text: str) -> None:
    """Write lines of text to standard error, the only way there is to it. Write errors are ignored.

    Control, bidirectional and escape characters are replaced, whoever the text came from.
    """
    safe = "\n".join(map(printable, text.split("\n")))
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{safe}\n")
        sys.stderr.flush()


def terminal_for_progress() -> TextIO | None:
    """Standard error where it is a terminal, for a progress bar whose texts are `printable`; otherwise `None`."""
    return sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None


def message_status() -> os.stat_result | None:
    """Return what standard error is; `None` where it is closed, or nothing that the system knows."""
    try:
        return os.fstat(sys.stderr.fileno())
    except (OSError, AttributeError, ValueError):
        return None


def divert_messages(is_silent: bool = False) -> None:
    """Send messages to standard output from now on, or nowhere."""
    sys.stderr = None if is_silent else sys.stdout


def escape_unencodable() -> None:
    """Make the standard streams write characters that their encoding lacks as escapes rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors=ESCAPED)  # type: ignore[union-attr]


class Output:
    """Where data goes: text is written in order, and what cannot be written is an OutputError."""

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
        """Writes bytes where nothing but bytes are written."""

        def write() -> None:
            self.stream.buffer.write(content)
            if self.flush_each:
                self.stream.buffer.flush()

        self.guarded(write)

    def flush(self) -> None:
        self.guarded(self.stream.flush)

    def guarded(self, write: Callable[[], None]) -> None:
        """Calls what writes to the stream's bytes, and says it as this output's failure where that fails."""
        with writing(self.name):
            write()


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Turns what the system says of a failed write into an OutputError; a closed pipe into the end of the program."""
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
    """Standard output, a stream that has a name, or a file that holds its old content until the new one is complete.

    The new content goes to a temporary file beside it, or in the folder `scratch` of the same disk, which takes its
    place when all is written, and is removed when anything, a signal included, comes between. For an address in a
    store the temporary file is on this machine. `shown` is what messages call the path, by default as it is.
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


def check_writable(path: str) -> None:
    """Raises: OutputError for a path to which a file could not be written later on. An address is not looked at."""
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
    """Raises: OSError for a folder, or a file that is there and may not be written."""
    if os.path.exists(target) and (os.path.isdir(target) or not os.access(target, os.W_OK)):
        os.close(os.open(target, os.O_WRONLY))  # says why it cannot be written


@contextmanager
def replaced(path: str, scratch: str | None, name: str) -> Iterator[TextIO]:
    """A stream whose content replaces a file when all is written. A link to the file stays, outside of `scratch`."""
    target = os.path.abspath(path) if scratch else os.path.realpath(path)
    replacement = Replacement(target, scratch or os.path.dirname(target))
    stream: TextIO | None = None
    try:
        with writing(name):
            check_replaceable(target)
            replacement.create()
        stream = text_stream(replacement.descriptor)
        yield stream
        with writing(name):
            stream.flush()
            replacement.commit()
            stream.close()
    except BaseException:
        replacement.discard()
        if stream is not None:
            with suppress(OSError):  # closing writes what is left, and fails again where writing did
                stream.close()
        raise
