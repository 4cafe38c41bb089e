"""Check for times that cannot be written as text: too far from now, or past the end of a day."""

from collections.abc import Iterator
from typing import Any

from pyarrow import compute, types

from mgrad_cli.errors import InputError

MAX_DAYS = 95_000_000
"""About 260,000 years before or after 1970."""
DAY = 86_400
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def check_times(column: Any, name: str, file: str) -> None:
    """Raise InputError for a time in the column, also in a list or structure, that cannot be written as text."""
    for array in parts_of(column):
        least, most = bounds(array.type)
        if most is None:
            continue
        found = compute.min_max(array.view("int32" if array.type.bit_width == 32 else "int64")).as_py()
        if found["min"] is not None and (found["min"] < least or found["max"] > most):
            raise InputError(f"{file}: column '{name}' has a {array.type} that is out of range")


def parts_of(array: Any) -> Iterator[Any]:
    """Yield the array, or the arrays that it is composed of."""
    stack = [array]
    while stack:
        array = stack.pop()
        if types.is_dictionary(array.type):
            stack.append(array.dictionary)
        elif types.is_struct(array.type):
            stack += array.flatten()
        elif types.is_nested(array.type):
            stack.append(array.flatten())
        else:
            yield array


def bounds(kind: Any) -> tuple[int, int | None]:
    """Return the smallest and largest count of units of a time type; `None` for no upper limit."""
    if types.is_date32(kind):
        return -MAX_DAYS, MAX_DAYS
    if types.is_date64(kind):
        return -MAX_DAYS * DAY * 1000, MAX_DAYS * DAY * 1000
    if types.is_timestamp(kind):
        units = MAX_DAYS * DAY * PER_SECOND[kind.unit]
        return -units, units
    return (0, DAY * PER_SECOND[kind.unit] - 1) if types.is_time(kind) else (0, None)
