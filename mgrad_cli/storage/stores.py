"""Paths on this machine and addresses in object stores, such as `s3://bucket/key`, through Arrow's file systems."""

import os
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, NamedTuple

from mgrad_cli.errors import MissingExtraError, UsageError

MARK = "://"
STORES = frozenset({"s3", "gcs", "abfs"})
"""File systems where an object appears only when it is complete, so that no temporary name is needed."""


KNOWN_STORES = "addresses start with s3://, gs://, abfs://, hdfs:// or file://; from elsewhere, copy the file first"


class State(NamedTuple):
    """The size of a file in bytes and its modification time in nanoseconds, which tell one content from another."""

    size: int
    modified: int


def is_address(path: str) -> bool:
    """Return whether a path is an address in a store."""
    return MARK in path


def local_path(path: str) -> str:
    """Return a path without `file://`. Raises: UsageError for a path on another machine."""
    if not path.startswith("file://"):
        return path
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(path)
    if parts.netloc not in {"", "localhost"}:
        raise UsageError(f"'{path}' is on another machine; write file:///PATH")
    return unquote(parts.path)


def located(address: str) -> tuple[Any, str]:
    """Return Arrow's file system for an address and the path in it.

    Raises: UsageError for an address without a file system; MissingExtraError without pyarrow.
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
    """Return the first line of an error message without its full stop."""
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


def joined(folder: str, name: str) -> str:
    """Return the path or address of a name in a folder."""
    if not is_address(folder):
        return os.path.join(folder, name)
    base, mark, query = folder.partition("?")
    return f"{posixpath.join(base, name)}{mark}{query}"


def absolute(path: str) -> str:
    """Return the absolute path of a local path; addresses are absolute."""
    return path if is_address(path) else os.path.abspath(path)


def ending(path: str) -> str:
    """Return a file name without the query that may follow an address."""
    return path.partition("?")[0] if is_address(path) else path


def opened(path: str, is_random: bool = False) -> Any:
    """Open a file for reading bytes. At an address, only a file that `is_random` can seek.

    Raises: OSError.
    """
    if not is_address(path):
        return open(path, "rb")
    system, inner = located(path)
    return system.open_input_file(inner) if is_random else system.open_input_stream(inner, None, 1 << 20)


def state_of(path: str) -> State | None:
    """Return the state of a file; `None` if there is none. Raises: OSError."""
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
    """Return whether a path or address is an existing folder. Raises: OSError."""
    if not is_address(path):
        return os.path.isdir(path)
    from pyarrow.fs import FileType

    system, inner = located(path)
    return bool(system.get_file_info(inner.rstrip("/")).type == FileType.Directory)


def names_in(folder: str) -> list[str]:
    """Return the names in a folder, sorted; none if it does not exist. Raises: OSError."""
    if not is_address(folder):
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    from pyarrow.fs import FileSelector

    system, inner = located(folder)
    infos = system.get_file_info(FileSelector(inner.rstrip("/"), allow_not_found=True))
    return sorted(info.base_name for info in infos)


def copied_to(address: str, source: str) -> None:
    """Copy a local file to an address, completely or not at all. Raises: OSError."""
    from pyarrow import fs

    system, inner = located(address)
    system.create_dir(posixpath.dirname(inner), recursive=True)
    meanwhile = inner if system.type_name in STORES else f"{inner}.part"
    fs.copy_files(source, meanwhile, source_filesystem=fs.LocalFileSystem(), destination_filesystem=system)
    if meanwhile != inner:
        system.move(meanwhile, inner)


@contextmanager
def translate_os_errors(what: str, error: Any) -> Iterator[None]:
    """Translate an OSError to an `error` with the message "cannot `what`" and its reason."""
    try:
        yield
    except OSError as failure:
        raise error(f"cannot {what}: {failure.strerror or sentence(failure)}") from None


def remove(path: str) -> None:
    """Remove a file if it exists. Raises: OSError."""
    if not is_address(path):
        with suppress(FileNotFoundError):
            os.unlink(path)
        return
    system, inner = located(path)
    with suppress(FileNotFoundError):
        system.delete_file(inner)


def move(path: str, target: str) -> None:
    """Rename a file within a file system; replace the target if it exists. Raises: OSError."""
    if not is_address(path):
        os.replace(path, target)
        return
    system, inner = located(path)
    system.move(inner, located(target)[1])


def remove_empty_folder(path: str) -> None:
    """Remove a folder if it is empty. Raises: OSError."""
    if not is_address(path):
        with suppress(OSError):
            os.rmdir(path)
    elif not names_in(path):
        remove_folder(path)


def remove_folder(path: str) -> None:
    """Remove a folder and its content if it exists. Raises: OSError."""
    if not is_address(path):
        import shutil

        shutil.rmtree(path, ignore_errors=True)
        return
    system, inner = located(path)
    with suppress(FileNotFoundError):
        system.delete_dir(inner.rstrip("/"))
