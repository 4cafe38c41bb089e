"""Where records of text end: at line ends that do not stand in a quoted cell."""

import re
from collections.abc import Iterator
from typing import Any

QUOTE, NEWLINE, RETURN = b'"', 10, 13
SAMPLE_LINES, SAMPLE_BYTES = 100, 1 << 16


class RecordScanner:
    """Where records end, and whether in between every quote is where it may be.

    A quote opens a cell at its begin alone, and closes it before a separator or a line end; any other is a character
    of its cell, and the cell is bad. Without a separator, every line is a record.
    """

    def __init__(self, separator: str = "") -> None:
        self.separator = separator.encode()
        if not separator:
            return
        s = re.escape(self.separator)
        quoted = rb'"[^"]*+(?:""[^"]*+)*+"(?=' + s + rb"|\r?\n)"
        bare = rb"[^\n" + s + rb"]*+"
        opened = rb'(?P<open>"[^"]*+(?:""[^"]*+)*+"?\Z)'
        self.inside_quotes = re.compile(rb'[^"]*+(?:""[^"]*+)*+')
        self.whole = re.compile(rb"(?:%b|%b)(?:%b(?:%b|%b))*+\r?\n" % (quoted, bare, s, quoted, bare))
        self.partial = re.compile(
            rb"(?:%b|%b|%b)(?:%b(?:%b|%b|%b))*+\r?(?:\n|\Z)"
            % (quoted, opened, bare, s, quoted, opened.replace(b"open", b"later"), bare)
        )

    def first_end(self, data: bytes, is_more: bool) -> int:
        """Where the first record of the data ends, after its line end; 0 where that may still come."""
        if not self.separator or QUOTE not in data:
            return data.find(b"\n") + 1
        match = (self.partial if is_more else self.whole).match(data)
        if match is None or (is_more and self.is_open(match)):
            return 0
        return match.end() if data[match.end() - 1] == NEWLINE else 0

    def last_end(self, data: bytes) -> int:
        """Where the last whole record of the data ends, of which more is to come; 0 where there is none."""
        if not self.separator or QUOTE not in data:
            return data.rfind(b"\n") + 1
        inside = self.inside(data)
        if inside is not None:
            import numpy

            ends = numpy.flatnonzero((numpy.frombuffer(data, numpy.uint8) == NEWLINE) & ~inside)
            return int(ends[-1]) + 1 if len(ends) else 0
        end = 0
        while end < len(data) and (match := self.partial.match(data, end)):
            if self.is_open(match) or data[match.end() - 1] != NEWLINE:
                break
            end = match.end()
        return end

    def is_open(self, match: "re.Match[bytes]") -> bool:
        return match["open"] is not None or match["later"] is not None

    def opening(self, data: bytes) -> int | None:
        """Where the text of a quoted cell of the first record begins that does not end in the data, if there is one."""
        match = self.partial.match(data) if self.separator else None
        if match is None or not self.is_open(match):
            return None
        return max(match.start("open"), match.start("later")) + 1

    def closing(self, data: bytes) -> tuple[int, bool | None]:
        """How much of data that begins inside quotes belongs to the cell, and whether that is where it ends: `None`
        where more data will tell.
        """
        match = self.inside_quotes.match(data)
        assert match is not None
        end = match.end()
        if end >= len(data) - 1:
            return end, None
        return end + 1, data[end + 1] in {ord(self.separator), NEWLINE, RETURN}

    def is_unclosed(self, data: bytes) -> bool:
        """Whether a quote in the first line of the data is probably never closed, since the lines after it look like
        records: they have as many separators.
        """
        if not self.separator or data.count(b"\n", 0, SAMPLE_BYTES) < 2:
            return False
        counts = {line.count(self.separator) for line in data[:SAMPLE_BYTES].split(b"\n")[:-1][:SAMPLE_LINES]}
        return len(counts) == 1 and counts != {0}

    def inside(self, data: bytes) -> Any:
        """An array of truths: which bytes stand inside quotes; `None` where a quote is not where it may be."""
        import numpy

        text = numpy.frombuffer(data, numpy.uint8)
        is_quote = text == ord(QUOTE)
        quotes = numpy.flatnonzero(is_quote)
        opening, closing = quotes[::2], quotes[1::2]
        around = (ord(self.separator), NEWLINE, ord(QUOTE))
        before = text[opening[opening > 0] - 1]
        after = text[closing[closing < len(text) - 1] + 1]
        if not numpy.isin(before, around).all() or not numpy.isin(after, (*around, RETURN)).all():
            return None
        returns = closing[:-1][after[: len(closing) - 1] == RETURN] if len(closing) else closing
        if len(returns) and not (text[numpy.minimum(returns + 2, len(text) - 1)] == NEWLINE).all():
            return None
        return numpy.cumsum(is_quote, dtype=numpy.uint8) & 1 == 1

    def records(self, data: bytes) -> Iterator[bytes]:
        """The records of whole ones, each with its line end; a quote that is never closed ends with its line."""
        if not self.separator or QUOTE not in data:
            yield from data.splitlines(keepends=True) if b"\r" not in data else lines(data)
            return
        index = 0
        while match := self.whole.match(data, index):
            yield match[0]
            index = match.end()


def lines(data: bytes) -> Iterator[bytes]:
    """The lines of whole ones, each with its line end."""
    index = 0
    while end := data.find(b"\n", index) + 1:
        yield data[index:end]
        index = end
