"""Complete the variables of the expression that stands on a command line which is not finished."""

import os
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from mgrad_cli.cli.arguments import VARIABLE, Arguments
from mgrad_cli.cli.bindings import ARGUMENTS
from mgrad_cli.errors import MgradError
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.language.lowering import read
from mgrad_cli.language.parser import DEFAULT_LIMITS

FILE = "--file="


LENIENT = DEFAULT_LIMITS._replace(implicit=True)


def typed_variables(ctx: click.Context) -> list[str]:
    """Return the variables of the expression on the command line, in order of appearance.

    There are none if the expression is not complete, comes from standard input, or cannot be read.
    """
    arguments: Arguments | None = ctx.meta.get(ARGUMENTS)
    if arguments is None:
        return []
    with suppress(MgradError, OSError, UnicodeError):
        return input_names(read(typed_expression(arguments), LENIENT), arguments.bindings)[0]
    return []


def typed_expression(arguments: Arguments) -> str:
    """Return the expression on the command line or in the file of `--file`. Raises: OSError, UnicodeError."""
    for option in arguments.options:
        if option.startswith(FILE) and os.path.isfile(path := option.removeprefix(FILE)):
            with open(path, encoding="utf-8-sig") as file:
                return file.read(DEFAULT_LIMITS.chars)
    return arguments.words[0] if arguments.words else ""


def complete_bindings(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return `--NAME` for each variable without a value."""
    bound = ctx.meta[ARGUMENTS].bindings if ARGUMENTS in ctx.meta else ()
    options = [f"--{name}" for name in typed_variables(ctx) if name not in bound and VARIABLE.fullmatch(name)]
    found = [option for option in options if option.startswith(incomplete)]
    return [CompletionItem(option, help="A variable of the expression.") for option in found]


def complete_assignment(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return `NAME=` for each variable, as `--var` takes it."""
    return [CompletionItem(f"{name}=") for name in typed_variables(ctx) if f"{name}=".startswith(incomplete)]


def complete_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the variables after the last comma of a list, each with the list before it."""
    before, comma, last = incomplete.rpartition(",")
    listed = before.split(",")
    return [
        CompletionItem(f"{before}{comma}{name}")
        for name in typed_variables(ctx)
        if name.startswith(last) and name not in listed
    ]
