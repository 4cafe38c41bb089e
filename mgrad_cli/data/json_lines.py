"""Read JSON Lines: one object per line. The first names the columns; numbers and texts are kept as written."""

import json
import re
from functools import lru_cache
from typing import Any

from mgrad_cli.data.blocks import NONFINITE, Block, RowError, RowRequest
from mgrad_cli.data.chunks import Cutter, TextChunk
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.data.formats import PLAIN_BYTES, ReadOptions
from mgrad_cli.data.json_arrays import ArrayLines
from mgrad_cli.data.json_rows import RowReader
from mgrad_cli.data.members import (
    Members,
    Numeral,
    constant_in,
    deepest,
    encoded,
    is_encodable,
    leading_members,
    member_at,
    nested_names,
    own_nonfinite,
)
from mgrad_cli.data.rows import RowCollector
from mgrad_cli.data.scanner import NEWLINE, RecordScanner, lines
from mgrad_cli.data.signatures import BLANKS
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.data.text import TextSource, check_encoding, lines_of
from mgrad_cli.errors import InputError

MAX_DEPTH = 500
"""The maximum nesting depth of arrays and objects, which fits the stack of any JSON reader."""
MAX_TRIED = 1000
"""The number of lines to search for a record that names the columns."""
NEGATIVE_ZERO = re.compile(rb"-0(?![.0-9eE])")
"""A number whose sign fast readers lose."""
SHORT_ESCAPES = dict(zip('"\\/\b\f\n\r\t', '"\\/bfnrt', strict=True))


class JsonLinesSource(TextSource):
    """A file or stream of JSON objects, one per line. The first names the columns.

    If members are `needed`, it is the first good one that has them, among the first lines.
    """

    file_format = "jsonl"
    line_end = "\n"

    def __init__(
        self,
        stream: ByteStream,
        max_line: int,
        accepts_nan: bool,
        needed: frozenset[str] | None = None,
        plain_bytes: int = PLAIN_BYTES,
        dialect: Dialect = PLAIN,
        unit: str = "line",
    ) -> None:
        super().__init__(stream, Cutter(stream, max_line, RecordScanner()), plain_bytes)
        self.accepts_nan = accepts_nan
        self.dialect = dialect
        self.unit = unit  # what the number of a line counts: elements of an array are lines here
        self.decoder = json.JSONDecoder(
            object_pairs_hook=Members, parse_int=Numeral, parse_float=Numeral, parse_constant=Numeral
        )
        record = self.naming_record(needed)
        self.names = frozenset(record)
        self.members = tuple(nested_names(record))
        self.columns = tuple(name for name in record if name != NONFINITE or own_nonfinite(record) is None)
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
                shown = encoded(column).text
                raise InputError(f"{self.name}: the name {shown} has half of a surrogate pair, which is no character")

    def at_once(self, chunk: TextChunk, request: RowRequest) -> Block | None:
        """Return the block of a chunk in which each line is an object with one number for each variable."""
        import numpy
        import polars

        data = chunk.data
        columns = set(request.variables.values())
        is_whole = request.keeps_all if request.as_lines else not request.keep
        if chunk.is_too_long or not is_whole or not columns or NEGATIVE_ZERO.search(data):
            return None
        others = {NONFINITE, *(request.results if request.as_lines else ())} - columns
        if any(spelled(name) in data for name in others) or (
            b"\\" in data and escapes_of(frozenset(columns | others)).search(data)
        ):
            return None  # a member may have the name of a result, or that of a column in another Unicode form
        ends = numpy.flatnonzero(numpy.frombuffer(data, numpy.uint8) == NEWLINE)
        if int(numpy.diff(ends, prepend=-1).max()) - 1 > self.cutter.max_line:
            return None
        if data.count(b"[") + data.count(b"{") >= len(ends) + MAX_DEPTH and may_be_deep(data, ends):
            return None
        if any(data.count(spelled(column)) != len(ends) for column in columns):
            return None  # a duplicate or missing key
        try:
            data.decode()
            frame = polars.read_ndjson(data, schema=dict.fromkeys(columns, polars.Float64))
        except (polars.exceptions.PolarsError, UnicodeError):
            return None
        texts = lines_of(data, ends)
        values = {name: frame[column] for name, column in request.variables.items()}
        if frame.height != len(ends) or any(series.null_count() for series in values.values()):
            return None
        if not (texts.str.starts_with("{") & texts.str.ends_with("}")).all():
            return None
        arrays = {name: numpy.ascontiguousarray(series.to_numpy()) for name, series in values.items()}
        first = chunk.line
        return Block(
            len(ends),
            arrays,
            lines=texts if request.as_lines else None,
            error=lambda row, message: RowError(message, self.name, first + row, unit=self.unit),
        )

    def row_by_row(self, chunk: TextChunk, request: RowRequest) -> Block:
        """Return the block of any chunk, with its failures."""
        rows = RowCollector(request, "{}", self.name, chunk.line, self.unit)
        reader = RowReader(self.name, self.names, request, self.dialect, self.unit)
        if chunk.is_too_long:
            self.read_part(rows, reader, chunk.data, self.too_long(chunk.line), chunk.line)
            return rows.block()
        for line, text in enumerate(lines(chunk.data), chunk.line):
            if rows.is_stopped:
                break
            rows.line = line
            if text.strip():
                self.read_line(rows, reader, text, line)
            else:
                rows.blank += 1
        return rows.block()

    def read_line(self, rows: RowCollector, reader: RowReader, text: bytes, line: int) -> None:
        """Add a line and its failure, if any, to the rows."""
        wrong: RowError | None = None
        try:
            if len(text) - 1 > self.cutter.max_line:
                raise self.too_long(line)
            if not text.isascii():
                try:
                    check_encoding(text, self.name, line, unit=self.unit)
                except RowError as error:
                    wrong, text = error, text.decode(errors="replace").encode()
            record = self.decoded(text.strip(), line)
        except RowError as error:
            self.read_part(rows, reader, text, wrong or error, line)
            return
        reader.add(rows, record, text, line, wrong or self.refused_constant(record, text, line))

    def read_part(self, rows: RowCollector, reader: RowReader, text: bytes, wrong: RowError, line: int) -> None:
        """Add an invalid line to the rows, with the members before the error."""
        record, text = Members([]), text[: self.cutter.max_line + 1]
        if rows.request.on_error == "null" and deepest(text) <= MAX_DEPTH:
            record = leading_members(text.decode(errors="replace"), self.decoder)
        reader.add(rows, record, encoded(record).text.encode(errors="replace"), line, wrong)

    def refused_constant(self, record: Members, text: bytes, line: int) -> RowError | None:
        """Return the message for a record with `NaN` or `Infinity`, which are not accepted."""
        token = None
        if not self.accepts_nan and (b"NaN" in text or b"Infinity" in text):
            token = constant_in(record)
        return (
            None
            if token is None
            else RowError(f"invalid JSON: {token}; --allow-nan-input accepts it", self.name, line, unit=self.unit)
        )

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


def spelled(name: str) -> bytes:
    """Return a name as JSON with no more escapes than necessary."""
    return json.dumps(name, ensure_ascii=False).encode(errors="surrogatepass")


@lru_cache(maxsize=16)
def escapes_of(names: frozenset[str]) -> "re.Pattern[bytes]":
    """Return a pattern that matches escapes of the characters in the names."""
    characters = "".join(names)
    units = characters.encode("utf-16-be", errors="surrogatepass").hex()
    codes = {units[index : index + 4] for index in range(0, len(units), 4)}
    short = {re.escape(SHORT_ESCAPES[each]) for each in characters if each in SHORT_ESCAPES}
    spellings = [f"u(?i:{'|'.join(sorted(codes))})", *sorted(short)]
    return re.compile(rf"\\(?:{'|'.join(spellings)})".encode())


def may_be_deep(data: bytes, ends: Any) -> bool:
    """Return whether a line has enough brackets to be nested too deeply."""
    import numpy

    text = numpy.frombuffer(data, numpy.uint8)
    opened = numpy.cumsum((text == ord("[")) | (text == ord("{")))[ends]
    return bool((numpy.diff(opened, prepend=0) > MAX_DEPTH).any())


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
    )
