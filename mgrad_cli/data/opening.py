"""Which files are meant, what format each is in, and the source that reads it."""

import os
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from glob import glob, has_magic
from typing import Any, NamedTuple, cast

from mgrad_cli.data.blocks import Source
from mgrad_cli.data.chunks import Bytes
from mgrad_cli.errors import InputError, MissingExtraError, UsageError, is_installed
from mgrad_cli.files import refuse_closed_input
from mgrad_cli.places import ending, is_address, is_folder, joined, local_path, names_in, opened, sentence, telling

ENDINGS = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet",
    ".pq": "parquet", ".arrow": "arrow", ".feather": "arrow", ".ipc": "arrow", ".arrows": "arrow",
}  # fmt: skip
"""Formats by the ending of a file's name, before which `.gz` may stand for the text formats."""
INPUT_FORMATS = ("csv", "tsv", "jsonl", "parquet", "arrow")
TEXT_FORMATS = ("csv", "tsv", "jsonl")
MAGIC = {b"PAR1": "parquet", b"ARROW1": "arrow", b"\xff\xff\xff\xff": "arrow", b"{": "jsonl"}


class Reading(NamedTuple):
    """How inputs are read: their format, if it is given; the longest line; whether JSON may hold NaN; whether rows
    are taken as they come.
    """

    form: str | None = None
    most_line: int = 16 << 20
    accepts_nan: bool = False
    is_live: bool = False


def use_threads(count: int) -> None:
    """Holds the readers' and writers' own threads to a number, before they are first used."""
    os.environ.setdefault("POLARS_MAX_THREADS", str(count))


def data_files(words: Iterable[str]) -> tuple[str, ...]:
    """The files that words on a command line name: files, folders, patterns such as `*.csv`, and `-`.

    Raises: UsageError for a pattern that matches nothing, or a folder without data files.
    """
    found: list[str] = []
    for word in map(local_path, words):
        if word != "-" and is_data_folder(word):
            names = [name for name in names_in(word) if format_of(name) and not name.startswith((".", "_"))]
            if not names:
                raise UsageError(f"no data files in '{word}'; their names end in {', '.join(ENDINGS)}")
            found += [joined(word, name) for name in names]
        elif is_address(word):
            found += matching(word)
        elif word != "-" and not os.path.exists(word) and has_magic(word):
            matches = sorted(filter(os.path.isfile, glob(word, recursive=True)))
            if not matches:
                raise UsageError(f"no file matches '{word}'")
            found += matches
        else:
            found.append(word)
    if found.count("-") > 1:
        raise UsageError("standard input, -, is given twice")
    return tuple(found)


def is_data_folder(path: str) -> bool:
    with telling(f"read '{path}'", InputError):
        return is_folder(path)


def matching(address: str) -> list[str]:
    """The addresses that a pattern in the last part of one matches, or the address itself."""
    base, mark, query = address.partition("?")
    if mark and "=" not in query:  # a question mark of a pattern
        base, mark, query = address, "", ""
    folder, _, pattern = base.rpartition("/")
    if not has_magic(pattern):
        return [address]
    with telling(f"read '{address}'", InputError):
        names = [name for name in names_in(f"{folder}{mark}{query}") if fnmatchcase(name, pattern)]
    if not names:
        raise UsageError(f"no file matches '{address}'")
    return [f"{folder}/{name}{mark}{query}" for name in names]


def format_of(name: str) -> str | None:
    """The format that a file's name says it is in."""
    stem = ending(name).lower().removesuffix(".gz")
    return ENDINGS.get(os.path.splitext(stem)[1])


def open_source(path: str, reading: Reading, groups: range | None = None) -> Source:
    """The source for a file, or for standard input, `-`; of Parquet perhaps some groups of rows alone.

    Raises: InputError for what cannot be read; MissingExtraError where the readers are not installed.
    """
    require_readers()
    form = reading.form or (None if path == "-" else format_of(path)) or sniffed(path)
    name = "standard input" if path == "-" else path
    if form in {"parquet", "arrow"}:
        from mgrad_cli.data import arrow

        return arrow.open_parquet(path, name, groups) if form == "parquet" else arrow.open_ipc(path, name)
    stream = Bytes(path, reading.is_live)
    if form == "jsonl":
        from mgrad_cli.data.json_lines import JsonLinesSource

        return JsonLinesSource(stream, reading.most_line, reading.accepts_nan)
    from mgrad_cli.data.delimited import DelimitedSource

    return DelimitedSource(stream, form, reading.most_line)


def require_readers() -> None:
    """Raises: MissingExtraError where the libraries that read and write data are not installed."""
    if not (is_installed("polars") and is_installed("pyarrow")):
        raise MissingExtraError("mgrad map", "polars and pyarrow", "data")


def sniffed(path: str) -> str:
    """The format that the first bytes of a file tell."""
    try:
        if path == "-":
            refuse_closed_input()
            start = cast("Any", sys.stdin.buffer).peek(8)
        else:
            with opened(path) as file:
                start = file.read(8)
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror or sentence(error)}") from None
    start = start.removeprefix(b"\xef\xbb\xbf")
    for magic, form in MAGIC.items():
        if start.startswith(magic) or (magic == b"{" and start.lstrip().startswith(magic)):
            return form
    return "csv"
