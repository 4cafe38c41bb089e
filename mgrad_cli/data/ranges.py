"""Read grids: all combinations of the values of some ranges."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mgrad_cli.data.blocks import Block, RowError, RowRequest
from mgrad_cli.data.dialect import PLAIN
from mgrad_cli.data.formats import PLAIN_ROWS, has_arrow
from mgrad_cli.errors import UsageError

BLOCK_ROWS = 1 << 16
DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)
EXACT = 2**53
SLACK = 1e-9
"""How far beyond the stop a value may lie because of rounding, as a fraction of the step."""


@dataclass(frozen=True, slots=True)
class Range:
    """The values start + i*step/divisor for i from 0 to count - 1, or (start + i*step)/divisor if `is_scaled`.

    The last value is `last`, if given.
    """

    start: float
    step: float
    count: int
    divisor: float = 1.0
    is_scaled: bool = False
    last: float | None = None

    def values(self, places: Any) -> Any:
        """Return the values at an array of indices."""
        import numpy

        if self.is_scaled:
            return (self.start + places * self.step) / self.divisor
        values = self.start + places * self.step / self.divisor
        return values if self.last is None else numpy.where(places == self.count - 1, self.last, values)


def is_range(text: str) -> bool:
    return ":" in text or "#" in text


def parse_range(name: str, text: str, number: Callable[[str], float]) -> Range:
    """Return the range that `start:stop:step` or `start:stop#count` describes. `stop` is included if a step reaches it.

    Decimal bounds and steps give the doubles nearest to the decimal values: 0:1:0.1 has 0.3, not 0.30000000000000004.

    Raises: UsageError for any other text.
    """
    bounds, hash_sign, count_text = text.partition("#")
    parts = bounds.split(":")
    if len(parts) != (2 if hash_sign else 3):
        raise UsageError(f"'{text}', for {name}, is not a range: write start:stop:step, or start:stop#count")
    if not all(part.strip() for part in parts):
        raise UsageError(f"'{text}', for {name}, is not a range: write start:stop:step, or start:stop#count")
    start, stop, *steps = (number(part) for part in parts)
    if not all(map(math.isfinite, (start, stop, *steps))):
        raise UsageError(f"'{text}', for {name}, is not a range: its bounds must be finite")
    if math.isinf(stop - start):
        raise UsageError(f"'{text}', for {name}, is too wide for a double")
    if hash_sign:
        if not count_text.strip().isdecimal() or int(count_text) < 1:
            raise UsageError(f"'{text}', for {name}: the count, '{count_text}', is not a positive integer")
        count = bounded(int(count_text), name, text)
        return Range(start, stop - start, count, max(1.0, count - 1.0), last=stop if count > 1 else None)
    (step,) = steps
    if step == 0 or (stop - start) * step < 0:
        raise UsageError(f"'{text}', for {name}, does not lead from {parts[0]} to {parts[1]} in steps of {parts[2]}")
    steps_there = (stop - start) / step
    if 0 < steps_there < 1 - SLACK:
        order = f"{parts[0]}:{parts[2]}:{parts[1]}"
        raise UsageError(f"'{text}', for {name}, has no second value; the step is last, as in {order}")
    count = bounded(math.floor(steps_there + SLACK) + 1 if steps_there < EXACT else EXACT, name, text)
    if all(DECIMAL.fullmatch(part.strip()) for part in parts):
        from decimal import Decimal

        numbers = [Decimal(part.strip()) for part in parts]
        places = max(0, *(-int(n.as_tuple().exponent) for n in numbers))
        scaled = [int(n.scaleb(places)) for n in numbers]
        if places <= 22 and max(map(abs, scaled)) + abs(scaled[2]) < EXACT:
            count = (scaled[1] - scaled[0]) // scaled[2] + 1
            return Range(float(scaled[0]), float(scaled[2]), count, 10.0**places, is_scaled=True)
    return Range(start, step, count)


def bounded(count: int, name: str, text: str) -> int:
    """Return the number of values of a range. Raises: UsageError for more than doubles can count."""
    if count >= EXACT:
        raise UsageError(f"'{text}', for {name}, has too many values")
    return count


class GridSource:
    """The rows of a grid. The values of the last variable change fastest."""

    name = "the grid"
    file_format = "csv"
    line_end = "\n"
    members: tuple[str, ...] = ()
    has_lines = False
    dialect = PLAIN

    def __init__(self, ranges: dict[str, Range]) -> None:
        self.ranges = ranges
        self.columns = tuple(ranges)
        self.count = math.prod(each.count for each in ranges.values())
        if self.count >= EXACT:
            raise UsageError("the grid has too many rows")
        self.total: int | None = self.count
        self.rows: int | None = self.count
        self.is_small = self.count <= PLAIN_ROWS
        self.is_plain = self.is_small or not has_arrow()

    def close(self) -> None:
        pass

    def empty(self, request: RowRequest) -> Block:
        return self.block(range(0), request)

    def check(self, request: RowRequest, file_format: str) -> None:
        """Accept any request: all columns are numbers."""

    def chunks(self, request: RowRequest) -> Iterator[range]:
        rows = min(BLOCK_ROWS, request.max_rows)
        for start in range(0, self.count, rows):
            yield range(start, min(self.count, start + rows))

    def done(self, chunk: range) -> int:
        return len(chunk)

    def block(self, chunk: range, request: RowRequest) -> Block:
        import numpy

        places = numpy.arange(chunk.start, chunk.stop)
        columns = {}
        for name, each in reversed(self.ranges.items()):
            columns[name] = each.values(places % each.count)
            places //= each.count
        variables = {name: columns[column] for name, column in request.variables.items()}
        block = Block(
            len(chunk),
            variables,
            error=lambda row, message: RowError(message, self.name, chunk.start + row + 1, unit="row"),
            is_plain=self.is_plain and not request.as_arrow,
        )
        kept = {column: columns[column] for column in request.keep}
        if kept and block.is_plain:
            block.table = {column: values.tolist() for column, values in kept.items()}
        elif kept:
            import pyarrow

            block.table = pyarrow.table(kept)
        return block
