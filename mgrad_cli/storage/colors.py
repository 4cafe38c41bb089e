"""The colours of messages on a terminal."""

import os
import re
from collections.abc import Sequence
from typing import TextIO

COLORS = {"error": 31, "warning": 33, "note": 36}
"""The colour of each kind of message, as the number of its escape sequence."""
RESET = "\x1b[0m"
CARETS = re.compile(r"(\s+\| +)(\^+)")
"""The line below an excerpt."""


def has_colors(stream: TextIO) -> bool:
    """Return whether a stream is a terminal with colours.

    `FORCE_COLOR` makes it one; `NO_COLOR` and `TERM=dumb` take the colours off.
    """
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or os.name == "nt":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def colored(lines: Sequence[str]) -> list[str]:
    """Return the lines of a message with its kind, such as `error:`, and the carets below excerpts in colour."""
    kind, colon, rest = lines[0].partition(":")
    if not colon or kind not in COLORS:
        return list(lines)
    start = f"\x1b[1;{COLORS[kind]}m"
    carets = [CARETS.fullmatch(line) for line in lines[1:]]
    others = [
        f"{found[1]}{start}{found[2]}{RESET}" if found else line for found, line in zip(carets, lines[1:], strict=True)
    ]
    return [f"{start}{kind}:{RESET}{rest}", *others]
