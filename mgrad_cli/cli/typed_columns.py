"""Complete the columns of the data file on an unfinished command line."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields

import click
from click.shell_completion import CompletionItem

from mgrad_cli.cli.arguments import VARIABLE
from mgrad_cli.cli.options import MAX_LINE
from mgrad_cli.data.formats import is_binary
from mgrad_cli.data.input_options import InputOptions
from mgrad_cli.data.opening import format_of, open_source
from mgrad_cli.errors import MgradError

PLAIN = re.compile(r"[\w@%+./-]+")
"""A name that no shell splits or takes for something else."""
NO_COLUMNS = "none"
"""What `--keep` takes instead of columns."""


def typed_columns(ctx: click.Context) -> list[str]:
    """Return the columns of the first data file on the command line, but for those that a shell would need quoted.

    There are none if it is not a local file of text, or cannot be read as the options say.
    """
    path = next(data_words(ctx), None)
    if path is None or not os.path.isfile(path) or is_binary(format_of(path) or ""):
        return []
    with suppress(MgradError, OSError, UnicodeError):
        given = {each.name: ctx.params[each.name] for each in fields(InputOptions)}
        valid = {name: value for name, value in given.items() if value is not None}
        source = open_source(path, InputOptions(**{"max_line": MAX_LINE} | valid).reading)
        source.close()
        return [name for name in source.columns if PLAIN.fullmatch(name)]
    return []


def data_words(ctx: click.Context) -> Iterator[str]:
    """Yield the arguments that are data: all but the expression, unless `--file` has that."""
    words = iter(ctx.params.get("words") or ())
    if not ctx.params.get("file"):
        next(words, None)
    return words


def complete_column(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return each column that begins as the word does, and whose name an expression can have as it is."""
    names = [name for name in typed_columns(ctx) if VARIABLE.fullmatch(name)]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_columns(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the columns after the last comma of a list, each with the list before it; instead of a list, `none`."""
    before, comma, last = incomplete.rpartition(",")
    listed = before.split(",")
    names = dict.fromkeys([*typed_columns(ctx), *([] if comma else [NO_COLUMNS])])
    return [CompletionItem(f"{before}{comma}{name}") for name in names if name.startswith(last) and name not in listed]
