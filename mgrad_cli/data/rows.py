"""Rows taken one by one: the slow way to a block, which knows of every row what is wrong with it, and where."""

import math
import re
from array import array
from typing import Any

from mgrad_cli.data.blocks import MAX_FAILURES, Block, RowError, RowRequest
from mgrad_cli.data.raw_texts import RawTexts
from mgrad_cli.evaluation.graph import NUMERAL

MAX_SHOWN = 60
SURROGATE = re.compile("[\ud800-\udfff]")
"""A byte that is not UTF-8, as Python's `surrogateescape` decodes it, or half of a pair in JSON."""

Numbers = dict[str, float | None]


def cell_number(text: str) -> float | None:
    """The number that a cell holds; `None` where it is empty.

    Raises: ValueError that says what is wrong with it.
    """
    if not text.strip():
        return None
    if not NUMERAL.fullmatch(text):
        raise ValueError("is not a number")
    value = float(text)
    if math.isinf(value) and "n" not in text.lower():
        raise ValueError("overflows a double")
    return value


class RowCollector:
    """The rows of a block in the making, good and bad, as `request.on_error` wants them.

    `empty_line` passes through for a row that has no text of its own fit to.
    """

    def __init__(self, request: RowRequest, empty_line: str) -> None:
        self.request = request
        self.empty_line = empty_line
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
        """Adds a row: the number of each variable, or `None`; the cells that may be kept; its own text, and what in
        that is not finite.
        """
        if nonfinite:
            self.nonfinite[len(self.nulls)] = nonfinite
        self.nulls.append(None in numbers.values() or len(numbers) < len(self.request.variables))
        for name, column in self.numbers.items():
            value = numbers.get(name)
            column.append(math.nan if value is None else value)
        if self.request.as_lines:
            self.lines.append(text or self.empty_line)
            return
        used = {column: name for name, column in self.request.variables.items()} if self.request.typed else {}
        for kept, cells_kept in self.kept.items():
            cells_kept.append(numbers.get(used[kept]) if kept in used else cells.get(kept) or None)

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
        """Adds a row in which something is wrong, with what could be read of it. Only where it `is_computed` has it
        results all the same. `surplus` is the text of cells that belong to no column, after the results.
        """
        self.failed += 1
        self.failures[MAX_FAILURES - 1 :] = [error]
        if self.request.on_error == "stop":
            self.is_stopped = True
        elif self.request.on_error == "null":
            self.add(
                numbers or {},
                {name: self.storable(cell) for name, cell in cells.items()},
                self.storable(text),
                nonfinite,
            )
            if surplus is not None and self.request.as_lines:
                self.surplus[len(self.nulls) - 1] = self.storable(surplus)
            if not is_computed:
                self.nulls[-1] = True
                self.failed_nulls += 1

    def storable(self, text: Any) -> Any:
        """A text of the row as a column of texts can hold it: bytes that are not UTF-8 by a mark, where they can go
        out as they are.
        """
        if not isinstance(text, str) or text.isascii() or not SURROGATE.search(text):
            return text
        if self.request.keeps_bytes:
            return self.raw.mark(text.encode(errors="surrogateescape"))
        return SURROGATE.sub("\ufffd", text)

    def block(self) -> Block:
        import numpy

        nulls = numpy.array(self.nulls, dtype=bool)
        block = Block(
            len(self.nulls),
            {name: numpy.array(values) for name, values in self.numbers.items()},
            nulls if nulls.any() else None,
            nonfinite=self.nonfinite,
            surplus=self.surplus,
            raw=self.raw,
            failures=self.failures,
            failed=self.failed,
            failed_nulls=self.failed_nulls,
            blank=self.blank,
        )
        if self.request.as_lines:
            import polars

            block.lines = polars.Series(self.lines, dtype=polars.String)
        elif self.kept:
            block.table, block.holds_cells = self.table(), True
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
