"""`mgrad functions`: list the functions of the language, read from the table of operations."""

import sys

import click

from mgrad_cli.cli.verb import WithoutVariables
from mgrad_cli.errors import UsageError
from mgrad_cli.operations import TABLE, nearest_function
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.reference import (
    CONVENTION_FORMATS,
    ENTRY_FORMATS,
    FORM_ENTRIES,
    TABLE_FORMATS,
    entries,
    entries_of,
)
from mgrad_cli.storage.streams import opened_output

EXAMPLES = """\b
Examples:
  mgrad functions
  mgrad functions tanh
  mgrad functions --conventions
  mgrad functions --json
"""


@click.command("functions", cls=WithoutVariables, epilog=EXAMPLES)
@click.argument(
    "name",
    required=False,
    shell_complete=lambda ctx, param, incomplete: sorted(
        n for n in (*TABLE, *FORM_ENTRIES) if n.startswith(incomplete)
    ),
)
@click.option(
    "--conventions", is_flag=True, help="List the points where a derivative is undefined and the value used there."
)
@click.option("--helpers", is_flag=True, help="Include the functions that exist only for the derivatives of others.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Write Markdown.")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
def command(name: str | None, conventions: bool, helpers: bool, as_json: bool, as_markdown: bool, debug: bool) -> int:
    """List the functions of the language, with derivatives, domains and conventions.

    With NAME, describe that function only.
    """
    if as_json and as_markdown:
        raise UsageError("give --json or --markdown, not both")
    output_format = "json" if as_json else "markdown" if as_markdown else "table"
    view = View(page_for(output_format, sys.stdout))
    chosen = entries_of(name) if name is not None else []
    if name is not None and not chosen:
        raise UsageError(f"no function '{name}'{nearest_function(name)}")
    with opened_output(None) as output:
        if conventions:
            listed = chosen or [one for group in entries(helpers).values() for one in group]
            pieces = CONVENTION_FORMATS[output_format](listed, view)
        elif chosen:
            pieces = ENTRY_FORMATS[output_format](chosen, view)
        else:
            pieces = TABLE_FORMATS[output_format](entries(helpers), view)
        for piece in pieces:
            output.write(piece)
    return 0
