"""The boundary of the command line: run a verb and turn every way to end into an exit code and one message."""

import errno
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import click

from mgrad_cli.cli.commands import VERBS
from mgrad_cli.cli.environment import COMPLETION, check_completion, clean_environment
from mgrad_cli.cli.help_options import HELP_NAMES, WithHelp, eager_flag, show_version
from mgrad_cli.errors import ClosedPipe, MgradError, OutputError, Terminated, UsageError, internal_error, missing_extra
from mgrad_cli.storage.streams import escape_unencodable, log, writing
from mgrad_cli.suggestions import nearest
from mgrad_cli.text import printable

EXAMPLES = """\b
Examples:
  mgrad eval "a*b*(a+b)" --a 2 --b 3
  mgrad map "sqrt(x)/y" rows.csv -o gradients.csv
  mgrad check "log(x)*sin(y)" --x 0.5 --y 2
"""
RANGES = {
    r"is not a valid integer range": "is not an integer",
    r"is not a valid float range": "is not a number",
    r"is not in the range (\S+)<=x<=(\S+)": r"is not from \1 to \2",
    r"is not in the range x>=(\S+)": r"is not at least \1",
    r"is not in the range x>(\S+)": r"is not greater than \1",
}
"""What click says of a number with a least or a largest value, as patterns, and what is said here."""
SETTINGS = {"max_content_width": 100, "help_option_names": HELP_NAMES}
LIKENESS = 0.8
"""How like an option a word before the command must be to be taken for one that is misspelt."""
OTHER_VERBS = {
    **dict.fromkeys(("maximize", "maximise"), "minimize --maximize"),
    **dict.fromkeys(("minimise", "optimize", "optimise"), "minimize"),
    **dict.fromkeys(("calc", "calculate", "compute", "evaluate", "grad", "gradient", "value"), "eval"),
    **dict.fromkeys(("d", "derivative", "derive", "differentiate"), "diff"),
    **dict.fromkeys(("hessian",), "eval --order 2"),
    **dict.fromkeys(("root", "roots"), "solve"),
    **dict.fromkeys(("regress", "regression"), "fit"),
    **dict.fromkeys(("prompt", "shell", "interactive"), "repl"),
    **dict.fromkeys(("draw", "dot"), "graph"),
    **dict.fromkeys(("series", "expand"), "taylor"),
}
"""What other programs call commands, with the command here."""
VERSION = eager_flag(["--version"], show_version, "Show the version and exit.")


class Verbs(WithHelp, click.Group):
    """The group of verbs. Each is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"mgrad_cli.cli.commands.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--man" in args and {*args} <= {"--man", "--help", "-h"}:
            args = ["help", "--man"]
        word = args[0] if args else ""
        if word in {"-v", "-V", "version"} and not ctx.resilient_parsing:
            raise UsageError(f"no command '{word}'; mgrad --version shows the version")
        if word.startswith("-") and len(word) > 1 and not ctx.resilient_parsing:
            name = word.partition("=")[0]
            if name.startswith("--") and name not in {"--help", "--version", "--"}:
                near = nearest(name, ["--help", "--version"], LIKENESS)
                follow = f" before a command; options follow it: mgrad COMMAND {name}"
                raise UsageError(f"no option '{name}'{near or follow}")
            if not name.startswith("--") and word != "-h":
                raise UsageError(f"no command '{word}'; to evaluate it: mgrad eval '{word}'")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name.lower() in OTHER_VERBS:
            raise UsageError(f"no command '{name}'; write mgrad {OTHER_VERBS[name.lower()]}")
        if name not in VERBS:
            like_verb = nearest(name, VERBS) if name.isalpha() else f"; to evaluate it: mgrad eval '{name}'"
            raise UsageError(f"no command '{name}'{like_verb or '; mgrad --help lists them'}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete verbs with their whole short help, which click would cut, and options."""
        from click.shell_completion import CompletionItem

        verbs = [CompletionItem(verb, help=VERBS[verb]) for verb in VERBS if verb.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=Verbs, epilog=EXAMPLES, context_settings=SETTINGS, params=[VERSION])
def program() -> None:
    """Evaluate mathematical expressions and their exact partial derivatives."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process with its exit code."""
    words = list(sys.argv[1:] if args is None else args)
    escape_unencodable()
    for name in ("SIGTERM", "SIGHUP"):
        if (
            hasattr(signal, name) and signal.getsignal(getattr(signal, name)) != signal.SIG_IGN
        ):  # nohup leaves it ignored
            signal.signal(getattr(signal, name), terminate)
    code = run(words)
    os._exit(code)  # output is flushed; tearing down the interpreter takes longer than most runs


def terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated(number)


def run(words: list[str]) -> int:
    """Run a command line and return its exit code."""
    if COMPLETION in os.environ:
        import_module("mgrad_cli.cli.completion").register()
    try:
        clean_environment()
        check_completion()
        code: Any = program.main(words or ["--help"], prog_name="mgrad", complete_var=COMPLETION, standalone_mode=False)
        if sys.stdout is not None:
            with writing("standard output"):
                sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except MgradError as error:
        return fail(str(error), error.exit_code)
    except click.ClickException as error:
        message = error.format_message().rstrip(".")
        for pattern, said in RANGES.items():
            message = re.sub(pattern, said, message)
        return fail(printable(message[:1].lower() + message[1:]), 2)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except (Terminated, ClosedPipe) as end:
        return end.exit_code
    except SystemExit as end:  # click exits with 0 after completing a word, and with 1 if its help met a closed pipe
        with suppress(OSError):
            sys.stdout.flush()
        return ClosedPipe.exit_code if end.code else 0
    except OSError as error:
        if error.errno in {errno.EMFILE, errno.ENFILE}:
            return fail("too many open files; ulimit -n shows the limit", OutputError.exit_code)
        return fail(f"cannot write standard output: {error.strerror}", OutputError.exit_code)
    except ImportError as error:
        missing = missing_extra(error)
        return fail(str(missing), missing.exit_code) if missing else fail_internally(error, "--debug" in words)
    except BaseException as error:  # some libraries raise BaseException for internal errors
        return fail_internally(error, "--debug" in words)


def fail_internally(error: BaseException, is_debug: bool) -> int:
    """Report an internal error, with its traceback under --debug."""
    if is_debug:
        import traceback

        log("".join(traceback.format_exception(error)).rstrip())
    return fail(f"{internal_error(error)}, with the output of --debug", MgradError.exit_code)


def fail(message: str, code: int) -> int:
    """Write an error message to standard error after flushing standard output."""
    with suppress(OSError, ValueError, AttributeError):  # either stream may be closed or missing
        sys.stdout.flush()
    log(f"error: {message}")
    return code
