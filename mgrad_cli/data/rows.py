"""Rows taken one by one: the slow way to a block, which knows of every row what is wrong with it, and where."""

import math
from typing import Any

from mgrad_cli.data.blocks import Block, Request, RowError
from mgrad_cli.evaluation import NUMERAL

SHOWN = 60


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


def cut(text: str) -> str:
    """A cell as a message shows it."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


class Rows:
    """The rows of a block in the making, good and bad, as `request.on_error` wants them.

    `empty_line` passes through for a row that has no text of its own fit to.
    """

    def __init__(self, request: Request, empty_line: str) -> None:
        self.request = request
        self.empty_line = empty_line
        self.numbers: dict[str, list[float]] = {name: [] for name in request.variables}
        self.nulls: list[bool] = []
        self.lines: list[str] = []
        self.kept: dict[str, list[Any]] = {column: [] for column in request.keep}
        self.failures: list[RowError] = []
        self.blank = 0
        self.is_stopped = False

    def add(self, numbers: dict[str, float | None], cells: dict[str, Any], text: bytes) -> None:
        """A row: the number of each variable, or `None`; the cells that may be kept; and its own text."""
        self.nulls.append(None in numbers.values() or len(numbers) < len(self.request.variables))
        for name, column in self.numbers.items():
            value = numbers.get(name)
            column.append(math.nan if value is None else value)
        if self.request.as_lines:
            self.lines.append(text.decode() or self.empty_line)
            return
        used = {column: name for name, column in self.request.variables.items()} if self.request.typed else {}
        for kept, cells_kept in self.kept.items():
            cells_kept.append(numbers.get(used[kept]) if kept in used else cells.get(kept) or None)

    def fail(self, error: RowError, cells: dict[str, Any], text: bytes) -> None:
        """A row that cannot be read, with what of it could be."""
        self.failures.append(error)
        if self.request.on_error == "stop":
            self.is_stopped = True
        elif self.request.on_error == "null":
            self.add({}, cells, text)

    def block(self) -> Block:
        import numpy

        columns = {name: numpy.array(values, dtype=numpy.float64) for name, values in self.numbers.items()}
        nulls = numpy.array(self.nulls, dtype=bool)
        block = Block(
            len(self.nulls), columns, nulls if nulls.any() else None, failures=self.failures, blank=self.blank
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
