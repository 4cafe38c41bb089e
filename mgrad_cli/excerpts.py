"""The line of a source that a message is about, with carets below the place, as wide as the page."""

from bisect import bisect_right
from itertools import accumulate

from mgrad_cli.text import columns, page_width, printable

MIN_ROOM = 12
"""The columns of source that are shown on the narrowest page."""
ELLIPSIS = "…"


def excerpt(source: str, place: tuple[int, int], first_line: int = 1) -> str:
    """Return the source line that holds a place, with its number in front and carets below the place.

    A line that is too long for the page is cut at both ends, so that the carets stay in the page.

    >>> print(excerpt("2*+", (2, 3)))
      1 | 2*+
        |   ^
    """
    first, last = place
    start = source.rfind("\n", 0, first) + 1
    end = source.find("\n", first)
    end = len(source) if end < 0 else end
    number = str(first_line + source.count("\n", 0, start))
    room = max(MIN_ROOM, page_width() - len(f"  {number} | "))
    before, after = around(source[start:first], source[first:end], room)
    marked = after.removesuffix(ELLIPSIS)[: last - first]
    carets = "^" * max(1, columns(marked))
    return f"  {number} | {before}{after}\n  {' ' * len(number)} | {' ' * columns(before)}{carets}"


def around(before: str, after: str, room: int) -> tuple[str, str]:
    """Return the texts before and after a place, made printable and cut so that both together fit into the room.

    A third of it is for what stands before, or more where less follows.
    """
    near_before, near_after = before[-room - 1 :], after[: room + 1]
    is_short, is_last = near_before == before, near_after == after
    before, after = printable(near_before), printable(near_after)
    space = room - max(1, min(columns(after), room - room // 3))
    if not is_short or columns(before) > space:
        before = ELLIPSIS + before[len(before) - fitting(before[::-1], space - 1) :]
    space = room - columns(before)
    if not is_last or columns(after) > space:
        after = after[: fitting(after, space - 1)] + ELLIPSIS
    return before, after


def fitting(text: str, room: int) -> int:
    """Return the number of characters at the beginning of a text that fit into a number of columns."""
    return bisect_right(list(accumulate(map(columns, text))), room)
