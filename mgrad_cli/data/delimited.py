"""Read delimited text: a header with the names of the columns, then records of cells, which may be quoted."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from mgrad_cli.data.blocks import RowError, RowRequest
from mgrad_cli.data.cell_syntax import CellSyntax, unique_names
from mgrad_cli.data.chunks import Cutter, Record, TextChunk
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.data.formats import DATA_FORMATS, PLAIN_BYTES, ReadOptions
from mgrad_cli.data.records import RecordLayout, cells_in, is_utf8, records_in
from mgrad_cli.data.rows import MAX_SHOWN, Numbers, RowCollector, cell_number
from mgrad_cli.data.scanner import NEWLINE, QUOTE, RETURN, SAMPLE_LINES, Quoting, RecordScanner
from mgrad_cli.data.sniffing import sniffed_delimiter
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.data.text import TextSource, check_encoding, lines_of
from mgrad_cli.errors import InputError
from mgrad_cli.text import counted, truncate

if TYPE_CHECKING:
    from mgrad_cli.data.regular import Regular

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
        self.syntax = CellSyntax(sniffed, self.has_quotes)
        self.is_spaced, self.separator = self.syntax.is_spaced, self.syntax.separator
        self.scanner = self.cutter.scanner = RecordScanner(sniffed if self.has_quotes else "", dialect.comment)
        names = self.read_header()
        self.places_of: dict[str, list[int]] = {}
        for index, name in enumerate(names, 1):
            self.places_of.setdefault(name, []).append(index)
        self.header_line = self.cutter.line - 1
        self.columns = unique_names(names)
        self.indices = {name: index for index, name in enumerate(self.columns)}
        self.empty_line = self.syntax.joined([], len(self.columns))
        self.rows = self.cutter.rows()

    def check(self, request: RowRequest, file_format: str) -> None:
        """Raise InputError for a variable whose column cannot be told from another of the same name."""
        for column in request.variables.values():
            places = self.places_of.get(column, ())
            if len(places) > 1:
                shown, numbered = (
                    f"{', '.join(each[:-1])} and {each[-1]}"
                    for each in ([str(place) for place in places], [f"c{place}" for place in places])
                )
                raise InputError(
                    f"{self.name}: duplicate column '{column}', at {shown}; with --no-header --skip {self.header_line} "
                    f"these are {numbered}"
                )

    def header_below(self, names: Collection[str]) -> int:
        """Return the number of the line, among the next ones, that has these names as cells; 0 without one."""
        lines = self.cutter.sample().split(b"\n")[:SAMPLE_LINES]
        for number, line in enumerate(lines, self.cutter.line):
            cells, _ = self.syntax.split(line.removesuffix(b"\r").decode(errors="replace"))
            if names and set(names) <= set(map(self.syntax.unquoted, cells)):
                return number
        return 0

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
        cells, stray = self.syntax.split(text)
        if stray is not None and self.file_format == "csv":
            raise RowError(STRAY, self.name, line, stray + 1)
        if "\r" in text and '"' not in text:
            raise InputError(f"{self.name}, line {line}: a carriage return in the header; {CONVERSION}")
        if self.dialect.has_header:
            self.header: str | None = text
            return list(map(self.syntax.unquoted, cells))
        self.header = None
        self.cutter.rest, self.cutter.line = taken + self.cutter.rest, start
        return [f"c{index}" for index in range(1, len(cells) + 1)]

    def at_once(self, chunk: TextChunk, request: RowRequest) -> "Regular | None":
        """Return the records that have all cells, and for each variable a number or nothing."""
        from mgrad_cli.data.cells import CellReader
        from mgrad_cli.data.regular import regular_of

        data = chunk.data
        if chunk.is_too_long or len(self.separator.encode()) > 1:
            return None
        has_quotes = self.has_quoted(data)
        quoting = chunk.quoting or self.scanner.quoting(data) if has_quotes else None
        if self.is_spaced:
            plain = self.with_single_blanks(data, quoting)
            whole = records_in(data, quoting)
            cells = cells_in(plain, self.separator, len(self.columns), self.scanner.quoting(plain) if quoting else None)
        else:
            whole = cells = cells_in(data, self.separator, len(self.columns), quoting)
        if len(whole.ends) != len(cells.ends):
            return None
        is_regular = self.is_regular(whole, cells)
        layout = cells if is_regular is None else cells.chosen(is_regular, len(self.columns))
        lines = None
        if request.as_lines:
            kept = layout if whole is cells else whole if is_regular is None else whole.chosen(is_regular, 1)
            lines = lines_of(kept.data, kept.ends)
        reader = CellReader(self.columns, self.separator, self.dialect)
        found = reader.block(layout, request, has_quotes, lines)
        return None if found is None else regular_of(*found, whole, is_regular, chunk.line, self, certain=request)

    def is_regular(self, whole: RecordLayout, cells: RecordLayout) -> Any:
        """Return which records have all cells and can be read by polars; `None` for all. `cells` is where these are."""
        import numpy

        data = whole.data
        is_regular = whole.lengths <= self.cutter.max_line
        if not isinstance(cells.last, slice):
            is_regular &= numpy.diff(cells.last, prepend=-1) == len(self.columns)
        if b"\r" in data:
            is_regular[whole.record_at(whole.stray_returns())] = False  # which polars drops at the end of a cell
        if whole.odd:
            is_regular[whole.record_at(whole.odd)] = False
        if self.scanner.has_comments(data):
            is_regular[whole.lines_with(self.scanner.comment_line)] = False
        if not is_utf8(data):
            is_regular[whole.undecodable()] = False
        return None if is_regular.all() else is_regular

    def with_single_blanks(self, data: bytes, quoting: Quoting | None) -> bytes:
        """Return records with one blank between cells and none around them."""
        import numpy

        text = numpy.frombuffer(data, numpy.uint8)
        is_blank = (text == ord(" ")) | (text == ord("\t"))
        if quoting is not None:
            is_blank &= ~quoting.inside
        is_break = (text == NEWLINE) | (text == RETURN)
        before_end = numpy.append(is_blank[1:] | is_break[1:], True)
        kept = ~(is_blank & before_end)
        text, is_blank, is_break = text[kept], is_blank[kept], is_break[kept]
        after_end = numpy.append(True, is_break[:-1])
        text = numpy.where(is_blank, ord(" "), text)[~(is_blank & after_end)]
        return bytes(text.astype(numpy.uint8))

    def has_quoted(self, data: bytes) -> bool:
        """Return whether a cell of a chunk may be quoted.

        In TSV, which has no standard for it, a quote inside a cell is an ordinary character.
        """
        if not self.has_quotes or QUOTE not in data:
            return False
        if self.file_format == "csv":
            return True
        return data.startswith(QUOTE) or b'\t"' in data or b'\n"' in data

    def add_start(self, rows: RowCollector, chunk: TextChunk) -> None:
        self.add_leading(rows, chunk.data, self.too_long(chunk.line, chunk.is_quoted))

    def add(self, rows: RowCollector, record: Record) -> None:
        """Add a record and its failure, if any, to the rows."""
        line, content = record
        if self.scanner.is_comment(content):
            return
        width = len(self.columns)
        length = len(content)
        content = content.removesuffix(b"\r")
        if not (content.strip(b" \t") if self.is_spaced else content or width == 1):
            rows.blank += 1
            return
        if length > self.cutter.max_line:
            is_quoted = self.has_quotes and QUOTE in content
            self.add_leading(rows, content[: self.cutter.max_line + 1], self.too_long(line, is_quoted))
            return
        text = content.decode(errors="surrogateescape")
        cells, stray = self.syntax.split(text)
        named = dict(zip(self.columns, map(self.syntax.unquoted, cells), strict=False))
        numbers: Numbers = {}
        wrong = self.read_numbers(numbers, cells, named, rows.request, text, line)
        try:
            if not content.isascii():
                check_encoding(content, self.name, line)
            if stray is not None and self.file_format == "csv":
                raise RowError(STRAY, self.name, line, stray + 1)
            if len(cells) != width:
                count = counted(len(cells), "cell")
                is_named = len(cells) == width + 1 and line == self.header_line + 1 and rows.request.on_error == "stop"
                hint = "; if rows begin with a name, --no-header --skip {} calls the columns c1, c2, ..."
                advice = hint.format(self.header_line) if is_named and self.dialect.has_header else ""
                raise RowError(f"{count}, where the header has {width}{advice}", self.name, line)
        except RowError as error:
            wrong = error
        if wrong is None:
            rows.add(numbers, named, text)
            return
        surplus = self.separator.join(cells[width:])
        if len(cells) > width and rows.request.on_error == "null":
            wrong.message += f"; the extra cells {'follow the results' if rows.request.as_lines else 'are dropped'}"
        rows.fail(
            wrong,
            named,
            text if len(cells) == width else self.syntax.joined(cells[:width], width),
            numbers,
            surplus=surplus if len(cells) > width else None,
        )

    def add_leading(self, rows: RowCollector, start: bytes, wrong: RowError) -> None:
        """Add a record that is too long to the rows, with the cells that end before the limit."""
        cells: list[str] = []
        if rows.request.on_error == "null":
            text = start.decode(errors="surrogateescape")
            cells, stray = self.syntax.split(text)
            cells = [] if stray is not None else cells[: min(len(cells) - 1, len(self.columns))]
        named = dict(zip(self.columns, map(self.syntax.unquoted, cells), strict=False))
        numbers: Numbers = {}
        self.read_numbers(numbers, cells, named, rows.request, "", 0)
        rows.fail(wrong, named, self.syntax.joined(cells, len(self.columns)), numbers)

    def read_numbers(
        self, numbers: Numbers, cells: list[str], named: dict[str, str], request: RowRequest, text: str, line: int
    ) -> RowError | None:
        """Read the numbers of the variables in a record, as many as there are. `text` is the record.

        Return the error for the first cell that is not a number, or `None`.
        """
        wrong: RowError | None = None
        for name, column in request.variables.items():
            if column not in named:
                continue  # the record has too few cells
            try:
                numbers[name] = cell_number(named[column], self.dialect)
            except ValueError as error:
                start = self.syntax.start_of(cells, self.indices[column], text)
                shown = truncate(named[column], MAX_SHOWN)
                wrong = wrong or RowError(f"'{shown}' in column '{column}' {error}", self.name, line, start + 1)
        return wrong


def open_delimited(stream: ByteStream, name: str, reading: ReadOptions, groups: range | None) -> DelimitedSource:
    """Open delimited text, as the options say. Raises: InputError."""
    sniffs = not (reading.is_format_given or reading.dialect.delimiter)
    file_format = reading.file_format or "csv"
    return DelimitedSource(stream, file_format, reading.max_line, reading.dialect, sniffs, reading.plain_bytes)
