"""What `mgrad map` reads: the formula, and its data in files or ranges."""

from collections.abc import Iterator
from glob import glob
from itertools import chain
from typing import NamedTuple

import click

from mgrad_cli.cli.bindings import ARGUMENTS, check_dashed
from mgrad_cli.cli.data_options import check_dialect, note_delimiter, note_slow_reading
from mgrad_cli.cli.environment import keep_freed_memory
from mgrad_cli.cli.map_arguments import Bound, bound, check_not_a_file, read_formula, renamed
from mgrad_cli.cli.map_options import MapOptions
from mgrad_cli.cli.verb import check_paths
from mgrad_cli.data.blocks import Source
from mgrad_cli.data.formats import ReadOptions
from mgrad_cli.data.opening import (
    columns_of,
    data_files,
    format_of,
    is_stream,
    open_source,
    plain_bytes,
)
from mgrad_cli.data.ranges import GridSource
from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.names import name_and_value
from mgrad_cli.mapping.local_run import check_separator
from mgrad_cli.storage.stores import is_address

NO_DATA = "data is missing; give a file, - for standard input, or ranges such as --x 0:1:0.1"


class MapInput(NamedTuple):
    """The data of a run.

    files     the paths of the data; none for ranges
    reading   how files are read
    first     the first file, opened, or the ranges
    bound     the variables that the command line binds
    columns   the columns that `--col` names, by variable
    """

    files: tuple[str, ...]
    reading: ReadOptions
    first: Source
    bound: Bound
    columns: dict[str, str]

    @property
    def names(self) -> list[str]:
        """The columns, and the members of those that are objects."""
        return [*self.first.columns, *self.first.members]

    def sources(self) -> Iterator[Source]:
        """Yield the first source and open each further one."""
        return chain([self.first], (open_source(path, self.reading) for path in self.files[1:]))

    def regular_files(self) -> Iterator[Source]:
        """Open each file but the first that can be read more than once."""
        return (open_source(path, self.reading) for path in self.files[1:] if not is_stream(path))


def read_words(ctx: click.Context, options: MapOptions) -> tuple[Script, list[str]]:
    """Return the formula, and the words after it, which name the data.

    Raises: UsageError for words in another order; ExpressionError if the formula does not parse.
    """
    words = list(options.words)
    expression = words.pop(0) if options.file is None and words else None
    if expression is not None and expression != "-" and (format_of(expression) or is_stream(expression)):
        check_not_a_file(expression)
    script = read_formula(expression, options.file, words, options.limits)
    if words and words[0] != "-" and not is_address(words[0]) and not glob(words[0]):
        check_not_a_file(expression)  # the arguments may be in the wrong order
        if not format_of(words[0]):
            check_dashed(ctx.meta[ARGUMENTS], 0, len(words), ctx.command, ctx)
    return script, words


def open_input(ctx: click.Context, script: Script, words: list[str], options: MapOptions) -> MapInput:
    """Open the data that `words` and the bound variables name, and log what to know of how it is read.

    Raises: UsageError for options that do not apply to the data; InputError for data that cannot be read.
    """
    reading = options.reading._replace(is_live=options.unbuffered)
    variables = bound(ctx, script, options.params, options.limits)
    files = data_files(words, options.recursive)
    if bool(files) == bool(variables.ranges):
        raise UsageError("give DATA or ranges, not both" if files else NO_DATA)
    columns = renamed(options.col)
    needed = needed_columns(script, variables, columns, options)
    reading = reading.for_variables(needed, options.on_error)
    reads_formula = options.file is None and options.words[0] == "-"
    check_paths(ctx, ["-", *files] if reads_formula else files)
    reading = reading._replace(plain_bytes=plain_bytes(files))
    if options.union and files:
        reading = reading._replace(columns=columns_of(files, reading))
    first: Source = open_source(files[0], reading) if files else GridSource(variables.ranges)
    if not first.is_small:
        keep_freed_memory()
    if files:
        check_separator(first, needed)
        if not options.quiet:
            note_delimiter(first)
    if not (options.quiet or options.unbuffered):
        note_slow_reading(first)
    check_dialect(reading.dialect, first.file_format if files else "")
    return MapInput(files, reading, first, variables, columns)


def needed_columns(script: Script, variables: Bound, columns: dict[str, str], options: MapOptions) -> list[str]:
    """Return the columns of the variables that have no value on the command line."""
    names, declared = input_names(script, variables.values)
    unknown = name_and_value(options.solve or "")[0]
    given = {*variables.values, *declared, unknown}
    return [columns.get(name, name) for name in names if name not in given]
