"""Options that give values to several names, as in `--for x=1,y=0:2`."""

import re

from mgrad_cli.errors import BindingError, ExpressionError, UsageError
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.language.names import name_and_value
from mgrad_cli.language.parser import Limits
from mgrad_cli.text import normalised

NEXT_NAME = re.compile(r",(?=\s*(?:[^\W\d]\w*|`[^`\n]+`)\s*(?:=|,|$))")
"""A comma before a name and its value; not one between the arguments of a function."""


def assignments(text: str, option: str, what: str, allows_names: bool = False) -> dict[str, str]:
    """Return the texts of the values by name. A name without a value has that of the next: `x,y=1`.

    `option` is the name of the option, and `what` says what it needs, for messages. With `allows_names`, names after
    the last value have an empty one.

    Raises: UsageError for a text without a name or a value, or a name that is given twice.

    >>> assignments("x,y=max(1, 2),z", "--for", "NAME=START", allows_names=True)
    {'x': 'max(1, 2)', 'y': 'max(1, 2)', 'z': ''}
    """
    found: dict[str, str] = {}
    waiting: list[str] = []
    for item in NEXT_NAME.split(text):
        name, equals, value = name_and_value(item)
        value = value.strip()
        if not name or (equals and not value):
            raise UsageError(f"{option} needs {what}, not '{text}'")
        if name in found or name in waiting:
            raise UsageError(f"{option} gives '{name}' twice")
        waiting.append(name)
        if equals:
            found |= dict.fromkeys(waiting, value)
            waiting = []
    if waiting and not allows_names:
        raise UsageError(f"{option} needs {what}, not '{text}': '{waiting[-1]}' has no value")
    return found | dict.fromkeys(waiting, "")


def components(text: str) -> list[str]:
    """Split a list of names or values at the commas between them, not those within a value.

    >>> components("a=max(1, 2),b")
    ['a=max(1, 2)', 'b']
    """
    parts: list[str] = []
    depth = 0
    start = 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def number_for(name: str, text: str, what: str, limits: Limits) -> float:
    """Return the number that a text spells, which is `what` of a name: its start, or its bound.

    Raises: BindingError if it is not a number.
    """
    try:
        return parse_value(text, limits)
    except ExpressionError as error:
        raise BindingError(f"the {what} of '{name}', '{text}', is not a number: {error.message}") from None


def vector_of(text: str, limits: Limits) -> dict[str, float]:
    """Return the components of a vector such as `a=1,b=pi/4`.

    Raises: BindingError for a component without a name or a value, one that is not a number, or one given twice.
    """
    vector: dict[str, float] = {}
    for part in components(text):
        name, equals, value = (each.strip() for each in part.partition("="))
        name = normalised(name)
        if not (name and equals and value):
            raise BindingError(f"--hvp {text}: '{part.strip()}' is not NAME=VALUE; write a vector as a=1,b=0")
        if name in vector:
            raise BindingError(f"--hvp {text}: '{name}' has two values")
        try:
            vector[name] = parse_value(value, limits)
        except ExpressionError as error:
            raise BindingError(f"--hvp: the value of '{name}', '{value}', is not a number: {error.message}") from None
    return vector
