"""The options of a run that its results depend on."""

from collections.abc import Sequence
from dataclasses import dataclass

from mgrad_cli.data.destination import Style, chosen_compression
from mgrad_cli.data.input_options import InputOptions
from mgrad_cli.language.parser import Limits


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ResultOptions(InputOptions):
    """Options of `mgrad map` that the results depend on, under the names that they have on the command line.

    Every part of a run has the same ones, wherever it is computed.
    """

    max_chars: int
    max_tokens: int
    max_depth: int
    value_name: str | None
    grad_prefix: str
    csv_safe: bool
    on_error: str
    block_rows: int | None
    reduce: str | None
    accuracy: bool = False
    certify: bool = False
    order: int = 1
    coverage: float | None = None
    solve: str | None = None
    compression: str | None = None
    implicit: bool = False

    @property
    def limits(self) -> Limits:
        """Return the limits of the expression."""
        return Limits(self.max_chars, self.max_tokens, self.max_depth, self.implicit)

    def style(self, file_format: str, names: Sequence[str], keep: Sequence[str] | None) -> Style:
        """Return how results with these names are written, beside the columns to keep.

        Raises: UsageError for a compression that the format lacks.
        """
        compression = chosen_compression(self.compression, file_format)
        return Style(file_format, list(names), None if keep is None else tuple(keep), self.csv_safe, compression)
