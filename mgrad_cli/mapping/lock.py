"""Locks that allow one run at a time to write to an output folder.

A local folder has a file lock, which the system releases when the process ends. In an object store, the run rewrites
an object at intervals.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from mgrad_cli.errors import OutputError, UsageError
from mgrad_cli.mapping.records import DONE, LOCK, read_record, write_record
from mgrad_cli.mapping.scratch import scratch_path
from mgrad_cli.storage.replacing import is_linked, lock
from mgrad_cli.storage.stores import is_address, names_in, remove, remove_empty_folder, translate_os_errors

BEAT_SECONDS, STALE_SECONDS = 5.0, 20.0
"""How often a run renews its lock in a store, and how long a lock is valid without renewal."""


@contextmanager
def folder_lock(path: str, run: str, name: str) -> Iterator[None]:
    """Hold the lock of a folder. Raises: UsageError, which calls the folder `name`, if another run has it."""
    message = f"another run is writing to '{name}'"
    if is_address(path):
        with heartbeat_lock(scratch_path(path, LOCK), run, message):
            yield
        with suppress(OSError):
            remove_empty_folder(scratch_path(path))
        return
    held = FolderLock(path)
    try:
        with translate_os_errors(f"write '{name}'", OutputError):
            is_free = held.acquire()
        if not is_free:
            raise UsageError(message)
        yield
    finally:
        held.release()


class FolderLock:
    """The lock file of a folder, which the system releases when this process ends, in whatever way."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.was_there = os.path.isdir(path)
        self.descriptor: int | None = None

    def acquire(self) -> bool:
        """Create and lock the file; return whether no other run has it. Raises: OSError."""
        while True:
            os.makedirs(scratch_path(self.path), exist_ok=True)
            try:
                self.descriptor = os.open(scratch_path(self.path, LOCK), os.O_RDWR | os.O_CREAT, 0o666)
            except FileNotFoundError:  # a run that has just ended removed the folder
                continue
            is_free = lock(self.descriptor) is not False
            if is_free and is_linked(self.descriptor, scratch_path(self.path, LOCK)):
                return True
            os.close(self.descriptor)
            self.descriptor = None
            if not is_free:
                return False

    def release(self) -> None:
        """Remove the file and the folders that only it needed. Without the lock, do nothing."""
        if self.descriptor is None:
            return
        with suppress(OSError):
            if not names_in(scratch_path(self.path, DONE)):
                remove_empty_folder(scratch_path(self.path, DONE))
            if is_linked(self.descriptor, scratch_path(self.path, LOCK)):
                os.unlink(scratch_path(self.path, LOCK))
            remove_empty_folder(scratch_path(self.path))
            if not self.was_there:
                os.rmdir(self.path)
        os.close(self.descriptor)


@contextmanager
def heartbeat_lock(path: str, run: str, message: str) -> Iterator[None]:
    """Hold a lock in a store: an object that is rewritten at intervals."""

    def beat() -> None:
        write_record(path, {"run": run, "at": time.time()})

    at = (read_record(path) or {}).get("at")
    if isinstance(at, int | float) and time.time() - at < STALE_SECONDS:
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
