"""Check the paths that a command writes against those that it reads and against each other."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from mgrad_cli.errors import UsageError
from mgrad_cli.storage.stores import is_address, local_path
from mgrad_cli.storage.streams import message_status

Key: TypeAlias = tuple[object, ...]
"""What identifies a file under any path: device and number, a path, or a store and the path in it."""
SAME_STORES = {"gs": "gcs", "abfss": "abfs"}


class Written(NamedTuple):
    """A file or folder to write. `None` and `-` are standard output. Messages call it `what`."""

    path: str | None
    what: str


def check_overlaps(reads: Iterable[str], writes: Sequence[Written]) -> None:
    """Check every path to write before anything is written.

    Raises: UsageError for a path that is also read, contains a path that is read, or is written twice.
    """
    targets = [(write, keys(write.path, is_written=True)) for write in writes]
    for path in reads:
        read = keys(path)
        for write, own in targets:
            if own & read:
                raise UsageError(f"{write.what} is also the input")
            if own & folder_keys(path):
                raise UsageError(f"{write.what} is a folder that contains the input '{path}'")
    for index, (write, own) in enumerate(targets):
        for other, others in targets[:index]:
            if own & others:
                raise UsageError(f"{write.what} is also {other.what}")
            for inner, outer, outer_keys in ((write, other, others), (other, write, own)):
                if outer_keys & folder_keys(inner.path):
                    raise UsageError(f"{inner.what} is in {outer.what}; write it elsewhere")


def is_messages_to_input(reads: Iterable[str]) -> bool:
    """Return whether standard error goes to a regular file that is also read."""
    status = message_status()
    if status is None or not stat.S_ISREG(status.st_mode):
        return False
    own = status_keys(status)
    return any(own & keys(path) for path in reads)


def keys(path: str | None, is_written: bool = False) -> set[Key]:
    """Return what identifies the file of a path. Streams have no key: they may be both read and written."""
    if path is None or path == "-":
        stream = sys.stdout if is_written else sys.stdin
        with suppress(OSError, AttributeError, ValueError):
            return status_keys(os.fstat(stream.fileno()))
        return set()
    path = local_path(path)
    if is_address(path):
        return set(address_keys(path)[:1])
    found: set[Key] = {(os.path.realpath(path),), (entry_path(path),)} if not os.path.exists(path) else set()
    with suppress(OSError, ValueError):
        found |= status_keys(os.stat(path))
    return found


def status_keys(status: os.stat_result) -> set[Key]:
    is_own = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode) or stat.S_ISFIFO(status.st_mode)
    return {(status.st_dev, status.st_ino)} if is_own else set()


def folder_keys(path: str | None) -> set[Key]:
    """Return what identifies the folders above a path: those of the path itself and those of the target of a link."""
    if path is None or path == "-":
        return set()
    path = local_path(path)
    if is_address(path):
        return set(address_keys(path)[1:])
    found: set[Key] = set()
    for spelling in {entry_path(path), os.path.realpath(path)}:
        for folder in parents(spelling):
            try:
                found |= status_keys(os.stat(folder))
            except (OSError, ValueError):  # a folder that does not exist yet is identified by its path
                found.add((folder,))
    return found


def entry_path(path: str) -> str:
    """Return the path of an entry with the links in its folder resolved, but not the entry itself if it is a link."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def parents(path: str) -> Iterator[str]:
    """Yield the folders above a path, up to the root."""
    while (folder := os.path.dirname(path)) != path:
        yield folder
        path = folder


def address_keys(address: str) -> list[Key]:
    """Return what identifies the object at an address, then each folder above it."""
    from urllib.parse import parse_qs

    base, _, query = address.partition("?")
    scheme, _, path = base.partition("://")
    bucket, _, inner = path.partition("/")
    parts = [bucket.rpartition("@")[2], *(part for part in inner.split("/") if part)]
    store = SAME_STORES.get(scheme.lower(), scheme.lower())
    server = tuple(parse_qs(query).get("endpoint_override", []))
    return [(store, server, *parts[:length]) for length in range(len(parts), 0, -1)]
