"""The options that say how data is read, as the command line gives them."""

from dataclasses import dataclass

from mgrad_cli.data.dialect import Dialect, parse_delimiter, parse_encoding, parse_nulls
from mgrad_cli.data.formats import ReadOptions


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class InputOptions:
    """How data is read: options of the verbs that do, under the names that they have on the command line."""

    max_line: int
    input_format: str | None = None
    allow_nan_input: bool = False
    quote: str = "double"
    delimiter: str | None = None
    decimal: str = "."
    null: tuple[str, ...] = ()
    no_header: bool = False
    skip: int = 0
    comment: str = ""
    encoding: str = ""
    cast: bool = False
    recursive: bool = False
    union: bool = False

    @property
    def dialect(self) -> Dialect:
        """Return how text is written. Raises: UsageError for an invalid delimiter or encoding."""
        return Dialect(
            delimiter=parse_delimiter(self.delimiter) if self.delimiter is not None else "",
            decimal=self.decimal,
            nulls=parse_nulls(self.null),
            has_header=not self.no_header,
            skip=self.skip,
            comment=self.comment.strip(),
            encoding=parse_encoding(self.encoding) if self.encoding else "",
            has_quotes=self.quote != "none",
            casts=self.cast,
        )

    @property
    def reading(self) -> ReadOptions:
        """Return how the input is read. Raises: UsageError."""
        is_given = self.input_format is not None
        return ReadOptions(
            self.input_format,
            self.max_line,
            self.allow_nan_input,
            dialect=self.dialect,
            is_format_given=is_given,
        )
