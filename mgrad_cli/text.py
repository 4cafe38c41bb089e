"""Make text safe to show, normalise it, measure it and the page that it goes to, and truncate it.

ASCII needs no Unicode database.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress

UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
ZERO_WIDTH = frozenset({"Me", "Mn"})
"""The Unicode categories of marks that are drawn over the character before."""
USUAL_WIDTH, MIN_WIDTH = 80, 20


def printable(text: str) -> str:
    r"""Return the text with tabs and newlines as spaces, and other control, format and surrogate characters as `�`.

    >>> printable("a\tb\x1b[31m")
    'a b�[31m'
    """
    if text.isascii() and text.isprintable():
        return text
    import unicodedata

    return "".join(
        " " if char in "\t\n" else "�" if unicodedata.category(char) in UNPRINTABLE else char for char in text
    )


def normalised(text: str) -> str:
    """Return the text in Unicode's form NFC, in which names are compared."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)


def columns(text: str) -> int:
    """Return the number of terminal columns that a printable text takes.

    East Asian wide characters take two, combining marks none.

    >>> columns("日x")
    3
    """
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.category(char) in ZERO_WIDTH else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def page_width() -> int:
    """Return the width that the environment gives, or that of the first standard stream which is a terminal.

    On a narrower page than `MIN_WIDTH`, lines would have no room for a word.
    """
    return max(MIN_WIDTH, given_width())


def given_width() -> int:
    with suppress(ValueError):
        given = int(os.environ.get("COLUMNS", ""))
        if given > 0:
            return given
    for descriptor in range(3):
        with suppress(OSError):
            return os.get_terminal_size(descriptor).columns or USUAL_WIDTH
    return USUAL_WIDTH


def truncate(text: str, limit: int, measure: Callable[[str], int] = len) -> str:
    """Return the text, or as much of its beginning as fits in `limit` together with an ellipsis.

    `measure` returns the size of a text: `len` for characters, `columns` for terminal columns.

    >>> truncate("a*b*c*d", 4), truncate("a*b", 4)
    ('a*b…', 'a*b')
    """
    if measure(text) <= limit:
        return text
    text = text[: max(0, limit - 1)]
    while text and measure(text) >= limit:
        text = text[:-1]
    return f"{text}…"


def counted(number: int, noun: str) -> str:
    """Return a number of things.

    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def name_list(names: Sequence[str], limit: int) -> str:
    """Return the names between commas; beyond `limit` of them, `...` stands for the rest.

    >>> name_list(["a", "b", "c"], 2)
    'a, b, ...'
    """
    return ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")
