"""One run on a folder at a time: a lock that the system gives back when a process ends, however it ends; on a store one
that is written again as long as its run goes on.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from mgrad_cli.errors import OutputError, UsageError
from mgrad_cli.mapping.folder import LOCK, Folder
from mgrad_cli.mapping.records import DONE, read_record, write_record
from mgrad_cli.places import is_address, names_in, remove, remove_folder, telling

BEAT_SECONDS, STALE_SECONDS = 5.0, 20.0
"""How often a run on a store says that it goes on, and after how long without it is taken to be dead."""


@contextmanager
def held(folder: Folder, run: str) -> Iterator[None]:
    """The folder for this process alone. Raises: UsageError where another one fills it."""
    message = f"another run is filling '{folder.path}'"
    if is_address(folder.path):
        with beating(folder.inner(LOCK), run, message):
            yield
        return
    import fcntl

    was_there = os.path.isdir(folder.path)
    with telling(f"write '{folder.path}'", OutputError):
        os.makedirs(folder.inner(), exist_ok=True)
        descriptor = os.open(folder.inner(LOCK), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(message) from None
        try:
            yield
        finally:
            leave_nothing(folder, was_there)
    finally:
        os.close(descriptor)


def leave_nothing(folder: Folder, was_there: bool) -> None:
    """Takes away what stands there for the lock alone, and a folder that was made for nothing."""
    with suppress(OSError):
        if not set(names_in(folder.inner())) - {LOCK, DONE} and not names_in(folder.inner(DONE)):
            remove_folder(folder.inner())
        if not was_there:
            os.rmdir(folder.path)


@contextmanager
def beating(path: str, run: str, message: str) -> Iterator[None]:
    """A lock on a store: an object that is written again as long as its run goes on."""

    def beat() -> None:
        write_record(path, {"run": run, "at": time.time()})

    other = read_record(path)
    if other is not None and time.time() - float(other.get("at", 0)) < STALE_SECONDS:
        raise UsageError(message)
    beat()
    is_over = Event()

    def go_on() -> None:
        while not is_over.wait(BEAT_SECONDS):
            beat()

    thread = Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        remove(path)
