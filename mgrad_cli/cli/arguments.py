"""Sort the words of a command line into options, bindings and expressions, before click parses them.

`-cos(x)` is an expression and `--a -3` binds a variable. A parser that treats every word with a leading dash as an
option would misread both.
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from mgrad_cli.errors import UsageError
from mgrad_cli.text import normalised

OPTION_LIKENESS = 0.8
"""How like an option a word must be to be taken for one that is misspelt."""
OPERATORS = frozenset("+-*/^%()<>=!&|")
MAY_BE_EMPTY = frozenset({"--title", "--grad-prefix"})
VARIABLE = re.compile(r"[^\W\d]\w*")
ASSIGNED = r"-?([^\W\d]\w*)=([^=\s]+)"
SINGLE_DASH = r"-[^\W\d][\w-]*"


class UnknownWordError(UsageError):
    """A word `--NAME` that is neither an option of the verb nor a possible variable.

    `otherwise` ends the message if no option is similar.
    """

    def __init__(self, message: str, word: str, otherwise: str = "") -> None:
        super().__init__(message)
        self.word = word
        self.otherwise = otherwise


class Arguments:
    """The sorted words of a command line.

    options     options with their values
    bindings    the text of the value of each variable, in order
    written     what precedes that value: `--NAME`, or `--var NAME`
    words       the remaining words
    after_flag  for a word that follows an option without a value, the option: perhaps the value was meant for it
    dashed      the places of words such as `-q` that do not stand after `--`: perhaps options were meant
    """

    def __init__(self) -> None:
        self.options: list[str] = []
        self.bindings: dict[str, str] = {}
        self.written: dict[str, str] = {}
        self.words: list[str] = []
        self.after_flag: dict[int, str] = {}
        self.dashed: list[int] = []


def split(args: Sequence[str], takes_value: Mapping[str, bool], repeatable: Collection[str] = ()) -> Arguments:
    """Sort the words of a command line.

    `takes_value` maps each option, with its dashes, to whether it takes a value; options in `repeatable` may be given
    more than once. Any other `--NAME VALUE` or `--NAME=VALUE` is a binding, as is `--var NAME=VALUE`. Words after
    `--` are neither options nor bindings.

    Raises: UsageError if an option or a variable has no value or is given twice.
    """
    result = Arguments()
    words = iter(args)
    given: set[str] = set()
    flag = ""
    for word in words:
        if word == "--":
            result.words.extend(words)
            break
        name, equals, value = word.partition("=")
        if word in takes_value or (name in takes_value and name.startswith("--") and equals):
            flag = "" if takes_value[name] else name
            read_option(result, name, value if equals else None, words, takes_value, given)
            given.difference_update(repeatable)
        elif word.startswith("--") and len(word) > 2:
            flag = ""
            read_binding(result, name, value if equals else None, words, takes_value)
        else:
            if flag:
                result.after_flag[len(result.words)] = flag
            flag = ""
            if word.startswith("-") and re.fullmatch(SINGLE_DASH, word):
                result.dashed.append(len(result.words))
            result.words.append(word)
    return result


def read_option(
    result: Arguments,
    name: str,
    value: str | None,
    words: Iterator[str],
    takes_value: Mapping[str, bool],
    given: set[str],
) -> None:
    if not takes_value[name]:
        if value is not None:
            raise UsageError(f"{name} takes no value; {suggestion(name, value)}")
        result.options.append(name)
        return
    if value is None:
        value = next_value(name, words, takes_value)
    if name in {"--var", "-v"}:
        from mgrad_cli.language.names import name_and_value

        variable, equals, number = name_and_value(value)
        if not equals:
            raise UsageError(f"{name} needs NAME=VALUE, not '{value}'")
        if re.fullmatch(r"[^,=]+(,\s*\w+=[^,=]+)+", number):
            each = " ".join(f"{name} {pair.strip()}" for pair in value.split(","))
            raise UsageError(f"{name} binds one variable; write {each}")
        bind(result, variable, number, f"{name} {variable}")
        return
    if name in given:
        raise UsageError(f"{name} is given twice")
    given.add(name)
    if not value and name not in MAY_BE_EMPTY:
        raise UsageError(f"{name} needs a value")
    result.options.extend([f"{name}={value}"] if name.startswith("--") else [name, value])


def read_binding(
    result: Arguments, name: str, value: str | None, words: Iterator[str], takes_value: Mapping[str, bool]
) -> None:
    variable = normalised(name[2:])
    if not VARIABLE.fullmatch(variable):
        raise UnknownWordError(f"no option '{name}'", name, "; put -- before an expression that starts with --")
    if value is None:
        value = next_value(name, words, takes_value)
    bind(result, variable, value, name)


def bind(result: Arguments, variable: str, value: str, shown: str) -> None:
    if not VARIABLE.fullmatch(variable):
        from mgrad_cli.language.names import is_name

        if not is_name(variable):
            raise UsageError(f"'{variable}' is not a valid variable name")
    if not value.strip():
        raise UsageError(f"{shown} needs a value")
    if variable in result.bindings:
        raise UsageError(f"'{variable}' is given twice")
    result.bindings[variable] = value
    result.written[variable] = shown


def next_value(name: str, words: Iterator[str], takes_value: Mapping[str, bool]) -> str:
    value = next(words, "--")
    if value == "--" or value in takes_value or VARIABLE.match(value.removeprefix("--") if "--" in value[:2] else ""):
        message = f"{name} needs a value"
        raise UsageError(message) if name in takes_value else UnknownWordError(message, name)
    return value


def suggestion(option: str, value: str) -> str:
    """Return how to bind a variable that has the name of an option."""
    name = option.lstrip("-")
    return f"'{name}' is an option, bind the variable with --var {name}={value}"


def reject_extra(arguments: Arguments, most: int, options: Collection[str]) -> None:
    """Raise UsageError if there are more words than the verb takes, which has these options."""
    if len(arguments.words) > most:
        word = arguments.words[most]
        flag = arguments.after_flag.get(most, "")
        meant = suggestion(flag, word) if flag else binding_suggestion(arguments.words[: most + 1])
        if not meant and re.fullmatch(r"[-+.]*[0-9][0-9.]*(?::\S+)?", word):
            meant = f"a value follows the name of its variable, as in --x {word}"
        if not meant and word and (word[0] in OPERATORS or os.path.exists(word)):
            meant = "put the expression in quotes, so that the shell keeps it in one piece"
        if not meant and "--wrt" in options and VARIABLE.fullmatch(word):
            meant = f"variables to differentiate by are chosen with --wrt {word}"
        raise UsageError(f"unexpected argument '{word}'{meant and f'; {meant}'}")


def binding_suggestion(words: Sequence[str]) -> str:
    """Return how to bind a variable if one of the words is `x=3` or `-x=3`, or nothing."""
    for word in reversed(words):
        if assigned := re.fullmatch(ASSIGNED, word):
            return f"bind a variable with --{assigned[1]} {assigned[2]}"
    return ""
