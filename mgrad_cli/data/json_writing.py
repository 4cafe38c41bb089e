"""Write blocks with their results as JSON Lines."""

import json
from typing import IO, Any, cast

from mgrad_cli.data.blocks import Block, RowRequest
from mgrad_cli.data.plain_writing import JSON_NUMBER, json_text, word
from mgrad_cli.data.scanner import NEWLINE
from mgrad_cli.data.text import lines_of
from mgrad_cli.data.writing import TextParts, TextSink, result_series, series_of
from mgrad_cli.storage.streams import Output


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
