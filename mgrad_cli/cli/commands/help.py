"""`mgrad help`: show the help of mgrad or of one command."""

import click

from mgrad_cli.cli.bindings import verb_command
from mgrad_cli.cli.commands import VERBS
from mgrad_cli.cli.verb import WithoutVariables
from mgrad_cli.errors import UsageError, nearest

EXAMPLES = """\b
Examples:
  mgrad help
  mgrad help eval
"""


@click.command("help", cls=WithoutVariables, epilog=EXAMPLES)
@click.argument(
    "verb",
    required=False,
    metavar="[COMMAND]",
    shell_complete=lambda ctx, param, incomplete: [verb for verb in VERBS if verb.startswith(incomplete)],
)
@click.pass_context
def command(ctx: click.Context, verb: str | None) -> None:
    """Show the help of COMMAND, as mgrad COMMAND --help does.

    Without COMMAND, list the commands.
    """
    program = ctx.find_root()
    if verb is None:
        click.echo(program.get_help())
        return
    if verb not in VERBS:
        raise UsageError(f"no command '{verb}'{nearest(verb, VERBS) or '; mgrad --help lists them'}")
    click.echo(verb_command(verb).get_help(click.Context(verb_command(verb), info_name=verb, parent=program)))
