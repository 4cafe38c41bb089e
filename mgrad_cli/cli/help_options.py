"""The options `--help` and `--version`. Making click's own takes longer, since they look for translations."""

import re
from functools import cached_property
from typing import Any

import click

from mgrad_cli import __version__

HELP_NAMES = ["-h", "--help"]
RANGE = r"  \[(.*)\bx\b(.*)\]$"
"""The range of a number at the end of click's help of an option, in which the number is always x."""


def show_help(ctx: click.Context, param: click.Parameter, is_asked: bool) -> None:
    """Print the help of a command and end."""
    if is_asked and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


def show_version(ctx: click.Context, param: click.Parameter, is_asked: bool) -> None:
    """Print the version and end."""
    if is_asked and not ctx.resilient_parsing:
        click.echo(f"mgrad {__version__}", color=ctx.color)
        ctx.exit()


def eager_flag(names: list[str], callback: Any, text: str) -> click.Option:
    """Return an option that is answered before the others are read."""
    return click.Option(names, is_flag=True, expose_value=False, is_eager=True, callback=callback, help=text)


def option_help(option: click.Parameter, ctx: click.Context) -> tuple[str, str] | None:
    """Return the names and the help of an option, with the number of a range called as it is there.

    A range is left out where the names have every number, as `--order 1|2`.
    """
    record = option.get_help_record(ctx)
    if record is None or (found := re.search(RANGE, record[1])) is None:
        return record
    number = option.metavar or "x"
    bounds = "" if "|" in number else f"  [{found[1]}{number}{found[2]}]"
    return record[0], f"{record[1][: found.start()]}{bounds}"


class WithHelp(click.Command):
    """A command whose option `--help` is made here."""

    @cached_property
    def own_help(self) -> click.Option:
        return eager_flag(HELP_NAMES, show_help, "Show this message and exit.")

    def get_help_option(self, ctx: click.Context) -> click.Option:
        return self.own_help
