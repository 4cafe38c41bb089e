"""Collect rows one by one: the slow way to a block, which knows the error in each row.

`RowCollector.fail` applies `--on-error` to a bad row.
"""

import math
import re
import shlex
from array import array
from typing import Any

from mgrad_cli.data.blocks import MAX_FAILURES, Block, RowError, RowRequest
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.data.raw_texts import RawTexts
from mgrad_cli.evaluation.value_text import is_numeral

MAX_SHOWN = 60
MISSING = frozenset({"na", "n/a", "#n/a", "null", "none", "nil", "-", "--", "?", ".", "missing"})
"""What other programs write in a cell without a value."""
TRUTH_ADVICE = "; --cast reads true and false as 1 and 0"
TRUTHS = {"true": 1.0, "false": 0.0}
SWAPPED = str.maketrans(".,", ",.")
SURROGATE = "[\ud800-\udfff]"
"""A byte that is not UTF-8, as Python's `surrogateescape` decodes it, or half of a surrogate pair in JSON."""

Numbers = dict[str, float | None]


def cell_number(text: str, dialect: Dialect = PLAIN) -> float | None:
    """Return the number in a cell; `None` if it is empty or a word for a missing value.

    Raises: ValueError that says what is wrong with it, and which option helps.
    """
    word = text.strip()
    if not word or word in dialect.nulls:
        return None
    if dialect.casts and word.lower() in TRUTHS:
        return TRUTHS[word.lower()]
    numeral = text if dialect.decimal == "." else swapped_marks(text)
    if not is_numeral(numeral):
        raise ValueError(f"is not a number{advice(word, dialect)}")
    value = float(numeral)
    if math.isinf(value) and "n" not in text.lower():
        raise ValueError("overflows a double")
    return value


def swapped_marks(text: str) -> str:
    """Return a text with points for its commas and commas for its points."""
    return text.translate(SWAPPED)


def advice(word: str, dialect: Dialect) -> str:
    """Return which option reads a cell that is not a number, or nothing."""
    if word.lower() in MISSING:
        return f"; for missing values, give --null {shlex.quote(word)}"
    if word.lower() in TRUTHS:
        return TRUTH_ADVICE
    other = "," if dialect.decimal == "." else "."
    if is_numeral(swapped_marks(word) if other == "," else word):
        return f"; if that is a decimal mark, give --decimal {other}"
    return ""


def cast_advice(text: str, dialect: Dialect) -> str:
    """Return which option reads a text that is not a number, where texts are not read."""
    try:
        number = cell_number(text, dialect._replace(casts=True))
    except ValueError:
        return advice(text.strip(), dialect)
    return "" if number is None else "; --cast reads the numbers in texts"


def without_frames(error: RowError) -> RowError:
    """Return an error without the frames that it came through, whose variables it would keep: a whole chunk of text."""
    error.__context__ = None
    return error.with_traceback(None)


class RowCollector:
    """Collects the rows of a block, good and bad, as `request.on_error` says.

    empty_line  the text for a row whose own text cannot be kept
    file        the name of the input
    line        the line of the row that is read
    unit        what that counts
    """

    def __init__(self, request: RowRequest, empty_line: str, file: str, line: int = 0, unit: str = "line") -> None:
        self.request = request
        self.empty_line = empty_line
        self.file = file
        self.line = line
        self.unit = unit
        self.places = array("q")
        self.numbers = {name: array("d") for name in request.variables}
        self.nulls = bytearray()
        self.lines: list[str] = []
        self.kept: dict[str, list[Any]] = {column: [] for column in request.keep}
        self.nonfinite: dict[int, dict[str, str]] = {}
        self.surplus: dict[int, str] = {}
        self.failures: list[RowError] = []
        self.failed = self.failed_nulls = 0
        self.raw = RawTexts()
        self.blank = 0
        self.is_stopped = False

    def add(self, numbers: Numbers, cells: dict[str, Any], text: str, nonfinite: dict[str, str] | None = None) -> None:
        """Add a row.

        numbers     the number of each variable, or `None`
        cells       the cells that may be kept
        text        the text of the row
        nonfinite   the members of the text that are not finite
        """
        if nonfinite:
            self.nonfinite[len(self.nulls)] = nonfinite
        self.places.append(self.line)
        self.nulls.append(None in numbers.values() or len(numbers) < len(self.request.variables))
        for name, column in self.numbers.items():
            value = numbers.get(name)
            column.append(math.nan if value is None else value)
        if self.request.as_lines:
            self.lines.append(text if text and text != self.empty_line else self.empty_line)  # one object for many rows
            return
        used = {column: name for name, column in self.request.variables.items()} if self.request.typed else {}
        for kept, cells_kept in self.kept.items():
            cells_kept.append(numbers.get(used[kept]) if kept in used else self.kept_cell(cells.get(kept)))

    def kept_cell(self, cell: Any) -> Any:
        """Return a cell to keep; `None` for an empty one, and for a word that stands for a missing value."""
        is_missing = not cell or (self.request.nulls and cell.strip() in self.request.nulls)
        return None if is_missing else cell

    def fail(
        self,
        error: RowError,
        cells: dict[str, Any],
        text: str,
        numbers: Numbers | None = None,
        nonfinite: dict[str, str] | None = None,
        is_computed: bool = False,
        surplus: str | None = None,
    ) -> None:
        """Add a bad row with what could be read of it.

        It has results only if it `is_computed`. `surplus` is the text of cells beyond the last column.
        """
        self.failed += 1
        self.failures[MAX_FAILURES - 1 :] = [without_frames(error)]
        if self.request.on_error == "stop":
            self.is_stopped = True
        elif self.request.on_error == "null":
            kept = {} if self.request.as_lines else {name: self.storable(cell) for name, cell in cells.items()}
            self.add(numbers or {}, kept, self.storable(text), nonfinite)
            if surplus is not None and self.request.as_lines:
                self.surplus[len(self.nulls) - 1] = self.storable(surplus)
            if not is_computed:
                self.nulls[-1] = True
                self.failed_nulls += 1

    def storable(self, text: Any) -> Any:
        """Return a text that a column of texts can hold: with a mark for bytes that are not UTF-8, if they are kept."""
        if not isinstance(text, str) or text.isascii() or not re.search(SURROGATE, text):
            return text
        if self.request.keeps_bytes:
            return self.raw.mark(text.encode(errors="surrogateescape"))
        return re.sub(SURROGATE, "\ufffd", text)

    def block(self) -> Block:
        import numpy

        file, places, unit = self.file, self.places, self.unit
        nulls = numpy.array(self.nulls, dtype=bool)
        block = Block(
            len(self.nulls),
            {name: numpy.array(values) for name, values in self.numbers.items()},
            nulls if nulls.any() else None,
            nonfinite=self.nonfinite,
            surplus=self.surplus,
            raw=self.raw,
            error=lambda row, message: RowError(message, file, places[row], unit=unit),
            failures=self.failures,
            failed=self.failed,
            failed_nulls=self.failed_nulls,
            blank=self.blank,
            is_plain=not self.request.as_arrow,
        )
        if self.request.as_lines:
            block.lines = self.lines
        elif self.kept:
            block.table, block.holds_cells = self.table() if self.request.as_arrow else self.kept, True
        return block

    def table(self) -> Any:
        import pyarrow

        used = set(self.request.variables.values()) if self.request.typed else set()
        return pyarrow.table(
            {
                column: pyarrow.array(values, pyarrow.float64() if column in used else pyarrow.large_string())
                for column, values in self.kept.items()
            }
        )
