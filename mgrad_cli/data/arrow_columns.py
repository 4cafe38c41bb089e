"""Columns of Arrow tables as numbers: numeric types, booleans, texts of numbers, and fields of structs."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeAlias

import pyarrow
from pyarrow import types

from mgrad_cli.data.cell_syntax import unique_names
from mgrad_cli.data.dialect import Dialect
from mgrad_cli.data.members import prefixes
from mgrad_cli.data.rows import MAX_SHOWN, TRUTH_ADVICE, cell_number
from mgrad_cli.errors import InputError, UsageError
from mgrad_cli.text import truncate

Read: TypeAlias = Callable[[list[str]], Iterator[Any]]
"""Yields the record batches of a file with the columns of some names, in the order of the file."""


def is_table(table: Any) -> bool:
    """Return whether something is a table of pyarrow."""
    return isinstance(table, pyarrow.Table | pyarrow.RecordBatch)


def check_unique(columns: Sequence[str], file: str) -> None:
    """Raise InputError for a duplicate column."""
    if len(set(columns)) < len(columns):
        twice = next(column for column, count in Counter(columns).items() if count > 1)
        raise InputError(f"{file}: duplicate column '{twice}'")


def check_numeric(name: str, column: str, kind: Any, file: str, casts: bool = False) -> None:
    """Raise InputError for a column whose type is not numeric, nor text or boolean if these are converted."""
    if types.is_dictionary(kind):
        kind = kind.value_type
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    if not (is_number or types.is_null(kind) or (casts and (is_text(kind) or types.is_boolean(kind)))):
        shown = f"'{column}'" if name == column else f"'{column}', for {name},"
        advice = "; --cast reads the numbers in texts" if is_text(kind) else ""
        advice = TRUTH_ADVICE if types.is_boolean(kind) else advice
        fields = [f"`{column}.{kind.field(0).name}`"] if types.is_struct(kind) and kind.num_fields else []
        advice += "".join(f"; for a member write {each}" for each in fields)
        raise InputError(f"{file}: column {shown} is of type {kind}, not of numbers{advice}")


def is_text(kind: Any) -> bool:
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def nested_fields(schema: Any) -> list[str]:
    """Return the names of the fields of structs, as `s.a`."""
    found: list[str] = []
    waiting = [("", field) for field in schema][::-1]
    while waiting:
        start, field = waiting.pop()
        if types.is_struct(field.type):
            inner = [field.type.field(index) for index in range(field.type.num_fields)]
            waiting += [(f"{start}{field.name}.", each) for each in inner][::-1]
        elif start:
            found.append(f"{start}{field.name}")
    taken = set(schema.names)
    return [name for name in found if name not in taken]


def path_in(columns: Collection[str], name: str) -> tuple[str, str]:
    """Return the column that a name is, or is a field in, and the rest of the name."""
    outer = name if name in columns else next(each for each in prefixes(name) if each in columns)
    return outer, name[len(outer) + 1 :]


def type_at(schema: Any, name: str) -> Any:
    """Return the type of a column, or of a field of a struct, `s.a`."""
    outer, rest = path_in(schema.names, name)
    kind = schema.field(outer).type
    while rest:
        names = [kind.field(index).name for index in range(kind.num_fields)]
        outer, rest = path_in(names, rest)
        kind = kind.field(names.index(outer)).type
    return kind


def column_at(batch: Any, path: tuple[str, str]) -> Any:
    """Return a column of a record batch, or a field of a struct. A field of a null is null."""
    from pyarrow import compute

    outer, rest = path
    array = batch.column(outer)
    while rest:
        names = [array.type.field(index).name for index in range(array.type.num_fields)]
        outer, rest = path_in(names, rest)
        array = compute.struct_field(array, [names.index(outer)])
    return array


def selected(batch: Any, names: Sequence[str]) -> Any:
    """Return a record batch of some columns, or fields of structs, by these names."""
    own = batch.schema.names
    if set(names).issubset(own):
        return batch.select(list(names))
    arrays = [column_at(batch, path_in(own, name)) for name in names]
    fields = [
        batch.schema.field(name) if name in own else pyarrow.field(name, array.type)
        for name, array in zip(names, arrays, strict=True)
    ]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=pyarrow.schema(fields, batch.schema.metadata))


def places_of(names: Sequence[str]) -> dict[str, list[int]]:
    """Return the places of each name in a list, counted from 1."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names, 1):
        found.setdefault(name, []).append(place)
    return found


def places_among(names: Sequence[str], chosen: Collection[str]) -> list[int]:
    """Return the indices of the columns with the chosen names."""
    return [index for index, name in enumerate(names) if name in chosen]


def with_unique_names(schema: Any, read: Read) -> tuple[Any, Read]:
    """Return the schema of a file in which columns share a name, with unique names, and how to read by these."""
    unique = unique_names(schema.names)
    fields = {name: field.with_name(name) for field, name in zip(schema, unique, strict=True)}
    places: dict[str, tuple[str, int]] = {}
    for own, indices in places_of(schema.names).items():
        places |= {unique[index - 1]: (own, turn) for turn, index in enumerate(indices)}

    def read_unique(columns: list[str]) -> Iterator[Any]:
        for batch in read(list(dict.fromkeys(places[column][0] for column in columns))):
            there = places_of(batch.schema.names)
            indices = [there[own][turn] - 1 for own, turn in (places[column] for column in columns)]
            chosen = pyarrow.schema([fields[column] for column in columns])
            yield pyarrow.RecordBatch.from_arrays([batch.column(index) for index in indices], schema=chosen)

    return pyarrow.schema(list(fields.values()), schema.metadata), read_unique


def cast_texts(array: Any, column: str, dialect: Dialect, bad: dict[int, str]) -> Any:
    """Convert texts to numbers; `bad` gets a message for each row of which the text is none."""
    numbers: list[float | None] = []
    for row, text in enumerate(array.to_pylist()):
        try:
            numbers.append(None if text is None else cell_number(text, dialect))
        except ValueError as error:
            numbers.append(None)
            bad.setdefault(row, f"'{truncate(text, MAX_SHOWN)}' in column '{column}' {error}")
    return pyarrow.array(numbers, pyarrow.float64())


def rows_among(bad: Collection[int], rows: int) -> Any:
    """Return a boolean array of shape (rows,) that is true in some rows."""
    import numpy

    chosen = numpy.zeros(rows, dtype=bool)
    chosen[list(bad)] = True
    return chosen


def doubles(array: Any) -> tuple[Any, Any]:
    """Convert a numeric column to the nearest doubles.

    Returns a contiguous array of shape (rows,) and a mask of the nulls, or `None` if there are none.
    """
    import numpy

    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if types.is_decimal(array.type):
        array = array.cast(pyarrow.string())  # this rounds to the nearest double, unlike a direct cast
    if types.is_boolean(array.type):
        array = array.cast(pyarrow.int8())
    if array.type != pyarrow.float64():
        array = array.cast(pyarrow.float64(), safe=False)
    nulls = None
    if array.null_count:
        nulls = array.is_null().to_numpy(zero_copy_only=False)
    return numpy.ascontiguousarray(array.to_numpy(zero_copy_only=False)), nulls


def table_columns(table: Any, names: Sequence[str]) -> tuple[dict[str, Any], Any]:
    """Return columns of a table or record batch as arrays of doubles, and a mask of the rows with a null, or `None`.

    Raises: InputError for a column that is not numeric.
    """
    columns, nulls = {}, None
    check_unique([name for name in table.schema.names if name in names], "the table")
    for name in names:
        check_numeric(name, name, table.schema.field(name).type, "the table")
        column = table.column(name)
        if isinstance(column, pyarrow.ChunkedArray):
            column = column.combine_chunks()
        columns[name], missing = doubles(column)
        if missing is not None:
            nulls = missing if nulls is None else nulls | missing
    return columns, nulls


def extended(table: Any, names: Sequence[str], results: Sequence[Any], nulls: Any) -> Any:
    """Return the table with results as further columns, null where `nulls` is true.

    Raises: UsageError for a name that the table already has.
    """
    for name, result in zip(names, results, strict=True):
        if name in table.schema.names:
            raise UsageError(f"the output column '{name}' is also a column of the input")
        table = table.append_column(name, pyarrow.array(result, mask=nulls))
    return table
