"""Read the data of a fit, and write it again with the predictions of the fitted model."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from mgrad_cli.analysis.bands import Band
from mgrad_cli.data.blocks import Block, RowRequest, Source
from mgrad_cli.data.destination import Style, chosen_compression, chosen_file_format, opened_sink
from mgrad_cli.data.formats import ReadOptions, is_binary
from mgrad_cli.data.opening import open_source
from mgrad_cli.mapping.loading import LoadedRows, load

SUFFIXES = ("", "_low", "_high")
"""The ends of the names of the columns that `--predict` adds: the model, and its band."""


class FitData(NamedTuple):
    """The files of a fit, of which the first is open.

    style       how their rows are written with predictions, if they are
    """

    files: Sequence[str]
    reading: ReadOptions
    first: Source
    style: Style | None

    def request(self, source: Source, variables: Mapping[str, str], on_error: str) -> RowRequest:
        """Return the request for the rows of a source. Raises: UsageError, InputError."""
        if self.style is None:
            request = RowRequest(variables, (), as_lines=False, typed=True, on_error=on_error)
        else:
            request = self.style.request(source, dict(variables), on_error, self.first.columns)
        source.check(request, self.style.file_format if self.style else "")
        return request

    def load(self, request: RowRequest) -> LoadedRows:
        """Read all rows, those of the first source by a request, and others by one like it."""
        sources = chain([self.first], (open_source(path, self.reading) for path in self.files[1:]))

        def request_for(source: Source) -> RowRequest:
            return request if source is self.first else self.request(source, request.variables, request.on_error)

        return load(sources, request_for, self.first, self.style is not None)


def prediction_style(name: str, output: str | None, output_format: str | None, first: Source) -> Style:
    """Return how rows with predictions are written."""
    wanted = "jsonl" if output_format == "json" else output_format
    file_format = chosen_file_format(wanted, output, first.file_format)
    return Style(
        file_format,
        [f"{name}{suffix}" for suffix in SUFFIXES],
        compression=chosen_compression(None, file_format),
        renaming="give --predict another name",
    ).like(first)


def write_predictions(data: FitData, request: RowRequest, loaded: LoadedRows, band: Band, output: str | None) -> None:
    """Write all rows with the model and its band; rows without numbers have none."""
    assert data.style is not None
    blocks = list(same_types([data.first.empty(request), *loaded.blocks], data))
    with opened_sink(output, data.style, data.first, request) as sink:
        for block in blocks:
            prediction = band.over(block.columns, block.rows)
            sink.write(sink.piece(block, [prediction.value, prediction.low, prediction.high]))


def same_types(blocks: Sequence[Block], data: FitData) -> Iterator[Block]:
    """Yield the blocks, with their columns in types that hold those of all files, if the output has types."""
    assert data.style is not None
    if not is_binary(data.style.file_format):
        yield from blocks
        return
    from mgrad_cli.data.column_types import merged_schema, widened

    schema: Any = None
    for block in blocks:
        found = block.table.schema
        schema = found if schema is None else merged_schema(schema, found, data.first.name)
    for block in blocks:
        block.table = widened(block.table, schema, data.first.name)
        yield block
