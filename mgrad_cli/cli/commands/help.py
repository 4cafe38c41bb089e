"""`mgrad help`: show the help of mgrad or of one command."""

import click

from mgrad_cli.cli.bindings import verb_command
from mgrad_cli.cli.commands import VERBS
from mgrad_cli.cli.verb import WithoutVariables
from mgrad_cli.errors import UsageError
from mgrad_cli.storage.streams import opened_output
from mgrad_cli.suggestions import nearest

EXAMPLES = """\b
Examples:
  mgrad help
  mgrad help eval
  mgrad help --man > mgrad.1
"""


@click.command("help", cls=WithoutVariables, epilog=EXAMPLES)
@click.argument(
    "verb",
    required=False,
    metavar="[COMMAND]",
    shell_complete=lambda ctx, param, incomplete: [verb for verb in VERBS if verb.startswith(incomplete)],
)
@click.option("--man", "as_manual", is_flag=True, help="Write a manual page, in roff; man -l FILE shows it.")
@click.pass_context
def command(ctx: click.Context, verb: str | None, as_manual: bool) -> None:
    """Show the help of COMMAND, as mgrad COMMAND --help does.

    Without COMMAND, list the commands.
    """
    program = ctx.find_root()
    if verb is not None and verb not in VERBS:
        raise UsageError(f"no command '{verb}'{nearest(verb, VERBS) or '; mgrad --help lists them'}")
    if as_manual:
        from mgrad_cli.cli.manual import manual

        with opened_output(None) as output:
            output.write(manual(program.command, verb))
        return
    if verb is None:
        click.echo(program.get_help())
        return
    click.echo(verb_command(verb).get_help(click.Context(verb_command(verb), info_name=verb, parent=program)))
