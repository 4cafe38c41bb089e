"""The options `--help` and `--version`. Making click's own takes longer, since they look for translations."""

from functools import cached_property
from typing import Any

import click

from mgrad_cli import __version__

HELP_NAMES = ["-h", "--help"]


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


class WithHelp(click.Command):
    """A command whose option `--help` is made here."""

    @cached_property
    def own_help(self) -> click.Option:
        return eager_flag(HELP_NAMES, show_help, "Show this message and exit.")

    def get_help_option(self, ctx: click.Context) -> click.Option:
        return self.own_help
