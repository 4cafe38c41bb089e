"""Write blocks with their results to Parquet and Arrow IPC, in row groups."""

from typing import Any

import pyarrow
from pyarrow import ipc, types

from mgrad_cli.data.blocks import Block, RowRequest
from mgrad_cli.storage.files import Output

GROUP_BYTES = 32 << 20


class ArrowSink:
    """Writes Parquet or Arrow IPC in row groups of about `GROUP_BYTES`."""

    def __init__(self, output: Output, file_format: str, names: list[str], is_stream: bool) -> None:
        self.file_format = file_format
        self.names = names
        self.is_stream = is_stream
        self.file = pyarrow.PythonFile(output.stream.buffer, mode="w")
        self.output = output
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
        if self.writer is None:
            self.writer = self.opened(piece.schema)
        self.waiting.append(piece.cast(self.schema))
        self.waiting_bytes += piece.nbytes
        if self.waiting_bytes >= GROUP_BYTES:
            self.flush()

    def opened(self, schema: Any) -> Any:
        from pyarrow import parquet

        self.schema = schema
        if self.file_format == "arrow":
            for index, field in enumerate(schema):
                if types.is_dictionary(field.type):  # whose values may differ from batch to batch
                    self.schema = self.schema.set(index, pyarrow.field(field.name, field.type.value_type))
            return (ipc.new_stream if self.is_stream else ipc.new_file)(self.file, self.schema)
        plain = {field.name for field in schema if types.is_floating(field.type)}
        other = [field.name for field in schema if field.name not in plain]
        compression = {field.name: "none" if field.name in plain else "snappy" for field in schema}
        return parquet.ParquetWriter(self.file, schema, use_dictionary=other, compression=compression)

    def flush(self) -> None:
        if self.waiting:
            table = pyarrow.concat_tables(self.waiting)
            self.waiting, self.waiting_bytes = [], 0
            self.output.guarded(lambda: self.writer.write_table(table))

    def close(self) -> None:
        self.flush()
        self.output.guarded(self.writer.close)

    def abandon(self) -> None:
        if self.writer is not None:
            self.writer.is_open = False  # or it would write its index when it is deleted


def arrow_sink(output: Output, style: Any, source: Any, request: RowRequest) -> ArrowSink:
    """Return a sink for Parquet or Arrow IPC."""
    return ArrowSink(output, style.file_format, style.names, is_stream=output.name == "standard output")
