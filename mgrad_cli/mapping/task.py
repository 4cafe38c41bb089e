"""What a worker is told, as text that any machine can read: the task that all parts share, and one part of it."""

import json
from collections.abc import Sequence
from dataclasses import fields
from hashlib import sha256
from typing import Any, NamedTuple

from mgrad_cli import __version__
from mgrad_cli.data.destination import Style
from mgrad_cli.data.formats import DATA_FORMATS, ReadOptions
from mgrad_cli.data.opening import format_of, open_source
from mgrad_cli.errors import InputError
from mgrad_cli.language.lowering import read
from mgrad_cli.mapping.job import Job, plan
from mgrad_cli.mapping.options import ResultOptions
from mgrad_cli.storage.stores import absolute, state_of, translate_os_errors

PART_BYTES = 64 << 20
"""About the least of Parquet that is a part of its own: half a second's work and more, where a task costs
milliseconds."""


class MapTask(NamedTuple):
    """Everything that the results of a run depend on beside the data.

    columns      the columns of the first source; every source has them
    renamed      the column of a variable that has another name
    values       the numbers of bound variables, in hexadecimal
    wrt          the variables to differentiate with respect to; `None` for all, or in a reduction for the bound ones
    keep         the columns to keep; `None` for all
    file_format  the format of the output; empty in a reduction
    kernel       `numpy` or `native`, chosen once for all parts
    """

    expression: str
    columns: list[str]
    renamed: dict[str, str]
    values: dict[str, str]
    wrt: list[str] | None
    keep: list[str] | None
    file_format: str
    kernel: str
    options: ResultOptions

    @property
    def record(self) -> dict[str, Any]:
        """Return the task as one JSON object. Of the options it has those that results depend on."""
        options = {field.name: getattr(self.options, field.name) for field in fields(ResultOptions)}
        return dict(zip(self._fields, self[:-1], strict=False)) | options

    @property
    def text(self) -> str:
        """Return the task as text, for `from_text`."""
        return json.dumps(self.record, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> "MapTask":
        """Return the task that `text` describes."""
        record = json.loads(text)
        return cls(**{name: record.pop(name) for name in cls._fields[:-1]}, options=ResultOptions(**record))

    @property
    def digest(self) -> str:
        """Return a fingerprint of the task and of the version that computes it."""
        return sha256(f"{__version__} {self.text}".encode()).hexdigest()[:32]

    @property
    def job(self) -> Job:
        """Return what is computed of each row.

        Raises: ExpressionError, UsageError and BindingError, as `plan` does.
        """
        values = {name: float.fromhex(bits) for name, bits in self.values.items()}
        unit = read(self.expression, self.options.limits)
        return plan(unit, self.columns, self.renamed, values, self.wrt, self.options.reduce is not None)

    def style(self, job: Job) -> Style:
        """Return how the results of the job are written."""
        return self.options.style(self.file_format, job.wrt, self.keep)


class Part(NamedTuple):
    """A file, or some groups of rows of one, in the state that it had when the run began.

    path        from anywhere on this machine
    shown       the path as it was given, for messages; no part of what records compare
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
        """What messages call the file."""
        return self.shown or self.path

    @property
    def is_sound(self) -> bool:
        """Whether the fields, as read from a record, are what they should be."""
        numbers = (self.number, self.size, self.modified, self.first_group, self.last_group)
        return isinstance(self.path, str) and isinstance(self.shown, str) and all(type(each) is int for each in numbers)

    @property
    def groups(self) -> range | None:
        """The groups of rows; `None` for the whole file."""
        return None if self.last_group < 0 else range(self.first_group, self.last_group + 1)

    @property
    def name(self) -> str:
        return f"part-{self.number:05}"

    def check_unchanged(self) -> None:
        """Raises: InputError where the file is no longer what it was."""
        with translate_os_errors(f"read '{self.label}'", InputError):
            state = state_of(self.path)
        if state is None:
            raise InputError(f"'{self.label}' does not exist; does every worker see the same disk?")
        if state != (self.size, self.modified):
            raise InputError(f"'{self.label}' has changed since the run began")


def parts_of(files: Sequence[str], reading: ReadOptions) -> list[Part]:
    """The parts of a run over files, in order: large Parquet files by groups of rows, others whole.

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
    """The first and last group of each part of a Parquet file."""
    source: Any = open_source(path, reading)
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
