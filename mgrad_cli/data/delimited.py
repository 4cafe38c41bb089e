"""CSV and TSV: a header that names the columns, then records of cells, some of them in quotes."""

import re
from collections import Counter
from typing import Any

from mgrad_cli.data.blocks import Block, Request, RowError
from mgrad_cli.data.chunks import Chunk, Cutter
from mgrad_cli.data.rows import Rows, cell_number, cut
from mgrad_cli.data.scanner import NEWLINE, QUOTE, Scanner
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.data.text import TextSource, lines_of
from mgrad_cli.errors import InputError

STRAY = "a quote inside a cell, or one that is never closed; a cell with quotes is quoted, its own quotes doubled"


class DelimitedSource(TextSource):
    """A CSV or TSV file, or a stream of it, whose first record names the columns."""

    def __init__(self, stream: ByteStream, form: str, most_line: int) -> None:
        self.form = form
        self.separator = "\t" if form == "tsv" else ","
        self.scanner = Scanner(self.separator)
        super().__init__(stream, Cutter(stream, most_line, self.scanner))
        self.cell = re.compile(rf'"(?:[^"]|"")*"|[^"{self.separator}]*')
        header = self.cutter.first()
        self.line_end = "\r\n" if header.endswith(b"\r") else "\n"
        if not header.strip() and not self.cutter.rest and not self.cutter.is_more:
            raise InputError(f"{self.name} is empty")
        try:
            self.header = header.removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            raise RowError("not UTF-8", self.name, 1, error.start + 1) from None
        names = [unquoted(cell) for cell in self.cells(self.header, 1)]
        if len(set(names)) < len(names):
            twice = next(name for name, count in Counter(names).items() if count > 1)
            raise InputError(f"{self.name}, line 1: duplicate column '{twice}'")
        if "\r" in self.header and '"' not in self.header:
            raise InputError(f"{self.name}, line 1: a carriage return in the header; lines end with a newline here")
        self.columns = tuple(names)
        self.places = {name: place for place, name in enumerate(names)}
        self.rows = self.cutter.rows()

    def at_once(self, chunk: Chunk, request: Request) -> Block | None:
        """The block of a chunk in which every row has all its cells, and every variable a number or nothing."""
        import numpy
        import polars

        data = chunk.data
        ends = None if chunk.is_too_long else self.regular_ends(data)
        if ends is None or int(numpy.diff(ends, prepend=-1).max()) - 1 > self.cutter.most_line:
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

    def overflows(self, data: bytes, column: str, is_infinite: Any) -> bool:
        """Whether one of these cells is a number too large for a double, and not the word inf."""
        import polars

        texts = self.frame(data, [column], polars.String)[column].filter(polars.Series(is_infinite))
        return not texts.str.contains("[nN]").all()

    def regular_ends(self, data: bytes) -> Any:
        """Where the records end; `None` where one has too few or too many cells, or a quote where none may be."""
        import numpy

        text = numpy.frombuffer(data, numpy.uint8)
        is_separator = text == ord(self.separator)
        is_end = text == NEWLINE
        if QUOTE in data:
            inside = self.scanner.inside(data)
            if inside is None or inside[-1]:
                return None
            is_separator &= ~inside
            is_end &= ~inside
        width = len(self.columns)
        places = numpy.flatnonzero(is_separator | is_end)
        ends = places[width - 1 :: width]
        is_regular = len(places) == width * numpy.count_nonzero(is_end) and is_end[ends].all()
        return ends if is_regular else None

    def frame(self, data: bytes, columns: Any, kind: Any) -> Any:
        """Some columns of a chunk of regular records, all of one kind."""
        import polars

        if not columns:
            return polars.DataFrame()
        places = sorted({self.places[column] for column in columns})
        names = [f"column_{place + 1}" for place in range(len(self.columns))]
        frame = polars.read_csv(
            data,
            has_header=False,
            columns=places,
            schema=dict.fromkeys(names, kind),
            separator=self.separator,
            quote_char='"' if QUOTE in data else None,
        ).rename({names[place]: self.columns[place] for place in places})
        if kind == polars.String:
            frame = frame.with_columns(polars.all().replace("", None))  # quoted or not, it is an empty cell
        return frame.select(list(dict.fromkeys(columns)))

    def table(self, kept: Any, numbers: Any, request: Request) -> Any:
        """The columns kept; those of variables as numbers, if so wanted."""
        used = set(request.variables.values()) if request.typed else set()
        return kept.with_columns(numbers[column] for column in request.keep if column in used).to_arrow()

    def row_by_row(self, chunk: Chunk, request: Request) -> Block:
        """The block of any chunk, with what is wrong in it."""
        rows = Rows(request, empty_line=self.separator * (len(self.columns) - 1))
        if chunk.is_too_long:
            rows.fail(self.too_long(chunk.line), {}, b"")
            return rows.block()
        line = chunk.line
        for record in self.scanner.records(chunk.data):
            if rows.is_stopped:
                break
            self.read_record(rows, record.removesuffix(b"\n"), line)
            line += record.count(b"\n")
        return rows.block()

    def read_record(self, rows: Rows, record: bytes, line: int) -> None:
        """Adds a record to the rows, or what is wrong with it."""
        width = len(self.columns)
        length = len(record)
        record = record.removesuffix(b"\r")
        if not record and width > 1:
            rows.blank += 1
            return
        named: dict[str, str] = {}
        text = b""
        try:
            if length > self.cutter.most_line:
                raise self.too_long(line)
            cells = self.cells(record.decode(), line)
            named = dict(zip(self.columns, map(unquoted, cells), strict=False))
            if len(cells) != width:
                text = self.separator.join([*cells, *[""] * width][:width]).encode()
                count = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
                raise RowError(f"{count}, where the header has {width}", self.name, line)
            text = record
            rows.add(self.numbers(cells, named, rows.request, line), named, record)
        except UnicodeDecodeError as error:
            rows.fail(RowError("not UTF-8", self.name, line, error.start + 1), named, text)
        except RowError as error:
            rows.fail(error, named, text)

    def numbers(self, cells: list[str], named: dict[str, str], request: Request, line: int) -> dict[str, float | None]:
        """The number of each variable in a record.

        Raises: RowError for a cell that holds none.
        """
        numbers = {}
        for name, column in request.variables.items():
            try:
                numbers[name] = cell_number(named[column])
            except ValueError as error:
                start = sum(len(cell) + 1 for cell in cells[: self.places[column]]) + 1
                shown = cut(named[column])
                raise RowError(f"'{shown}' in column '{column}' {error}", self.name, line, start) from None
        return numbers

    def cells(self, record: str, line: int) -> list[str]:
        """The cells of a record as they are written, quotes and all.

        Raises: RowError for a quote where none may be.
        """
        if '"' not in record:
            return record.split(self.separator)
        cells = []
        place = 0
        while True:
            cell = self.cell.match(record, place)
            assert cell is not None
            cells.append(cell[0])
            place = cell.end()
            if place == len(record):
                return cells
            if record[place] != self.separator:
                raise RowError(STRAY, self.name, line, place + 1)
            place += 1


def unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell
