"""`mgrad completion`: print the script that makes a shell complete command lines."""

import click

from mgrad_cli.cli.environment import COMPLETION, SHELLS
from mgrad_cli.cli.verb import WithoutVariables
from mgrad_cli.errors import UsageError
from mgrad_cli.storage.streams import opened_output
from mgrad_cli.suggestions import nearest

EXAMPLES = """\b
Examples:
  mgrad completion bash > mgrad.bash
  mgrad completion zsh > _mgrad
  mgrad completion fish > mgrad.fish
"""


@click.command("completion", cls=WithoutVariables, epilog=EXAMPLES)
@click.argument(
    "shell",
    required=False,
    metavar="bash|zsh|fish",
    shell_complete=lambda ctx, param, incomplete: [shell for shell in SHELLS if shell.startswith(incomplete)],
)
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
def command(shell: str | None, debug: bool) -> int:
    """Print the script that completes mgrad's command lines in a shell.

    It completes commands, options, their values, files, the variables of the expression, and the columns of its
    data. Put eval "$(mgrad completion bash)" into ~/.bashrc, the same with zsh into ~/.zshrc, or write the script for
    fish to ~/.config/fish/completions/mgrad.fish.
    """
    if shell is None:
        raise UsageError(f"give the shell: {', '.join(SHELLS[:-1])} or {SHELLS[-1]}")
    if shell not in SHELLS:
        raise UsageError(f"no completion for '{shell}', only for {', '.join(SHELLS)}{nearest(shell, SHELLS)}")
    from mgrad_cli.cli.completion import script_for

    with opened_output(None) as output:
        output.write(script_for(shell, click.get_current_context().find_root().command, COMPLETION))
    return 0
