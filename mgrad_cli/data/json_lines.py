"""JSON Lines: chunks of text to blocks, at once where every line is an object as it should be, else line by line."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mgrad_cli.data.blocks import Block, Request, RowError
from mgrad_cli.data.chunks import Bytes, Chunk, Cutter
from mgrad_cli.data.delimited import BOM, NEWLINE, lines_of
from mgrad_cli.data.rows import Rows, cut
from mgrad_cli.errors import InputError

NAN_NAMES = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
NEGATIVE_ZERO = re.compile(rb"-0(?![.0-9eE])")
"""A token whose sign quick readers lose."""


class Numeral(str):
    """A number of a record as it is written."""

    __slots__ = ()


class JsonLinesSource:
    """A file or stream of JSON objects, one a line; the first of them names the columns."""

    form = "jsonl"
    line_end = "\n"

    def __init__(self, stream: Bytes, most_line: int, accepts_nan: bool) -> None:
        self.name = stream.name
        self.stream = stream
        self.accepts_nan = accepts_nan
        self.cutter = Cutter(stream, most_line)
        first = self.cutter.first()
        self.cutter.rest = first.removeprefix(BOM) + b"\n" + self.cutter.rest
        self.cutter.line = 1
        if not self.cutter.rest.strip() and not self.cutter.is_more:
            raise InputError(f"{self.name} is empty")
        self.decoder = json.JSONDecoder(
            object_pairs_hook=members, parse_int=Numeral, parse_float=Numeral, parse_constant=self.constant
        )
        record = self.decoded(first.removeprefix(BOM), 1)
        self.columns = tuple(record)
        self.total = stream.size
        self.rows = self.cutter.rows()

    def close(self) -> None:
        self.stream.close()

    def check(self, variables: Mapping[str, str]) -> None:
        """Of text, only the cells can tell."""

    def chunks(self, request: Request) -> Iterator[Chunk]:
        return self.cutter.chunks()

    def done(self, chunk: Chunk) -> int:
        return len(chunk.data)

    def block(self, chunk: Chunk, request: Request) -> Block:
        return self.at_once(chunk, request) or self.line_by_line(chunk, request)

    def at_once(self, chunk: Chunk, request: Request) -> Block | None:
        """The block of a chunk in which every line is an object with one number for each variable."""
        import numpy
        import polars

        data = chunk.data
        columns = set(request.variables.values())
        if chunk.is_too_long or not request.as_lines or not columns or NEGATIVE_ZERO.search(data):
            return None
        ends = numpy.flatnonzero(numpy.frombuffer(data, numpy.uint8) == NEWLINE)
        if int(numpy.diff(ends, prepend=-1).max()) - 1 > self.cutter.most_line:
            return None
        if any(data.count(json.dumps(column, ensure_ascii=False).encode()) != len(ends) for column in columns):
            return None  # a key given twice, or not at all, or escaped
        try:
            frame = polars.read_ndjson(data, schema=dict.fromkeys(columns, polars.Float64))
            lines = lines_of(data, ends)
        except (polars.exceptions.PolarsError, ValueError):
            return None
        values = {name: frame[column] for name, column in request.variables.items()}
        if frame.height != len(ends) or any(series.null_count() for series in values.values()):
            return None
        if not (lines.str.starts_with("{") & lines.str.ends_with("}")).all():
            return None
        return Block(
            len(ends),
            {name: numpy.ascontiguousarray(series.to_numpy()) for name, series in values.items()},
            lines=lines,
        )

    def line_by_line(self, chunk: Chunk, request: Request) -> Block:
        """The block of any chunk, with what is wrong in it."""
        rows = Rows(request, empty_line="{}")
        if chunk.is_too_long:
            rows.fail(self.too_long(chunk.line), {}, b"")
            return rows.block()
        for line, text in enumerate(chunk.data.split(b"\n")[:-1], chunk.line):
            if rows.is_stopped:
                break
            text = text.strip()
            if not text:
                rows.blank += 1
                continue
            record: dict[str, Any] = {}
            try:
                if len(text) > self.cutter.most_line:
                    raise self.too_long(line)
                record = self.decoded(text, line)
                rows.add(self.numbers(record, request, line), self.kept(record, request, line), text)
            except RowError as error:
                rows.fail(error, self.kept(record, request, 0), text if record else b"")
        return rows.block()

    def too_long(self, line: int) -> RowError:
        return RowError(f"longer than {self.cutter.most_line} bytes (--max-line)", self.name, line)

    def decoded(self, line: bytes, number: int) -> dict[str, Any]:
        """The object of a line, its numbers as they are written.

        Raises: RowError for anything else.
        """
        try:
            text = line.decode()
            record = self.decoder.decode(text)
        except UnicodeDecodeError as error:
            raise RowError("not UTF-8", self.name, number, error.start + 1) from None
        except json.JSONDecodeError as error:
            raise RowError(f"invalid JSON: {error.msg}", self.name, number, error.pos + 1) from None
        except RecursionError:
            raise RowError("the JSON is nested too deeply", self.name, number) from None
        except ValueError as error:
            raise RowError(str(error), self.name, number) from None
        if not isinstance(record, dict):
            raise RowError("not a JSON object", self.name, number)
        return record

    def constant(self, token: str) -> Numeral:
        if not self.accepts_nan:
            raise ValueError(f"invalid JSON: {token}; --allow-nan-input accepts it")
        return Numeral(token)

    def numbers(self, record: dict[str, Any], request: Request, line: int) -> dict[str, float | None]:
        """The number of each variable in a record.

        Raises: RowError for one that is missing, or no number.
        """
        numbers: dict[str, float | None] = {}
        for name, column in request.variables.items():
            if column not in record:
                raise RowError(f"no '{column}' in the record", self.name, line)
            value = record[column]
            if value is None:
                numbers[name] = None
            elif not isinstance(value, Numeral):
                shown = cut(json.dumps(value, ensure_ascii=False))
                raise RowError(f"{shown} in '{column}' is not a number", self.name, line)
            else:
                number = NAN_NAMES[value] if value in NAN_NAMES else float(value)
                if math.isinf(number) and value not in NAN_NAMES:
                    raise RowError(f"{cut(value)} in '{column}' overflows a double", self.name, line)
                numbers[name] = number
        return numbers

    def kept(self, record: dict[str, Any], request: Request, line: int) -> dict[str, str | None]:
        """The members that pass through as cells: texts as they are, anything else as the JSON it was.

        Raises: RowError for a member that no column is there for, where there is a line to name.
        """
        if request.as_lines:
            return {}
        for key in record:
            if line and key not in self.columns:
                raise RowError(f"'{key}' is not in the first record, which names the columns", self.name, line)
        return {column: cell(record.get(column)) for column in request.keep}


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object. Raises: ValueError for a name given twice."""
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"duplicate key '{next(key for key in keys if keys.count(key) > 1)}'")
    return record


def cell(value: Any) -> str | None:
    """A member as a cell of text."""
    return value if value is None or isinstance(value, str) else encoded(value)


def encoded(value: Any) -> str:
    """A member as JSON, its numbers as they were written."""
    if isinstance(value, Numeral):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {encoded(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(encoded, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
