"""Where data lies: local paths, and addresses of object stores, `s3://bucket/key`, through Arrow's file systems."""

import os
import posixpath
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from mgrad_cli.errors import MissingExtraError, UsageError

MARK = "://"
STORES = frozenset({"s3", "gcs", "abfs"})
"""File systems on which an object appears whole or not at all, so that it needs no name for the meantime."""


KNOWN_STORES = "addresses start with s3://, gs://, abfs://, hdfs:// or file://; from elsewhere, copy the file first"


class State(NamedTuple):
    """What tells one content of a file from another: its size in bytes, and when it was written, in nanoseconds."""

    size: int
    modified: int


def is_address(path: str) -> bool:
    """Whether a path is an address in a store rather than local."""
    return MARK in path


def local_path(path: str) -> str:
    """A path, with `file://` taken off."""
    if not path.startswith("file://"):
        return path
    parts = urlsplit(path)
    if parts.netloc not in {"", "localhost"}:
        raise UsageError(f"'{path}' is on another machine; write file:///PATH")
    return unquote(parts.path)


def located(address: str) -> tuple[Any, str]:
    """Arrow's file system for an address, and the path in it.

    Raises: UsageError for an address that Arrow has no file system for; MissingExtraError without pyarrow.
    """
    base, _, query = address.partition("?")
    scheme, _, path = base.partition(MARK)
    try:
        system = file_system(f"{scheme}{MARK}{path.partition('/')[0]}{'?' if query else ''}{query}")
    except ImportError:
        raise MissingExtraError(f"'{scheme}://'", "pyarrow", "data") from None
    except (OSError, ValueError, NotImplementedError) as error:
        why = KNOWN_STORES if "Unrecognized" in str(error) else sentence(error)
        raise UsageError(f"cannot open the address '{address}': {why}") from None
    return system, path if system.type_name in {*STORES, "mock"} else f"/{path.partition('/')[2]}"


@lru_cache(maxsize=64)
def file_system(root: str) -> Any:
    from pyarrow import fs

    return fs.FileSystem.from_uri(root)[0]


def sentence(error: BaseException) -> str:
    """The first line of what a library says, without its full stop."""
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


def joined(folder: str, name: str) -> str:
    """The path or address of a name in a folder."""
    if not is_address(folder):
        return os.path.join(folder, name)
    base, mark, query = folder.partition("?")
    return f"{posixpath.join(base, name)}{mark}{query}"


def absolute(path: str) -> str:
    """The path as it is from anywhere on this machine."""
    return path if is_address(path) else os.path.abspath(path)


def ending(path: str) -> str:
    """The name of a file without what an address has behind it."""
    return path.partition("?")[0] if is_address(path) else path


def opened(path: str, is_random: bool = False) -> Any:
    """A file for reading bytes; of an address one that can be sought in only where `is_random`.

    Raises: OSError.
    """
    if not is_address(path):
        return open(path, "rb")
    system, inner = located(path)
    return system.open_input_file(inner) if is_random else system.open_input_stream(inner, None, 1 << 20)


def state_of(path: str) -> State | None:
    """The state of a file; `None` where there is none. Raises: OSError."""
    if not is_address(path):
        try:
            status = os.stat(path)
        except FileNotFoundError:
            return None
        return State(status.st_size, status.st_mtime_ns)
    system, inner = located(path)
    info = system.get_file_info(inner)
    return State(info.size, info.mtime_ns or 0) if info.is_file else None


def is_folder(path: str) -> bool:
    """Whether a path or address is a folder that is there. Raises: OSError."""
    if not is_address(path):
        return os.path.isdir(path)
    from pyarrow.fs import FileType

    system, inner = located(path)
    return bool(system.get_file_info(inner.rstrip("/")).type == FileType.Directory)


def names_in(folder: str) -> list[str]:
    """The names in a folder, sorted; none where it is not there. Raises: OSError."""
    if not is_address(folder):
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    from pyarrow.fs import FileSelector

    system, inner = located(folder)
    infos = system.get_file_info(FileSelector(inner.rstrip("/"), allow_not_found=True))
    return sorted(info.base_name for info in infos)


def copied_to(address: str, source: str) -> None:
    """Puts a local file at an address, whole or not at all. Raises: OSError."""
    from pyarrow import fs

    system, inner = located(address)
    system.create_dir(posixpath.dirname(inner), recursive=True)
    meanwhile = inner if system.type_name in STORES else f"{inner}.part"
    fs.copy_files(source, meanwhile, source_filesystem=fs.LocalFileSystem(), destination_filesystem=system)
    if meanwhile != inner:
        system.move(meanwhile, inner)


@contextmanager
def translate_os_errors(what: str, error: Any) -> Iterator[None]:
    """Turns what the system or Arrow says of a file into an error of this kind, with one sentence."""
    try:
        yield
    except OSError as failure:
        raise error(f"cannot {what}: {failure.strerror or sentence(failure)}") from None


def remove(path: str) -> None:
    """Takes a file away, if it is there. Raises: OSError."""
    if not is_address(path):
        with suppress(FileNotFoundError):
            os.unlink(path)
        return
    system, inner = located(path)
    with suppress(FileNotFoundError):
        system.delete_file(inner)


def move(path: str, target: str) -> None:
    """Give a file another name in the same file system, in the place of what has that name. Raises: OSError."""
    if not is_address(path):
        os.replace(path, target)
        return
    system, inner = located(path)
    system.move(inner, located(target)[1])


def remove_empty_folder(path: str) -> None:
    """Take a folder away if there is nothing in it. Raises: OSError."""
    if not is_address(path):
        with suppress(OSError):
            os.rmdir(path)
    elif not names_in(path):
        remove_folder(path)


def remove_folder(path: str) -> None:
    """Takes a folder away with all that is in it, if it is there. Raises: OSError."""
    if not is_address(path):
        shutil.rmtree(path, ignore_errors=True)
        return
    system, inner = located(path)
    with suppress(FileNotFoundError):
        system.delete_dir(inner.rstrip("/"))
