"""Read columns of regular delimited records, which have the same cells, and every quote in a proper position."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mgrad_cli.data.blocks import Block, RowRequest
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.data.records import RecordLayout
from mgrad_cli.data.rows import cell_number
from mgrad_cli.data.scanner import NEWLINE, RETURN
from mgrad_cli.evaluation.value_text import is_numeral

BLANKS = " \t\r\n\f\v"
"""What may surround a number."""
FEW = 1 / 8
"""The part of a column up to which its cells are taken from the text one by one."""


@dataclass(frozen=True)
class CellReader:
    """Reads some columns of records that have these columns."""

    columns: Sequence[str]
    separator: str
    dialect: Dialect = PLAIN

    def block(
        self, layout: RecordLayout, request: RowRequest, has_quotes: bool, lines: Any = None
    ) -> tuple[Block, Any] | None:
        """Return the rows of records, and which of them have a cell that is not a number where one should be.

        The latter is `None` for none. `lines` are their texts to keep, if any; otherwise the rows have a table.

        Return `None` for records that polars reads otherwise.
        """
        import numpy
        import polars

        rows = len(layout.ends)
        try:
            numbers, is_wrong = self.numbers(layout, list(request.variables.values()), has_quotes)
            kept = None if request.as_lines else self.frame(layout.data, request.keep, polars.String, has_quotes)
        except polars.exceptions.PolarsError:
            return None
        if any(frame is not None and frame.width and frame.height != rows for frame in (numbers, kept)):
            return None
        block = Block(rows, {}, lines=lines)
        for name, column in request.variables.items():
            series = numbers[column]
            block.columns[name] = numpy.ascontiguousarray(series.to_numpy())
            if series.null_count():
                is_null = series.is_null().to_numpy()
                block.nulls = is_null if block.nulls is None else block.nulls | is_null
        if kept is not None and request.keep:
            if request.nulls:
                is_null = polars.all().str.strip_chars().is_in(list(request.nulls))
                kept = kept.with_columns(polars.when(is_null).then(None).otherwise(polars.all()).name.keep())
            used = set(request.variables.values()) if request.typed else set()
            table = kept.with_columns(numbers[column] for column in request.keep if column in used)
            block.table, block.holds_cells = table.to_arrow(), True
        return block, is_wrong

    def numbers(self, layout: RecordLayout, columns: Iterable[str], has_quotes: bool) -> tuple[Any, Any]:
        """Return columns of numbers, null for empty cells, and which records have other cells there.

        The latter is `None` for no record.
        """
        import numpy
        import polars

        data = self.without_blanks(layout.data, has_quotes)
        frame = self.frame(data, columns, polars.Float64, has_quotes).rechunk()
        is_wrong = None
        for column in frame.columns:
            series = frame[column]
            is_doubtful = self.is_doubtful(series, layout, column)
            if not is_doubtful.any():
                continue
            rows = numpy.flatnonzero(is_doubtful)
            starts, ends = self.places(layout, column)
            if len(rows) < FEW * len(series):
                cells = zip(starts[rows].tolist(), ends[rows].tolist(), strict=True)
                cell_texts = (self.unquoted(layout.data[start:end].decode(), has_quotes) for start, end in cells)
                texts = polars.Series(list(cell_texts), dtype=polars.String)
            else:
                texts = self.frame(layout.data, [column], polars.String, has_quotes)[column][rows]
            found, is_bad = self.numbers_in(texts)
            frame = frame.with_columns(series.scatter(rows, found))
            if is_bad.any():
                is_wrong = numpy.zeros(len(series), dtype=bool) if is_wrong is None else is_wrong
                is_wrong[rows[is_bad.to_numpy()]] = True
        return frame, is_wrong

    def places(self, layout: RecordLayout, column: str) -> tuple[Any, Any]:
        """Return where the cells of a column begin and end."""
        return layout.cells(self.columns.index(column), len(self.columns))

    def is_doubtful(self, series: Any, layout: RecordLayout, column: str) -> Any:
        """Return which cells of a column polars may have read otherwise than they are meant.

        These are numbers that overflow, words for missing values, and what it has not read.
        """
        import numpy

        values = series.to_numpy()
        is_doubtful = numpy.isinf(values)
        if self.null_numbers:
            is_doubtful |= numpy.isin(values, self.null_numbers)
        if series.null_count():
            starts, ends = self.places(layout, column)
            is_doubtful |= series.is_null().to_numpy() & (ends > starts)
        if self.dialect.decimal == "," and b"." in layout.data:
            starts, ends = self.places(layout, column)
            points = numpy.flatnonzero(numpy.frombuffer(layout.data, numpy.uint8) == ord("."))
            is_doubtful |= numpy.searchsorted(points, starts) < numpy.searchsorted(points, ends)
        return is_doubtful

    def without_blanks(self, data: bytes, has_quotes: bool) -> bytes:
        """Return records without one blank after each cell, if that cannot join what is apart."""
        import numpy

        if b" " not in data or has_quotes or self.dialect.decimal == "," or self.separator == " ":
            return data
        text = numpy.frombuffer(data, numpy.uint8)
        blanks = numpy.flatnonzero(text == ord(" "))
        after = text[blanks + 1]
        is_last = (after == ord(self.separator)) | (after == NEWLINE)
        if RETURN in data:
            is_last |= (after == RETURN) & (text[numpy.minimum(blanks + 2, len(text) - 1)] == NEWLINE)
        if not is_last.any():
            return data
        is_kept = numpy.ones(len(text), dtype=bool)
        is_kept[blanks[is_last]] = False
        return bytes(text[is_kept])

    def unquoted(self, cell: str, has_quotes: bool) -> str:
        """Return the text of a cell."""
        return cell.rstrip("\r")[1:-1].replace('""', '"') if has_quotes and cell.startswith('"') else cell

    @cached_property
    def null_numbers(self) -> list[float]:
        """The words for missing values that are numbers."""
        numbers = (cell_number(word) for word in self.dialect.nulls if is_numeral(word))
        return [number for number in numbers if number is not None]

    def numbers_in(self, texts: Any) -> tuple[Any, Any]:
        """Return the numbers in a Series of cells, null for cells without one, and which of those should have one.

        Blanks around a number are ignored. A number that overflows is none.
        """
        import polars

        stripped = texts.str.strip_chars(BLANKS).fill_null("")
        if self.dialect.decimal == ",":
            stripped = stripped.str.replace_many([".", ","], [",", "."])
        found = stripped.cast(polars.Float64, strict=False)
        is_overflow = found.is_infinite().fill_null(False) & ~stripped.str.contains("[nN]")
        is_missing = (stripped == "") | texts.str.strip_chars(BLANKS).is_in(list(self.dialect.nulls)).fill_null(True)
        found = found.set(is_missing | is_overflow, None)
        is_bad = found.is_null() & ~is_missing
        rows = is_bad.arg_true()
        if len(rows):
            words = texts.gather(rows)
            read = {word: self.read(word) for word in words.unique()}
            numbers, fails = zip(*map(read.__getitem__, words), strict=True)
            found, is_bad = found.scatter(rows, numbers), is_bad.scatter(rows, fails)
        return found, is_bad

    def read(self, text: str) -> tuple[float | None, bool]:
        """Return the number in a cell that polars does not read, if it has one, and whether it should have one."""
        try:
            return cell_number(text, self.dialect), False
        except ValueError:
            return None, True

    def frame(self, data: bytes, columns: Iterable[str], kind: Any, has_quotes: bool) -> Any:
        """Return some columns, all of one type. A cell that is not of that type is null."""
        import polars

        chosen = list(dict.fromkeys(columns))
        if not chosen or not data:
            return polars.DataFrame(schema=dict.fromkeys(chosen, kind))
        source = polars.scan_csv(
            data,
            has_header=False,
            schema={str(index): kind for index in range(len(self.columns))},
            separator=self.separator,
            quote_char='"' if has_quotes else None,
            ignore_errors=True,
            decimal_comma=self.dialect.decimal == ",",
        )
        cells = (polars.col(str(self.columns.index(column))).alias(column) for column in chosen)
        if kind == polars.String:
            cells = (cell.replace("", None) for cell in cells)  # an empty cell, quoted or not
        frame: Any = source.select(cells).collect()
        return frame
