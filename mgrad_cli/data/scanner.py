"""Find where records of text end: at line ends outside of quoted cells."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from mgrad_cli.data.dialect import WHITESPACE

QUOTE, NEWLINE, RETURN = b'"', 10, 13
SAMPLE_LINES, SAMPLE_BYTES = 100, 1 << 16
INSIDE_QUOTES = re.compile(rb'[^"]*+(?:""[^"]*+)*+')


class Quoting(NamedTuple):
    """What of a text is in quotes.

    inside  a boolean array of the bytes in quotes, and of those of odd records up to their ends
    odd     the positions of records with a misplaced quote, and of comments
    end     the end of the last whole record
    """

    inside: Any
    odd: list[int]
    end: int

    @property
    def whole(self) -> "Quoting":
        """The same of the whole records alone."""
        return self._replace(inside=self.inside[: self.end])


class RecordScanner:
    """Finds the ends of records, and checks that every quote between them is in a proper position.

    A quote opens a cell only at its start, and closes it only before a delimiter or a line end. Any other quote is a
    character of its cell, and the cell is bad. Without a delimiter, every line is a record. A line that begins with
    `comment`, after blanks, is a record too, in which quotes mean nothing.
    """

    def __init__(self, delimiter: str = "", comment: str = "") -> None:
        self.delimiter = delimiter
        self.comment = comment.encode()
        self.marks = frozenset(b" \t" if delimiter == WHITESPACE else delimiter.encode()[:1])

    @cached_property
    def comment_line(self) -> "re.Pattern[bytes]":
        """A pattern that matches a line that is a comment."""
        return re.compile(rb"^[ \t]*%b[^\n]*+\n?" % re.escape(self.comment), re.MULTILINE)

    @cached_property
    def whole(self) -> "re.Pattern[bytes]":
        """A pattern that matches a record with its line end, or a comment."""
        s, bare = delimiter_patterns(self.delimiter)
        quoted = rb'"[^"]*+(?:""[^"]*+)*+"(?=' + s + rb"|\r?\n)"
        return re.compile(rb"(?:%b(?:%b|%b)(?:%b(?:%b|%b))*+\r?\n)" % (self.ignored, quoted, bare, s, quoted, bare))

    @cached_property
    def partial(self) -> "re.Pattern[bytes]":
        """The same for text that goes on: a quoted cell that it does not close is `open`, or `later`."""
        s, bare = delimiter_patterns(self.delimiter)
        quoted = rb'"[^"]*+(?:""[^"]*+)*+"(?=' + s + rb"|\r?\n)"
        opened = rb'(?P<open>"[^"]*+(?:""[^"]*+)*+"?\Z)'
        return re.compile(
            rb"(?:%b(?:%b|%b|%b)(?:%b(?:%b|%b|%b))*+\r?(?:\n|\Z))"
            % (self.ignored, quoted, opened, bare, s, quoted, opened.replace(b"open", b"later"), bare)
        )

    @property
    def ignored(self) -> bytes:
        """The pattern of a comment as an alternative before others."""
        return rb"[ \t]*%b[^\n]*+(?:\n|\Z)|" % re.escape(self.comment) if self.comment else b""

    def is_comment(self, record: bytes) -> bool:
        """Return whether a record is a comment."""
        return bool(self.comment) and record.lstrip(b" \t").startswith(self.comment)

    def has_comments(self, data: bytes) -> bool:
        """Return whether a line of the data may be a comment."""
        return bool(self.comment) and self.comment in data and self.comment_line.search(data) is not None

    def without_comments(self, data: bytes) -> bytes:
        """Return lines without those that are comments."""
        return self.comment_line.sub(b"", data) if self.comment else data

    def first_end(self, data: bytes, is_more: bool) -> int:
        """Return the end of the first record, after its line end; 0 if that may still come."""
        if not self.delimiter or QUOTE not in data:
            return data.find(b"\n") + 1
        match = (self.partial if is_more else self.whole).match(data)
        if match is None or (is_more and self.is_open(match)):
            return 0
        return match.end() if data[match.end() - 1] == NEWLINE else 0

    def last_end(self, data: bytes, size: int) -> tuple[int, Quoting | None]:
        """Return the end of the last whole record in the first `size` bytes of the data; 0 if there is none.

        Return also what is in quotes up to there, if that was needed.
        """
        if not self.delimiter or data.find(QUOTE, 0, size) < 0:
            return data.rfind(b"\n", 0, size) + 1, None
        quoting = self.quoting(data[:size], is_more=True)
        return quoting.end, quoting.whole

    def is_open(self, match: "re.Match[bytes]") -> bool:
        return match["open"] is not None or match["later"] is not None

    def opening(self, data: bytes) -> int | None:
        """Return the start of a quoted cell of the first record that does not end in the data, or `None`."""
        match = self.partial.match(data) if self.delimiter else None
        if match is None or not self.is_open(match):
            return None
        return max(match.start("open"), match.start("later")) + 1

    def closing(self, data: bytes) -> tuple[int, bool | None]:
        """Return how many bytes of data that starts in a quoted cell belong to it, and whether it ends there.

        The latter is `None` if only more data will tell.
        """
        match = INSIDE_QUOTES.match(data)
        assert match is not None
        end = match.end()
        if end >= len(data) - 1:
            return end, None
        return end + 1, data[end + 1] in {*self.marks, NEWLINE, RETURN}

    def is_unclosed(self, data: bytes) -> bool:
        """Return whether a quote in the first line is probably never closed: the next lines have as many delimiters."""
        if not self.delimiter or data.count(b"\n", 0, SAMPLE_BYTES) < 2:
            return False
        count = re.compile(delimiter_patterns(self.delimiter)[0]).findall
        counts = {len(count(line)) for line in data[:SAMPLE_BYTES].split(b"\n")[:-1][:SAMPLE_LINES]}
        return len(counts) == 1 and counts != {0}

    def quoting(self, data: bytes, is_more: bool = False) -> Quoting:
        """Return what is in quotes. With `is_more`, the data may end within a record."""
        import numpy

        text = numpy.frombuffer(data, numpy.uint8)
        is_quote = text == ord(QUOTE)
        quotes = numpy.flatnonzero(is_quote)
        is_whole = is_more or not len(quotes) % 2
        if not is_whole or self.has_comments(data) or self.has_misplaced(text, quotes):
            return self.quoting_by_line(data, text, quotes, is_more)
        inside = odd_counts(is_quote)  # up to before the closing quote
        end = data.rfind(b"\n") + 1
        if end and inside[end - 1]:
            ends = numpy.flatnonzero((text == NEWLINE) & ~inside)
            end = int(ends[-1]) + 1 if len(ends) else 0
        return Quoting(inside, [], end)

    def has_misplaced(self, text: Any, quotes: Any) -> bool:
        """Return whether a quote that opens or closes a cell, or is one of two within a cell, is not in its place."""
        return not (self.opens(text, quotes[::2]).all() and self.closes(text, quotes[1::2]).all())

    def quoting_by_line(self, data: bytes, text: Any, quotes: Any, is_more: bool) -> Quoting:
        """Return what is in quotes, where some lines cannot be told from their quotes alone."""
        import numpy

        breaks = numpy.flatnonzero(text == NEWLINE)
        lines = numpy.searchsorted(breaks, quotes)
        is_opening = (numpy.arange(len(quotes)) - numpy.searchsorted(lines, lines)) % 2 == 0
        comments = [match.start() for match in self.comment_line.finditer(data)] if self.comment else []
        unsure = (
            lines[~numpy.where(is_opening, self.opens(text, quotes), self.closes(text, quotes))],
            numpy.flatnonzero(numpy.bincount(lines) % 2),
            numpy.searchsorted(breaks, comments),
        )
        starts = numpy.append(0, breaks + 1)[numpy.unique(numpy.concatenate(unsure)).astype(numpy.int64)].tolist()
        spans: list[tuple[int, int]] = []
        end, done = int(breaks[-1]) + 1 if len(breaks) else 0, 0
        for start in starts:
            if start < done:
                continue
            match = (self.partial if is_more else self.whole).match(data, start)
            if match is None or (is_more and self.is_open(match)) or data[match.end() - 1] != NEWLINE:
                end = start
                break
            done = match.end()
            spans.append((start, done))
        is_quote = text == ord(QUOTE)
        for start, stop in spans:
            is_quote[start:stop] = False
        inside = odd_counts(is_quote)
        for start, stop in spans:
            inside[start : stop - 1] = True
        return Quoting(inside, [start for start, _ in spans], end)

    def opens(self, text: Any, quotes: Any) -> Any:
        """Return which quotes stand where one opens a cell, or is the second of two within a cell."""
        return self.is_around[text[quotes - 1]] | (quotes == 0)

    def closes(self, text: Any, quotes: Any) -> Any:
        """Return which quotes stand where one closes a cell, or is the first of two within a cell."""
        import numpy

        last = len(text) - 1
        after = text[numpy.minimum(quotes + 1, last)]
        closes = self.is_around[after] | (quotes == last)
        if (after == RETURN).any():
            closes |= (after == RETURN) & ((quotes >= last - 1) | (text[numpy.minimum(quotes + 2, last)] == NEWLINE))
        return closes

    @cached_property
    def is_around(self) -> Any:
        """A boolean array of the bytes that may stand before or after a cell in quotes."""
        import numpy

        is_around = numpy.zeros(256, dtype=bool)
        is_around[[*self.marks, NEWLINE, ord(QUOTE)]] = True
        return is_around

    def records(self, data: bytes) -> Iterator[bytes]:
        """Yield the records with their line ends. A quote that is never closed ends with its line."""
        if not self.delimiter or QUOTE not in data:
            yield from data.splitlines(keepends=True) if b"\r" not in data else lines(data)
            return
        index = 0
        while match := self.whole.match(data, index):
            yield match[0]
            index = match.end()


def odd_counts(marks: Any) -> Any:
    """Return for each element of a boolean array whether an odd number of the elements up to it are true.

    >>> import numpy
    >>> odd_counts(numpy.array([False, True, False, False, True, False])).tolist()
    [False, True, True, True, False, False]
    """
    import numpy

    packed = numpy.packbits(marks, bitorder="little")
    words = numpy.zeros(-(-len(packed) // 8), dtype="<u8")
    words.view(numpy.uint8)[: len(packed)] = packed
    for shift in (1, 2, 4, 8, 16, 32):  # after which a bit has the count of those below it in its word
        words ^= words << numpy.uint64(shift)
    words[1:] ^= -numpy.bitwise_xor.accumulate(words >> numpy.uint64(63))[:-1]
    return numpy.unpackbits(words.view(numpy.uint8), count=len(marks), bitorder="little").view(bool)


def lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines with their line ends."""
    index = 0
    while end := data.find(b"\n", index) + 1:
        yield data[index:end]
        index = end


def delimiter_patterns(delimiter: str) -> tuple[bytes, bytes]:
    """Return a pattern of a delimiter, and one of the rest of a cell that is not quoted."""
    if delimiter == WHITESPACE:
        return rb"[ \t]++", rb"[^\n \t]*+"
    s = re.escape(delimiter.encode())
    return s, rb"[^\n" + s + rb"]*+" if len(delimiter.encode()) == 1 else rb"(?:(?!" + s + rb")[^\n])*+"
