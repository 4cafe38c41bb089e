"""Find the JSON lines that are certain to be good, and to be read by a fast reader as they are meant."""

import json
import re
from collections.abc import Collection, Iterable
from functools import cache, lru_cache
from typing import Any

from mgrad_cli.data.records import RecordLayout, is_utf8

MAX_DEPTH = 500
"""The maximum nesting depth of arrays and objects, which fits the stack of any JSON reader."""
NEGATIVE_ZERO = re.compile(rb"-0(?![.0-9eE])")
"""A number whose sign fast readers lose."""
CONSTANTS = (b"NaN", b"Infinity")
SHORT_ESCAPES = dict(zip('"\\/\b\f\n\r\t', '"\\/bfnrt', strict=True))
BLANK = "[ \t]*"
NUMBER = r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?"
"""A number that is no overflow."""
STRING = r'"[^"\\\x00-\x1f]*"'
"""A text without escapes."""
VALUE = f"(?:{NUMBER}|{STRING}|null|true|false)"
ANY_STRING = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
MAX_LEVELS = 3
"""How deep the values of a simple line may be nested; a pattern for more is long."""


def regular_lines(layout: RecordLayout, columns: Collection[str], others: Iterable[str], max_line: int) -> Any:
    """Return which lines are objects, with one member for each of the columns and none of the others.

    A line may be no JSON, or a member that of a nested object.
    """
    import numpy

    data = layout.data
    text = numpy.frombuffer(data, numpy.uint8)
    lasts = layout.ends - 1
    lasts = numpy.where(text[lasts] == ord("\r"), lasts - 1, lasts)
    is_regular = (text[layout.starts] == ord("{")) & (text[lasts] == ord("}")) & (layout.lengths <= max_line)
    names = [*columns, *others]
    patterns = [NEGATIVE_ZERO]
    if b"\\" in data:
        patterns.append(escapes_of(frozenset(names)))
    for pattern in patterns:
        is_regular[layout.lines_with(pattern)] = False
    for refused in (*CONSTANTS, *map(spelled, others)):
        is_regular[layout.lines_with_text(refused)] = False
    for column in columns:
        is_regular &= layout.has_once(spelled(column))
    is_opening = (text == ord("[")) | (text == ord("{"))
    if numpy.count_nonzero(is_opening) >= len(layout.ends) + MAX_DEPTH:
        opened = numpy.cumsum(is_opening)[layout.ends]
        is_regular &= numpy.diff(opened, prepend=0) <= MAX_DEPTH
    if not is_utf8(data):
        is_regular[layout.undecodable()] = False
    return is_regular


def simple_lines(texts: Any) -> Any:
    """Return which lines are objects that are certain to be JSON, as a Series. Lines that are nested deep are not."""
    return texts.str.contains(f"^{simple_object()}$")


@cache
def simple_object() -> str:
    """Return a pattern that matches an object with values of at most `MAX_LEVELS`."""
    scalar = value = f"{NUMBER}|{ANY_STRING}|null|true|false"
    for _ in range(MAX_LEVELS):
        value = f"{scalar}|{object_of(value)}|{enclosed('[', f'(?:{value})', ']')}"
    return object_of(value)


def object_of(value: str) -> str:
    """Return a pattern that matches an object of such values."""
    return enclosed("{", f"{ANY_STRING}{BLANK}:{BLANK}(?:{value})", "}")


def enclosed(start: str, item: str, end: str) -> str:
    """Return a pattern that matches a list of items between brackets."""
    return rf"\{start}{BLANK}(?:{item}{BLANK}(?:,{BLANK}{item}{BLANK})*)?\{end}"


def missing_numbers(texts: Any, column: str) -> Any:
    """Return which lines, each of which has the name of the column once, have null for it, as a Series."""
    name = re.escape(spelled(column).decode(errors="replace"))
    return texts.str.contains(f"{name}{BLANK}:{BLANK}null") & (texts.str.count_matches("{", literal=True) == 1)


def spelled(name: str) -> bytes:
    """Return a name as JSON with no more escapes than necessary."""
    return json.dumps(name, ensure_ascii=False).encode(errors="surrogatepass")


@lru_cache(maxsize=16)
def escapes_of(names: frozenset[str]) -> "re.Pattern[bytes]":
    """Return a pattern that matches escapes of the characters in the names."""
    characters = "".join(names)
    units = characters.encode("utf-16-be", errors="surrogatepass").hex()
    codes = {units[index : index + 4] for index in range(0, len(units), 4)}
    short = {re.escape(SHORT_ESCAPES[each]) for each in characters if each in SHORT_ESCAPES}
    spellings = [f"u(?i:{'|'.join(sorted(codes))})", *sorted(short)]
    return re.compile(rf"\\(?:{'|'.join(spellings)})".encode())
