"""The commands of a session: for each its usage, a line of help, and the function that answers it."""

import os
import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from mgrad_cli.errors import MgradError, OutputError, UsageError
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.language.names import read_name
from mgrad_cli.operations import FUNCTION_NAMES
from mgrad_cli.repl import views
from mgrad_cli.repl.answers import CommandCall, Reply, Response, answers, one_expression
from mgrad_cli.repl.entries import entries
from mgrad_cli.storage.streams import opened_output
from mgrad_cli.suggestions import nearest
from mgrad_cli.text import printable

GUIDE = """\
Type an expression to see its value and gradients. Define names like this:
  x = 3; b = pi/4      values, because no variables are involved
  y = x*x + b          a formula, re-evaluated wherever y is used, so that
  sin(y)               has gradients with respect to x and b
  f(t) = t*y           a function, called as f(2)
  _ + 1                uses the last expression, _
Input continues inside parentheses, after an operator and after \\; an empty
line ends it. Alt-Enter starts a new line, Tab completes, Ctrl-C discards the
input, Ctrl-D quits.
Commands without EXPR apply to the last expression. They take the options of
the command line that make sense here: :diff --order 2, :explain --step 3.

"""
WORDS = re.compile(r"`[^`\n]+`|[^\s,`]+")
SETTING = re.compile(r"\s*([^\W\d]\w*|`[^`\n]+`)\s*=(?!=)")


class Command(NamedTuple):
    """A command; `words` is what follows its name. One that `writes` files is refused in a file that is loaded."""

    words: str
    doc: str
    reply: Reply
    writes: bool = False


def variables(request: CommandCall) -> Iterator[Response]:
    request.check_no_argument()
    lines = request.session.program()
    yield Response("".join(f"{line}\n" for line in lines) or "nothing is defined yet\n")


def implicit(request: CommandCall) -> Iterator[Response]:
    """Read products without a sign from now on, or no longer: `:implicit on`."""
    word = request.argument
    if word not in {"on", "off", ""}:
        raise UsageError(f"{request.command} takes on or off, not '{printable(word)}'")
    session = request.session
    if word:
        session.limits = session.limits._replace(implicit=word == "on")
    examples = "2x and x(y+1) are products" if session.limits.implicit else "2x is an error; write 2*x"
    yield Response(f"{examples}\n")


def set_value(request: CommandCall) -> Iterator[Response]:
    """Set a name to the current value of an expression: `:set x = x - 0.1*y`, which no formula can express."""
    setting = SETTING.match(request.entry, request.start)
    if setting is None:
        raise UsageError(f"write {request.command} NAME = EXPRESSION")
    session = request.session
    composition = session.composed(one_expression(request, request.entry, setting.end()))
    session.check_complete(composition)
    value = evaluate(composition.script, composition.values).output.data
    session.set(read_name(setting[1]), value)
    yield Response(f"{printable(setting[1])} = {number(value)}\n")


def delete(request: CommandCall) -> Iterator[Response]:
    names = [read_name(word) for word in WORDS.findall(request.argument)]
    if not names:
        raise UsageError(f"write {request.command} NAME")
    for name in names:
        request.session.forget(name)
        yield Response()


def clear(request: CommandCall) -> Iterator[Response]:
    request.check_no_argument()
    request.session.clear()
    yield Response()


def load(request: CommandCall) -> Iterator[Response]:
    """Answer the entries of a file as if they were typed, up to the first that fails.

    Raises: MgradError with the file and line.
    """
    from mgrad_cli.data.expressions import read_text

    path = file_name(request)
    allowed = {name: reply for name, reply in REPLIES.items() if name not in {request.command, *WRITING}}
    allowed |= dict.fromkeys(WRITING, refuse_to_write)
    limits = request.session.limits
    for entry in entries(read_text(path, limits.chars).split("\n"), limits.chars):
        try:
            yield from answers(request.session, allowed, entry.text, request.page)
        except MgradError as error:
            error.file, error.line = path, entry.line
            raise


def refuse_to_write(request: CommandCall) -> NoReturn:
    """Raise UsageError for a command in a loaded file, whose author may be anybody."""
    raise UsageError(f"a loaded file may not write files; type {request.command} at the prompt")


def save(request: CommandCall) -> Iterator[Response]:
    """Write the definitions to a file. Raises: UsageError if it exists and the user does not agree to replace it."""
    path = file_name(request)
    lines = request.session.program()
    if not lines:
        raise UsageError("nothing is defined yet")
    if os.path.isfile(path) and not request.confirm(f"replace '{path}'?"):
        raise UsageError(f"'{path}' already exists and was not replaced")
    try:
        with opened_output(path) as output:
            output.write("".join(f"{line}\n" for line in lines))
    except OutputError as error:
        raise UsageError(error.message) from None  # standard output is intact, so the session continues
    yield Response()


def file_name(request: CommandCall) -> str:
    name = request.entry[request.start :].strip()
    if not name:
        raise UsageError(f"write {request.command} FILE")
    if "\0" in name:
        raise UsageError(f"no file can be named '{name}', with a NUL character")
    path = os.path.expanduser(name)
    return "./-" if path == "-" else path


def explain_usage(request: CommandCall) -> Iterator[Response]:
    """Show the guide, or the help of a command or a function."""
    from mgrad_cli.renderers.reference import ENTRY_FORMATS, entries_of

    name = request.argument
    if not name:
        yield Response(GUIDE + "".join(f"  {usage:<24}{COMMANDS[word].doc}\n" for word, usage in usages().items()))
    elif name in request.session.functions:
        yield Response(f"{printable(request.session.functions[name].text)}\n")
    elif described := entries_of(name):
        yield Response("".join(ENTRY_FORMATS["table"](described, request.view)))
    elif (word := f":{name.lstrip(':')}") in COMMANDS:
        yield Response(f"{usages()[word]}   {COMMANDS[word].doc}\n")
    else:
        raise UsageError(f"no function or command '{name}'{nearest(name, [*FUNCTION_NAMES, *COMMANDS])}")


def usages() -> dict[str, str]:
    return {word: f"{word} {command.words}".rstrip() for word, command in COMMANDS.items()}


def quit_session(request: CommandCall) -> Iterator[Response]:
    request.check_no_argument()
    yield Response(is_last=True)


COMMANDS = {
    ":explain": Command("[EXPR]", "explain the chain rule step by step", views.explain),
    ":nodes": Command("[EXPR]", "list every node with its value and gradient", views.nodes),
    ":graph": Command("[EXPR]", "draw the computation graph as a tree", views.graph),
    ":diff": Command("[EXPR]", "write the derivatives as formulas", views.diff),
    ":check": Command("[EXPR]", "check gradients against numerical derivatives", views.check),
    ":plot": Command("[EXPR, x = -5:5]", "plot a function and its derivative over a range", views.plot),
    ":set": Command("NAME = EXPR", "set NAME to the current value of EXPR", set_value),
    ":implicit": Command("on|off", "read 2x and x(y+1) as products", implicit),
    ":vars": Command("", "list values, formulas and functions as a program", variables),
    ":del": Command("NAME...", "forget names", delete),
    ":clear": Command("", "forget everything", clear),
    ":load": Command("FILE", "run a file as if it were typed", load),
    ":save": Command("FILE", "write values, formulas and functions as a program", save, writes=True),
    ":help": Command("[NAME]", "show this list, or describe a function or command", explain_usage),
    ":quit": Command("", "quit (or press Ctrl-D)", quit_session),
}
REPLIES: dict[str, Reply] = {name: command.reply for name, command in COMMANDS.items()}
REPLIES |= {":exit": quit_session, ":q": quit_session}
WRITING = {name for name, command in COMMANDS.items() if command.writes}
NOTES = {name: command.doc for name, command in COMMANDS.items()}
