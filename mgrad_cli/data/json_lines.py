"""Read JSON Lines: one object per line. The first names the columns; numbers and texts are kept as written."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from mgrad_cli.data.blocks import NONFINITE, Block, RowError, RowRequest
from mgrad_cli.data.cells import CellReader
from mgrad_cli.data.chunks import Cutter, Record, TextChunk
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.data.formats import PLAIN_BYTES, ReadOptions
from mgrad_cli.data.json_arrays import ArrayLines
from mgrad_cli.data.json_layout import CONSTANTS, MAX_DEPTH, missing_numbers, regular_lines, simple_lines
from mgrad_cli.data.json_rows import RowReader
from mgrad_cli.data.json_templates import FlatTemplate, template_of
from mgrad_cli.data.members import (
    WORDS,
    Members,
    Numeral,
    constants_in,
    deepest,
    encoded,
    is_encodable,
    leading_members,
    member_at,
    nested_paths,
    own_nonfinite,
)
from mgrad_cli.data.records import RecordLayout, is_utf8, records_in
from mgrad_cli.data.regular import Regular, regular_of
from mgrad_cli.data.rows import RowCollector
from mgrad_cli.data.scanner import QUOTE, RecordScanner
from mgrad_cli.data.signatures import BLANKS
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.data.text import TextSource, check_encoding, lines_of
from mgrad_cli.errors import InputError

MAX_TEMPLATES = 20
"""The number of lines of a chunk to search for one that the others may be spelled as."""
MAX_TRIED = 1000
"""The number of lines to search for a record that names the columns."""


class JsonLinesSource(TextSource):
    """A file or stream of JSON objects, one per line. The first names the columns.

    If members are `needed`, it is the first good one that has them, among the first lines.
    """

    file_format = "jsonl"
    line_end = "\n"
    empty_line = "{}"

    def __init__(
        self,
        stream: ByteStream,
        max_line: int,
        accepts_nan: bool,
        needed: frozenset[str] | None = None,
        plain_bytes: int = PLAIN_BYTES,
        dialect: Dialect = PLAIN,
        unit: str = "line",
        columns: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(stream, Cutter(stream, max_line, RecordScanner()), plain_bytes)
        self.accepts_nan = accepts_nan
        self.dialect = dialect
        self.unit = unit  # what the number of a line counts: elements of an array are lines here
        self.decoder = json.JSONDecoder(
            object_pairs_hook=Members, parse_int=Numeral, parse_float=Numeral, parse_constant=Numeral
        )
        record = self.naming_record(needed)
        own = (name for name in record if name != NONFINITE or own_nonfinite(record) is None)
        self.paths = nested_paths(record)
        self.members = tuple(self.paths)
        self.columns = tuple(dict.fromkeys((*own, *(columns or ()))))
        self.names = frozenset((*record, *self.columns))
        self.absent_is_null = columns is not None
        self.rows = self.cutter.rows()

    def naming_record(self, needed: frozenset[str] | None) -> Members:
        """Return the record that names the columns. It and those before it are read again.

        Raises: RowError for the first record if that is bad and no good one follows; InputError without any.
        """
        lines_read: list[bytes] = []
        wrong: RowError | None = None
        found: Members | None = None
        start = self.cutter.line
        while len(lines_read) < MAX_TRIED and (self.cutter.rest or self.cutter.is_more):
            line = self.cutter.first()
            if not line.strip() and not lines_read:
                start = self.cutter.line
                continue
            lines_read.append(line + b"\n")
            if not line.strip():
                continue
            try:
                record = self.first_record(line.strip(), self.cutter.line - 1)
            except RowError as error:
                if needed is None:
                    raise
                wrong = wrong or error
                continue
            found = found or record
            if needed is None or all(member_at(record, name) for name in needed):
                found = record
                break
        self.cutter.rest = b"".join(lines_read) + self.cutter.rest
        self.cutter.line = start
        if found is not None:
            return found
        raise wrong or InputError(f"{self.name} is empty")

    def first_record(self, line: bytes, number: int) -> Members:
        """Return the first record. Raises: RowError, which says how to join an object that spans several lines."""
        try:
            check_encoding(line, self.name, number, unit=self.unit)
            record = self.decoded(line, number)
            refused = self.refused_constant(record, line, number)
            if refused is not None:
                raise refused
            return record
        except RowError as error:
            if line.startswith(b"{") and b"}" not in line:
                error.message += "; if the object goes on in the next line, make it one line: jq -c . FILE"
            raise

    def check(self, request: RowRequest, file_format: str) -> None:
        """Raise InputError for a column to keep whose name cannot be encoded."""
        for column in () if request.as_lines else request.keep:
            if not is_encodable(column):
                shown = encoded(column)
                raise InputError(f"{self.name}: the name {shown} has half of a surrogate pair, which is no character")

    def at_once(self, chunk: TextChunk, request: RowRequest) -> Regular | None:
        """Return the lines that are an object with one number or null for each variable."""
        columns = set(request.variables.values())
        if chunk.is_too_long or not columns or (request.as_lines and not request.keeps_all):
            return None
        whole = records_in(chunk.data)
        if request.keep and not request.as_lines:
            return self.flat_lines(whole, request, chunk.line)
        parts = {name for column in columns for name in self.path(column)}
        others = {NONFINITE, *columns, *(request.results if request.as_lines else ())} - parts
        is_regular = regular_lines(whole, parts, others, self.cutter.max_line)
        layout = whole if is_regular.all() else whole.chosen(is_regular, 1)
        texts = lines_of(layout.data, layout.ends)
        numbers = self.numbers(layout, columns)
        if numbers is None:
            is_simple = simple_lines(texts)
            texts, layout = texts.filter(is_simple), layout.chosen(is_simple.to_numpy(), 1)
            is_regular[is_regular] = is_simple.to_numpy()
            numbers = self.numbers(layout, columns)
        if numbers is None:
            return None
        block = Block(len(layout.ends), {}, lines=texts if request.as_lines else None)
        is_wrong = self.add_columns(block, numbers, texts, request)
        return regular_of(block, is_wrong, whole, None if is_regular.all() else is_regular, chunk.line, self)

    def flat_lines(self, whole: RecordLayout, request: RowRequest, line: int) -> Regular | None:
        """Return the lines that are spelled as one of the first, with numbers or null for the variables, as a table."""
        template = self.template(whole, request)
        if template is None:
            return None
        is_regular = whole.lengths <= self.cutter.max_line
        if not is_utf8(whole.data):
            is_regular[whole.undecodable()] = False
        layout = whole if is_regular.all() else whole.chosen(is_regular, 1)
        is_like = lines_of(layout.data, layout.ends).str.contains(template.pattern).to_numpy()
        is_regular[is_regular] = is_like
        cells = template.cells(layout if is_like.all() else layout.chosen(is_like, 1))
        if cells is None:
            return None
        found = CellReader(template.names, template.separator).block(cells, request, QUOTE in cells.data)
        if found is None:
            return None
        return regular_of(*found, whole, None if is_regular.all() else is_regular, line, self)

    def template(self, whole: RecordLayout, request: RowRequest) -> FlatTemplate | None:
        """Return how one of the first lines is spelled that has all members to read and no others; `None` for none."""
        columns = set(request.variables.values())
        needed = columns | set(request.keep)
        allowed = (self.names if request.keeps_all else set(request.keep) | self.names) - {NONFINITE}
        for start, end in zip(whole.starts[:MAX_TEMPLATES].tolist(), whole.ends[:MAX_TEMPLATES].tolist(), strict=True):
            template = template_of(whole.data[start:end], columns)
            if template is not None and needed <= set(template.names) <= allowed:
                return template
        return None

    def path(self, column: str) -> tuple[str, ...]:
        """Return the names that lead to a member."""
        return self.paths.get(column, (column,))

    def numbers(self, layout: RecordLayout, columns: Collection[str]) -> Any:
        """Return the columns of lines, null for a member that is missing or no number; `None` if a line is no JSON."""
        import polars

        if not layout.data:
            return polars.DataFrame(schema=dict.fromkeys(columns, polars.Float64))
        paths = {column: self.path(column) for column in columns}
        try:
            frame = polars.read_ndjson(layout.data, schema=nested_schema(paths.values()), ignore_errors=True)
        except polars.exceptions.PolarsError:
            return None
        if frame.height != len(layout.ends):
            return None
        return polars.DataFrame({column: series_at(frame, path) for column, path in paths.items()})

    def add_columns(self, block: Block, numbers: Any, texts: Any, request: RowRequest) -> Any:
        """Add the columns of variables to a block; return the rows to read one by one, or `None`."""
        import numpy

        is_wrong = numpy.zeros(block.rows, dtype=bool)
        for name, column in request.variables.items():
            series = numbers[column]
            block.columns[name] = numpy.ascontiguousarray(series.to_numpy())
            if not series.null_count():
                continue
            is_missing = series.is_null().to_numpy()
            if len(self.path(column)) > 1:  # it, or an object around it, is null, or it is missing
                is_wrong |= is_missing
                continue
            is_null = is_missing.copy()
            is_null[is_missing] = missing_numbers(texts.filter(series.is_null()), column).to_numpy()
            is_wrong |= is_missing & ~is_null
            block.nulls = is_null if block.nulls is None else block.nulls | is_null
        return is_wrong if is_wrong.any() else None

    def reader(self, request: RowRequest) -> RowReader:
        return RowReader(self.name, self.names, request, self.dialect, self.unit, self.absent_is_null)

    def add(self, rows: RowCollector, record: Record) -> None:
        """Add a line and its failure, if any, to the rows."""
        line, text = record
        if not text.strip():
            rows.blank += 1
            return
        reader = self.reader(rows.request)
        wrong: RowError | None = None
        try:
            if len(text) > self.cutter.max_line:
                raise self.too_long(line)
            if not text.isascii():
                try:
                    check_encoding(text, self.name, line, unit=self.unit)
                except RowError as error:
                    wrong, text = error, text.decode(errors="replace").encode()
            members = self.decoded(text.strip(), line)
        except RowError as error:
            self.read_part(rows, reader, text, wrong or error, line)
            return
        reader.add(rows, members, text, line, wrong or self.refused_constant(members, text, line))

    def add_start(self, rows: RowCollector, chunk: TextChunk) -> None:
        reader = self.reader(rows.request)
        self.read_part(rows, reader, chunk.data, self.too_long(chunk.line), chunk.line)

    def read_part(self, rows: RowCollector, reader: RowReader, text: bytes, wrong: RowError, line: int) -> None:
        """Add an invalid line to the rows, with the members before the error."""
        record, text = Members([]), text[: self.cutter.max_line + 1]
        if rows.request.on_error == "null" and deepest(text) <= MAX_DEPTH:
            record = leading_members(text.decode(errors="replace"), self.decoder)
        reader.add(rows, record, encoded(record).encode(errors="replace"), line, wrong)

    def refused_constant(self, record: Members, text: bytes, line: int) -> RowError | None:
        """Return the message for a record with `NaN` or `Infinity`, which are not accepted."""
        if self.accepts_nan or not any(constant in text for constant in CONSTANTS):
            return None
        word = next((word for _, word in constants_in(record)), None)
        if word is None:
            return None
        message = f"invalid JSON: {WORDS[word]}; --allow-nan-input accepts it"
        return RowError(message, self.name, line, unit=self.unit)

    def decoded(self, line: bytes, number: int) -> Members:
        """Return the object of a line, with its numbers as written.

        Raises: RowError for anything else.
        """
        if line.count(b"[") + line.count(b"{") > MAX_DEPTH and deepest(line) > MAX_DEPTH:
            raise RowError(f"the JSON is nested deeper than {MAX_DEPTH} levels", self.name, number, unit=self.unit)
        try:
            record = self.decoder.decode(line.decode())
        except json.JSONDecodeError as error:
            raise RowError(f"invalid JSON: {error.msg}", self.name, number, error.pos + 1, unit=self.unit) from None
        except ValueError as error:
            raise RowError(str(error), self.name, number, unit=self.unit) from None
        if not isinstance(record, Members):
            raise RowError("not a JSON object", self.name, number, unit=self.unit)
        return record


def nested_schema(paths: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    """Return the types of columns in which numbers are at these paths."""
    import polars

    inner: dict[str, list[tuple[str, ...]]] = {}
    for first, *rest in paths:
        inner.setdefault(first, []).append(tuple(rest))
    return {
        name: polars.Struct(nested_schema(below)) if all(below) else polars.Float64 for name, below in inner.items()
    }


def series_at(frame: Any, path: tuple[str, ...]) -> Any:
    """Return the column at a path."""
    series = frame[path[0]]
    for name in path[1:]:
        series = series.struct.field(name)
    return series


def open_json_lines(stream: ByteStream, name: str, reading: ReadOptions, groups: range | None) -> JsonLinesSource:
    """Open JSON Lines, or an array of records. Raises: InputError."""
    is_array = stream.start.lstrip(BLANKS).startswith(b"[")
    if is_array:
        stream.convert(lambda array: ArrayLines(array, stream.name, reading.max_line))
    return JsonLinesSource(
        stream,
        reading.max_line,
        reading.accepts_nan,
        reading.needed,
        reading.plain_bytes,
        reading.dialect,
        "record" if is_array else "line",
        reading.columns,
    )
