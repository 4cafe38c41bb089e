"""Choose the columns of a Parquet file to store with a dictionary of their values: those that repeat values."""

from typing import Any

import pyarrow
from pyarrow import compute, types

SAMPLE_ROWS, SAMPLES = 1 << 12, 4
"""A sample is so many runs of so many rows: values may repeat in rows that follow each other, or anywhere."""
MAX_DISTINCT = 0.9
"""The part of distinct values in a sample up to which a dictionary pays: random values have more than 0.99."""


def repetitive_columns(table: Any) -> list[str]:
    """Return the paths, in a Parquet file, of the columns of a table that repeat values, or that hold others."""
    return [path for field in table.schema for path in paths_of(field) if repeats(table, field)]


def repeats(table: Any, field: Any) -> bool:
    """Return whether a column has few distinct values in a sample. A column of lists or structures has."""
    if types.is_nested(field.type) or types.is_dictionary(field.type) or not table.num_rows:
        return True
    column = table.column(field.name)
    step = max(SAMPLE_ROWS, len(column) // SAMPLES)
    sample = pyarrow.chunked_array(
        [chunk for start in range(0, len(column), step) for chunk in column.slice(start, SAMPLE_ROWS).chunks],
        field.type,
    )
    try:
        return bool(compute.count_distinct(sample, mode="all").as_py() <= MAX_DISTINCT * len(sample))
    except pyarrow.ArrowNotImplementedError:
        return True


def paths_of(field: Any) -> list[str]:
    """Return the paths of a column, or of those that are nested in it."""
    found, stack = [], [(field.name, field.type)]
    while stack:
        path, kind = stack.pop()
        if types.is_map(kind):
            stack += [(f"{path}.key_value.{name}", each) for name, each in map_types(kind)]
        elif types.is_struct(kind):
            stack += [(f"{path}.{kind.field(index).name}", kind.field(index).type) for index in range(kind.num_fields)]
        elif types.is_nested(kind):
            stack.append((f"{path}.list.element", kind.value_type))
        else:
            found.append(path)
    return found


def map_types(kind: Any) -> list[tuple[str, Any]]:
    return [("key", kind.key_type), ("value", kind.item_type)]
