"""Rows of data for people: what a table of them shows."""

from typing import Any, NamedTuple


class RowPreview(NamedTuple):
    """The first rows, under the names of their columns, and how many more there are."""

    columns: list[str]
    rows: list[list[Any]]
    more: int
