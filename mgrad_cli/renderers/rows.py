"""The rows of data that a table shows."""

from typing import Any, NamedTuple


class RowPreview(NamedTuple):
    """The first rows, the names of their columns, and how many more rows there are.

    chooser     the option that chooses columns
    """

    columns: list[str]
    rows: list[list[Any]]
    more: int
    chooser: str = "--keep"
