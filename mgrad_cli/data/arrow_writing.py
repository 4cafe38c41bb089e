"""Write blocks with their results to Parquet and Arrow IPC, in row groups, compressed."""

from typing import Any

import pyarrow
from pyarrow import ipc, types

from mgrad_cli.data.blocks import Block, RowRequest
from mgrad_cli.data.parquet_columns import repetitive_columns
from mgrad_cli.storage.streams import Output

GROUP_BYTES = 32 << 20
ZSTD_LEVEL = 1


class ArrowSink:
    """Writes Parquet or Arrow IPC in row groups of about `GROUP_BYTES`."""

    def __init__(self, output: Output, style: Any, is_stream: bool) -> None:
        self.file_format = style.file_format
        self.names = style.names
        self.compression = None if style.compression == "none" else style.compression
        self.is_stream = is_stream
        self.file = pyarrow.PythonFile(output.stream.buffer, mode="w")
        self.output = output
        self.schema: Any = None
        self.writer: Any = None
        self.waiting: list[Any] = []
        self.waiting_bytes = 0

    def piece(self, block: Block, results: list[Any]) -> Any:
        arrays = [pyarrow.array(result, mask=block.nulls) for result in results]
        if block.table is None:
            return pyarrow.table(arrays, self.names)
        table = block.table
        for name, array in zip(self.names, arrays, strict=True):
            table = table.append_column(name, array)
        return table

    def write(self, piece: Any) -> None:
        if self.schema is None:
            self.schema = self.schema_for(piece.schema)
        self.waiting.append(piece.cast(self.schema))
        self.waiting_bytes += piece.nbytes
        if self.waiting_bytes >= GROUP_BYTES:
            self.flush()

    def schema_for(self, schema: Any) -> Any:
        """Return the schema of the file: without dictionaries in Arrow, whose values may differ from batch to batch."""
        for index, field in enumerate(schema if self.file_format == "arrow" else ()):
            if types.is_dictionary(field.type):
                schema = schema.set(index, pyarrow.field(field.name, field.type.value_type))
        return schema

    def opened(self, table: Any) -> Any:
        """Return the writer of a file that begins with a table."""
        if self.file_format == "arrow":
            options = ipc.IpcWriteOptions(compression=self.compression)
            return (ipc.new_stream if self.is_stream else ipc.new_file)(self.file, self.schema, options=options)
        from pyarrow import parquet

        return parquet.ParquetWriter(
            self.file,
            self.schema,
            use_dictionary=repetitive_columns(table),
            compression=self.compression or "none",
            compression_level=ZSTD_LEVEL if self.compression == "zstd" else None,
        )

    def flush(self) -> None:
        if self.waiting:
            table = pyarrow.concat_tables(self.waiting)
            self.waiting, self.waiting_bytes = [], 0
            if self.writer is None:
                self.writer = self.opened(table)
            self.output.guarded(lambda: self.writer.write_table(table))

    def close(self) -> None:
        self.flush()
        self.output.guarded(self.writer.close)

    def abandon(self) -> None:
        if self.writer is not None:
            self.writer.is_open = False  # or it would write its index when it is deleted


def arrow_sink(output: Output, style: Any, source: Any, request: RowRequest) -> ArrowSink:
    """Return a sink for Parquet or Arrow IPC."""
    return ArrowSink(output, style, is_stream=output.name == "standard output")
