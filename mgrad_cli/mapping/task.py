"""What the results of a run depend on beside the data: the expression, the columns, and the options."""

import json
from dataclasses import fields
from hashlib import sha256
from typing import Any, NamedTuple

from mgrad_cli import __version__
from mgrad_cli.data.destination import Style
from mgrad_cli.language.lowering import read
from mgrad_cli.mapping.options import ResultOptions
from mgrad_cli.mapping.plan import Job, plan
from mgrad_cli.mapping.uncertainties import Uncertainties
from mgrad_cli.mapping.variables import RowFormula


class MapTask(NamedTuple):
    """Everything that the results of a run depend on beside the data.

    columns      the columns of the first source; every source has them
    members      the members of its columns that are objects
    renamed      the column of a variable that has another name
    values       the numbers of bound variables, in hexadecimal
    wrt          the variables to differentiate with respect to; `None` for all, or in a reduction for the bound ones
    keep         the columns to keep; `None` for all
    file_format  the format of the output; empty in a reduction
    kernel       `numpy` or `native`, chosen once for all parts
    uncertain    the uncertainties of variables, if any
    """

    expression: str
    columns: list[str]
    members: list[str]
    renamed: dict[str, str]
    values: dict[str, str]
    wrt: list[str] | None
    keep: list[str] | None
    file_format: str
    kernel: str
    uncertain: Uncertainties | None
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
        own = {name: record.pop(name) for name in cls._fields[:-1]}
        if own["uncertain"] is not None:
            own["uncertain"] = Uncertainties(*own["uncertain"])
        return cls(**own, options=ResultOptions(**record))

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
        script = read(self.expression, self.options.limits)
        columns = [*self.columns, *self.members]
        return plan(RowFormula(script, columns, self.renamed, values, self.wrt, self.uncertain), self.options)

    def style(self, job: Job) -> Style:
        """Return how the results of the job are written."""
        return self.options.style(self.file_format, job.names, self.keep)
