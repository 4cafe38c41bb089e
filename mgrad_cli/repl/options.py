"""Options of the prompt's commands, as those of the verbs: `:diff x**2 --order 2`. What is left is the expression."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mgrad_cli.errors import UsageError, nearest_name
from mgrad_cli.repl.answers import CommandCall

Accepted: TypeAlias = Mapping[str, Callable[[str], Any] | None]
"""By its name how an option reads its value, with a ValueError that says what it takes; `None` has no value."""

OPTION = re.compile(r"(?<!\S)(--[^\W\d][\w-]*)(?:=(\S*))?")
VALUE = re.compile(r"\s+(\S+)")
COMMENT = re.compile(r"(?<!\S)#")


def read_options(request: CommandCall, accepted: Accepted) -> tuple[CommandCall, dict[str, Any]]:
    """The request without its options, every other character in its place, and the options by name.

    Raises: UsageError for an option that the command does not have, and for one with a bad value or given twice.
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
    """What may be meant by an unknown option."""
    begun = [option for option in accepted if option.startswith(name)]
    near = begun[0] if len(begun) == 1 else nearest_name(name, accepted, 0.8)
    if near:
        return f"; did you mean '{near}'?"
    has = f"; it has {', '.join(accepted)}" if accepted else ""
    return f"{has}; for two minus signs write - -{name[2:]}"


def one_of(*words: str) -> Callable[[str], str]:
    """A reader of one of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError("|".join(words))
        return text

    return read


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """A reader of a whole number from `low` on, up to `high` if there is one."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or int(text) < low or (high is not None and int(text) > high):
            raise ValueError(f"a whole number of at least {low}" if high is None else f"{low} to {high}")
        return int(text)

    return read


def positive(text: str) -> float:
    """Reads a number above zero."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError("a number above zero")
    return value


def names(text: str) -> list[str]:
    """Reads names with commas between them."""
    return [name.strip() for name in text.split(",")]


def exclusive(options: Mapping[str, Any], *formats: str) -> str:
    """The one of these options that is given, or nothing. Raises: UsageError where there are two."""
    given = [output_format for output_format in formats if output_format in options]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} cannot be combined")
    return given[0] if given else ""
