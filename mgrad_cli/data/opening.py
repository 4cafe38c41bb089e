"""Find the data files, recognize their formats, and open their sources."""

import os
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from glob import glob, has_magic

from mgrad_cli.data.blocks import Source
from mgrad_cli.data.formats import DATA_FORMATS, ENDINGS, PLAIN_BYTES, ReadOptions, is_binary
from mgrad_cli.data.signatures import check_content, format_of_content
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.errors import InputError, UsageError
from mgrad_cli.storage.compression import unpacked_name
from mgrad_cli.storage.stores import is_address, is_folder, joined, local_path, names_in, translate_os_errors


def use_threads(count: int) -> None:
    """Limit the number of threads of the libraries that read, write and compute. This must precede their import."""
    os.environ.setdefault("POLARS_MAX_THREADS", str(count))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's linear algebra, which rows do not need


def data_files(words: Iterable[str], is_recursive: bool = False) -> tuple[str, ...]:
    """Return the files that the arguments name: files, folders, patterns such as `*.csv`, and `-`.

    `is_recursive` is whether folders in folders count.

    Raises: UsageError for a pattern that matches nothing, or a folder without data files.
    """
    found: list[str] = []
    for word in map(local_path, words):
        if word != "-" and is_data_folder(word):
            found += files_in(word, is_recursive)
        elif is_address(word):
            found += matching(word)
        elif word != "-" and not os.path.exists(word) and has_magic(word):
            matches = sorted(filter(os.path.isfile, glob(word, recursive=True)))
            if not matches:
                raise UsageError(f"no file matches '{word}'")
            found += matches
        else:
            found.append(word)
    return tuple(found)


def files_in(folder: str, is_recursive: bool) -> list[str]:
    """Return the data files in a folder, and if `is_recursive` in the folders below, sorted.

    What begins with a point or an underscore is left out, and a folder that a link leads to twice.
    Raises: UsageError without any, or for a folder with the name of a data file.
    """
    found: list[str] = []
    waiting, seen = [folder], set[str]()
    has_inner = False
    while waiting:
        path = waiting.pop()
        inner: list[str] = []
        for name in names_in(path):
            each = joined(path, name)
            if name.startswith((".", "_")):
                continue
            is_named = is_data_name(name)
            if (is_recursive or is_named or not found) and is_inner_folder(each):
                has_inner = True
                if is_named and not is_recursive:
                    raise UsageError(f"'{each}' is a folder inside a folder of data; --recursive reads what is in it")
                if is_recursive and (real := os.path.realpath(each)) not in seen:
                    seen.add(real)
                    inner.append(each)
            elif is_named:
                found.append(each)
        waiting += reversed(inner)
    if not found:
        advice = "; --recursive reads the folders in it" if has_inner and not is_recursive else ""
        raise UsageError(f"no data files in '{folder}'; their names end in {', '.join(ENDINGS)}{advice}")
    return sorted(found) if is_recursive else found


def is_inner_folder(path: str) -> bool:
    """Return whether a name in a folder is a folder. In a store, data files are not looked up."""
    if is_address(path):
        return not is_data_name(path) and is_data_folder(path)
    return os.path.isdir(path)


def is_data_name(name: str) -> bool:
    """Return whether a name in a folder is that of a data file."""
    return format_of(name) is not None or unpacked_name(name).endswith(".json")


def is_stream(path: str) -> bool:
    """Return whether a path can be read only once: standard input, a pipe or a device."""
    return path == "-" or (
        not is_address(path) and os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)
    )


def check_streams_once(paths: Iterable[str]) -> None:
    """Raise UsageError if two paths, however spelled, are the same pipe, which can be read only once."""
    known: dict[tuple[int, int], str] = {}
    for path in filter(is_stream, paths):
        try:
            state = os.fstat(sys.stdin.fileno()) if path == "-" else os.stat(path)
        except (OSError, AttributeError, ValueError):
            continue  # opening it raises the error
        key = (state.st_dev, state.st_ino)
        if key in known:
            is_input = "-" in {path, known[key]}
            shown = "standard input, -," if is_input else f"'{path}'"
            also = "" if known[key] == path else f", as '{path if known[key] == '-' else known[key]}' too"
            raise UsageError(f"{shown} is given twice{also}")
        known[key] = path


def is_data_folder(path: str) -> bool:
    with translate_os_errors(f"read '{path}'", InputError):
        return is_folder(path)


def matching(address: str) -> list[str]:
    """Return the addresses that a pattern in the last part of an address matches, or the address itself."""
    base, mark, query = address.partition("?")
    if mark and "=" not in query:  # the question mark is part of a pattern
        base, mark, query = address, "", ""
    folder, _, pattern = base.rpartition("/")
    if not has_magic(pattern):
        return [address]
    with translate_os_errors(f"read '{address}'", InputError):
        names = [name for name in names_in(f"{folder}{mark}{query}") if fnmatchcase(name, pattern)]
    if not names:
        raise UsageError(f"no file matches '{address}'")
    return [f"{folder}/{name}{mark}{query}" for name in names]


def format_of(name: str) -> str | None:
    """Return the format that the ending of a file name indicates, or `None`."""
    return ENDINGS.get(os.path.splitext(unpacked_name(name))[1])


def plain_bytes(files: Iterable[str]) -> int:
    """Return up to how many bytes of each file pay to be read without polars: none if all have more together."""
    sizes = (os.path.getsize(path) for path in files if not is_address(path) and os.path.isfile(path))
    return PLAIN_BYTES if sum(sizes) <= PLAIN_BYTES else 0


def columns_of(files: Iterable[str], reading: ReadOptions) -> tuple[str, ...]:
    """Return the columns of all files, in the order in which they come.

    Raises: UsageError for a file that can be read only once; InputError for one that cannot be read.
    """
    found: dict[str, None] = {}
    for path in files:
        if is_stream(path):
            raise UsageError(f"--union reads files twice, which '{path}' does not allow; save it to a file")
        source = open_source(path, reading)
        found |= dict.fromkeys(source.columns)
        source.close()
    return tuple(found)


def open_source(path: str, reading: ReadOptions, groups: range | None = None, shown: str = "") -> Source:
    """Open a file as `open_file` does, with the columns that its folders name, and those that all files have."""
    if "=" not in (shown or path) and reading.columns is None:
        return open_file(path, reading, groups, shown)
    from mgrad_cli.data.extended import extended, partitions_of

    partitions = partitions_of(shown or path)
    if reading.needed:
        reading = reading._replace(needed=reading.needed - partitions.keys())
    return extended(open_file(path, reading, groups, shown), partitions, reading.columns)


def open_file(path: str, reading: ReadOptions, groups: range | None = None, shown: str = "") -> Source:
    """Open a file, or standard input for `-`, or some row groups of a Parquet file.

    Messages call the file `shown`, by default its path.

    Raises: InputError for a file that cannot be read; MissingExtraError for a binary format if its libraries are not
    installed.
    """
    name = "standard input" if path == "-" else shown or path
    file_format = reading.file_format or (None if path == "-" else format_of(path))
    if file_format is not None and is_binary(file_format) and is_address(path):
        return DATA_FORMATS[file_format].source(path, name, reading, groups)
    is_text = file_format is None or not is_binary(file_format)
    stream = ByteStream(path, reading.is_live, shown=shown, encoding=reading.dialect.encoding if is_text else "")
    try:
        file_format = file_format or format_of_content(stream.start)
        reading = reading._replace(file_format=file_format)
        found = DATA_FORMATS[file_format]
        if found.is_binary and not stream.start:
            raise InputError(f"{name} is empty")
        check_content(stream.start, file_format, name)
        if found.is_binary and path != "-" and (is_address(path) or stream.is_regular):
            stream.close()
            return found.source(path, name, reading, groups)
        if not found.is_binary:
            stream.skip_bom()
        return found.source(stream, name, reading, groups)
    except BaseException:
        stream.close()
        raise
