"""Read CSV and TSV: a header with the names of the columns, then records of cells, which may be quoted."""

import re
from collections import Counter
from contextlib import suppress
from typing import Any

from mgrad_cli.data.blocks import Block, RowError, RowRequest
from mgrad_cli.data.chunks import Cutter, TextChunk
from mgrad_cli.data.formats import DATA_FORMATS, PLAIN_BYTES, ReadOptions
from mgrad_cli.data.rows import MAX_SHOWN, Numbers, RowCollector, cell_number
from mgrad_cli.data.scanner import NEWLINE, QUOTE, RecordScanner
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.data.text import TextSource, check_encoding, lines_of
from mgrad_cli.errors import InputError
from mgrad_cli.text import truncate

CONVERSION = "if it ends a line, convert the file: tr '\\r' '\\n' < FILE | mgrad ... -"
MISSING = frozenset({"na", "n/a", "#n/a", "null", "none", "nil", "-", "--", "?", ".", "missing"})
"""What other programs write in a cell without a value."""
STRAY = "a quote inside a cell, or one that is never closed; double it in a quoted cell, or give --quote none"


class DelimitedSource(TextSource):
    """A CSV or TSV file or stream, whose first record names the columns."""

    def __init__(
        self,
        stream: ByteStream,
        file_format: str,
        max_line: int,
        has_quotes: bool = True,
        plain_bytes: int = PLAIN_BYTES,
    ) -> None:
        self.file_format = file_format
        self.separator = DATA_FORMATS[file_format].separator
        self.has_quotes = has_quotes  # whether quotes may surround a cell; otherwise they are ordinary characters
        self.scanner = RecordScanner(self.separator if has_quotes else "")
        super().__init__(stream, Cutter(stream, max_line, self.scanner), plain_bytes)
        self.opened = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
        self.quoted = re.compile(rf'"[^"]*+(?:""[^"]*+)*+"(?={self.separator}|\Z)')
        header = self.cutter.first()
        self.line_end = "\r\n" if header.endswith(b"\r") else "\n"
        if not header.strip() and not self.cutter.rest and not self.cutter.is_more:
            raise InputError(f"{self.name} is empty")
        if not header.strip():
            remedy = "remove the blank lines before it: sed '/./,$!d' FILE"
            raise InputError(f"{self.name}, line 1: blank, where the names of the columns should be; {remedy}")
        header = header.removesuffix(b"\r")
        check_encoding(header, self.name, 1)
        self.header = header.decode()
        cells, stray = self.split(self.header)
        if stray is not None and file_format == "csv":
            raise RowError(STRAY, self.name, 1, stray + 1)
        names = list(map(self.unquoted, cells))
        if len(set(names)) < len(names):
            twice = next(name for name, count in Counter(names).items() if count > 1)
            raise InputError(f"{self.name}, line 1: duplicate column '{twice}'")
        if "\r" in self.header and '"' not in self.header:
            raise InputError(f"{self.name}, line 1: a carriage return in the header; {CONVERSION}")
        self.columns = tuple(names)
        self.indices = {name: index for index, name in enumerate(names)}
        self.rows = self.cutter.rows()

    def at_once(self, chunk: TextChunk, request: RowRequest) -> Block | None:
        """Return the block of a chunk in which each row has all cells, and each variable a number or nothing."""
        import numpy
        import polars

        data = chunk.data
        if chunk.is_too_long or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
            return None  # polars drops a carriage return at the end of a cell
        ends = self.regular_ends(data)
        if ends is None or int(numpy.diff(ends, prepend=-1).max()) - 1 > self.cutter.max_line:
            return None
        try:
            if not data.isascii():
                data.decode()
            numbers = self.frame(data, list(request.variables.values()), polars.Float64)
            kept = None if request.as_lines else self.frame(data, request.keep, polars.String)
        except (polars.exceptions.PolarsError, UnicodeError):
            return None  # not UTF-8, or not a number
        if any(frame is not None and frame.width and frame.height != len(ends) for frame in (numbers, kept)):
            return None
        block = Block(len(ends), {}, lines=lines_of(data, ends) if request.as_lines else None)
        places = self.places(chunk, ends)
        block.error = lambda row, message: RowError(message, self.name, int(places[row]))
        for name, column in request.variables.items():
            series = numbers[column]
            values = numpy.ascontiguousarray(series.to_numpy())
            if numpy.isinf(values).any() and self.overflows(data, column, numpy.isinf(values)):
                return None
            if series.null_count():
                is_null = series.is_null().to_numpy()
                block.nulls = is_null if block.nulls is None else block.nulls | is_null
            block.columns[name] = values
        if kept is not None and request.keep:
            block.table, block.holds_cells = self.table(kept, numbers, request), True
        return block

    def places(self, chunk: TextChunk, ends: Any) -> Any:
        """Return the line of each record of a chunk; `ends` is where the records end."""
        import numpy

        if chunk.data.count(b"\n") == len(ends):
            return range(chunk.line, chunk.line + len(ends))
        newlines = numpy.flatnonzero(numpy.frombuffer(chunk.data, numpy.uint8) == NEWLINE)
        return chunk.line + numpy.searchsorted(newlines, numpy.concatenate([[0], ends[:-1] + 1]))

    def overflows(self, data: bytes, column: str, is_infinite: Any) -> bool:
        """Return whether one of these cells is a number that overflows a double, rather than the word inf."""
        import polars

        texts = self.frame(data, [column], polars.String)[column].filter(polars.Series(is_infinite))
        return not texts.str.contains("[nN]").all()

    def regular_ends(self, data: bytes) -> Any:
        """Return where the records end; `None` if one has too few or too many cells, or a misplaced quote."""
        import numpy

        text = numpy.frombuffer(data, numpy.uint8)
        is_separator = text == ord(self.separator)
        is_end = text == NEWLINE
        if self.has_quoted(data):
            inside = self.scanner.inside(data)
            if inside is None or inside[-1]:
                return None
            is_separator &= ~inside
            is_end &= ~inside
        width = len(self.columns)
        indices = numpy.flatnonzero(is_separator | is_end)
        ends = indices[width - 1 :: width]
        is_regular = len(indices) == width * numpy.count_nonzero(is_end) and is_end[ends].all()
        return ends if is_regular else None

    def has_quoted(self, data: bytes) -> bool:
        """Return whether a cell of a chunk may be quoted.

        In TSV, which has no standard for it, a quote inside a cell is an ordinary character.
        """
        if not self.has_quotes or QUOTE not in data:
            return False
        if self.file_format == "csv":
            return True
        return data.startswith(QUOTE) or b'\t"' in data or b'\n"' in data

    def frame(self, data: bytes, columns: Any, kind: Any) -> Any:
        """Return some columns of a chunk of regular records, all of one type."""
        import polars

        if not columns:
            return polars.DataFrame()
        indices = sorted({self.indices[column] for column in columns})
        names = [f"column_{index + 1}" for index in range(len(self.columns))]
        frame = polars.read_csv(
            data,
            has_header=False,
            columns=indices,
            schema=dict.fromkeys(names, kind),
            separator=self.separator,
            quote_char='"' if self.has_quoted(data) else None,
        ).rename({names[index]: self.columns[index] for index in indices})
        if kind == polars.String:
            frame = frame.with_columns(polars.all().replace("", None))  # an empty cell, quoted or not
        return frame.select(list(dict.fromkeys(columns)))

    def table(self, kept: Any, numbers: Any, request: RowRequest) -> Any:
        """Return the columns to keep, with those of variables as numbers if requested."""
        used = set(request.variables.values()) if request.typed else set()
        return kept.with_columns(numbers[column] for column in request.keep if column in used).to_arrow()

    def row_by_row(self, chunk: TextChunk, request: RowRequest) -> Block:
        """Return the block of any chunk, with its failures."""
        rows = RowCollector(request, self.separator * (len(self.columns) - 1), self.name, chunk.line)
        if chunk.is_too_long:
            self.add_leading(rows, chunk.data, self.too_long(chunk.line, chunk.is_quoted))
            return rows.block()
        line = chunk.line
        for record in self.scanner.records(chunk.data):
            if rows.is_stopped:
                break
            rows.line = line
            self.read_record(rows, record.removesuffix(b"\n"), line)
            line += record.count(b"\n")
        return rows.block()

    def read_record(self, rows: RowCollector, record: bytes, line: int) -> None:
        """Add a record and its failure, if any, to the rows."""
        width = len(self.columns)
        length = len(record)
        record = record.removesuffix(b"\r")
        if not record and width > 1:
            rows.blank += 1
            return
        if length > self.cutter.max_line:
            is_quoted = self.has_quotes and QUOTE in record
            self.add_leading(rows, record[: self.cutter.max_line + 1], self.too_long(line, is_quoted))
            return
        text = record.decode(errors="surrogateescape")
        cells, stray = self.split(text)
        named = dict(zip(self.columns, map(self.unquoted, cells), strict=False))
        numbers: Numbers = {}
        wrong: RowError | None = None
        try:
            self.read_numbers(numbers, cells, named, rows.request, line)
        except RowError as error:
            wrong = error
        try:
            if not record.isascii():
                check_encoding(record, self.name, line)
            if stray is not None and self.file_format == "csv":
                raise RowError(STRAY, self.name, line, stray + 1)
            if len(cells) != width:
                count = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
                raise RowError(f"{count}, where the header has {width}", self.name, line)
        except RowError as error:
            wrong = error
        if wrong is None:
            rows.add(numbers, named, text)
            return
        surplus = self.separator.join(cells[width:])
        if len(cells) > width and rows.request.on_error == "null":
            wrong.message += f"; the extra cells {'follow the results' if rows.request.as_lines else 'are dropped'}"
        own = self.separator.join(cells[:width]) + self.separator * (width - len(cells))
        rows.fail(wrong, named, own, numbers, surplus=surplus if len(cells) > width else None)

    def add_leading(self, rows: RowCollector, start: bytes, wrong: RowError) -> None:
        """Add a record that is too long to the rows, with the cells that end before the limit."""
        cells: list[str] = []
        if rows.request.on_error == "null":
            cells, stray = self.split(start.decode(errors="surrogateescape"))
            cells = [] if stray is not None else cells[: min(len(cells) - 1, len(self.columns))]
        named = dict(zip(self.columns, map(self.unquoted, cells), strict=False))
        numbers: Numbers = {}
        with suppress(RowError):
            self.read_numbers(numbers, cells, named, rows.request, 0)
        padding = [""] * (len(self.columns) - len(cells))
        rows.fail(wrong, named, self.separator.join([*cells, *padding]), numbers)

    def read_numbers(
        self, numbers: Numbers, cells: list[str], named: dict[str, str], request: RowRequest, line: int
    ) -> None:
        """Read the numbers of the variables in a record, as many as there are.

        Raises: RowError for the first cell that is not a number, after the others are read.
        """
        wrong: RowError | None = None
        for name, column in request.variables.items():
            if column not in named:
                continue  # the record has too few cells
            try:
                numbers[name] = cell_number(named[column])
            except ValueError as error:
                start = sum(len(cell) + 1 for cell in cells[: self.indices[column]]) + 1
                shown = truncate(named[column], MAX_SHOWN)
                is_missing = request.on_error == "stop" and named[column].strip().lower() in MISSING
                hint = "; for missing values, give --on-error null" if is_missing else ""
                wrong = wrong or RowError(f"'{shown}' in column '{column}' {error}{hint}", self.name, line, start)
        if wrong is not None:
            raise wrong

    def split(self, record: str) -> tuple[list[str], int | None]:
        """Return the cells of a record as written, with quotes, and the index of the first misplaced quote, or `None`.

        A misplaced quote neither opens nor closes a cell, and is a character of its cell.
        """
        if not self.has_quotes or '"' not in record:
            return record.split(self.separator), None
        cells: list[str] = []
        stray = None
        index = 0
        while True:
            quoted = self.quoted.match(record, index)
            end = record.find(self.separator, index) if quoted is None else quoted.end()
            end = len(record) if end < 0 else end
            cells.append(record[index:end])
            if quoted is None and stray is None and '"' in cells[-1]:
                opened = self.opened.match(cells[-1])
                stray = index + (opened.end() if opened else cells[-1].index('"'))
            if end == len(record):
                return cells, stray
            index = end + 1

    def unquoted(self, cell: str) -> str:
        """Return the text of a cell."""
        if self.has_quotes and cell.startswith('"') and self.quoted.fullmatch(cell):
            return cell[1:-1].replace('""', '"')
        return cell


def open_delimited(stream: ByteStream, name: str, reading: ReadOptions, groups: range | None) -> DelimitedSource:
    """Open CSV or TSV, as the options say. Raises: InputError."""
    file_format = reading.file_format or "csv"
    return DelimitedSource(stream, file_format, reading.max_line, reading.has_quotes, reading.plain_bytes)
