"""Read the columns of data files whole, for what needs all rows at once."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mgrad_cli.data.bad_rows import BadRows, fail_rows
from mgrad_cli.data.blocks import MAX_FAILURES, Block, RowError, RowRequest, Source
from mgrad_cli.mapping.local_run import check_columns


@dataclass(slots=True, eq=False)
class LoadedRows:
    """The rows of all files.

    columns     the numbers of each variable, contiguous arrays of doubles of shape (rows,), all finite
    rows        the number of rows with a number for every variable
    skipped     the number of other rows
    blocks      the blocks that were read, if they are kept; rows without numbers are among their `nulls`
    failures    the errors of the first rows that were left out
    """

    columns: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    skipped: int = 0
    blocks: list[Block] = field(default_factory=list)
    failures: list[RowError] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """The index of the first row of each block; `places` has the number of a row in its block."""
    places: list[Any] = field(default_factory=list)
    errors: list[Callable[[int, str], RowError] | None] = field(default_factory=list)

    def message(self, index: int, text: str) -> str:
        """Return a message about a row, by its index among `rows`, with its place in the input."""
        number = bisect_right(self.starts, index) - 1
        error = self.errors[number]
        if error is None:
            return f"row {index + 1}: {text}"
        return error(int(self.places[number][index - self.starts[number]]), text).message


def load(
    sources: Iterable[Source],
    request_for: Callable[[Source], RowRequest],
    first: Source,
    keeps_blocks: bool = False,
) -> LoadedRows:
    """Return the columns of all sources, of the rows where every variable has a finite number.

    Other rows follow `on_error` of the request for their source: the first one stops, or they are left out.

    Raises: InputError for a row or a source that cannot be read, or under `stop` for a row without a number.
    """
    import numpy

    loaded = LoadedRows()
    parts: dict[str, list[Any]] = {}
    for source in sources:
        try:
            check_columns(source, first.columns, first.name)
            request = request_for(source)
            parts = parts or {name: [numpy.empty(0)] for name in request.variables}
            for chunk in source.chunks(request):
                block = source.block(chunk, request)
                fail_rows(block, without_numbers(block, request.variables), request.on_error)
                if request.on_error == "stop" and block.failures:
                    raise block.failures[0]
                add_block(loaded, block, parts)
                if keeps_blocks:
                    loaded.blocks.append(block)
        finally:
            source.close()
    loaded.columns = {name: numpy.concatenate(found) for name, found in parts.items()}
    return loaded


def without_numbers(block: Block, variables: Mapping[str, str]) -> BadRows:
    """Return the rows of a block that could be read, but lack a finite number for some variable."""
    import numpy

    bad = numpy.zeros(block.rows, dtype=bool)
    for column in block.columns.values():
        bad |= ~numpy.isfinite(column)
    if block.failed_nulls:  # some rows without numbers have their own error already
        bad &= ~block.nulls

    def message(row: int) -> str:
        is_null = block.nulls is not None and bool(block.nulls[row])
        for name, column in variables.items():
            value = float(block.columns[name][row])
            if value - value != 0:
                return f"'{column}' is {'missing' if is_null and value != value else value}"
        return "a number is missing"

    return BadRows(bad, message)


def add_block(loaded: LoadedRows, block: Block, parts: dict[str, list[Any]]) -> None:
    """Add the rows of a block that have numbers, and count the others."""
    import numpy

    blank = 0 if block.nulls is None else int(block.nulls.sum()) - block.failed_nulls
    places = numpy.arange(block.rows) if block.nulls is None else numpy.flatnonzero(~block.nulls)
    for name, found in parts.items():
        found.append(block.columns[name][places] if block.nulls is not None else block.columns[name])
    loaded.starts.append(loaded.rows)
    loaded.places.append(places)
    loaded.errors.append(block.error)
    loaded.rows += len(places)
    loaded.skipped += block.failed + blank
    loaded.failures = [*loaded.failures, *block.failures][:MAX_FAILURES]
