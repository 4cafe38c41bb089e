"""Write blocks with their results as delimited text."""

import re
from typing import IO, Any, cast

from mgrad_cli.data.blocks import Block, RowRequest
from mgrad_cli.data.dialect import WHITESPACE
from mgrad_cli.data.plain_writing import FORMULA, DelimitedLayout, delimited_text
from mgrad_cli.data.writing import TextParts, TextSink, result_series, series_of
from mgrad_cli.storage.streams import Output


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
