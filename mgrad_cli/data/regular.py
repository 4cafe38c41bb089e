"""Divide a chunk of text into regular records, which are read at once, and the others; merge the rows of both."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from mgrad_cli.data.bad_rows import fail_with, reported_failures
from mgrad_cli.data.blocks import Block, RowError, RowRequest
from mgrad_cli.data.chunks import Record
from mgrad_cli.data.records import RecordLayout
from mgrad_cli.data.rows import RowCollector


class RecordReader(Protocol):
    """A source that reads records one by one. `unit` is what the numbers of its lines count."""

    name: str
    unit: str

    def collected(self, records: Iterable[Record], request: RowRequest) -> RowCollector: ...


@dataclass(frozen=True)
class Regular:
    """The regular records of a chunk.

    block   rows, among them those of the regular records
    taken   the indices of these rows; `None` for all
    places  the lines of these rows, in ascending order
    others  the other records; `None` if there is none
    """

    block: Block
    taken: Any
    places: Any
    others: Iterator[Record] | None


def regular_of(
    block: Block,
    is_wrong: Any,
    layout: RecordLayout,
    is_regular: Any,
    line: int,
    source: RecordReader,
    certain: RowRequest | None = None,
) -> Regular:
    """Divide the records of a layout.

    block       the rows of the records where `is_regular` is true; `None` for all
    is_wrong    which of these rows are irregular records after all; `None` for none
    certain     what was requested, if each of these is certain to be a bad row: only those to report are read again
    """
    import numpy

    places = layout.places(line)
    if is_regular is None and is_wrong is None:
        block.error = errors_at(places, source.name, source.unit)
        return Regular(block, None, places, None)
    chosen = numpy.arange(len(places)) if is_regular is None else numpy.flatnonzero(is_regular)
    is_other = numpy.ones(len(places), dtype=bool)
    is_other[chosen] = False
    taken = numpy.arange(block.rows)
    if is_wrong is not None and certain is not None and certain.on_error != "stop":
        fail_with(block, is_wrong, error_reader(source, layout.records, chosen, places, certain), certain.on_error)
        if certain.on_error == "skip":
            taken, chosen = numpy.arange(block.rows), chosen[~is_wrong]
    elif is_wrong is not None:
        is_other[chosen[is_wrong]] = True
        taken, chosen = numpy.flatnonzero(~is_wrong), chosen[~is_wrong]
    block.error = errors_at(places[chosen], source.name, source.unit)
    others = layout.records(numpy.flatnonzero(is_other), places) if is_other.any() else None
    return Regular(block, taken, places[chosen], others)


def error_reader(
    source: RecordReader,
    records: Callable[[Any, Any], Iterator[Record]],
    chosen: Any,
    places: Any,
    request: RowRequest,
) -> Callable[[int], RowError]:
    """Return the function that reads the record of a bad row again for its error. `chosen` has the record of each."""
    return lambda row: source.collected(records(chosen[row : row + 1], places), request).failures[0]


def errors_at(places: Any, file: str, unit: str) -> Callable[[int, str], RowError]:
    """Return the function that makes the error of a row, given the lines of all rows."""
    return lambda row, message: RowError(message, file, int(places[row]), unit=unit)


def merged(regular: Regular, rows: RowCollector) -> Block:
    """Return the block of all records, in their order: up to the first failure, if that ends the block."""
    import numpy

    first, second = regular.block, rows.block()
    places, taken = regular.places, regular.taken
    if rows.is_stopped:
        end = numpy.searchsorted(places, rows.line)
        places, taken = places[:end], taken[:end]
    added = numpy.array(rows.places, dtype=places.dtype)
    before = numpy.searchsorted(places, added)
    at = (before + numpy.arange(len(added))).tolist()  # where the rows of the second block are now
    places = numpy.insert(places, before, added)
    taken = numpy.insert(taken, before, numpy.arange(first.rows, first.rows + second.rows))
    block = Block(
        len(places),
        {name: numpy.concatenate([values, second.columns[name]])[taken] for name, values in first.columns.items()},
        nulls=joined_nulls(first, second, taken),
        holds_cells=first.holds_cells or second.holds_cells,
        nonfinite={at[row]: words for row, words in second.nonfinite.items()},
        surplus={at[row]: text for row, text in second.surplus.items()},
        raw=second.raw,
        error=errors_at(places, rows.file, rows.unit),
        failures=reported_failures([*first.failures, *second.failures]),
        failed=first.failed + second.failed,
        failed_nulls=first.failed_nulls + second.failed_nulls,
        blank=second.blank,
    )
    if first.lines is not None:
        import polars

        block.lines = first.lines.append(polars.Series(rows.lines, dtype=polars.String))[taken]
    if first.table is not None:
        block.table = joined_table(first.table, rows.table(), taken)
    return block


def joined_nulls(first: Block, second: Block, taken: Any) -> Any:
    """Return which of the rows of both blocks have no result; `None` if all have one."""
    import numpy

    if first.nulls is None and second.nulls is None:
        return None
    parts = [numpy.zeros(each.rows, dtype=bool) if each.nulls is None else each.nulls for each in (first, second)]
    nulls = numpy.concatenate(parts)[taken]
    return nulls if nulls.any() else None


def joined_table(first: Any, second: Any, taken: Any) -> Any:
    """Return rows of both tables, which have the same columns."""
    import polars

    tables = [polars.from_arrow(table) for table in (first, second)]
    return polars.concat(tables)[taken].to_arrow()  # type: ignore[type-var]
