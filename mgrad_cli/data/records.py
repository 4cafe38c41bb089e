"""Find all records of a chunk at once, and the cells of delimited records, from where they end."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from mgrad_cli.data.chunks import Record
from mgrad_cli.data.scanner import NEWLINE, RETURN, Quoting

FEW = 10_000


class RecordLayout:
    """Records of text, each with its line end.

    marks  the positions in the data where cells end: separators and line ends outside of quotes
    last   for each record the index in `marks` of its last cell; an array or a slice
    odd    the positions of records with a misplaced quote, and of comments among quotes; `None` without quotes

    Without quotes, no record has more than one line.
    """

    def __init__(self, data: bytes, marks: Any, last: Any, odd: list[int] | None) -> None:
        self.odd = odd
        self.data = data
        self.marks = marks
        self.ends = marks[last]
        self.last = last

    @cached_property
    def starts(self) -> Any:
        """The position of each record."""
        import numpy

        starts = numpy.empty_like(self.ends)
        starts[:1] = 0
        numpy.add(self.ends[:-1], 1, out=starts[1:])
        return starts

    @cached_property
    def lengths(self) -> Any:
        """The length of each record in bytes, without its line end."""
        return self.ends - self.starts

    def record_at(self, positions: Any) -> Any:
        """Return the indices of the records that hold these positions."""
        import numpy

        return numpy.searchsorted(self.ends, positions)

    def lines_with(self, pattern: "re.Pattern[bytes]") -> Any:
        """Return the index of the record for each match of a pattern in the data."""
        import numpy

        return self.record_at(numpy.fromiter((match.start() for match in pattern.finditer(self.data)), numpy.int64))

    def lines_with_text(self, text: bytes) -> Any:
        """Return the index of the record for each time a text of two bytes or more stands in the data."""
        return self.record_at(self.positions_of(text))

    def has_once(self, text: bytes) -> Any:
        """Return which records hold a text of two bytes or more once."""
        import numpy

        found = self.positions_of(text)
        if len(found) == len(self.ends) and ((self.starts <= found) & (found < self.ends)).all():
            return numpy.ones(len(found), dtype=bool)
        return numpy.bincount(self.record_at(found), minlength=len(self.ends)) == 1

    def positions_of(self, text: bytes) -> Any:
        """Return where a text of two bytes or more stands in the data."""
        import numpy

        data = numpy.frombuffer(self.data, numpy.uint8)
        found = numpy.flatnonzero((data[:-1] == text[0]) & (data[1:] == text[1]))
        found = found[found <= len(data) - len(text)]
        for index, byte in enumerate(text[2:], 2):
            found = found[data[found + index] == byte]
        return found

    def stray_returns(self) -> Any:
        """Return the positions of carriage returns that do not precede a newline."""
        import numpy

        text = numpy.frombuffer(self.data, numpy.uint8)
        returns = numpy.flatnonzero(text == RETURN)
        return returns[text[returns + 1] != NEWLINE]

    def undecodable(self) -> list[int]:
        """Return the indices of the records that are not UTF-8."""
        import numpy

        others = numpy.unique(self.record_at(numpy.flatnonzero(numpy.frombuffer(self.data, numpy.uint8) >= 0x80)))
        cuts = zip(others.tolist(), self.starts[others].tolist(), self.ends[others].tolist(), strict=True)
        return [index for index, start, end in cuts if not is_utf8(self.data[start:end])]

    def places(self, line: int) -> Any:
        """Return the line on which each record begins, if the first begins on `line`."""
        import numpy

        if self.odd is None or self.data.count(b"\n") == len(self.ends):
            return numpy.arange(line, line + len(self.ends))
        newlines = numpy.flatnonzero(numpy.frombuffer(self.data, numpy.uint8) == NEWLINE)
        return line + numpy.searchsorted(newlines, self.starts)

    def chosen(self, is_chosen: Any, width: int) -> "RecordLayout":
        """Return the layout of some records, each of which has `width` cells."""
        import numpy

        borders = numpy.flatnonzero(numpy.diff(is_chosen, prepend=False, append=False))  # of runs of them
        cuts = numpy.append(self.starts, len(self.data))[borders]
        last = numpy.arange(len(self.marks))[self.last] if isinstance(self.last, slice) else self.last
        mark_cuts = numpy.append(0, last + 1)[borders]
        lengths = cuts[1::2] - cuts[::2]
        removed = cuts[::2] - (numpy.cumsum(lengths) - lengths)  # before each run
        marks = joined_runs(self.marks, mark_cuts, numpy.concatenate)
        marks -= numpy.repeat(removed, mark_cuts[1::2] - mark_cuts[::2])
        data = joined_runs(self.data, cuts, b"".join)
        return RecordLayout(data, marks, slice(width - 1, None, width), None if self.odd is None else [])

    def records(self, indices: Any, places: Any) -> Iterator[Record]:
        """Yield some records. They are made a few at a time, since they may be all."""
        for first in range(0, len(indices), FEW):
            few = indices[first : first + FEW]
            for place, start, end in zip(
                places[few].tolist(), self.starts[few].tolist(), self.ends[few].tolist(), strict=True
            ):
                yield Record(place, self.data[start:end])

    def cells(self, index: int, width: int) -> tuple[Any, Any]:
        """Return where a cell begins and ends in all records, each of which has `width` cells."""
        return self.starts if index == 0 else self.marks[index - 1 :: width] + 1, self.marks[index::width]


def joined_runs(values: Any, cuts: Any, join: Callable[[list[Any]], Any]) -> Any:
    """Return the values from each first cut to the next, joined."""
    bounds = cuts.tolist()
    return join([values[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)] or [values[:0]])


def is_utf8(data: bytes) -> bool:
    """Return whether bytes are UTF-8."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def records_in(data: bytes, quoting: Quoting | None = None) -> RecordLayout:
    """Return the layout of records as a whole. `quoting` is what is in quotes, if anything is."""
    import numpy

    is_end = numpy.frombuffer(data, numpy.uint8) == NEWLINE
    odd = None
    if quoting is not None:
        is_end &= ~quoting.inside
        odd = quoting.odd
    return RecordLayout(data, numpy.flatnonzero(is_end), slice(None), odd)


def cells_in(data: bytes, separator: str, width: int, quoting: Quoting | None) -> RecordLayout:
    """Return the layout of delimited records, most of which have `width` cells.

    `quoting` is what is in quotes, if anything is.
    """
    import numpy

    text = numpy.frombuffer(data, numpy.uint8)
    is_separator = text == ord(separator)
    is_end = text == NEWLINE
    odd = None
    if quoting is not None:
        is_separator &= ~quoting.inside
        is_end &= ~quoting.inside
        odd = quoting.odd
    marks = numpy.flatnonzero(is_separator | is_end)
    regular = slice(width - 1, None, width)
    if len(marks) == width * numpy.count_nonzero(is_end) and is_end[marks[regular]].all():
        return RecordLayout(data, marks, regular, odd)
    return RecordLayout(data, marks, numpy.flatnonzero(is_end[marks]), odd)
