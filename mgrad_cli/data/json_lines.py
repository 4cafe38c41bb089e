"""JSON Lines: an object a line, the first of which names the columns; numbers and texts pass through as written."""

import json
import math
import re
from collections import Counter
from typing import Any

from mgrad_cli.data.blocks import Block, Request, RowError
from mgrad_cli.data.chunks import Chunk, Cutter
from mgrad_cli.data.rows import Rows, cut
from mgrad_cli.data.scanner import NEWLINE, Scanner, lines
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.data.text import TextSource, lines_of
from mgrad_cli.errors import InputError

NAN_NAMES = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
NEGATIVE_ZERO = re.compile(rb"-0(?![.0-9eE])")
"""A token whose sign quick readers lose."""
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
NONFINITE = "nonfinite"
"""The member that names what is not finite among the results."""


class Numeral(str):
    """A number of a record as it is written."""

    __slots__ = ()


class Members(dict[str, Any]):
    """The members of an object, and the names that are given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice: frozenset[str] = frozenset()
        if len(self) < len(pairs):
            self.twice = frozenset(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)


class JsonLinesSource(TextSource):
    """A file or stream of JSON objects, one a line; the first of them names the columns."""

    form = "jsonl"
    line_end = "\n"

    def __init__(self, stream: ByteStream, most_line: int, accepts_nan: bool) -> None:
        super().__init__(stream, Cutter(stream, most_line, Scanner()))
        self.accepts_nan = accepts_nan
        first = self.cutter.first()
        while not first.strip():
            if not self.cutter.rest and not self.cutter.is_more:
                raise InputError(f"{self.name} is empty")
            first = self.cutter.first()
        self.cutter.rest = first + b"\n" + self.cutter.rest
        self.cutter.line -= 1
        self.decoder = json.JSONDecoder(
            object_pairs_hook=Members, parse_int=Numeral, parse_float=Numeral, parse_constant=self.constant
        )
        record = self.decoded(first.strip(), self.cutter.line)
        self.columns = tuple(record)
        self.names = frozenset(record)
        self.rows = self.cutter.rows()

    def at_once(self, chunk: Chunk, request: Request) -> Block | None:
        """The block of a chunk in which every line is an object with one number for each variable."""
        import numpy
        import polars

        data = chunk.data
        columns = set(request.variables.values())
        is_whole = request.keep == self.columns if request.as_lines else not request.keep
        if chunk.is_too_long or not is_whole or not columns or NEGATIVE_ZERO.search(data):
            return None
        if request.as_lines and any(json.dumps(name).encode() in data for name in (*request.results, NONFINITE)):
            return None  # a member may have a name that the results need
        ends = numpy.flatnonzero(numpy.frombuffer(data, numpy.uint8) == NEWLINE)
        if int(numpy.diff(ends, prepend=-1).max()) - 1 > self.cutter.most_line:
            return None
        if any(data.count(json.dumps(column, ensure_ascii=False).encode()) != len(ends) for column in columns):
            return None  # a key given twice, or not at all, or escaped
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
        return Block(len(ends), arrays, lines=texts if request.as_lines else None)

    def row_by_row(self, chunk: Chunk, request: Request) -> Block:
        """The block of any chunk, with what is wrong in it."""
        rows = Rows(request, empty_line="{}")
        if chunk.is_too_long:
            rows.fail(self.too_long(chunk.line), {}, b"")
            return rows.block()
        for line, text in enumerate(lines(chunk.data), chunk.line):
            if rows.is_stopped:
                break
            if text.strip():
                self.read_line(rows, text, line)
            else:
                rows.blank += 1
        return rows.block()

    def read_line(self, rows: Rows, text: bytes, line: int) -> None:
        """Adds a line to the rows, or what is wrong with it."""
        request = rows.request
        kept: dict[str, str | None] = {}
        shown = b""
        try:
            if len(text) - 1 > self.cutter.most_line:
                raise self.too_long(line)
            record = self.decoded(text.strip(), line)
            kept = {column: cell(record.get(column)) for column in request.keep} if not request.as_lines else {}
            self.refuse_members(record, request, line)
            shown = self.passed(record, request, text, line)
            rows.add(self.numbers(record, request, line), kept, shown)
        except RowError as error:
            rows.fail(error, kept, shown)

    def decoded(self, line: bytes, number: int) -> Members:
        """The object of a line, its numbers as they are written.

        Raises: RowError for anything else.
        """
        try:
            record = self.decoder.decode(line.decode())
        except UnicodeDecodeError as error:
            raise RowError("not UTF-8", self.name, number, error.start + 1) from None
        except json.JSONDecodeError as error:
            raise RowError(f"invalid JSON: {error.msg}", self.name, number, error.pos + 1) from None
        except RecursionError:
            raise RowError("the JSON is nested too deeply", self.name, number) from None
        except ValueError as error:
            raise RowError(str(error), self.name, number) from None
        if not isinstance(record, Members):
            raise RowError("not a JSON object", self.name, number)
        if SURROGATE.search(line) and not is_encodable(encoded(record)):
            raise RowError("half of a surrogate pair, which is no character", self.name, number)
        return record

    def constant(self, token: str) -> Numeral:
        if not self.accepts_nan:
            raise ValueError(f"invalid JSON: {token}; --allow-nan-input accepts it")
        return Numeral(token)

    def numbers(self, record: Members, request: Request, line: int) -> dict[str, float | None]:
        """The number of each variable in a record.

        Raises: RowError for one that is missing, or no number.
        """
        numbers: dict[str, float | None] = {}
        for name, column in request.variables.items():
            if column not in record:
                raise RowError(f"no '{column}' in the record", self.name, line)
            if column in record.twice:
                raise RowError(f"duplicate key '{column}'", self.name, line)
            value = record[column]
            if value is None:
                numbers[name] = None
            elif not isinstance(value, Numeral):
                raise RowError(f"{cut(encoded(value))} in '{column}' is not a number", self.name, line)
            else:
                number = NAN_NAMES[value] if value in NAN_NAMES else float(value)
                if math.isinf(number) and value not in NAN_NAMES:
                    raise RowError(f"{cut(value)} in '{column}' overflows a double", self.name, line)
                numbers[name] = number
        return numbers

    def refuse_members(self, record: Members, request: Request, line: int) -> None:
        """Raises: RowError for a member that no column is there for, or given twice, where members become columns."""
        for key in record if request.keep and not request.as_lines else ():
            if key in record.twice:
                raise RowError(f"duplicate key '{key}'", self.name, line)
            if key not in self.names:
                raise RowError(f"'{key}' is not in the first record, which names the columns", self.name, line)

    def passed(self, record: Members, request: Request, text: bytes, line: int) -> bytes:
        """The text of a record that passes through: its own, or that of the members kept.

        Raises: RowError for a member of a name that the results need.
        """
        if not request.as_lines:
            return b""
        is_whole = request.keep == self.columns
        for name in (*request.results, NONFINITE):
            if name in record and (is_whole or name in request.keep):
                raise RowError(f"the record has a member '{name}', which is the name of a result", self.name, line)
        if is_whole:
            return text.strip()
        return encoded({name: record[name] for name in request.keep if name in record}).encode()


def is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def cell(value: Any) -> str | None:
    """A member as a cell of text."""
    if value is None or (isinstance(value, str) and not isinstance(value, Numeral)):
        return value
    return encoded(value)


def encoded(value: Any) -> str:
    """A member as JSON, its numbers as they were written."""
    if isinstance(value, Numeral):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {encoded(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(encoded, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
