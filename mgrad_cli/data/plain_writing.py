"""Write blocks as text without polars: the same bytes, at once for few rows, slower for many."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mgrad_cli.data.blocks import Block
from mgrad_cli.data.rows import swapped_marks

encoded_text = json.JSONEncoder(ensure_ascii=False).encode
JSON_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
FORMULA = r"[=+\-@\t\r\n＝＋－＠]"
"""The start of a cell that a spreadsheet would run. Some also accept the full-width characters of East Asian text."""
NUMBER = r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity|nan)"
"""A number for polars, in any case. A cell with one is no formula."""


def number_text(value: float) -> str:
    """Return the shortest text of a double, as polars writes it.

    >>> number_text(0.00002), number_text(2e-7), number_text(2e23)
    ('0.00002', '2e-7', '2e+23')
    """
    text = repr(value)
    if "e-0" not in text:
        return text
    digits, _, exponent = text.partition("e-0")
    if exponent != "5":
        return f"{digits}e-{exponent}"
    sign = "-" if digits.startswith("-") else ""
    return f"{sign}0.0000{digits.removeprefix('-').replace('.', '')}"


class DelimitedLayout(NamedTuple):
    """How delimited text is written.

    separator   what stands between cells
    line_end    what ends a line
    is_safe     whether to prefix cells that a spreadsheet would run
    decimal     the decimal mark of numbers
    is_spaced   whether any run of blanks and tabs separates cells, so that empty cells need quotes
    """

    separator: str
    line_end: str = "\n"
    is_safe: bool = False
    decimal: str = "."
    is_spaced: bool = False

    def quoted_if_needed(self, cell: str) -> str:
        """Return a cell, in quotes if it would otherwise be misread."""
        marks = ('"', "\n", "\r", *(" \t" if self.is_spaced else self.separator))
        return quoted(cell) if not cell or any(mark in cell for mark in marks) else cell

    def number(self, value: float | None) -> str:
        """Return a number as a cell; an empty one for none."""
        if value is None:
            return '""' if self.is_spaced else ""
        text = number_text(value)
        if self.decimal == ".":
            return text
        return self.quoted_if_needed(text.replace(".", self.decimal))


def quoted(cell: str) -> str:
    """Return a cell in quotes."""
    return '"' + cell.replace('"', '""') + '"'


def safe_cell(cell: str, decimal: str = ".") -> str:
    """Return a cell, after a single quote if a spreadsheet would run it."""
    is_number = re.fullmatch(
        NUMBER, cell if decimal == "." else cell.replace(decimal, ".", 1), re.ASCII | re.IGNORECASE
    )
    return f"'{cell}" if re.match(FORMULA, cell) and not is_number else cell


def delimited_text(block: Block, results: list[Any], layout: DelimitedLayout) -> str:
    """Return the rows of a plain block with their results as CSV or TSV."""
    columns: list[Any] = []
    if block.lines is not None:
        columns.append(block.lines)
    elif block.table is not None:
        columns += [delimited_cells(values, layout) for values in block.table.values()]
    shown = [list(map(layout.number, values)) for values in result_lists(block, results)]
    for row, text in block.surplus.items():
        shown[-1][row] += layout.separator + text
    return "".join(layout.separator.join(cells) + layout.line_end for cells in zip(*columns, *shown, strict=True))


def delimited_cells(values: list[Any], layout: DelimitedLayout) -> Iterator[str]:
    """Yield the cells of a column to keep as CSV or TSV."""
    for value in values:
        if isinstance(value, str):
            yield delimited_cell(safe_cell(value, layout.decimal) if layout.is_safe else value, layout)
        else:
            yield layout.number(value)


def delimited_cell(cell: str, layout: DelimitedLayout) -> str:
    """Return a text as a cell. A quote inside a cell of TSV is an ordinary character."""
    if layout.separator == "\t" and cell and not cell.startswith('"') and not any(mark in cell for mark in "\t\r\n"):
        return cell
    return layout.quoted_if_needed(cell)


def json_text(block: Block, results: list[Any], names: list[str], decimal: str = ".") -> str:
    """Return the rows of a plain block with their results as JSON Lines."""
    table = block.table or {}
    lines = json_objects(table, block.rows, decimal) if block.lines is None else block.lines
    shown = result_lists(block, results)
    keys = [f", {json.dumps(name)}: " for name in names]
    measured = [(name, values) for name, values in table.items() if any(isinstance(each, float) for each in values)]
    wrong = [
        (name, values)
        for name, values in (*measured, *zip(names, shown, strict=True))
        if any(value is not None and value - value != 0 for value in values)
    ]
    pieces: list[str] = []
    for row, line in enumerate(lines):
        start = line[:-1].rstrip()
        members = [f"{key}{json_number(values[row])}" for key, values in zip(keys, shown, strict=True)]
        if start == "{":
            members[0] = members[0].removeprefix(", ")
        pieces += [start, *members]
        if wrong or row in block.nonfinite:
            words = block.nonfinite.get(row, {}) | {
                name: word(value) for name, values in wrong if (value := values[row]) is not None and value - value != 0
            }
            pieces.append(f', "nonfinite": {json.dumps(words)}' if words else "")
        pieces.append("}\n")
    return "".join(pieces)


def json_objects(table: dict[str, list[Any]], rows: int, decimal: str) -> Iterator[str]:
    """Yield the rows of a table as JSON objects. Cells that are JSON numbers stay numbers, digit for digit.

    They are numbers with this decimal mark.
    """
    if not table:
        yield from ["{}"] * rows
        return
    keys = [f"{json.dumps(name)}: " for name in table]
    for cells in zip(*table.values(), strict=True):
        yield f"{{{', '.join(key + json_cell(cell, decimal) for key, cell in zip(keys, cells, strict=True))}}}"


def json_cell(cell: Any, decimal: str) -> str:
    """Return a cell of text or a number as JSON."""
    if not isinstance(cell, str):
        return json_number(cell)
    number = cell if decimal == "." else swapped_marks(cell)
    return number if re.fullmatch(JSON_NUMBER, number) else encoded_text(cell)


def json_key(name: str) -> str:
    """Return the name of a member as JSON."""
    return json.dumps(name)


def json_number(value: float | None) -> str:
    """Return a number as JSON: null for none, or one that is not finite."""
    return "null" if value is None or value - value != 0 else number_text(value)


def first_rows(block: Block, results: list[Any], count: int) -> list[list[Any]]:
    """Return the first rows of a plain block with their results."""
    columns = [*(block.table or {}).values(), *result_lists(block, results)]
    return [list(row) for row in zip(*(values[:count] for values in columns), strict=True)]


def result_lists(block: Block, results: list[Any]) -> list[list[Any]]:
    """Return the results as lists, with `None` in rows without results."""
    lists = [result.tolist() for result in results]
    if block.nulls is not None:
        for row in block.nulls.nonzero()[0].tolist():
            for values in lists:
                values[row] = None
    return lists


def word(value: float) -> str:
    """Return the word for a number that is not finite."""
    return "nan" if value != value else "inf" if value > 0 else "-inf"
