"""The options that say how rows of data are read, for the verbs that read them."""

import click

from mgrad_cli.cli.options import Callback, encoding_option
from mgrad_cli.data.blocks import Source
from mgrad_cli.data.dialect import Dialect
from mgrad_cli.data.formats import DATA_FORMATS, is_binary, separator_of, slow_reading_hint
from mgrad_cli.data.sniffing import DELIMITERS
from mgrad_cli.errors import UsageError
from mgrad_cli.storage.streams import log


def column_options(function: Callback) -> Callback:
    """Add `--col`, `--input-format`, `--recursive` and `--union`."""
    function = click.option(
        "--input-format",
        type=click.Choice(list(DATA_FORMATS)),
        metavar="|".join(DATA_FORMATS),
        help="Format of DATA (default: from its name or first bytes).",
    )(function)
    text = "Give every file the columns of all; what a file lacks is a missing value."
    function = click.option("--union", is_flag=True, help=text)(function)
    function = click.option("--recursive", is_flag=True, help="Read folders inside folders too.")(function)
    text = "Read variable NAME from COLUMN; repeatable."
    return click.option("--col", multiple=True, metavar="NAME=COLUMN", help=text)(function)


def text_options(function: Callback) -> Callback:
    """Add the options of `InputOptions` that say how text is written."""
    for option in (
        click.option("--allow-nan-input", is_flag=True, help="Accept NaN and Infinity in JSON input."),
        click.option(
            "--quote",
            type=click.Choice(["double", "none"]),
            default="double",
            metavar="double|none",
            help="Quoting in CSV and TSV input; none treats quotes as ordinary characters.",
        ),
        encoding_option,
        click.option(
            "--cast",
            is_flag=True,
            help="Read the numbers in texts of JSON, Parquet and Arrow, and true and false as 1 and 0.",
        ),
        click.option(
            "--comment", default="", metavar="TEXT", help="Leave out lines of CSV and TSV that begin with TEXT, as '#'."
        ),
        click.option(
            "--skip",
            type=click.IntRange(min=0),
            default=0,
            metavar="N",
            help="Leave out the first N lines of CSV and TSV.",
        ),
        click.option(
            "--no-header", is_flag=True, help="The first line of CSV and TSV is a row; columns are c1, c2, ..."
        ),
        click.option(
            "--decimal",
            type=click.Choice([".", ","]),
            default=".",
            metavar=".|,",
            help="Decimal mark of numbers in CSV and TSV, read and written (default: a point).",
        ),
        click.option(
            "--delimiter",
            metavar="CHAR",
            help="What separates cells: a character, tab, or ws for runs of blanks (default: from the data).",
        ),
        click.option(
            "--null",
            multiple=True,
            metavar="WORDS",
            help="Words that stand for missing values, as NA,?,-; repeatable.",
        ),
    ):
        function = option(function)
    return function


def check_dialect(dialect: Dialect, file_format: str) -> None:
    """Check that the options that say how text is written apply to a format; to ranges, which have none, no one does.

    Raises: UsageError otherwise.
    """
    for option in dialect.layout_options if not separator_of(file_format) else ():
        raise UsageError(f"{option} applies only to CSV and TSV")
    for option, is_given in (("--null", dialect.nulls), ("--encoding", dialect.encoding)):
        is_read = option == "--null" and dialect.casts and file_format
        if is_given and not is_read and (not file_format or is_binary(file_format)):
            with_cast = "; with --cast also to columns of text" if option == "--null" and file_format else ""
            raise UsageError(f"{option} applies only to text, such as CSV, TSV and JSON{with_cast}")
    if dialect.casts and not file_format:
        raise UsageError("--cast applies only to data, not to ranges")


def note_delimiter(source: Source) -> None:
    """Say which delimiter was found in the data, if it is not that of the format."""
    if getattr(source, "is_sniffed", False):
        name = DELIMITERS[source.dialect.delimiter]
        given = "tab" if source.dialect.delimiter == "\t" else f"'{source.dialect.delimiter}'"
        log(f"note: {source.name} is read with {name} between cells, as with --delimiter {given}")


def note_slow_reading(source: Source) -> None:
    """Say what would read many rows faster, if it is not installed."""
    if hint := slow_reading_hint(source):
        log(f"note: {hint}")
