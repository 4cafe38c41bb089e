"""Write files completely or not at all, with their temporary files and their compression."""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from mgrad_cli.errors import OutputError
from mgrad_cli.storage.compression import compression_of
from mgrad_cli.storage.replacing import Replacement, named_descriptor, open_stream
from mgrad_cli.storage.stores import copied_to, is_address, translate_os_errors
from mgrad_cli.storage.streams import ESCAPED, Output, opened_output, writing
from mgrad_cli.storage.writeback import EarlyFile


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


@contextmanager
def opened_file(path: str, flush_each: bool, scratch: str | None, shown: str) -> Iterator[Output]:
    """Open a file as `opened_plainly` does. What goes to a file with an ending as `.gz` is compressed.

    Raises: MissingExtraError for a compression whose library is not installed.
    """
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
def opened_plainly(path: str, flush_each: bool, scratch: str | None, shown: str) -> Iterator[Output]:
    """Open a named stream, or a file that keeps its old content until the new one is complete.

    The new content goes to a temporary file beside it, or in the folder `scratch` on the same disk. It replaces the
    file when everything is written, and is removed on any failure or signal. For an address in a store the temporary
    file is on this machine. `shown` is the path in messages, by default unchanged.
    """
    if not is_address(path) and named_descriptor(path) == 1:
        with opened_output(None, flush_each) as output:
            yield output
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
