"""JSON objects with numbers as written and duplicate members, and their conversion to text."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from mgrad_cli.data.blocks import NONFINITE
from mgrad_cli.data.plain_writing import encoded_text

WORDS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
TOKENS = {token: word for word, token in WORDS.items()}
OPENING, COLON, COMMA, CLOSING = (re.compile(rf"[ \t\r\n]*{mark}[ \t\r\n]*") for mark in ("\\{", ":", ",", "\\}"))
CONSTANT = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|-?Infinity|NaN', re.DOTALL)
"""A text, which is the first group, or a number that is not finite."""
STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


class Numeral(str):
    """A number as it is written."""

    __slots__ = ()


NUMBERED = (Numeral, dict, list)
"""The types of values that are numbers, or may hold some."""


class Members(dict[str, Any]):
    """The members of an object. `pairs` has all values of the names that are duplicated."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice: frozenset[str] = frozenset()
        self.pairs: list[tuple[str, Any]] = []
        if len(self) < len(pairs):
            self.pairs = pairs
            self.twice = frozenset(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)

    def chosen(self, names: Iterable[str]) -> "Members":
        """Return the members with these names, with all values of duplicates."""
        if not self.twice:
            return Members([(name, self[name]) for name in names])
        values: dict[str, list[Any]] = {}
        for name, value in self.pairs:
            values.setdefault(name, []).append(value)
        return Members([(name, value) for name in names for value in values[name]])


def member_at(record: dict[str, Any], name: str) -> tuple[dict[str, Any], str] | None:
    """Return the object that has a member, and the name there: `s.a` is the member `a` of `s`; `None` without one.

    A member whose own name has the points comes first. One of an object that is null is null.
    """
    while name not in record:
        outer = next((each for each in prefixes(name) if each in record), None)
        if outer is None:
            return None
        inner, name = record[outer], name[len(outer) + 1 :]
        if inner is None:
            return {name: None}, name
        if not isinstance(inner, dict):
            return None
        record = inner
    return record, name


def with_members(record: "Members", names: Iterable[str]) -> "Members":
    """Return a record with further members: those of its objects that names with points are."""
    places = {name: member_at(record, name) for name in names if name not in record}
    found = [(name, place[0][place[1]]) for name, place in places.items() if place is not None]
    return Members([*(record.pairs or record.items()), *found]) if found else record


def prefixes(name: str) -> Iterator[str]:
    """Yield the parts of a name before each of its points, the longest first."""
    end = name.rfind(".")
    while end > 0:
        yield name[:end]
        end = name.rfind(".", 0, end)


def nested_paths(record: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the paths of the members of objects in a record by their names, as `s.a`."""
    found: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[tuple[str, ...], Any]] = []
    waiting += [((name,), value) for name, value in record.items() if isinstance(value, dict)][::-1]
    while waiting:
        path, inner = waiting.pop()
        members = [((*path, name), value) for name, value in inner.items()]
        found |= {".".join(each): each for each, value in members if not isinstance(value, dict)}
        waiting += [(each, value) for each, value in members if isinstance(value, dict)][::-1]
    return {name: path for name, path in found.items() if name not in record}


def own_nonfinite(record: dict[str, Any]) -> dict[str, str] | None:
    """Return the `nonfinite` member of a record, if it has a word for each of some null members as mgrad writes it."""
    words = record.get(NONFINITE)
    if not isinstance(words, dict) or not all(isinstance(word, str) and word in WORDS for word in words.values()):
        return None
    return words


def constants_in(record: Any) -> Iterator[tuple[str, str]]:
    """Yield the path of each number in a value that is not finite, and the word for it."""
    waiting: list[tuple[str, Any]] = [("", record)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, Numeral):
            if item in TOKENS:
                yield path, TOKENS[item]
            continue
        members: Iterable[tuple[Any, Any]] = ()
        if isinstance(item, dict):
            members = getattr(item, "pairs", None) or item.items()
        elif isinstance(item, list):
            members = enumerate(item)
        lead = f"{path}/" if path else ""
        waiting += [(f"{lead}{key}", value) for key, value in members if isinstance(value, NUMBERED)][::-1]


def without_constants(text: str) -> str:
    """Return JSON with null for each number that is not finite.

    >>> without_constants('{"NaN": [NaN, -Infinity]}')
    '{"NaN": [null, null]}'
    """
    return CONSTANT.sub(lambda match: match[1] or "null", text)


def leading_members(text: str, decoder: json.JSONDecoder) -> Members:
    """Return the members of an object before the first error in its text."""
    pairs: list[tuple[str, Any]] = []
    match = OPENING.match(text)
    while match is not None:
        try:
            key, end = decoder.raw_decode(text, match.end())
            colon = COLON.match(text, end)
            if not isinstance(key, str) or isinstance(key, Numeral) or colon is None:
                break
            value, end = decoder.raw_decode(text, colon.end())
        except (ValueError, RecursionError):
            break
        match = COMMA.match(text, end)
        if match is None and not CLOSING.match(text, end):
            break  # the value may be cut off, as 12 of 123
        pairs.append((key, value))
    return Members(pairs)


def deepest(line: bytes) -> int:
    """Return how deep the arrays and objects of a line are nested, or would be."""
    depth = most = 0
    for mark in re.findall(rb"[\[{\]}]", STRING.sub(b"", line)):
        depth += 1 if mark in b"[{" else -1
        most = max(most, depth)
    return most


def encoded(value: Any) -> str:
    """Return a value as JSON, its numbers as written."""
    if not isinstance(value, NUMBERED):
        return quoted(value)
    pieces: list[str] = []
    waiting: list[Iterator[tuple[str, Any]]] = [iter([("", value)])]
    ends = [""]
    while waiting:
        step = next(waiting[-1], None)
        if step is None:
            waiting.pop()
            pieces.append(ends.pop())
            continue
        lead, item = step
        pieces.append(lead)
        if isinstance(item, dict):
            waiting.append(members_of(item))
            pieces.append("{")
            ends.append("}")
        elif isinstance(item, list):
            waiting.append(elements_of(item))
            pieces.append("[")
            ends.append("]")
        else:
            pieces.append(item if isinstance(item, Numeral) else quoted(item))
    return "".join(pieces)


def members_of(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the members of an object: the text before each, and its value."""
    comma = ""
    for key, value in getattr(record, "pairs", None) or record.items():
        yield f"{comma}{quoted(key)}: ", value
        comma = ", "


def elements_of(values: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the elements of an array, as `members_of` yields members."""
    for index, value in enumerate(values):
        yield ", " if index else "", value


def quoted(value: Any) -> str:
    """Return a text, a boolean or null as JSON. Half of a surrogate pair, which UTF-8 lacks, stays an escape."""
    text = encoded_text(value)
    return text if not isinstance(value, str) or is_encodable(text) else json.dumps(value)


def is_encodable(text: str) -> bool:
    """Return whether a text has no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
