"""The manual page of mgrad or of one command, written in roff from the help of the commands."""

import inspect
from collections.abc import Iterator

import click

from mgrad_cli import __version__
from mgrad_cli.cli.bindings import verb_command
from mgrad_cli.cli.commands import VERBS

EXIT_CODES = {
    0: "Done. Results that are not finite are allowed.",
    1: "Finished, but some records failed, no solution was found, or under --strict a result is not finite.",
    2: "The command line: an option, a binding, or a column that the formula needs.",
    3: "The expression: syntax, an unknown function, or a limit.",
    4: "Input data that cannot be read.",
    5: "Output that cannot be written.",
    6: "check: a derivative differs.",
    7: "check: none differs, but some are inconclusive.",
    70: "An internal error; please report it.",
    130: "Interrupted.",
    141: "The reader of the output closed it.",
    143: "Terminated.",
}
ENVIRONMENT = {
    "NO_COLOR": "If it is not empty, tables and messages have no colour.",
    "FORCE_COLOR": "If it is not empty, tables and messages have colour where the output is no terminal either.",
    "TERM": "With dumb, tables and messages have no colour.",
    "COLUMNS": "The width of tables, if it is not that of the terminal.",
}
ESCAPES = str.maketrans({"\\": "\\e", "-": "\\-", '"': "\\(dq", "^": "\\(ha", "~": "\\(ti"})
LANGUAGE = """
Formulas have the arithmetic and the precedence of Python, and ^ is **: -x^2 is -(x^2), and 2^3^2 is 2^9. Every product
has its sign, as 2*x, and every function its parentheses, as sin(x); f(x, y) and x.f(y) are the same call. Angles are in
radians, and log is the natural logarithm. pi, tau, e, inf and nan are constants, and any other name is a variable.

Statements are separated by ; or newlines, and the last one is the result: name = expression names a part, f(x) =
expression defines a function, and u, v are two results. A name between backquotes can be any text. Comparisons, and, or
and not give 1 or 0, and where(c, a, b) chooses. sum(k, 1, 10, expression) and prod add and multiply, and diff(f, x) is
a derivative. # begins a comment.
"""
SEE_ALSO = "mgrad help COMMAND shows the help of a command, mgrad functions NAME that of a function."


def manual(program: click.Command, verb: str | None) -> str:
    """Return the manual page of the program, with every command, or of one command."""
    context = click.Context(program, info_name="mgrad", **program.context_settings)
    pieces = program_page(program, context) if verb is None else verb_page(verb, context)
    return "\n".join(pieces) + "\n"


def program_page(program: click.Command, context: click.Context) -> Iterator[str]:
    """Yield the lines of the page of the whole program."""
    yield from heading("mgrad", str(program.help))
    yield from section("Synopsis", f"\\fBmgrad\\fR {roff('COMMAND [ARGUMENT]...')}")
    yield from section("Description", *paragraphs(str(program.help)))
    yield from section("Language", *paragraphs(LANGUAGE))
    yield from section("Commands")
    for verb, help_text in VERBS.items():
        yield from entry(verb, help_text)
    yield from section("Options")
    yield from options(program, context)
    for verb in VERBS:
        command = verb_command(verb)
        below = click.Context(command, info_name=verb, parent=context)
        yield from section(f"mgrad {verb}", synopsis(command, below), *description(command))
        yield from options(command, below)
        yield from subsection("Examples", *paragraphs(str(command.epilog), skips_title=True))
    yield from section("Exit status")
    for code, meaning in EXIT_CODES.items():
        yield from entry(str(code), meaning)
    yield from section("Environment")
    for name, meaning in ENVIRONMENT.items():
        yield from entry(name, meaning)
    yield from section("Examples", *paragraphs(str(program.epilog), skips_title=True))
    yield from section("See also", roff(SEE_ALSO))


def verb_page(verb: str, context: click.Context) -> Iterator[str]:
    """Yield the lines of the page of a command."""
    command = verb_command(verb)
    below = click.Context(command, info_name=verb, parent=context)
    yield from heading(f"mgrad-{verb}", VERBS[verb])
    yield from section("Synopsis", synopsis(command, below))
    yield from section("Description", *paragraphs(str(command.help)))
    yield from section("Options")
    yield from options(command, below)
    yield from section("Examples", *paragraphs(str(command.epilog), skips_title=True))
    yield from section("See also", roff("mgrad(1), whose page has the exit status and the environment."))


def heading(name: str, what: str) -> Iterator[str]:
    yield f'.TH "{roff(name.upper())}" 1 "" "mgrad {roff(__version__)}" "User Commands"'
    yield from section("Name", f"{roff(name)} \\- {roff(what.rstrip('.'))}")


def section(title: str, *lines: str) -> Iterator[str]:
    yield f'.SH "{roff(title.upper())}"'
    yield from lines


def subsection(title: str, *lines: str) -> Iterator[str]:
    yield f'.SS "{roff(title)}"'
    yield from lines


def synopsis(command: click.Command, context: click.Context) -> str:
    return f"\\fB{roff(context.command_path)}\\fR {roff(' '.join(command.collect_usage_pieces(context)))}"


def description(command: click.Command) -> Iterator[str]:
    yield ".PP"
    yield from paragraphs(str(command.help))


def options(command: click.Command, context: click.Context) -> Iterator[str]:
    """Yield an entry for each option of a command."""
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            yield from entry(*record)


def entry(term: str, meaning: str) -> Iterator[str]:
    yield ".TP"
    yield f"\\fB{roff(term)}\\fR"
    yield roff(meaning)


def paragraphs(text: str, skips_title: bool = False) -> Iterator[str]:
    r"""Yield the paragraphs of a help text. One that begins with `\b` keeps its lines, as click shows it."""
    for index, paragraph in enumerate(inspect.cleandoc(text).split("\n\n")):
        if index:
            yield ".PP"
        lines = paragraph.split("\n")
        if lines[0] != "\b":
            yield from map(roff, lines)
            continue
        if skips_title and lines[1].endswith(":"):
            del lines[1]
        yield ".nf"
        yield from map(roff, lines[1:])
        yield ".fi"


def roff(text: str) -> str:
    r"""Return a line of text as roff reads it: with escapes, and no request at its beginning.

    >>> print(roff(".5*x - y\\n"))
    \&.5*x \- y\en
    """
    escaped = text.translate(ESCAPES)
    return f"\\&{escaped}" if escaped[:1] in {".", "'"} else escaped
