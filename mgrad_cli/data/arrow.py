"""Read Parquet and Arrow IPC: record batches to blocks."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

import pyarrow
from pyarrow import types

from mgrad_cli.data.arrow_columns import (
    Read,
    cast_texts,
    check_numeric,
    column_at,
    doubles,
    is_text,
    nested_fields,
    path_in,
    places_among,
    places_of,
    rows_among,
    selected,
    type_at,
    with_unique_names,
)
from mgrad_cli.data.bad_rows import BadRows, fail_rows
from mgrad_cli.data.batch_size import rows_at_once, rows_per_batch
from mgrad_cli.data.blocks import Block, RowError, RowRequest
from mgrad_cli.data.dialect import PLAIN, Dialect
from mgrad_cli.data.formats import ReadOptions, is_binary
from mgrad_cli.data.streams import ByteStream
from mgrad_cli.data.times import check_times
from mgrad_cli.errors import InputError, MgradError, UsageError
from mgrad_cli.storage.stores import is_address, opened, sentence

READ_BYTES = 1 << 20
FILE_MAGIC = b"ARROW1"


class ArrowChunk(NamedTuple):
    """Rows of a file as a `pyarrow.RecordBatch`, and how many rows stand before them in the file."""

    batch: Any
    first: int


class ArrowSource:
    """A Parquet file, or an Arrow IPC file or stream, as record batches."""

    line_end = "\n"
    is_small = False
    has_lines = False

    def __init__(
        self,
        name: str,
        schema: Any,
        rows: int | None,
        read: Read,
        file: Any,
        file_format: str = "arrow",
        first_row: int = 0,
        dialect: Dialect = PLAIN,
    ) -> None:
        self.name = name
        self.file_format = file_format
        self.places = places_of(schema.names)
        if len(self.places) < len(schema.names):
            schema, read = with_unique_names(schema, read)
        self.schema = schema
        self.columns = tuple(schema.names)
        self.members = tuple(nested_fields(schema))
        self.dialect = dialect
        self.total = self.rows = rows
        self.read = read
        self.file = file
        self.first_row = first_row
        self.is_for_text = False

    def close(self) -> None:
        self.file.close()

    def check(self, request: RowRequest, file_format: str) -> None:
        """Check the types of the columns.

        Raises: InputError for a variable whose column is not numeric; UsageError for a column to keep that the format
        cannot hold.
        """
        for name, column in request.variables.items():
            if column not in self.columns and column not in self.members:
                raise InputError(f"{self.name}: no column '{column}'")
            places = self.places.get(path_in(self.columns, column)[0], [])
            if len(places) > 1:
                shown = f"{', '.join(map(str, places[:-1]))} and {places[-1]}"
                raise InputError(f"{self.name}: duplicate column '{column}', at {shown}")
            check_numeric(name, column, type_at(self.schema, column), self.name, self.dialect.casts)
        self.is_for_text = bool(file_format) and not is_binary(file_format)
        if not self.is_for_text:
            return
        kinds = {column: type_at(self.schema, column) for column in request.keep}
        formless = [column for column, kind in kinds.items() if not has_text(kind, nested=file_format == "jsonl")]
        if formless:
            others = ",".join(column for column in request.keep if column not in formless) or "none"
            shown_format = {"jsonl": "JSON", "table": "a table"}.get(file_format, file_format.upper())
            shown = ", ".join(f"'{column}' ({kinds[column]})" for column in formless)
            raise UsageError(f"{shown_format} cannot hold column {shown}; leave out with --keep {others}")

    def empty(self, request: RowRequest) -> Block:
        return self.block(ArrowChunk(empty_batch(self.schema), 0), request)

    def chunks(self, request: RowRequest) -> Iterator[ArrowChunk]:
        used = {path_in(self.columns, column)[0] for column in (*request.variables.values(), *request.keep)}
        wanted = [column for column in self.columns if column in used]
        batches = self.read(wanted)
        first = self.first_row
        while True:
            with translate_read_errors(self.name):
                batch = next(batches, None)
                if batch is None:
                    return
                rows = min(rows_at_once(batch), request.max_rows)
            for start in range(0, batch.num_rows, rows):
                yield ArrowChunk(batch.slice(start, rows), first + start)
            first += batch.num_rows

    def done(self, chunk: ArrowChunk) -> int:
        return int(chunk.batch.num_rows)

    def block(self, chunk: ArrowChunk, request: RowRequest) -> Block:
        batch, first = chunk
        with translate_read_errors(self.name):
            batch.validate(full=True)  # invalid offsets and indices would crash the process
            for column in request.keep if self.is_for_text else ():
                check_times(column_at(batch, path_in(self.columns, column)), column, self.name)
        block = Block(
            batch.num_rows,
            {},
            error=lambda row, message: RowError(message, self.name, first + row + 1, unit="row"),
        )
        bad: dict[int, str] = {}
        for name, column in request.variables.items():
            array = column_at(batch, path_in(self.columns, column))
            if is_text(array.type):
                array = cast_texts(array, column, self.dialect, bad)
            values, nulls = doubles(array)
            block.columns[name] = values
            if nulls is not None:
                block.nulls = nulls if block.nulls is None else block.nulls | nulls
        if request.keep:
            block.table = pyarrow.Table.from_batches([selected(batch, request.keep)])
        if bad:
            fail_rows(block, BadRows(rows_among(bad, block.rows), bad.__getitem__), request.on_error)
        return block


@contextmanager
def translate_read_errors(name: str, file_format: str = "") -> Iterator[None]:
    """Translate the errors of a reader, which are of many kinds, to an InputError of one sentence."""
    try:
        yield
    except MgradError:
        raise
    except Exception as error:
        what = f"cannot read {name} as {file_format}" if file_format else f"cannot read {name}"
        reason = getattr(error, "strerror", None) or sentence(error)
        raise InputError(f"{what}: {reason}") from None


def open_parquet(origin: str | ByteStream, name: str, reading: ReadOptions, groups: range | None) -> ArrowSource:
    """Open a Parquet file, or some of its row groups. Raises: InputError for a file that is not Parquet."""
    from pyarrow import parquet

    with translate_read_errors(name, "Parquet"):
        where = seekable(origin)
        file = parquet.ParquetFile(where, pre_buffer=False, buffer_size=READ_BYTES)
        chosen = list(groups or range(file.metadata.num_row_groups))
        rows = sum(file.metadata.row_group(group).num_rows for group in chosen)
        before = sum(file.metadata.row_group(group).num_rows for group in range(chosen[0])) if chosen else 0

        def read(columns: list[str]) -> Iterator[Any]:
            most = rows_per_batch(file, where, chosen, columns)
            yield from file.iter_batches(most, chosen, columns, use_threads=False)

        return ArrowSource(name, file.schema_arrow, rows, read, file, "parquet", before, reading.dialect)


def open_ipc(origin: str | ByteStream, name: str, reading: ReadOptions, groups: range | None) -> ArrowSource:
    """Open Arrow IPC, without a memory map: if a mapped file is truncated while it is read, the process dies.

    Raises: InputError for a file that is not Arrow IPC.
    """
    from pyarrow import ipc

    with translate_read_errors(name, "Arrow"):
        if isinstance(origin, ByteStream) and not origin.start.startswith(FILE_MAGIC):
            stream = pyarrow.PythonFile(origin, mode="r")
        else:
            stream = seekable(origin)
            if stream.read(len(FILE_MAGIC)) == FILE_MAGIC:
                schema = ipc.open_file(stream).schema

                def read(columns: list[str]) -> Iterator[Any]:
                    indices = places_among(schema.names, columns)
                    batches = ipc.open_file(stream, options=ipc.IpcReadOptions(included_fields=indices))
                    return (batches.get_batch(index) for index in range(batches.num_record_batches))

                return ArrowSource(name, schema, None, read, stream, dialect=reading.dialect)
            stream.seek(0)
        reader = ipc.open_stream(stream)
        size = size_of(origin)

        def read_stream(columns: list[str]) -> Iterator[Any]:
            for batch in reader:
                yield batch.select(places_among(batch.schema.names, columns))
            if size_of(origin) < size:  # a stream has no end mark between batches
                raise InputError(f"cannot read {name} as Arrow: it was cut short while it was read")

        return ArrowSource(name, reader.schema, None, read_stream, stream, dialect=reading.dialect)


def size_of(origin: str | ByteStream) -> int:
    """Return the current size of an ordinary file in bytes; 0 for anything else."""
    if isinstance(origin, str):
        return 0 if is_address(origin) else os.path.getsize(origin)
    return os.fstat(origin.fileno()).st_size if origin.is_regular else 0


def seekable(origin: str | ByteStream) -> Any:
    """Open a file so that Arrow can seek in it. A stream that is not an ordinary file is copied to disk first.

    The file is not memory-mapped. Raises: OSError.
    """
    if isinstance(origin, str):
        return opened(origin, is_random=True) if is_address(origin) else pyarrow.OSFile(os.fsencode(origin))
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
    """Return whether values of a type can be written as text; with `nested`, also lists and structures of them."""
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
