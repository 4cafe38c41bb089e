"""Where output goes: a stream that is there already, or a file that is replaced whole once its content is complete."""

import os
import stat
from contextlib import suppress

TEMPORARY = ".mgrad-"
MAX_LINKS = 40
DESCRIPTORS = r"/dev/fd|/proc/(\d+)(?:/task/\d+)?/fd"
"""Folders whose names are descriptors, of this process or of the one with this number."""


def named_descriptor(path: str) -> int | None:
    """The descriptor of this process that a path names, as `/dev/stdout`, `/dev/fd/3` and links to them do."""
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
    """A descriptor to write to what is no regular file: a device, a pipe, or a descriptor that has a name.

    Nothing is truncated. `None` for a regular file, a folder, and what is not there. Raises: OSError.
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
    """A temporary file that takes the place of its target when it is complete.

    It is locked as long as its process lives. So the next run to the same target can tell what a killed run left
    behind, which it removes, from what another run is writing.
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
            os.close(self.descriptor)  # another run took it for abandoned before the lock was held

    def commit(self) -> None:
        """Put the file in the place of its target. Raises: OSError."""
        os.fsync(self.descriptor)
        os.chmod(self.path, mode_for(self.target))
        os.replace(self.path, self.target)

    def discard(self) -> None:
        """Remove the file, if it is still there."""
        with suppress(OSError):
            os.unlink(self.path)


def remove_abandoned(folder: str, prefix: str) -> None:
    """Remove the temporary files of runs that no longer live. Raises: OSError for a folder that cannot be read."""
    with os.scandir(folder) as entries:
        found = [entry.path for entry in entries if entry.name.startswith(prefix)]
    for path in found:
        with suppress(OSError):  # another run removed it, or it belongs to another user
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if lock(descriptor) and is_linked(descriptor, path):
                    os.unlink(path)
            finally:
                os.close(descriptor)


def lock(descriptor: int) -> bool | None:
    """Lock a file for as long as it is open: whether nobody else holds it, or `None` where there are no locks."""
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
    """Whether a path still names the file that was opened by it."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def mode_for(target: str) -> int:
    """The permissions of the file that is replaced, or those that a new one gets here."""
    if os.path.exists(target):
        return os.stat(target).st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
