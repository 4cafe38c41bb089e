"""Write blocks with their results as text. Any thread makes the pieces; they are written in the order of rows."""

import json
import re
from collections.abc import Callable
from io import RawIOBase
from typing import IO, Any, Protocol, TextIO, TypeAlias, cast

from mgrad_cli.data.blocks import Block, RowRequest
from mgrad_cli.data.dialect import WHITESPACE
from mgrad_cli.data.plain_writing import (
    FORMULA,
    JSON_NUMBER,
    DelimitedLayout,
    delimited_text,
    first_rows,
    json_text,
    word,
)
from mgrad_cli.data.polars_series import series_from
from mgrad_cli.data.scanner import NEWLINE
from mgrad_cli.data.text import lines_of
from mgrad_cli.storage.streams import Output
from mgrad_cli.text import printable

Draw: TypeAlias = Callable[[list[str], list[list[Any]], int, TextIO], str]
"""Draws a table of columns and rows for a stream, given the number of further rows."""


class Sink(Protocol):
    """Where results go. Any thread makes a piece from a block and its results; pieces are written in order."""

    def piece(self, block: Block, results: list[Any]) -> Any: ...

    def write(self, piece: Any) -> None: ...

    def close(self) -> None:
        """Write the rest after a successful run."""

    def abandon(self) -> None:
        """Write nothing more after a failed run."""


class TextParts(RawIOBase):
    """A stream that keeps what is written to it in parts, which are not copied together."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.parts.append(bytes(content))
        return len(content)


class TextSink:
    """Text in pieces of whole lines."""

    def __init__(self, output: Output) -> None:
        self.output = output

    def write(self, piece: list[bytes]) -> None:
        """Write parts of text, on a terminal without control characters."""
        if self.output.stream.isatty():
            lines = b"".join(piece).decode(errors="replace").split("\n")
            piece = ["\n".join("\t".join(map(printable, line.split("\t"))) for line in lines).encode()]
        for part in piece:
            self.output.write_bytes(part)

    def close(self) -> None:
        pass

    def abandon(self) -> None:
        if self.output.name == "standard output":
            self.output.flush()


class DelimitedSink(TextSink):
    """Writes delimited text. Rows kept as lines are unchanged; cells of a table are quoted where necessary.

    With `WHITESPACE` as delimiter, one blank separates the cells, and empty cells are quoted.
    """

    def __init__(self, output: Output, names: list[str], layout: DelimitedLayout) -> None:
        super().__init__(output)
        self.names = names
        self.layout = layout
        self.separator = layout.separator

    def begin(self, header: str | None, columns: tuple[str, ...]) -> None:
        """Write the header: its own text, or the names of the columns to keep, then the names of the results."""
        cells = self.names if header is not None else [*columns, *self.names]
        if self.layout.is_safe:
            cells = [f"'{cell}" if re.match(FORMULA, cell) else cell for cell in cells]
        cells = list(map(self.layout.quoted_if_needed, cells))
        line = self.separator.join(cells if header is None else [header, *cells]) + self.layout.line_end
        self.write([line.encode()])

    def piece(self, block: Block, results: list[Any]) -> list[bytes]:
        parts = self.plain_text(block, results) if block.is_plain else self.text(block, results)
        if block.raw is None or not block.raw.contents:
            return parts
        return [block.raw.restored(b"".join(parts), self.quoted if block.lines is None else bytes)]

    def plain_text(self, block: Block, results: list[Any]) -> list[bytes]:
        return [delimited_text(block, results, self.layout).encode()]

    def text(self, block: Block, results: list[Any]) -> list[bytes]:
        import polars

        is_quoted = block.lines is None and self.separator not in " \t"  # by polars, where necessary
        worded = nan_as_word(result_series(block, results, self.names))
        shown = [self.result(series, is_quoted) for series in worded]
        if block.surplus:
            shown[-1] = self.with_surplus(shown[-1], block.surplus)
        kept: list[Any] = [block.lines]
        if block.lines is None:
            kept = nan_as_word(series_of(block.table))
            if self.layout.is_safe:
                kept = [spreadsheet_safe(series, self.layout.decimal) for series in kept]
            if self.separator in " \t":
                kept = [quoted_cells(series, self.layout.is_spaced) for series in kept]
        text = TextParts()
        polars.DataFrame([series.alias(str(index)) for index, series in enumerate([*kept, *shown])]).write_csv(
            cast("IO[bytes]", text),
            include_header=False,
            separator=self.separator,
            line_terminator=self.layout.line_end,
            quote_style="necessary" if is_quoted else "never",
        )
        return text.parts

    def result(self, series: Any, is_quoted: bool) -> Any:
        """Return a column of results as it is written: with the decimal mark, in quotes unless `is_quoted` later."""
        import polars

        decimal = self.layout.decimal
        if decimal == "." and not self.layout.is_spaced:
            return series
        text = series.cast(polars.String).str.replace(".", decimal, literal=True)
        if decimal == self.separator and not is_quoted:
            marked = polars.col(text.name)
            quoted = polars.when(marked.str.contains(decimal, literal=True)).then('"' + marked + '"')
            text = text.to_frame().select(quoted.otherwise(marked).alias(text.name)).to_series()
        return text.fill_null('""') if self.layout.is_spaced else text

    def with_surplus(self, series: Any, surplus: dict[int, str]) -> Any:
        """Return the last result as text, followed by surplus cells in some rows."""
        import polars

        tails = [self.separator + surplus[index] if index in surplus else "" for index in range(len(series))]
        return series.cast(polars.String).fill_null("") + polars.Series(tails, dtype=polars.String)

    def quoted(self, cell: bytes) -> bytes:
        """Quote a cell that is not UTF-8 if necessary."""
        if not any(mark in cell for mark in (b'"', b"\n", b"\r", self.separator.encode())):
            return cell
        return b'"' + cell.replace(b'"', b'""') + b'"'


def delimited_sink(output: Output, style: Any, source: Any, request: RowRequest) -> DelimitedSink:
    """Return a sink for CSV or TSV, its header written as the source has it where rows pass through as lines."""
    is_spaced = style.delimiter == WHITESPACE
    layout = DelimitedLayout(
        " " if is_spaced else style.delimiter,
        getattr(source, "line_end", "\n"),
        style.is_safe,
        style.dialect.decimal,
        is_spaced,
    )
    sink = DelimitedSink(output, style.names, layout)
    sink.begin(getattr(source, "header", None) if request.as_lines else None, request.keep)
    return sink


class JsonLinesSink(TextSink):
    """Writes strict JSON Lines. Numbers that are not finite are null, and named in `nonfinite`."""

    def __init__(self, output: Output, names: list[str], decimal: str = ".") -> None:
        super().__init__(output)
        self.names = names
        self.decimal = decimal

    def piece(self, block: Block, results: list[Any]) -> list[bytes]:
        if block.is_plain:
            return [json_text(block, results, self.names, self.decimal).encode()]
        import polars
        from polars import col, concat_str, lit, when

        lines = block.lines
        kept: list[Any] = []
        if lines is None and block.table is None:
            lines = polars.Series([], dtype=polars.String).extend_constant("{}", block.rows)
        elif lines is None:
            columns = series_of(block.table)
            kept = [series for series in columns if series.dtype in {polars.Float64, polars.Float32}]
            lines = json_objects(columns, block.holds_cells, self.decimal)
        results_here = result_series(block, results, self.names)
        frame = polars.DataFrame([lines.alias("line"), *(s.alias(f"r{i}") for i, s in enumerate(results_here))])
        pieces = [col("line").str.head(-1).str.strip_chars_end()]
        for index, name in enumerate(self.names):
            value = col(f"r{index}")
            comma = lit(", ")
            lead = when(pieces[0] == "{").then(lit("")).otherwise(comma) if index == 0 else comma
            pieces += [lead, lit(f"{json.dumps(name)}: ")]
            pieces.append(when(value.is_finite()).then(value.cast(polars.String)).otherwise(lit("null")))
        nonfinite = self.nonfinite([*kept, *results_here], block.nonfinite)
        if nonfinite is not None:
            frame = frame.with_columns(nonfinite.alias("nonfinite"))
            pieces.append(col("nonfinite"))
        text = TextParts()
        rows = frame.select(concat_str([*pieces, lit("}")]))
        rows.write_csv(cast("IO[bytes]", text), include_header=False, quote_style="never")
        return text.parts

    def nonfinite(self, columns: list[Any], words: dict[int, dict[str, str]]) -> Any:
        """Return for each row the member that names values not finite, in these columns or in its own text.

        Return `None` if all are finite.
        """
        import polars

        named = {row: dict(each) for row, each in words.items()}
        for series in columns:
            rows = (~series.is_finite()).arg_true()
            for row, value in zip(rows.to_list(), series.gather(rows).to_list(), strict=True):
                named.setdefault(row, {})[series.name] = word(value)
        if not named:
            return None
        texts = [""] * len(columns[0])
        spelled: dict[tuple[tuple[str, str], ...], str] = {}  # most rows have the same members
        for row, each in named.items():
            key = tuple(each.items())
            texts[row] = spelled.get(key) or spelled.setdefault(key, f', "nonfinite": {json.dumps(each)}')
        return polars.Series(texts, dtype=polars.String)


def json_lines_sink(output: Output, style: Any, source: Any, request: RowRequest) -> JsonLinesSink:
    """Return a sink for JSON Lines."""
    return JsonLinesSink(output, style.names, style.dialect.decimal)


def result_series(block: Block, results: list[Any], names: list[str]) -> list[Any]:
    """Return the results as Series, null in rows without results."""
    import numpy
    import pyarrow

    is_valid = None
    if block.nulls is not None:
        is_valid = pyarrow.py_buffer(numpy.packbits(~block.nulls, bitorder="little"))
    arrays = [  # `pyarrow.array` imports `numpy.ma`
        pyarrow.Array.from_buffers(pyarrow.float64(), block.rows, [is_valid, pyarrow.py_buffer(result)])
        for result in results
    ]
    return [series_from(array, name) for name, array in zip(names, arrays, strict=True)]


def json_objects(columns: list[Any], hold_cells: bool, decimal: str = ".") -> Any:
    """Convert columns to a Series of JSON objects, one per row.

    Text cells that are JSON numbers stay numbers, digit for digit.
    """
    import polars

    pieces: list[Any] = []
    frame = {}
    for index, series in enumerate(columns):
        frame[str(index)] = json_values(series, hold_cells, decimal)
        pieces += [polars.lit(f"{', ' if index else '{'}{json.dumps(series.name)}: "), polars.col(str(index))]
    objects: Any = polars.DataFrame(frame).select(polars.concat_str([*pieces, polars.lit("}")]).alias("")).to_series()
    return objects


def json_values(series: Any, holds_cells: bool, decimal: str) -> Any:
    """Convert a column to a Series of JSON values. Cells have this decimal mark."""
    import numpy
    import polars

    text = series.alias("").to_frame().write_ndjson().encode()
    lines = lines_of(text, numpy.flatnonzero(numpy.frombuffer(text, numpy.uint8) == NEWLINE))
    values = lines.str.slice(len('{"":')).str.head(-1)
    if series.dtype != polars.String or not holds_cells:
        return values
    numbers = series if decimal == "." else series.str.replace(decimal, ".", literal=True)
    if decimal != ".":
        numbers = numbers.set(series.str.contains(".", literal=True).fill_null(False), None)
    frame = polars.DataFrame({"text": numbers, "value": values})
    is_number = polars.col("text").str.contains(f"^{JSON_NUMBER}$").fill_null(False)
    return frame.select(polars.when(is_number).then("text").otherwise("value")).to_series()


def series_of(table: Any) -> list[Any]:
    """Return the columns of an Arrow table as Series, with dictionary values as text; an empty list for no table."""
    import polars

    columns = [] if table is None else zip(table.column_names, table.columns, strict=True)
    found = [series_from(column, name) for name, column in columns]
    worded = (polars.Categorical, polars.Enum)
    return [series.cast(polars.String) if isinstance(series.dtype, worded) else series for series in found]


def nan_as_word(columns: list[Any]) -> list[Any]:
    """Return columns, named by their index. Floats with a nan among them become texts, with the word `nan` for it."""
    import polars
    from polars import selectors

    frame = polars.DataFrame([series.alias(str(index)) for index, series in enumerate(columns)])
    has_nan = frame.select(selectors.float().is_nan().any()).to_dict(as_series=False)
    names = [name for name, found in has_nan.items() if found[0]]
    if names:
        value = polars.col(names)
        frame = frame.with_columns(
            polars.when(value.is_nan()).then(polars.lit("nan")).otherwise(value.cast(polars.String)).name.keep()
        )
    return frame.get_columns()


def spreadsheet_safe(series: Any, decimal: str = ".") -> Any:
    """Prefix the texts of a column that a spreadsheet would run. Numbers stay unchanged."""
    import polars

    if series.dtype != polars.String:
        return series
    text = polars.col(series.name)
    number = text.str.replace(decimal, ".", literal=True) if decimal != "." else text
    runs = text.str.contains(f"^{FORMULA}") & number.cast(polars.Float64, strict=False).is_null()
    marked = polars.when(runs).then(polars.lit("'") + text).otherwise(text)
    return series.to_frame().select(marked.alias(series.name)).to_series()


def quoted_cells(series: Any, is_spaced: bool) -> Any:
    """Quote the texts of a column that would otherwise be misread, between tabs or, if `is_spaced`, between blanks.

    A quote inside a cell of TSV is an ordinary character. Between blanks, an empty cell needs quotes.
    """
    import polars

    series = series.cast(polars.String).fill_null("") if is_spaced else series
    if series.dtype != polars.String:
        return series
    text = polars.col(series.name)
    needs_quotes = text.str.contains(r'["\t\r\n ]|^$' if is_spaced else r'^"|[\t\r\n]|^$')
    quoted = polars.lit('"') + text.str.replace_all('"', '""', literal=True) + polars.lit('"')
    return (
        series.to_frame().select(polars.when(needs_quotes).then(quoted).otherwise(text).alias(series.name)).to_series()
    )


class PreviewSink:
    """A table for people: the first rows, and the number of further rows."""

    max_rows = 40

    def __init__(self, output: Output, columns: list[str], draw: Draw) -> None:
        self.output = output
        self.columns = columns
        self.draw = draw
        self.rows: list[list[Any]] = []
        self.more = 0

    def piece(self, block: Block, results: list[Any]) -> tuple[list[list[Any]], int]:
        first = self.max_rows
        if block.is_plain:
            return first_rows(block, results, first), block.rows
        kept = [series.head(first) for series in series_of(block.table)]
        shown = [series.head(first) for series in result_series(block, results, self.columns[len(kept) :])]
        return [list(row) for row in zip(*(series.to_list() for series in (*kept, *shown)), strict=True)], block.rows

    def write(self, piece: tuple[list[list[Any]], int]) -> None:
        rows, count = piece
        taken = rows[: self.max_rows - len(self.rows)]
        self.rows += taken
        self.more += count - len(taken)

    def abandon(self) -> None:
        pass

    def close(self) -> None:
        self.output.write(self.draw(self.columns, self.rows, self.more, self.output.stream))
