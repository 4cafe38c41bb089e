"""Sources with further columns, of one value in all rows: partitions of a data set, and columns of other files."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mgrad_cli.data.blocks import Block, RowRequest, Source
from mgrad_cli.data.formats import is_binary
from mgrad_cli.data.plain_writing import json_cell, json_key
from mgrad_cli.data.rows import cell_number
from mgrad_cli.errors import InputError
from mgrad_cli.storage.stores import ending

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""The name of the folder of rows without a value."""


def partitions_of(path: str) -> dict[str, str | None]:
    """Return the columns that the folders of a path name, as Hive writes them: `year=2024/month=1/part.parquet`.

    >>> partitions_of("data/year=2024/place=New%20York/a.csv")
    {'year': '2024', 'place': 'New York'}
    """
    from urllib.parse import unquote

    pairs = [folder.partition("=") for folder in ending(path).split("/")[:-1]]
    found = {unquote(name): unquote(value) for name, mark, value in pairs if name and mark}
    return {name: None if value == NO_VALUE else value for name, value in found.items()}


class ExtendedSource:
    """A source with columns that it does not have itself, each with one value in all rows: a text, or `None` for null.

    Rows of JSON stay as they are, with the values after their members.
    """

    def __init__(self, source: Source, constants: Mapping[str, str | None], columns: Sequence[str]) -> None:
        self.source = source
        self.constants = constants
        self.columns = tuple(columns)
        self.members = source.members
        self.name = source.name
        self.file_format = source.file_format
        self.dialect = source.dialect
        self.total = source.total
        self.rows = source.rows
        self.line_end = getattr(source, "line_end", "\n")
        self.is_sniffed = getattr(source, "is_sniffed", False)
        self.has_lines = source.file_format == "jsonl"

    @property
    def is_small(self) -> bool:
        return self.source.is_small

    def close(self) -> None:
        self.source.close()

    def done(self, chunk: Any) -> int:
        return self.source.done(chunk)

    def chunks(self, request: RowRequest) -> Iterator[Any]:
        return self.source.chunks(self.inner(request))

    def inner(self, request: RowRequest) -> RowRequest:
        """Return the request for what the source has itself."""
        own = {name: column for name, column in request.variables.items() if column not in self.constants}
        results = request.results
        if request.as_lines:  # which then may not have such a member
            results += tuple(self.constants)
        keep = tuple(column for column in request.keep if column not in self.constants)
        return request._replace(variables=own, keep=keep, results=results)

    def check(self, request: RowRequest, file_format: str) -> None:
        """Check what the source has itself, and that the others are numbers where variables take them."""
        self.source.check(self.inner(request), file_format)
        for column in request.variables.values():
            if column in self.constants:
                self.number(column)

    def number(self, column: str) -> float | None:
        """Return the number in one of the columns. Raises: InputError for a text that is not a number."""
        text = self.constants[column]
        try:
            return None if text is None else cell_number(text, self.dialect)
        except ValueError as error:
            raise InputError(f"{self.name}: '{text}' in column '{column}', from its folder, {error}") from None

    def empty(self, request: RowRequest) -> Block:
        return self.extended(self.source.empty(self.inner(request)), request)

    def block(self, chunk: Any, request: RowRequest) -> Block:
        return self.extended(self.source.block(chunk, self.inner(request)), request)

    def extended(self, block: Block, request: RowRequest) -> Block:
        """Return a block with the further columns."""
        import numpy

        for name, column in request.variables.items():
            if column in self.constants:
                value = self.number(column)
                block.columns[name] = numpy.full(block.rows, numpy.nan if value is None else value)
                if value is None:
                    block.nulls = numpy.ones(block.rows, dtype=bool)
        block.columns = {name: block.columns[name] for name in request.variables}
        if request.as_lines:
            self.extend_lines(block)
        elif any(column in self.constants for column in request.keep):
            self.extend_table(block, request)
        return block

    def extend_lines(self, block: Block) -> None:
        """Add the values to the JSON objects of a block."""
        added = ", ".join(f"{json_key(name)}: {json_cell(value, '.')}" for name, value in self.constants.items())
        if block.is_plain:
            block.lines = [joined(line, added) for line in block.lines]
        else:
            import polars

            start = block.lines.str.strip_chars_end().str.head(-1).str.strip_chars_end()
            commas = polars.Series(["", ", "])[(start != "{").cast(polars.UInt8)]
            block.lines = start + commas + f"{added}}}"

    def extend_table(self, block: Block, request: RowRequest) -> None:
        """Add the values to the columns that a block keeps, in the order of the request."""
        is_used = set(request.variables.values()) if request.typed else set()
        if block.is_plain or (block.table is None and not request.as_arrow):
            table = block.table or {}
            added: dict[str, Any] = {name: [self.cell(name, request)] * block.rows for name in self.constants}
            block.table, block.is_plain = {name: (table | added)[name] for name in request.keep}, True
        else:
            import pyarrow

            def column(name: str) -> Any:
                if name in is_used:
                    return pyarrow.array([self.number(name)] * block.rows, pyarrow.float64())
                value = self.cell(name, request)
                return pyarrow.array([value] * block.rows, pyarrow.null() if value is None else pyarrow.large_string())

            names = {} if block.table is None else dict(zip(block.table.column_names, block.table.columns, strict=True))
            block.table = pyarrow.table({name: names[name] if name in names else column(name) for name in request.keep})
        block.holds_cells = not is_binary(self.file_format)

    def cell(self, name: str, request: RowRequest) -> str | None:
        """Return the value of a column as a cell to keep."""
        value = self.constants[name]
        return None if value in request.nulls else value


def joined(line: str, members: str) -> str:
    """Return a JSON object with further members."""
    start = line.rstrip()[:-1].rstrip()
    return f"{start}{'' if start == '{' else ', '}{members}}}"


def extended(source: Source, partitions: Mapping[str, str | None], columns: Sequence[str] | None) -> Source:
    """Return a source with the columns of partitions, and as null those of `columns` that it does not have."""
    further = {name: value for name, value in partitions.items() if name not in source.columns}
    names = [*source.columns, *further]
    missing: dict[str, str | None] = {name: None for name in columns or () if name not in names}
    if not further and not missing:
        return source
    every = [*names, *missing]
    if columns is not None and set(columns) == set(every):
        every = list(columns)
    return ExtendedSource(source, further | missing, every)
