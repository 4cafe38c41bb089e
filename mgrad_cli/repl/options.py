"""Options of the prompt's commands, as those of the verbs: `:diff x**2 --order 2`."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mgrad_cli.errors import UsageError
from mgrad_cli.language.names import read_names
from mgrad_cli.repl.answers import CommandCall
from mgrad_cli.suggestions import nearest_name

Accepted: TypeAlias = Mapping[str, Callable[[str], Any] | None]
"""For each option the function that reads its value, or `None` if it has none.

The function raises ValueError with what the option takes.
"""

OPTION = re.compile(r"(?<!\S)(--[^\W\d][\w-]*)(?:=(\S*))?")
VALUE = re.compile(r"\s+(\S+)")
COMMENT = re.compile(r"(?<!\S)#")


def read_options(request: CommandCall, accepted: Accepted) -> tuple[CommandCall, dict[str, Any]]:
    """Return the call with blanks in place of its options, and the options by name.

    Raises: UsageError for an option that the command does not have, with a bad value, or given twice.
    """
    entry = request.entry
    comment = COMMENT.search(entry, request.start)
    end = comment.start() if comment else len(entry)
    index, pieces, options = 0, [], dict[str, Any]()
    found = OPTION.search(entry, request.start, end)
    while found is not None:
        name, value = found[1], found[2]
        if name not in accepted:
            raise UsageError(f"{request.command} has no option '{name}'{instead(name, accepted)}")
        if name in options:
            raise UsageError(f"{name} is given twice")
        stop, reader = found.end(), accepted[name]
        if reader is None:
            if value is not None:
                raise UsageError(f"{name} takes no value")
            options[name] = True
        else:
            following = None if value else VALUE.match(entry, stop, end)
            text = value or (following[1] if following else "")
            stop = following.end() if following else stop
            options[name] = read_value(name, text, reader)
        pieces += [entry[index : found.start()], " " * (stop - found.start())]
        index = stop
        found = OPTION.search(entry, stop, end)
    return request._replace(entry="".join([*pieces, entry[index:]])), options


def read_value(name: str, text: str, reader: Callable[[str], Any]) -> Any:
    if not text:
        raise UsageError(f"{name} needs a value")
    try:
        return reader(text)
    except ValueError as error:
        raise UsageError(f"{name} takes {error}, not '{text}'") from None


def instead(name: str, accepted: Accepted) -> str:
    """Suggest an option for an unknown one."""
    begun = [option for option in accepted if option.startswith(name)]
    near = begun[0] if len(begun) == 1 else nearest_name(name, accepted, 0.8)
    if near:
        return f"; did you mean '{near}'?"
    has = f"; it has {', '.join(accepted)}" if accepted else ""
    return f"{has}; for two minus signs write - -{name[2:]}"


def one_of(*words: str) -> Callable[[str], str]:
    """Return a reader of one of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError("|".join(words))
        return text

    return read


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Return a reader of a whole number, at least `low` and at most `high`."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or int(text) < low or (high is not None and int(text) > high):
            raise ValueError(f"a whole number of at least {low}" if high is None else f"{low} to {high}")
        return int(text)

    return read


def positive(text: str) -> float:
    """Read a number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError("a number above zero")
    return value


def names(text: str) -> list[str]:
    """Read names between commas."""
    return read_names(text)


def exclusive(options: Mapping[str, Any], *formats: str) -> str:
    """Return the one of these options that was given, or an empty text. Raises: UsageError for two of them."""
    given = [output_format for output_format in formats if output_format in options]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} cannot be combined")
    return given[0] if given else ""
