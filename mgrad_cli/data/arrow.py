"""Parquet and Arrow IPC: record batches to blocks."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pyarrow
from pyarrow import types

from mgrad_cli.data.blocks import Block, Request
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.errors import InputError, UsageError
from mgrad_cli.places import is_address, opened, sentence

BATCH_ROWS = 1 << 16
READ_BYTES = 1 << 20
FILE_MAGIC = b"ARROW1"


class ArrowSource:
    """A Parquet file, or Arrow IPC in its file or stream form, as record batches."""

    line_end = "\n"

    def __init__(
        self,
        name: str,
        form: str,
        schema: Any,
        rows: int | None,
        batches: Iterator[Any],
        file: Any,
        groups: range | None = None,
    ) -> None:
        self.name = name
        self.form = form
        self.schema = schema
        self.columns = tuple(schema.names)
        self.total = self.rows = rows
        self.batches = batches
        self.file = file
        self.groups = groups
        refuse_duplicates(self.columns, name)

    def close(self) -> None:
        self.file.close()

    def check(self, request: Request, form: str) -> None:
        """Raises: InputError for a variable whose column is not of numbers, UsageError for a column to keep that has
        no form as text.
        """
        for name, column in request.variables.items():
            refuse_other_kinds(name, column, self.schema.field(column).type, self.name)
        if form not in {"csv", "tsv", "jsonl", "table"}:
            return
        kinds = {column: self.schema.field(column).type for column in request.keep}
        formless = [column for column, kind in kinds.items() if not has_text(kind, nested=form == "jsonl")]
        if formless:
            others = ",".join(column for column in request.keep if column not in formless) or "none"
            shown = ", ".join(f"'{column}' ({kinds[column]})" for column in formless)
            raise UsageError(f"no form in {form} for {shown}; leave out with --keep {others}")

    def empty(self, request: Request) -> Block:
        return self.block(empty_batch(self.schema), request)

    def chunks(self, request: Request) -> Iterator[Any]:
        wanted = [column for column in self.columns if column in {*request.variables.values(), *request.keep}]
        try:
            for batch in self.read(wanted):
                for start in range(0, batch.num_rows, BATCH_ROWS):
                    yield batch.slice(start, BATCH_ROWS)
        except (pyarrow.ArrowException, OSError) as error:
            raise InputError(f"{self.name}: {error}") from None

    def read(self, columns: list[str]) -> Iterator[Any]:
        if self.form == "parquet":
            groups = None if self.groups is None else list(self.groups)
            return self.file.iter_batches(BATCH_ROWS, groups, columns, use_threads=False)  # type: ignore[no-any-return]
        return (batch.select(columns) for batch in self.batches)

    def done(self, chunk: Any) -> int:
        return int(chunk.num_rows)

    def block(self, chunk: Any, request: Request) -> Block:
        block = Block(chunk.num_rows, {})
        for name, column in request.variables.items():
            values, nulls = doubles(chunk.column(column))
            block.columns[name] = values
            if nulls is not None:
                block.nulls = nulls if block.nulls is None else block.nulls | nulls
        if request.keep:
            block.table = pyarrow.Table.from_batches([chunk.select(list(request.keep))])
        return block


def open_parquet(origin: str | ByteStream, name: str, groups: range | None = None) -> ArrowSource:
    """A Parquet file, or some of its groups of rows. Raises: InputError for a file that is none."""
    from pyarrow import parquet

    try:
        where = origin if isinstance(origin, str) and not is_address(origin) else seekable(origin)
        file = parquet.ParquetFile(where, pre_buffer=False, buffer_size=READ_BYTES)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"cannot read {name} as Parquet: {sentence(error)}") from None
    rows = sum(file.metadata.row_group(group).num_rows for group in groups or range(file.metadata.num_row_groups))
    return ArrowSource(name, "parquet", file.schema_arrow, rows, iter(()), file, groups)


def open_ipc(origin: str | ByteStream, name: str) -> ArrowSource:
    """Raises: InputError for a file that is none."""
    from pyarrow import ipc

    try:
        if isinstance(origin, ByteStream) and not origin.start.startswith(FILE_MAGIC):
            reader = ipc.open_stream(pyarrow.PythonFile(origin, mode="r"))
            return ArrowSource(name, "arrow", reader.schema, None, reader, reader)
        is_local = isinstance(origin, str) and not is_address(origin)
        file = pyarrow.memory_map(origin) if is_local else seekable(origin)
        if file.read(6) == FILE_MAGIC:
            whole = ipc.open_file(file)
            batches = (whole.get_batch(index) for index in range(whole.num_record_batches))
            return ArrowSource(name, "arrow", whole.schema, None, batches, file)
        file.seek(0)
        reader = ipc.open_stream(file)
        return ArrowSource(name, "arrow", reader.schema, None, reader, file)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"cannot read {name} as Arrow: {sentence(error)}") from None


def seekable(origin: str | ByteStream) -> Any:
    """A file in which Arrow can seek: one in a store, or a stream, spooled to disk unless it is an ordinary file."""
    if isinstance(origin, str):
        return opened(origin, is_random=True)
    file: Any
    if origin.is_regular:
        file = open(origin.fileno(), "rb", closefd=False)  # noqa: SIM115
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115
        shutil.copyfileobj(cast("Any", origin), file, READ_BYTES)
    file.seek(0)
    return pyarrow.PythonFile(file, mode="r")


def empty_batch(schema: Any) -> Any:
    return pyarrow.RecordBatch.from_arrays([pyarrow.array([], field.type) for field in schema], schema=schema)


def has_text(kind: Any, nested: bool) -> bool:
    """Whether values of a type can be written as text; with `nested` also lists and structures of such."""
    if types.is_dictionary(kind):
        return has_text(kind.value_type, nested)
    if nested and (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)):
        return has_text(kind.value_type, nested)
    if nested and types.is_struct(kind):
        return all(has_text(field.type, nested) for field in kind)
    is_text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    is_time = types.is_timestamp(kind) or types.is_date(kind) or types.is_time(kind)
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal128(kind)
    return bool(is_text or is_time or is_number or types.is_boolean(kind) or types.is_null(kind))


def refuse_duplicates(columns: Sequence[str], file: str) -> None:
    """Raises: InputError for a name that two columns have."""
    if len(set(columns)) < len(columns):
        twice = next(column for column, count in Counter(columns).items() if count > 1)
        raise InputError(f"{file}: duplicate column '{twice}'")


def refuse_other_kinds(name: str, column: str, kind: Any, file: str) -> None:
    """Raises: InputError for a column whose type is not of numbers."""
    if types.is_dictionary(kind):
        kind = kind.value_type
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind)):
        shown = f"'{column}'" if name == column else f"'{column}', for {name},"
        raise InputError(f"{file}: column {shown} is of type {kind}, not of numbers")


def doubles(array: Any) -> tuple[Any, Any]:
    """A column of numbers as a contiguous array of doubles, each the nearest, and where it is null, or `None`."""
    import numpy

    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if types.is_decimal(array.type):
        array = array.cast(pyarrow.string())  # which reads back to the nearest double; Arrow's own way does not
    if array.type != pyarrow.float64():
        array = array.cast(pyarrow.float64(), safe=False)
    nulls = None
    if array.null_count:
        nulls = array.is_null().to_numpy(zero_copy_only=False)
    return numpy.ascontiguousarray(array.to_numpy(zero_copy_only=False)), nulls


def table_columns(table: Any, names: Sequence[str]) -> tuple[dict[str, Any], Any]:
    """Columns of a table or record batch as arrays of doubles, and the rows where one is null, or `None`.

    Raises: InputError for a column that is not of numbers.
    """
    columns, nulls = {}, None
    refuse_duplicates(table.schema.names, "the table")
    for name in names:
        refuse_other_kinds(name, name, table.schema.field(name).type, "the table")
        column = table.column(name)
        if isinstance(column, pyarrow.ChunkedArray):
            column = column.combine_chunks()
        columns[name], missing = doubles(column)
        if missing is not None:
            nulls = missing if nulls is None else nulls | missing
    return columns, nulls


def extended(table: Any, names: Sequence[str], results: Sequence[Any], nulls: Any) -> Any:
    """The table with results as further columns, null where these rows are.

    Raises: UsageError for a name that a column already has.
    """
    for name, result in zip(names, results, strict=True):
        if name in table.schema.names:
            raise UsageError(f"the output column '{name}' is also a column of the input")
        table = table.append_column(name, pyarrow.array(result, mask=nulls))
    return table
