"""Where the results of `mgrad map` go: one output, a folder, or one record."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TextIO

from mgrad_cli.cli.map_arguments import kept_columns
from mgrad_cli.cli.map_input import MapInput
from mgrad_cli.cli.map_options import MapOptions
from mgrad_cli.cli.map_part_options import check_folder_format, check_part_options
from mgrad_cli.cli.options import chosen_format
from mgrad_cli.data.destination import Style, chosen_file_format, is_folder
from mgrad_cli.data.opening import is_stream
from mgrad_cli.errors import UsageError
from mgrad_cli.renderers import ROW_FORMATS, View, page_for
from mgrad_cli.renderers.rows import RowPreview
from mgrad_cli.storage.stores import local_path


class Target(NamedTuple):
    """Where the results of a run go.

    path         a file or a folder; `None` or `-` for standard output
    file_format  the format of the output
    keep         the columns to keep; `None` for all
    is_reduced   whether all rows are reduced to one record
    to_folder    whether the path is a folder with a file for each input
    is_parted    whether the run is divided into parts
    """

    path: str | None
    file_format: str
    keep: tuple[str, ...] | None
    is_reduced: bool
    to_folder: bool
    is_parted: bool

    def style(self, options: MapOptions, names: Sequence[str]) -> Style:
        """Return how results with these names are written. Raises: UsageError."""
        style = options.style(self.file_format, names, self.keep)
        style = style._replace(flush=options.unbuffered, preview=drawn_rows)
        if self.is_reduced:
            style.check_distinct_names(["rows"], "also the number of rows")
        return style


def chosen_target(options: MapOptions, data: MapInput) -> Target:
    """Return where the results go. Raises: UsageError for options that do not apply to it."""
    path = None if options.output is None else local_path(options.output)
    is_reduced = options.reduce is not None
    to_folder = not is_reduced and is_folder(path, data.files)
    if is_reduced and (options.keep is not None or options.csv_safe or is_folder(path, ())):
        raise UsageError("--reduce gives one record and cannot be combined with --keep, --csv-safe or an output folder")
    if is_reduced and options.accuracy:
        raise UsageError("--reduce and --accuracy cannot be combined: a sum has no digits of its own")
    is_parted = to_folder or (is_reduced and options.engine == "dask")
    check_part_options(options, is_parted, to_folder)
    if is_parted:
        check_regular_files(data.files)
    chosen = chosen_format(options.output_format, options.as_json, "")
    file_format = chosen_file_format(
        "jsonl" if chosen == "json" else chosen or None, path, "jsonl" if is_reduced else data.first.file_format
    )
    if to_folder:
        check_folder_format(file_format)
    return Target(path, file_format, kept_columns(options.keep), is_reduced, to_folder, is_parted)


def check_regular_files(files: Sequence[str]) -> None:
    """Check that several processes can read the data. Raises: UsageError otherwise."""
    if not files:
        raise UsageError("a run in parts reads files, not ranges")
    for path in filter(is_stream, files):
        shown = "standard input" if path == "-" else f"'{path}', which is not a regular file"
        raise UsageError(f"a run in parts reads files, not {shown}")


def drawn_rows(columns: list[str], rows: list[list[Any]], more: int, stream: TextIO) -> str:
    return "".join(ROW_FORMATS["table"](RowPreview(columns, rows, more), View(page_for("table", stream))))
