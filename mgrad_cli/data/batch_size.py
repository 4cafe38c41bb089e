"""Limit the number of rows in a batch, so that a small file with huge content stays within the memory of a block.

A dictionary stores a long text once for any number of rows: a file of some hundred bytes can hold gigabytes of text.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pyarrow import compute, types

BATCH_ROWS = 1 << 16
BATCH_BYTES = 32 << 20
"""The maximum size of a batch if each of its rows had the longest text in its dictionaries."""
NUMBER_BYTES = 8


def rows_at_once(batch: Any) -> int:
    """Return how many rows of a record batch to take at a time."""
    return rows_for(sum(longest(column) for column in batch.columns if types.is_dictionary(column.type)))


def rows_for(row_bytes: int) -> int:
    return min(BATCH_ROWS, max(1, BATCH_BYTES // max(1, row_bytes)))


def longest(column: Any) -> int:
    """Return the size of the longest text in an array's dictionary, in bytes."""
    column.dictionary.validate(full=True)
    kind = column.type.value_type
    if not (
        types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind)
    ):
        return NUMBER_BYTES
    return int(compute.max(compute.binary_length(column.dictionary)).as_py() or 0)


def rows_per_batch(file: Any, origin: Any, groups: Sequence[int], columns: Sequence[str]) -> int:
    """Return how many rows of a Parquet file, opened from `origin`, to read at a time."""
    fewest = BATCH_ROWS
    for group in groups:
        repeated = texts_in_dictionaries(file, group, columns)
        texts = sum(map(longest, dictionaries(origin, group, repeated)))
        fewest = min(fewest, rows_for(texts + list_bytes(file, group, columns)))
    return fewest


def leaves(file: Any, group: int, columns: Sequence[str]) -> Iterator[Any]:
    """Return the metadata of the columns in a row group, and of the columns nested in them."""
    metadata = file.metadata.row_group(group)
    for index in range(metadata.num_columns):
        leaf = metadata.column(index)
        if any(leaf.path_in_schema == column or leaf.path_in_schema.startswith(f"{column}.") for column in columns):
            yield leaf


def texts_in_dictionaries(file: Any, group: int, columns: Sequence[str]) -> list[str]:
    """Return the text columns that are stored with a dictionary."""
    return [
        leaf.path_in_schema
        for leaf in leaves(file, group, columns)
        if leaf.physical_type == "BYTE_ARRAY" and leaf.has_dictionary_page and leaf.path_in_schema in columns
    ]


def dictionaries(origin: Any, group: int, columns: list[str]) -> Iterator[Any]:
    """Return the first row of a group for each column, as an array that has the dictionary of the whole group."""
    from pyarrow import parquet

    if not columns:
        return
    again = parquet.ParquetFile(origin, read_dictionary=columns, pre_buffer=False)
    for column in columns:
        for batch in again.iter_batches(1, [group], [column], use_threads=False):
            yield batch.column(0)
            break


def list_bytes(file: Any, group: int, columns: Sequence[str]) -> int:
    """Return the average size of a row in the columns that hold lists, in bytes."""
    rows = max(1, file.metadata.row_group(group).num_rows)
    values = sum(int(leaf.num_values) for leaf in leaves(file, group, columns) if leaf.path_in_schema not in columns)
    return int(NUMBER_BYTES * values // rows)
