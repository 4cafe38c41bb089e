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
    was_there = os.path.isdir(path)
    with translate_os_errors(f"write '{name}'", OutputError):
        descriptor = acquire_lock(path)
    if descriptor is None:
        raise UsageError(message)
    try:
        yield
    finally:
        clean_up(path, was_there, descriptor)
        os.close(descriptor)


def acquire_lock(path: str) -> int | None:
    """Create and lock the lock file of a folder; return its descriptor, or `None` if another run has it.

    Raises: OSError.
    """
    while True:
        os.makedirs(scratch_path(path), exist_ok=True)
        try:
            descriptor = os.open(scratch_path(path, LOCK), os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:  # a run that has just ended removed the folder
            continue
        if lock(descriptor) is False:
            os.close(descriptor)
            return None
        if is_linked(descriptor, scratch_path(path, LOCK)):
            return descriptor
        os.close(descriptor)


def clean_up(path: str, was_there: bool, descriptor: int) -> None:
    """Remove the lock file and the folders that only it needed."""
    with suppress(OSError):
        if not names_in(scratch_path(path, DONE)):
            remove_empty_folder(scratch_path(path, DONE))
        if is_linked(descriptor, scratch_path(path, LOCK)):
            os.unlink(scratch_path(path, LOCK))
        remove_empty_folder(scratch_path(path))
        if not was_there:
            os.rmdir(path)


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
