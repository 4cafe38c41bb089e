"""The parts of a run: a data file each, or some row groups of a large one."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from mgrad_cli.data.formats import DATA_FORMATS, ReadOptions
from mgrad_cli.data.opening import format_of, open_file
from mgrad_cli.errors import InputError
from mgrad_cli.storage.stores import absolute, state_of, translate_os_errors

PART_BYTES = 64 << 20
"""Minimum size of a part of a Parquet file. It takes half a second or more; a Dask task costs milliseconds."""


class Part(NamedTuple):
    """A file or some row groups of one, with the size and modification time that it had when the run began.

    path        the absolute path
    shown       the path as it was given, for messages; records do not compare it
    """

    number: int
    path: str
    size: int
    modified: int
    first_group: int = 0
    last_group: int = -1
    shown: str = ""

    @property
    def text(self) -> str:
        return json.dumps(self._asdict(), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> "Part":
        """Return the part that `text` describes. Raises: TypeError or ValueError for other text."""
        return cls(**json.loads(text))

    @property
    def recorded(self) -> "Part":
        """The part without the path as it was given, which another run may spell differently."""
        return self._replace(shown="")

    @property
    def label(self) -> str:
        """The name of the file in messages."""
        return self.shown or self.path

    @property
    def is_sound(self) -> bool:
        """Whether the fields, read from a record, have the right types."""
        numbers = (self.number, self.size, self.modified, self.first_group, self.last_group)
        return isinstance(self.path, str) and isinstance(self.shown, str) and all(type(each) is int for each in numbers)

    @property
    def groups(self) -> range | None:
        """The row groups; `None` for the whole file."""
        return None if self.last_group < 0 else range(self.first_group, self.last_group + 1)

    @property
    def name(self) -> str:
        return f"part-{self.number:05}"

    def check_unchanged(self) -> None:
        """Raise InputError if the file is gone or has changed since the run began."""
        with translate_os_errors(f"read '{self.label}'", InputError):
            state = state_of(self.path)
        if state is None:
            raise InputError(f"'{self.label}' does not exist; does every worker see the same disk?")
        if state != (self.size, self.modified):
            raise InputError(f"'{self.label}' has changed since the run began")


def parts_of(files: Sequence[str], reading: ReadOptions) -> list[Part]:
    """Return the parts of a run in order: large Parquet files are divided by row groups, other files are whole.

    Raises: InputError for a file that cannot be read.
    """
    parts: list[Part] = []
    for given in files:
        path = absolute(given)
        with translate_os_errors(f"read '{given}'", InputError):
            state = state_of(path)
        if state is None:
            raise InputError(f"cannot read '{given}': No such file or directory")
        found = DATA_FORMATS.get(reading.file_format or format_of(path) or "")
        is_divided = state.size >= 2 * PART_BYTES and found is not None and found.has_row_groups
        for first, last in group_ranges(given, reading) if is_divided else [(0, -1)]:
            parts.append(Part(len(parts), path, state.size, state.modified, first, last, given))
    return parts


def group_ranges(path: str, reading: ReadOptions) -> list[tuple[int, int]]:
    """Return the first and last row group of each part of a file."""
    source: Any = open_file(path, reading)
    try:
        metadata = source.file.metadata
        ranges: list[tuple[int, int]] = []
        first = size = 0
        for group in range(metadata.num_row_groups):
            size += metadata.row_group(group).total_byte_size
            if size >= PART_BYTES or group == metadata.num_row_groups - 1:
                ranges.append((first, group))
                first, size = group + 1, 0
        return ranges
    finally:
        source.close()
