"""Read delimited text: a header with the names of the columns, then records of cells, which may be quoted."""

import re
from collections import Counter
from contextlib import suppress
from typing import Any

from mgrad_cli.data.blocks import Block, RowError, RowRequest
from mgrad_cli.data.chunks import Cutter, TextChunk
from mgrad_cli.data.dialect import PLAIN, WHITESPACE, Dialect
from mgrad_cli.data.formats import DATA_FORMATS, PLAIN_BYTES, ReadOptions
from mgrad_cli.data.rows import MAX_SHOWN, Numbers, RowCollector, cell_number
from mgrad_cli.data.scanner import NEWLINE, QUOTE, RETURN, RecordScanner
from mgrad_cli.data.sniffing import sniffed_delimiter
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.data.text import TextSource, check_encoding, lines_of
from mgrad_cli.errors import InputError
from mgrad_cli.evaluation.graph import NUMERAL
from mgrad_cli.text import truncate

CONVERSION = "if it ends a line, convert the file: tr '\\r' '\\n' < FILE | mgrad ... -"
STRAY = "a quote inside a cell, or one that is never closed; double it in a quoted cell, or give --quote none"


class DelimitedSource(TextSource):
    """A file or stream of delimited text, as its dialect says. `sniffs` is whether its lines may tell the delimiter."""

    def __init__(
        self,
        stream: ByteStream,
        file_format: str,
        max_line: int,
        dialect: Dialect = PLAIN,
        sniffs: bool = False,
        plain_bytes: int = PLAIN_BYTES,
    ) -> None:
        super().__init__(stream, Cutter(stream, max_line, RecordScanner()), plain_bytes)
        self.dialect: Dialect
        self.cutter.skip_lines(dialect.skip)
        delimiter = dialect.delimiter or DATA_FORMATS[file_format].separator
        sniffed = sniffed_delimiter(self.data_sample(dialect), delimiter) if sniffs else delimiter
        self.is_sniffed = sniffed != delimiter
        self.dialect = dialect = dialect._replace(delimiter=sniffed)
        self.file_format = "tsv" if sniffed == "\t" else "csv"
        self.has_quotes = dialect.has_quotes  # otherwise quotes are ordinary characters
        self.is_spaced = sniffed == WHITESPACE
        self.separator = " " if self.is_spaced else sniffed
        self.empty_cell = '""' if self.is_spaced else ""
        pattern = r"[ \t]++" if self.is_spaced else re.escape(sniffed)
        self.scanner = self.cutter.scanner = RecordScanner(sniffed if self.has_quotes else "", dialect.comment)
        self.delimiters = re.compile(pattern)
        self.opened = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
        self.quoted = re.compile(rf'"[^"]*+(?:""[^"]*+)*+"(?={pattern}|\Z)')
        numbers = (cell_number(word) for word in dialect.nulls if NUMERAL.fullmatch(word))
        self.null_numbers = [number for number in numbers if number is not None]
        names = self.read_header()
        if len(set(names)) < len(names):
            twice = next(name for name, count in Counter(names).items() if count > 1)
            raise InputError(f"{self.name}, line 1: duplicate column '{twice}'")
        self.columns = tuple(names)
        self.indices = {name: index for index, name in enumerate(names)}
        self.rows = self.cutter.rows()

    def data_sample(self, dialect: Dialect) -> bytes:
        """Return the first lines that are not comments."""
        return RecordScanner("", dialect.comment).without_comments(self.cutter.sample())

    def read_header(self) -> list[str]:
        """Read the record that names the columns; return their names. Without a header it is read again as a row.

        Raises: InputError.
        """
        start, taken = self.cutter.line, b""
        while True:
            line = self.cutter.line
            record = self.cutter.first()
            taken += record + b"\n"
            is_end = not self.cutter.rest and not self.cutter.is_more
            if not self.scanner.is_comment(record) and (record.strip() or self.dialect.has_header or is_end):
                break
        self.line_end = "\r\n" if record.endswith(b"\r") else "\n"
        if not record.strip() and is_end:
            raise InputError(f"{self.name} is empty")
        if not record.strip():
            while not self.cutter.first().strip() and (self.cutter.rest or self.cutter.is_more):
                pass
            remedy = f"--skip {self.cutter.line - 2} skips the lines before them"
            raise InputError(f"{self.name}, line {line}: blank, where the names of the columns should be; {remedy}")
        record = record.removesuffix(b"\r")
        check_encoding(record, self.name, line)
        text = record.decode()
        cells, stray = self.split(text)
        if stray is not None and self.file_format == "csv":
            raise RowError(STRAY, self.name, line, stray + 1)
        if "\r" in text and '"' not in text:
            raise InputError(f"{self.name}, line {line}: a carriage return in the header; {CONVERSION}")
        if self.dialect.has_header:
            self.header: str | None = text
            return list(map(self.unquoted, cells))
        self.header = None
        self.cutter.rest, self.cutter.line = taken + self.cutter.rest, start
        return [f"c{index}" for index in range(1, len(cells) + 1)]

    def at_once(self, chunk: TextChunk, request: RowRequest) -> Block | None:
        """Return the block of a chunk in which each row has all cells, and each variable a number or nothing."""
        import numpy
        import polars

        data = chunk.data
        if chunk.is_too_long or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
            return None  # polars drops a carriage return at the end of a cell
        has_comments = self.scanner.has_comments(data)
        if len(self.separator.encode()) > 1 or (has_comments and self.has_quoted(data)):
            return None
        data = self.scanner.without_comments(data) if has_comments else data
        plain = self.with_single_blanks(data) if self.is_spaced else data
        if plain is None:
            return None
        ends = self.regular_ends(plain)
        if ends is None or not len(ends):
            return None
        line_ends = self.record_ends(data) if self.is_spaced else ends
        if int(numpy.diff(line_ends, prepend=-1).max()) - 1 > self.cutter.max_line:
            return None
        try:
            if not data.isascii():
                data.decode()
            numbers = self.numbers(plain, list(request.variables.values()))
            kept = None if request.as_lines else self.frame(plain, request.keep, polars.String)
        except (polars.exceptions.PolarsError, UnicodeError):
            return None  # not UTF-8, or not a number
        if numbers is None:
            return None
        if any(frame is not None and frame.width and frame.height != len(ends) for frame in (numbers, kept)):
            return None
        block = Block(len(ends), {}, lines=lines_of(data, line_ends) if request.as_lines else None)
        places = self.places(chunk, data, line_ends)
        block.error = lambda row, message: RowError(message, self.name, int(places[row]))
        for name, column in request.variables.items():
            series = numbers[column]
            values = numpy.ascontiguousarray(series.to_numpy())
            if numpy.isinf(values).any() and self.overflows(plain, column, numpy.isinf(values)):
                return None
            if any((values == number).any() for number in self.null_numbers):
                return None  # such a number may be the word with blanks around it
            if series.null_count():
                is_null = series.is_null().to_numpy()
                block.nulls = is_null if block.nulls is None else block.nulls | is_null
            block.columns[name] = values
        if kept is not None and request.keep:
            if request.nulls:
                text = polars.all().str.strip_chars()
                kept = kept.with_columns(
                    polars.when(text.is_in(list(request.nulls))).then(None).otherwise(polars.all()).name.keep()
                )
            block.table, block.holds_cells = self.table(kept, numbers, request), True
        return block

    def numbers(self, data: bytes, columns: list[str]) -> Any:
        """Return columns of a chunk of regular records as numbers; `None` if one has another decimal mark."""
        import polars

        is_comma = self.dialect.decimal == ","
        if is_comma and b"." in data and columns:
            texts = self.frame(data, columns, polars.String)
            if any(series.str.contains(".", literal=True).any() for series in texts):
                return None  # polars reads both marks
        return self.frame(data, columns, polars.Float64)

    def with_single_blanks(self, data: bytes) -> bytes | None:
        """Return records with one blank between cells and none around them; `None` if a quote is misplaced."""
        import numpy

        text = numpy.frombuffer(data, numpy.uint8)
        is_blank = (text == ord(" ")) | (text == ord("\t"))
        if self.has_quoted(data):
            inside = self.scanner.inside(data)
            if inside is None or inside[-1]:
                return None
            is_blank &= ~inside
        is_break = (text == NEWLINE) | (text == RETURN)
        before_end = numpy.append(is_blank[1:] | is_break[1:], True)
        kept = ~(is_blank & before_end)
        text, is_blank, is_break = text[kept], is_blank[kept], is_break[kept]
        after_end = numpy.append(True, is_break[:-1])
        text = numpy.where(is_blank, ord(" "), text)[~(is_blank & after_end)]
        return bytes(text.astype(numpy.uint8))

    def record_ends(self, data: bytes) -> Any:
        """Return where the records of a chunk end, whose quotes are in place."""
        import numpy

        is_end = numpy.frombuffer(data, numpy.uint8) == NEWLINE
        return numpy.flatnonzero(is_end & ~self.scanner.inside(data) if self.has_quoted(data) else is_end)

    def places(self, chunk: TextChunk, data: bytes, ends: Any) -> Any:
        """Return the line of each record of a chunk; `data` is its text without comments, `ends` where records end."""
        import numpy

        if len(data) < len(chunk.data):
            newlines = numpy.flatnonzero(numpy.frombuffer(chunk.data, numpy.uint8) == NEWLINE)
            starts = [match.start() for match in self.scanner.comment_line.finditer(chunk.data)]
            return chunk.line + numpy.delete(numpy.arange(len(newlines)), numpy.searchsorted(newlines, starts))
        if data.count(b"\n") == len(ends):
            return range(chunk.line, chunk.line + len(ends))
        newlines = numpy.flatnonzero(numpy.frombuffer(data, numpy.uint8) == NEWLINE)
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
            null_values=sorted(self.dialect.nulls) if kind == polars.Float64 else None,
            decimal_comma=self.dialect.decimal == ",",
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
        rows = RowCollector(request, self.joined([]), self.name, chunk.line)
        if chunk.is_too_long:
            self.add_leading(rows, chunk.data, self.too_long(chunk.line, chunk.is_quoted))
            return rows.block()
        line = chunk.line
        for record in self.scanner.records(chunk.data):
            if rows.is_stopped:
                break
            rows.line = line
            if not self.scanner.is_comment(record):
                self.read_record(rows, record.removesuffix(b"\n"), line)
            line += record.count(b"\n")
        return rows.block()

    def read_record(self, rows: RowCollector, record: bytes, line: int) -> None:
        """Add a record and its failure, if any, to the rows."""
        width = len(self.columns)
        length = len(record)
        record = record.removesuffix(b"\r")
        if not (record.strip(b" \t") if self.is_spaced else record or width == 1):
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
            self.read_numbers(numbers, cells, named, rows.request, text, line)
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
        rows.fail(wrong, named, self.joined(cells[:width]), numbers, surplus=surplus if len(cells) > width else None)

    def add_leading(self, rows: RowCollector, start: bytes, wrong: RowError) -> None:
        """Add a record that is too long to the rows, with the cells that end before the limit."""
        cells: list[str] = []
        if rows.request.on_error == "null":
            text = start.decode(errors="surrogateescape")
            cells, stray = self.split(text)
            cells = [] if stray is not None else cells[: min(len(cells) - 1, len(self.columns))]
        named = dict(zip(self.columns, map(self.unquoted, cells), strict=False))
        numbers: Numbers = {}
        with suppress(RowError):
            self.read_numbers(numbers, cells, named, rows.request, "", 0)
        rows.fail(wrong, named, self.joined(cells), numbers)

    def joined(self, cells: list[str]) -> str:
        """Return a record of these cells, and empty ones for the other columns."""
        return self.separator.join([*cells, *[self.empty_cell] * (len(self.columns) - len(cells))])

    def read_numbers(
        self, numbers: Numbers, cells: list[str], named: dict[str, str], request: RowRequest, text: str, line: int
    ) -> None:
        """Read the numbers of the variables in a record, as many as there are. `text` is the record.

        Raises: RowError for the first cell that is not a number, after the others are read.
        """
        wrong: RowError | None = None
        for name, column in request.variables.items():
            if column not in named:
                continue  # the record has too few cells
            try:
                numbers[name] = cell_number(named[column], self.dialect)
            except ValueError as error:
                start = self.start_of(cells, self.indices[column], text)
                shown = truncate(named[column], MAX_SHOWN)
                wrong = wrong or RowError(f"'{shown}' in column '{column}' {error}", self.name, line, start + 1)
        if wrong is not None:
            raise wrong

    def start_of(self, cells: list[str], index: int, text: str) -> int:
        """Return where a cell of a record begins in its text."""
        if not self.is_spaced:
            return sum(len(cell) + 1 for cell in cells[:index])
        start = end = 0
        for cell in cells[: index + 1]:
            start = text.find(cell, end)
            end = start + len(cell)
        return max(0, start)

    def split(self, record: str) -> tuple[list[str], int | None]:
        """Return the cells of a record as written, with quotes, and the index of the first misplaced quote, or `None`.

        A misplaced quote neither opens nor closes a cell, and is a character of its cell.
        """
        if self.is_spaced:
            record = record.rstrip(" \t")
        index = len(record) - len(record.lstrip(" \t")) if self.is_spaced else 0
        if not self.has_quotes or '"' not in record:
            return self.delimiters.split(record[index:]) if self.is_spaced else record.split(self.separator), None
        cells: list[str] = []
        stray = None
        while True:
            quoted = self.quoted.match(record, index)
            delimiter = self.delimiters.search(record, index if quoted is None else quoted.end())
            end = len(record) if delimiter is None else delimiter.start()
            cells.append(record[index:end])
            if quoted is None and stray is None and '"' in cells[-1]:
                opened = self.opened.match(cells[-1])
                stray = index + (opened.end() if opened else cells[-1].index('"'))
            if delimiter is None:
                return cells, stray
            index = delimiter.end()

    def unquoted(self, cell: str) -> str:
        """Return the text of a cell."""
        if self.has_quotes and cell.startswith('"') and self.quoted.fullmatch(cell):
            return cell[1:-1].replace('""', '"')
        return cell


def open_delimited(stream: ByteStream, name: str, reading: ReadOptions, groups: range | None) -> DelimitedSource:
    """Open delimited text, as the options say. Raises: InputError."""
    sniffs = not (reading.is_format_given or reading.dialect.delimiter)
    file_format = reading.file_format or "csv"
    return DelimitedSource(stream, file_format, reading.max_line, reading.dialect, sniffs, reading.plain_bytes)
