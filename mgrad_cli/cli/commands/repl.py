"""`mgrad repl`: a prompt at which definitions persist; without a terminal, the same for the lines of standard input."""

import sys
import traceback
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Unpack

import click

from mgrad_cli import __version__
from mgrad_cli.cli.bindings import read_bindings
from mgrad_cli.cli.options import CommonOptions, chosen_limits, limit_options
from mgrad_cli.cli.verb import Verb
from mgrad_cli.data.expressions import bounded_lines
from mgrad_cli.errors import MgradError, MissingExtraError, OutputError, internal_error, is_installed
from mgrad_cli.garbage import collect_garbage_rarely
from mgrad_cli.renderers import page_for
from mgrad_cli.repl.answers import Confirm, answers, nobody
from mgrad_cli.repl.commands import REPLIES
from mgrad_cli.repl.definitions import Session
from mgrad_cli.repl.entries import ReplEntry, entries
from mgrad_cli.storage.streams import Output, check_input_open, log, opened_output

EXAMPLES = """\b
Examples:
  echo "x = 3; x**2" | mgrad repl
  echo "y = x*x + b; sin(y)" | mgrad repl --x 1.5 --b pi/4
  echo ":diff x**2*sin(x)" | mgrad repl
"""
BYTES_A_CHARACTER = 4


class EntryOutcome(Enum):
    """The outcome of an entry."""

    DONE = "done"
    FAILED = "failed"
    ENDED = "ended"


class OnlyBindings(Verb):
    """A verb without words."""

    most_words = 0


@click.command("repl", cls=OnlyBindings, epilog=EXAMPLES)
@click.option("--var", "-v", metavar="NAME=VALUE", help="Set a variable (same as --NAME VALUE).", expose_value=False)
@limit_options
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[CommonOptions]) -> int:
    """Start an interactive prompt.

    Type an expression to see its value and gradients. name = expression defines a value, or a formula that is
    re-evaluated wherever it is used. --NAME VALUE defines a value before the first line. :help lists the commands. If
    standard input is not a terminal, it is read line by line: errors are reported, and the exit code is 1 if any line
    failed.
    """
    limits = chosen_limits(options)
    session = Session(limits)
    for name, value in read_bindings(ctx, limits).items():
        session.set(name, value)
    check_input_open()
    collect_garbage_rarely()
    with opened_output(None, flush_each=True) as output:
        if sys.stdin.isatty():
            converse(session, output, options["debug"])
            return 0
        failed = False
        for entry in entries(decoded(bounded_lines("-", BYTES_A_CHARACTER * limits.chars, "mgrad repl")), limits.chars):
            outcome = respond(session, entry, output, options["debug"], "standard input")
            if outcome is EntryOutcome.ENDED:
                break
            failed |= outcome is EntryOutcome.FAILED
    return 1 if failed else 0


def decoded(lines: Iterable[tuple[int, bytes]]) -> Iterator[str]:
    """Lines of bytes as text; what is not UTF-8 becomes a character that no expression has."""
    for _, line in lines:
        yield line.decode(errors="replace").rstrip("\r\n")


def converse(session: Session, output: Output, debug: bool) -> None:
    """Run the prompt until the user ends it.

    Raises: MissingExtraError if prompt_toolkit is not installed.
    """
    if not is_installed("prompt_toolkit"):
        raise MissingExtraError("the prompt", "prompt_toolkit", "repl")
    from mgrad_cli.repl.prompt import confirmed, typed_texts

    log(f"mgrad {__version__}; :help lists the commands, Ctrl-D quits")
    for text in typed_texts(session):
        try:
            for entry in entries(text.split("\n"), session.limits.chars):
                if respond(session, entry, output, debug, confirm=confirmed) is EntryOutcome.ENDED:
                    return
        except KeyboardInterrupt:
            log("interrupted")


def respond(
    session: Session, entry: ReplEntry, output: Output, debug: bool, file: str | None = None, confirm: Confirm = nobody
) -> EntryOutcome:
    """Write the answers to an entry, and its error to standard error with its line in the file.

    Raises: OutputError if an answer cannot be written.
    """
    try:
        for answer in answers(session, REPLIES, entry.text, lambda: page_for("table", sys.stdout), confirm):
            output.write(answer.text)
            for warning in answer.warnings:
                log(f"warning: {warning}")
            if answer.is_last:
                return EntryOutcome.ENDED
    except OutputError:
        raise
    except MgradError as error:
        if error.file is None and file is not None:
            error.file, error.line = file, entry.line
        log(f"error: {error}")
        return EntryOutcome.FAILED
    except Exception as error:
        if debug:
            log(traceback.format_exc().rstrip())
        log(f"error: {internal_error(error)}, with the output of --debug")
        return EntryOutcome.FAILED
    return EntryOutcome.DONE
