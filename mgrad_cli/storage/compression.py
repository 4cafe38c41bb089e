"""Compressed files: recognized by their first bytes, or by the endings of their names."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from mgrad_cli.errors import MissingExtraError, is_installed
from mgrad_cli.storage.stores import ending


class Compression(NamedTuple):
    """A kind of compressed file.

    name     what messages call it
    endings  the endings of names
    magic    the first bytes
    opened   opens a stream of compressed bytes to read, or with the mode `wb` to write
    program  the command that unpacks to standard output
    """

    name: str
    endings: tuple[str, ...]
    magic: tuple[bytes, ...]
    opened: Callable[[Any, str], Any]
    program: str


def opened_gzip(stream: Any, mode: str) -> Any:
    import gzip

    return gzip.GzipFile(fileobj=stream, mode=mode, compresslevel=6, mtime=0)


def opened_bzip2(stream: Any, mode: str) -> Any:
    import bz2

    return bz2.BZ2File(stream, "wb") if mode == "wb" else bz2.BZ2File(stream)


def opened_xz(stream: Any, mode: str) -> Any:
    import lzma

    return lzma.LZMAFile(stream, mode)


def opened_zstd(stream: Any, mode: str) -> Any:
    """Open zstd by Arrow. Raises: MissingExtraError without it."""
    if not is_installed("pyarrow"):
        raise MissingExtraError("zstd", "pyarrow", "data")
    import pyarrow

    file = pyarrow.PythonFile(stream, mode[0])
    return pyarrow.CompressedOutputStream(file, "zstd") if mode == "wb" else pyarrow.CompressedInputStream(file, "zstd")


COMPRESSIONS = (
    Compression("gzip", (".gz",), (b"\x1f\x8b",), opened_gzip, "gzip -dc"),
    Compression("bzip2", (".bz2",), tuple(b"BZh%d1AY&SY" % n for n in range(1, 10)), opened_bzip2, "bzip2 -dc"),
    Compression("xz", (".xz",), (b"\xfd7zXZ\0",), opened_xz, "xz -dc"),
    Compression("zstd", (".zst", ".zstd"), (b"\x28\xb5\x2f\xfd",), opened_zstd, "zstd -dc"),
)


def compression_in(start: bytes) -> Compression | None:
    """Return the kind of compressed file that begins so, or `None`."""
    return next((each for each in COMPRESSIONS if start.startswith(each.magic)), None)


def compression_of(name: str) -> Compression | None:
    """Return the kind of compressed file that has such a name, or `None`."""
    last = os.path.splitext(ending(name).lower())[1]
    return next((each for each in COMPRESSIONS if last in each.endings), None)


def unpacked_name(name: str) -> str:
    """Return the end of a name in lower case, without the ending of a compressed file."""
    found, last = compression_of(name), ending(name).lower()
    return last if found is None else os.path.splitext(last)[0]
