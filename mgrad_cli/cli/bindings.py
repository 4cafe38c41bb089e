"""Read the variables bound on the command line, and explain words that are neither options nor variables."""

import os
import re
from collections.abc import Callable, Collection, Iterable
from importlib import import_module
from itertools import chain
from typing import Any, TypeVar

import click

from mgrad_cli.cli.arguments import OPTION_LIKENESS, VARIABLE, Arguments, suggestion
from mgrad_cli.cli.commands import VERBS
from mgrad_cli.errors import BindingError, ExpressionError, MissingValueError, UnknownVariableError, UsageError
from mgrad_cli.evaluation.graph import check_names, input_names
from mgrad_cli.evaluation.name_advice import doubts
from mgrad_cli.evaluation.value_text import is_uncertain, parse_value
from mgrad_cli.language.lowering import CONSTANTS, Script
from mgrad_cli.language.parser import Limits
from mgrad_cli.storage.streams import log
from mgrad_cli.suggestions import nearest_name
from mgrad_cli.text import name_list, printable

ARGUMENTS, BINDINGS = "mgrad_cli.cli.arguments", "mgrad_cli.bindings"
MIN_PREFIX = 3
"""The letters of an option's beginning that are taken for the option in a suggestion."""
MAX_BEGUN = 4
"""How many options may start with the letter of a word such as `-f` for all of them to be suggested."""
MAX_NAMES = 10
SHORT = (3, 4)
"""How long a word such as `--at` is that is not taken for a similar option of another command."""

UNIT = r"\s*[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?\s*([a-zA-Zµ€$£]{1,4})(?:[/*^][a-zA-Z0-9-]+)*\s*"
"""A number with a unit, as `2 m` or `9.81m/s^2`."""

LIST = r"\s*[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?(?:\s*[,;]\s*[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?){2,}\s*"
"""Three numbers or more between commas, or semicolons."""

Bound = TypeVar("Bound")


def option_names(command: click.Command, ctx: click.Context) -> dict[str, bool]:
    """Return the spellings of all options of a command, each with whether it takes a value."""
    names = {}
    for parameter in command.get_params(ctx):
        if isinstance(parameter, click.Option):
            takes_value = not (parameter.is_flag or parameter.count)
            names.update(dict.fromkeys([*parameter.opts, *parameter.secondary_opts], takes_value))
    return names


def option_advice(word: str, command: click.Command, ctx: click.Context) -> str:
    """Suggest what was meant by an unknown option.

    It is what the command has instead, the same option of another command, or else a similar one of this command.
    """
    if word in (instead := getattr(command, "instead", {})):
        return f"; {instead[word]}"
    near = near_options(word, option_names(command, ctx))
    options = {verb: option_names(verb_command(verb), ctx) for verb in VERBS}
    is_elsewhere = any(word in names for names in options.values())
    if near and (not is_elsewhere or word in near):
        return f"; did you mean {listed([repr(option) for option in near], 'or')}?"
    all_options = dict.fromkeys(chain.from_iterable(options.values()))
    elsewhere = [] if len(word) in SHORT and not is_elsewhere else near_options(word, all_options)[:1]
    verbs = [f"mgrad {verb}" for verb in VERBS if options[verb].keys() & elsewhere]
    return f"; {'it' if elsewhere == [word] else repr(elsewhere[0])} is an option of {listed(verbs)}" if verbs else ""


def near_options(word: str, options: Collection[str]) -> list[str]:
    """Return the options that equal, start with or resemble the word; for `-f`, the few that start with `--f`."""
    long = f"-{word}" if is_short(word) else word
    for same in (word, long):
        if same in options:
            return [same]
    begun = [option for option in options if option.startswith(long)]
    if is_short(word) and 0 < len(begun) <= MAX_BEGUN:
        return begun
    if len(begun) == 1 and len(long) >= MIN_PREFIX + 2:
        return begun
    like = nearest_name(long, options, OPTION_LIKENESS)
    return [like] if like else []


def is_short(word: str) -> bool:
    """Return whether a word is spelled as a short option, such as `-f`."""
    return not word.startswith("--")


def verb_command(verb: str) -> click.Command:
    command: click.Command = import_module(f"mgrad_cli.cli.commands.{verb}").command
    return command


def listed(names: list[str], last_word: str = "and") -> str:
    *others, last = names
    return f"{', '.join(others)} {last_word} {last}" if others else last


def check_swallowed(arguments: Arguments, command: click.Command, ctx: click.Context) -> None:
    """Raise UsageError if there is no expression because a binding has taken it as its value."""
    if arguments.words or any(option.startswith("--file=") for option in arguments.options):
        return
    for name, value in arguments.bindings.items():
        word = arguments.written[name]
        if word == f"--{name}" and (meant := option_advice(word, command, ctx)):
            raise UsageError(f"{word} took '{value}' as its value{meant}")


def check_dashed(arguments: Arguments, expressions: int, most: int, command: click.Command, ctx: click.Context) -> None:
    """Refuse a word such as `-q` that is neither one of the first words, which may be `expressions`, nor a file.

    With `--file`, or more words than the verb takes, the first is not an expression either. Raises: UsageError.
    """
    has_file = any(option.startswith("--file=") for option in arguments.options)
    expressions = 0 if has_file or len(arguments.words) > most else expressions
    for place in arguments.dashed:
        if place >= expressions and not os.path.exists(word := arguments.words[place]):
            raise no_dashed_option(word, arguments, command, ctx)


def no_dashed_option(word: str, arguments: Arguments, command: click.Command, ctx: click.Context) -> UsageError:
    """Return the message for a word such as `-q`: the option it may mean, or the variable it names."""
    is_variable = re.search(rf"\b{re.escape(word[1:])}\b", arguments.words[0]) and word != arguments.words[0]
    meant = f"; did you mean '-{word}'?" if is_variable else option_advice(word, command, ctx)
    return UsageError(f"no option '{word}'{meant or f'; mgrad {command.name} --help lists them'}")


def check_variables(script: Script, ctx: click.Context) -> None:
    """Raise BindingError if the command line binds a name that is not a variable of the expression."""
    try:
        check_names(script, ctx.meta[BINDINGS])
    except BindingError as error:
        raise explained(error, script, ctx) from None


def read_bindings(ctx: click.Context, limits: Limits, variables: Collection[str] = ()) -> dict[str, float]:
    """Return the values bound on the command line.

    Raises: BindingError if one is not a number.
    """
    return parsed_bindings(ctx, limits, parse_value, variables)


def parsed_bindings(
    ctx: click.Context, limits: Limits, parse: Callable[[str, Limits], Bound], variables: Collection[str] = ()
) -> dict[str, Bound]:
    """Return what `parse` makes of the values bound on the command line. Raises: BindingError if it cannot."""
    return {name: read_binding(ctx, name, text, limits, variables, parse) for name, text in ctx.meta[BINDINGS].items()}


def read_binding(
    ctx: click.Context,
    name: str,
    text: str,
    limits: Limits,
    variables: Collection[str] = (),
    parse: Callable[[str, Limits], Any] = parse_value,
) -> Any:
    """Return the value that a variable is bound to. Names in `variables` are never mistaken for options.

    Raises: BindingError if it is not a number.
    """
    try:
        return parse(text, limits)
    except ExpressionError as error:
        message = f"the value of '{name}', '{text}', is not a number: {error.message}"
        word = ctx.meta[ARGUMENTS].written.get(name, "")
        if word == f"--{name}" and name not in variables and (meant := option_advice(word, ctx.command, ctx)):
            message = f"no option '{word}', and '{text}' is not a number for a variable{meant}"
        elif advice := longer_name_advice(name, variables, ctx):
            message = f"the value of '{name}', '{text}', is not a number{advice}"
        elif (unit := re.fullmatch(UNIT, text)) and unit[1] not in CONSTANTS:
            message = f"the value of '{name}', '{text}', is not a number; numbers have no units"
        elif is_uncertain(text):
            message = f"the value of '{name}', '{text}', cannot be read: {error.message}"
        elif is_file(text):
            message = f"the value of '{name}' must be a number{map_advice(ctx, text)}"
        elif is_grid_range(text):
            message = f"the value of '{name}' must be a number; mgrad map and mgrad plot take a range, {text}"
        elif re.fullmatch(LIST, text):
            message = f"the value of '{name}', '{text}', is not a number; mgrad map takes several, as a range or a file"
        elif re.search(r"[0-9]\.\.|\bto\b|(?:lin|log)space|range|^\s*\[", text):
            message = f"the value of '{name}', '{text}', is not a number; a range is start:stop:step, as 0:1:0.1"
        raise BindingError(message) from None


def is_file(text: str) -> bool:
    """Return whether a value that is not a number is a file, or has the name of a data file."""
    from mgrad_cli.data.opening import format_of

    return format_of(text) is not None or os.path.isfile(text)


def is_grid_range(text: str) -> bool:
    """Return whether a value that is not a number is a range."""
    from mgrad_cli.data.ranges import is_range

    return ":" in text and is_range(text)


def map_advice(ctx: click.Context, file: str) -> str:
    """Return advice on how to evaluate the expression of a command line over the rows of a file."""
    from mgrad_cli.data.columns import shell_word

    expression = shell_word(next(iter(ctx.meta[ARGUMENTS].words), "EXPRESSION"))
    return f"; to evaluate over the rows of a file: mgrad map {expression} {shell_word(file)}"


def explained(error: BindingError, script: Script, ctx: click.Context) -> BindingError:
    """Add advice to an error if an option is involved: one with the variable's name, or one that was probably meant."""
    if isinstance(error, MissingValueError):
        return explained_missing(error, ctx)
    if not isinstance(error, UnknownVariableError):
        return error
    names, _ = input_names(script, ())
    if advice := longer_name_advice(error.name, names, ctx):
        return BindingError(f"no variable '{error.name}' in the expression{advice}")
    word = ctx.meta[ARGUMENTS].written.get(error.name, "")
    if word != f"--{error.name}" or error.has_advice:
        return error
    if nearest_name(error.name, names) and not near_options(word, option_names(ctx.command, ctx)):
        return error
    meant = option_advice(word, ctx.command, ctx)
    if not meant:
        are = "variable is" if len(names) == 1 else "variables are"
        meant = f"; the {are} {name_list(names, MAX_NAMES)}" if names else "; the expression has no variables"
    return BindingError(f"no option or variable '{word}'{meant}")


def explained_missing(error: MissingValueError, ctx: click.Context) -> BindingError:
    names = option_names(ctx.command, ctx)
    for variable in error.names:
        if f"--{variable}" in names:
            return BindingError(f"{error.message}; '{variable}' is an option, bind it with --var {variable}=VALUE")
    if len(error.names) == 1 and not error.has_advice:
        return BindingError(f"{error.message}; bind it with {binding(error.names[0])}")
    return error


def binding(name: str, value: str = "VALUE") -> str:
    """Return how the command line binds a variable. A name with an equals sign stands between backquotes."""
    if VARIABLE.fullmatch(name):
        return f"--{name} {value}"

    import shlex

    from mgrad_cli.language.names import name_and_value

    pair = f"{name}={value}"
    return f"--var {shlex.quote(pair if name_and_value(pair)[0] == name else f'`{name}`={value}')}"


def longer_name_advice(name: str, names: Iterable[str], ctx: click.Context) -> str:
    """Return how to bind the longest of these names that has an equals sign, if it was taken for this shorter one."""
    pair = f"{name}={ctx.meta[BINDINGS].get(name, '')}"
    longer = [each for each in names if len(each) > len(name) and pair.startswith(f"{each}=")]
    if not longer:
        return ""
    meant = max(longer, key=len)
    return f"; bind '{meant}' with {binding(meant, pair[len(meant) + 1 :])}"


def file_advice(name: str, script: Script | None) -> str:
    """Return how to bind a variable called `file` if the value of --file looks like a number."""
    if (script is not None and "file" in script.names) or re.fullmatch(r"[-+.0-9eE]+", name):
        return f"; {suggestion('--file', name)}"
    return ""


def warn_of_reading(script: Script, ctx: click.Context, symbols: Collection[str] = ()) -> None:
    """Warn of options that have the name of an unbound variable, and of what other systems read otherwise.

    `symbols` are the variables that have no value.
    """
    for doubt in doubts(script, symbols):
        log(f"warning: {printable(doubt)}")
    for option in ctx.meta[ARGUMENTS].options:
        name, _, value = option.removeprefix("--").partition("=")
        is_variable = name in script.names and name not in script.assigned
        if option.startswith("--") and is_variable and name not in ctx.meta[BINDINGS]:
            log(f"warning: --{name} is an option here; bind the variable with --var {name}={value or 'VALUE'}")
