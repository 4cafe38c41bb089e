"""Blocks of whole lines, as they are read from files and sent to workers, and their lines that are records."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mgrad_cli.data.expressions import LineBlocks

AFTER_COMMENTS = b"$"
"""Lines that do not come before this are records: they begin with neither a blank nor `#`."""
new: Any = tuple.__new__
"""Makes a named tuple in half the time of a call of its class."""


class InputLine(NamedTuple):
    """A line of input and its origin. `position` counts records, from 0."""

    content: bytes
    file: str
    number: int
    position: int


class InputBlock(NamedTuple):
    """Whole lines of a file. `number` is that of the first line, and `position` that of the first record."""

    content: bytes
    file: str
    number: int
    position: int

    def records(self) -> Iterator[InputLine]:
        """Yield the lines that are records: all but blank lines and comments."""
        _, file, number, position = self
        for content in self.content.split(b"\n"):
            if content >= AFTER_COMMENTS or is_record(content):
                yield new(InputLine, (content, file, number, position))
                position += 1
            number += 1


def is_record(line: bytes) -> bool:
    """Return whether a line is neither blank nor a comment."""
    start = line.lstrip()
    return bool(start) and not start.startswith(b"#")


def input_blocks(paths: Iterable[str], blocks: LineBlocks) -> Iterator[InputBlock]:
    """Yield the lines of files in blocks that have a record."""
    position = 0
    for path in paths:
        file = "standard input" if path == "-" else path
        number = 1
        for content in blocks.read(path):
            lines = content.split(b"\n")
            others = [line for line in lines if line < AFTER_COMMENTS]
            count = len(lines) - len(others) + sum(map(is_record, others))
            if count:
                yield InputBlock(content, file, number, position)
            position += count
            number += len(lines) - 1
