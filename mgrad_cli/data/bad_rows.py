"""Apply `--on-error` to the rows of a block that have all their cells and yet no results."""

from collections.abc import Callable, Iterable
from itertools import compress
from typing import Any, NamedTuple

from mgrad_cli.data.blocks import MAX_FAILURES, Block, RowError


class BadRows(NamedTuple):
    """Rows of a block that cannot be computed.

    rows      a boolean array of shape (rows,)
    message   returns what is wrong with a row, by its index
    """

    rows: Any
    message: Callable[[int], str]


def fail_rows(block: Block, bad: BadRows, on_error: str) -> None:
    """Take the results of some rows of a block, omit these rows, or end the block before the first, as `on_error` says.

    The errors join those of the rows that could not be read.
    """

    def error(row: int) -> RowError:
        assert block.error is not None
        return block.error(row, bad.message(row))

    fail_with(block, bad.rows, error, on_error)


def fail_with(block: Block, is_bad: Any, error: Callable[[int], RowError], on_error: str) -> None:
    """Do what `fail_rows` does for the rows where `is_bad` is true. `error` returns the error of a row."""
    import numpy

    found = numpy.flatnonzero(is_bad)
    if not len(found):
        return
    if on_error == "stop":
        first = int(found[0])
        block.failures, block.failed = [error(first)], 1
        select_rows(block, numpy.arange(block.rows) < first)
        return
    shown = [*found[: MAX_FAILURES - 1].tolist(), int(found[-1])] if len(found) > MAX_FAILURES else found.tolist()
    block.failures = reported_failures([*block.failures, *map(error, shown)])
    block.failed += len(found)
    if on_error == "skip":
        select_rows(block, ~is_bad)
    else:
        block.failed_nulls += len(found)
        block.nulls = is_bad if block.nulls is None else block.nulls | is_bad


def reported_failures(failures: Iterable[RowError]) -> list[RowError]:
    """Return the failures that are reported of those of a block, in the order of its rows."""
    ordered = sorted(failures, key=lambda error: error.place)
    return ordered if len(ordered) <= MAX_FAILURES else [*ordered[: MAX_FAILURES - 1], ordered[-1]]


def select_rows(block: Block, chosen: Any) -> None:
    """Keep the rows of a block where a boolean array of shape (rows,) is true."""
    import numpy

    rows = numpy.flatnonzero(chosen)
    moved = dict(zip(rows.tolist(), range(len(rows)), strict=True))
    error = block.error
    block.columns = {name: values[rows] for name, values in block.columns.items()}
    block.nulls = None if block.nulls is None else block.nulls[rows]
    if block.lines is not None:
        block.lines = list(compress(block.lines, chosen)) if block.is_plain else block.lines[rows]
    if block.table is not None and block.is_plain:
        block.table = {name: list(compress(values, chosen)) for name, values in block.table.items()}
    elif block.table is not None:
        block.table = block.table.take(rows)
    block.nonfinite = {moved[row]: words for row, words in block.nonfinite.items() if row in moved}
    block.surplus = {moved[row]: text for row, text in block.surplus.items() if row in moved}
    block.error = None if error is None else lambda row, message: error(int(rows[row]), message)
    block.rows = len(rows)
