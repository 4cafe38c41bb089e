"""What the results of a run depend on beside the data: the expression, the columns, and the options."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, NamedTuple

from mgrad_cli import __version__
from mgrad_cli.data.destination import Style
from mgrad_cli.data.formats import ReadOptions
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import Limits
from mgrad_cli.mapping.plan import Job, plan


@dataclass(frozen=True, kw_only=True)
class ResultOptions:
    """Options of `mgrad map` that the results depend on, under the names that they have on the command line.

    Every part of a run has the same ones, wherever it is computed.
    """

    max_chars: int
    max_tokens: int
    max_depth: int
    input_format: str | None
    max_line: int
    allow_nan_input: bool
    quote: str
    value_name: str
    grad_prefix: str
    csv_safe: bool
    on_error: str
    block_rows: int | None
    reduce: str | None
    accuracy: bool = False
    certify: bool = False

    @property
    def limits(self) -> Limits:
        """Return the limits of the expression."""
        return Limits(self.max_chars, self.max_tokens, self.max_depth)

    @property
    def reading(self) -> ReadOptions:
        """Return how the input is read."""
        return ReadOptions(self.input_format, self.max_line, self.allow_nan_input, has_quotes=self.quote != "none")

    def style(self, file_format: str, wrt: Sequence[str], keep: Sequence[str] | None) -> Style:
        """Return how results are written: the value, the partial derivatives by `wrt`, and the columns to keep."""
        names = [self.value_name, *(f"{self.grad_prefix}{name}" for name in wrt)]
        if self.accuracy:
            names += [f"digits_{name}" for name in names]
        return Style(file_format, names, None if keep is None else tuple(keep), self.csv_safe)


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
        options = self.options
        return plan(
            unit,
            self.columns,
            self.renamed,
            values,
            self.wrt,
            options.reduce is not None,
            with_digits=options.accuracy,
            certify=options.certify,
        )

    def style(self, job: Job) -> Style:
        """Return how the results of the job are written."""
        return self.options.style(self.file_format, job.wrt, self.keep)
