"""Lines joined to entries: an entry continues inside parentheses, and after an operator or a backslash.

An empty line ends an unfinished entry, and so does a line that begins with a colon.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mgrad_cli.language.names import QUOTED, without_comments
from mgrad_cli.language.parser import DEFAULT_LIMITS

GOES_ON = re.compile(r"([-+*/^,<>=(]|!=|\b(?:and|or|not))$")
"""What cannot end an expression."""
WITH_FILE = re.compile(r"\s*:(?:load|save)\b")
"""What precedes the name of a file, which may contain any character."""


class ReplEntry(NamedTuple):
    """Text to be answered at once; `line` is the number of its first line, from 1."""

    text: str
    line: int = 1
    is_open: bool = False
    """Whether the input ended before the entry did."""


def entries(lines: Iterable[str], most_chars: int = DEFAULT_LIMITS.chars) -> Iterator[ReplEntry]:
    """Yield the entries that lines make, without those that contain only comments.

    An entry longer than `most_chars` ends there; it will be refused in any case.
    """
    gathered = Gathering()
    for number, line in enumerate(lines, 1):
        if gathered.lines and (not line.strip() or line.lstrip().startswith(":")):
            yield gathered.entry()
            gathered = Gathering()
        gathered.add(line, number)
        if not gathered.goes_on or gathered.size > most_chars:
            if gathered.has_code:
                yield gathered.entry()
            gathered = Gathering()
    if gathered.lines:
        yield gathered.entry(is_open=True)


def goes_on(text: str) -> bool:
    """Return whether the last entry of a text waits for another line."""
    return any(entry.is_open for entry in entries(text.split("\n")))


class Gathering:
    """The lines of an unfinished entry."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.number = 1
        self.size = 0
        self.depth = 0
        self.has_code = False
        self.goes_on = False

    def add(self, line: str, number: int) -> None:
        """Add a line; replace the backslash that joins it to the next one, which the language would not read."""
        self.number = self.number if self.lines else number
        if WITH_FILE.match(line):
            self.lines.append(line)
            self.has_code = True
            return
        code = without_comments(line).rstrip()
        unquoted = QUOTED.sub("", code)
        self.depth = max(0, self.depth + unquoted.count("(") - unquoted.count(")"))
        self.has_code |= bool(code)
        continued = code.endswith("\\")
        if continued:
            code = line = code[:-1]
        self.goes_on = bool(continued or self.depth or GOES_ON.search(code))
        is_joined = self.goes_on and not self.depth
        self.lines.append(f"{code} " if is_joined else f"{line}\n")
        self.size += len(line) + 1

    def entry(self, is_open: bool = False) -> ReplEntry:
        return ReplEntry("".join(self.lines).rstrip(), self.number, is_open)
