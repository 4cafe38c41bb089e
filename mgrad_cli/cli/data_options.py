"""The options that say how rows of data are read, for the verbs that read them."""

import click

from mgrad_cli.cli.options import Callback
from mgrad_cli.data.formats import DATA_FORMATS


def column_options(function: Callback) -> Callback:
    """Add `--col` and `--input-format`."""
    function = click.option(
        "--input-format",
        type=click.Choice(list(DATA_FORMATS)),
        metavar="|".join(DATA_FORMATS),
        help="Format of DATA (default: from its name or first bytes).",
    )(function)
    text = "Read variable NAME from COLUMN; repeatable."
    return click.option("--col", multiple=True, metavar="NAME=COLUMN", help=text)(function)


def text_options(function: Callback) -> Callback:
    """Add `--quote` and `--allow-nan-input`."""
    text = "Accept NaN and Infinity in JSON input."
    function = click.option("--allow-nan-input", is_flag=True, help=text)(function)
    return click.option(
        "--quote",
        type=click.Choice(["double", "none"]),
        default="double",
        metavar="double|none",
        help="Quoting in CSV and TSV input; none treats quotes as ordinary characters.",
    )(function)
