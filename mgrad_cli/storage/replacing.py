"""Write to a stream that exists, or replace a file once its new content is complete."""

import os
import stat
from contextlib import suppress

TEMPORARY = ".mgrad-"
MAX_LINKS = 40
DESCRIPTORS = r"/dev/fd|/proc/(\d+)(?:/task/\d+)?/fd"
"""Folders whose entries are descriptors, of this process or of the one with this number."""


def named_descriptor(path: str) -> int | None:
    """Return the descriptor of this process that a path names, as `/dev/stdout`, `/dev/fd/3` and links to them do."""
    import re

    for _ in range(MAX_LINKS):
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder or os.curdir)
        found = re.fullmatch(DESCRIPTORS, folder)
        if found and name.isdecimal():
            return int(name) if found[1] in {None, str(os.getpid())} else None
        path = os.path.join(folder, name)
        if not os.path.islink(path):
            return None
        path = os.path.join(folder, os.readlink(path))
    return None


def open_stream(path: str) -> int | None:
    """Open a device, a pipe or a named descriptor for writing; return its descriptor.

    Nothing is truncated. Returns `None` for a regular file, a folder, or a path that does not exist. Raises: OSError.
    """
    import re

    descriptor = named_descriptor(path)
    if descriptor is not None:
        return os.dup(descriptor)
    is_of_process = re.fullmatch(DESCRIPTORS, os.path.realpath(os.path.dirname(path))) is not None
    if not is_of_process:
        try:
            kind = os.stat(path).st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
            return None
    return os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOCTTY", 0))


class Replacement:
    """A temporary file that replaces its target once it is complete.

    It is locked while its process lives. A later run can thus tell an abandoned file, which it removes, from one that
    another run is writing.
    """

    def __init__(self, target: str, folder: str) -> None:
        """Choose the folder, on the disk of the target. `create` makes the file, `discard` removes it at any time."""
        from zlib import crc32

        self.target = target
        self.folder = folder
        self.prefix = f"{TEMPORARY}{crc32(os.path.basename(target).encode(errors='surrogateescape')):08x}-"
        self.path = ""
        self.descriptor = -1

    def create(self) -> None:
        """Create the file and lock it. Its path is known before it exists, so a signal leaves nothing behind.

        Raises: OSError.
        """
        remove_abandoned(self.folder, self.prefix)
        while True:
            self.path = os.path.join(self.folder, f"{self.prefix}{os.urandom(8).hex()}")
            self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if lock(self.descriptor) is not False and is_linked(self.descriptor, self.path):
                return
            os.close(self.descriptor)  # another run took it for abandoned before it was locked

    def commit(self) -> None:
        """Replace the target with the file. Raises: OSError."""
        os.fsync(self.descriptor)
        os.chmod(self.path, mode_for(self.target))
        os.replace(self.path, self.target)

    def discard(self) -> None:
        """Remove the file, if it still exists."""
        with suppress(OSError):
            os.unlink(self.path)


def remove_abandoned(folder: str, prefix: str) -> None:
    """Remove the temporary files of runs that have ended. Raises: OSError for a folder that cannot be read."""
    with os.scandir(folder) as entries:
        found = [entry.path for entry in entries if entry.name.startswith(prefix)]
    for path in found:
        with suppress(OSError):  # another run removed it, or another user owns it
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if lock(descriptor) and is_linked(descriptor, path):
                    os.unlink(path)
            finally:
                os.close(descriptor)


def lock(descriptor: int) -> bool | None:
    """Lock a file while it is open; return whether that succeeded, or `None` if the system has no locks."""
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:
        return None
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def is_linked(descriptor: int, path: str) -> bool:
    """Return whether a path still names the file that was opened under it."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def mode_for(target: str) -> int:
    """Return the permissions of a file, or those that a new file gets."""
    if os.path.exists(target):
        return os.stat(target).st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
