"""`mgrad map`: evaluate a formula and its gradient for every row of data or of a grid."""

import os
import sys
from collections.abc import Iterable, Sequence
from glob import glob
from itertools import chain
from typing import Any, TextIO

import click

from mgrad_cli.cli.bindings import ARGUMENTS, check_dashed, explained
from mgrad_cli.cli.data_options import (
    check_dialect,
    column_options,
    note_delimiter,
    note_slow_reading,
    text_options,
)
from mgrad_cli.cli.environment import keep_freed_memory
from mgrad_cli.cli.evaluating import FailureLog, read_unit
from mgrad_cli.cli.map_arguments import bound, check_not_a_file, complete_data, kept_columns, renamed
from mgrad_cli.cli.map_options import MapOptions
from mgrad_cli.cli.map_parts import check_folder_format, check_part_options, part_options
from mgrad_cli.cli.map_uncertainties import given_uncertainties
from mgrad_cli.cli.options import (
    COMPLETE_COLUMNS,
    COMPLETE_NAMES,
    accuracy_option,
    chosen_format,
    common_options,
    format_options,
    order_option,
    record_options,
    wanted_names,
)
from mgrad_cli.cli.proofs import certify_option
from mgrad_cli.cli.verb import ExpressionAndFiles, InputPath, OutputPath, check_paths
from mgrad_cli.data.blocks import Source
from mgrad_cli.data.destination import chosen_file_format, is_folder, write_record
from mgrad_cli.data.formats import COMPRESSIONS, DATA_FORMATS, is_binary
from mgrad_cli.data.opening import (
    check_streams_once,
    columns_of,
    data_files,
    format_of,
    is_stream,
    open_source,
    plain_bytes,
    use_threads,
)
from mgrad_cli.data.ranges import GridSource
from mgrad_cli.errors import BindingError, ExpressionError, UsageError
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.garbage import collect_garbage_rarely
from mgrad_cli.kernels import KERNELS, kernel_name
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.names import name_and_value
from mgrad_cli.mapping.local_run import RunOptions, check_separator, kept_schema, reduce_sources, write_sources
from mgrad_cli.mapping.outcome import Counts, Done
from mgrad_cli.mapping.plan import gives_derivatives, plan
from mgrad_cli.mapping.summation import ExactSum
from mgrad_cli.mapping.variables import RowFormula
from mgrad_cli.renderers import ROW_FORMATS, View, page_for
from mgrad_cli.renderers.progress import Progress
from mgrad_cli.renderers.rows import RowPreview
from mgrad_cli.storage.files import check_descriptors
from mgrad_cli.storage.stores import is_address, local_path
from mgrad_cli.storage.streams import log

FORMATS = (*DATA_FORMATS, "json", "table")
MIN_DESCRIPTORS = 8
"""How many files must be free to open: the libraries that read and write end the process where they cannot."""
NO_DATA = "data is missing; give a file, - for standard input, or ranges such as --x 0:1:0.1"
EXAMPLES = """\b
Examples:
  mgrad map "sqrt(x**2 + y**2)" points.csv -o lengths.csv
  mgrad map "m*c**2" rows.parquet --c 299792458 -o energies.parquet
  cat rows.jsonl | mgrad map "a*b" - --keep id
  mgrad map "sin(x)*exp(-y)" --x 0:6.28:0.01 --y 0:1:0.5
  mgrad map "x**3 + x == a" --a 0:10:1 --solve x=1
  mgrad map "(w*x + b - y)**2" points.csv --params w,b=0 --reduce mean
  mgrad map "4*pi**2*L/T**2" pendulum.csv --u L=u_L,T=0.0005
  mgrad diff --order 2 --wrt S,vol --file price.mg | mgrad map - chain.csv
"""


@click.command("map", cls=ExpressionAndFiles, epilog=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[EXPRESSION] [DATA]...", shell_complete=complete_data)
@click.option(
    "--file", type=InputPath(), metavar="FILE", help="Read the expression from a file; all arguments are DATA."
)
@click.option(
    "--wrt",
    metavar="NAMES",
    help="Variables to differentiate with respect to, as a,b, or none (default: all).",
    shell_complete=COMPLETE_NAMES,
)
@column_options
@format_options(list(FORMATS), "as the input; csv for Parquet and Arrow")
@click.option(
    "--output", "-o", type=OutputPath(), metavar="PATH", help="Write to a file, or to a folder with one file per input."
)
@click.option(
    "--keep",
    metavar="COLUMNS",
    help="Input columns to keep, as id,date, or none (default: all).",
    shell_complete=COMPLETE_COLUMNS,
)
@order_option("With 2, add all second partial derivatives")
@click.option(
    "--u",
    multiple=True,
    metavar="NAME=U,...",
    help="Add the standard uncertainty of the value, from those of variables: a column, number or N% each; repeatable.",
)
@click.option("--corr", multiple=True, metavar="A,B=R", help="Correlation of two variables, from -1 to 1; repeatable.")
@click.option(
    "--coverage",
    type=click.FloatRange(min=0, min_open=True),
    metavar="K",
    help="Add the expanded uncertainty, K times the standard uncertainty.",
)
@click.option(
    "--value-name",
    metavar="NAME",
    help="Name of the value column (default: value), or names, as u,v, of several (default: the outputs' own).",
)
@click.option(
    "--solve",
    metavar="NAME=START",
    help="Add the column of NAME that makes EXPRESSION zero, from a number, a column or a bracket LOW:HIGH.",
)
@click.option("--grad-prefix", default="d_", metavar="TEXT", help="Prefix of the gradient columns (default: d_).")
@accuracy_option
@click.option("--reduce", type=click.Choice(["sum", "mean"]), metavar="sum|mean", help="Reduce all rows to one record.")
@click.option("--params", metavar="NAMES", help="Bind several variables at once: w=1,b=0; w,b=0 sets both to 0.")
@click.option(
    "--compression",
    type=click.Choice(COMPRESSIONS),
    metavar="|".join(COMPRESSIONS),
    help="Compression of Parquet (default: snappy) or Arrow (default: none).",
)
@click.option("--csv-safe", is_flag=True, help="Put ' before text cells that a spreadsheet would run as formulas.")
@text_options
@click.option(
    "--kernel",
    type=click.Choice(KERNELS),
    default="auto",
    metavar="|".join(KERNELS),
    help="Compute with NumPy or with compiled machine code (default: auto).",
)
@certify_option
@click.option(
    "--threads", type=click.IntRange(min=1), metavar="N", help="Number of threads (default: the number of cores)."
)
@click.option("--block-rows", type=click.IntRange(min=1), metavar="N", help="Number of rows to compute at a time.")
@part_options
@record_options("On a bad row: stop (default), write null results, or skip the row.")
@common_options
@click.pass_context
def command(ctx: click.Context, /, **_: object) -> int:
    """Evaluate EXPRESSION and its gradient for each row of DATA.

    DATA is one or more files, folders or glob patterns in CSV, TSV, JSON, Parquet or Arrow format, or - for
    standard input. Each variable takes its values from the column of the same name; bind others with --NAME VALUE.
    Each output of several, as in "r*cos(t), r*sin(t)", has its own columns.
    Without DATA, give ranges to evaluate on a grid: --x 0:1:0.1 (start:stop:step, stop included) or --x 0:1#11
    (start:stop#count).
    """
    collect_garbage_rarely()
    check_descriptors(MIN_DESCRIPTORS)
    options = MapOptions(**ctx.params)
    words = list(options.words)
    limits = options.limits
    expression = words.pop(0) if options.file is None and words else None
    if expression is not None and expression != "-" and (format_of(expression) or is_stream(expression)):
        check_not_a_file(expression)
    check_streams_once([path for path in (options.file or expression, *words) if path])
    try:
        unit = read_unit(expression, options.file, limits)
    except ExpressionError:
        check_not_a_file(expression)
        raise
    if words and words[0] != "-" and not is_address(words[0]) and not glob(words[0]):
        check_not_a_file(expression)  # the arguments may be in the wrong order
        if not format_of(words[0]):
            check_dashed(ctx.meta[ARGUMENTS], 0, len(words), ctx.command, ctx)
    threads = options.threads or cores()
    use_threads(threads)
    reading = options.reading._replace(is_live=options.unbuffered)
    values, widths, ranges = bound(ctx, unit, options.params, limits)
    files = data_files(words, options.recursive)
    if bool(files) == bool(ranges):
        raise UsageError("give DATA or ranges, not both" if files else NO_DATA)
    columns = renamed(options.col)
    names, declared = input_names(unit, values)
    unknown = name_and_value(options.solve or "")[0]
    given = {*values, *declared, unknown}
    needed = [columns.get(name, name) for name in names if name not in given]
    note_derivatives(options, unit)
    reading = reading.for_variables(needed, options.on_error)
    output = None if options.output is None else local_path(options.output)
    check_paths(ctx, ["-", *files] if expression == "-" else files)
    reading = reading._replace(plain_bytes=plain_bytes(files))
    if options.union and files:
        reading = reading._replace(columns=columns_of(files, reading))
    first: Source = open_source(files[0], reading) if files else GridSource(ranges)
    if not first.is_small:
        keep_freed_memory()
    if files:
        check_separator(first, needed)
        if not options.quiet:
            note_delimiter(first)
    if not (options.quiet or options.unbuffered):
        note_slow_reading(first)
    check_dialect(reading.dialect, first.file_format if files else "")
    is_reduced = options.reduce is not None
    to_folder = not is_reduced and is_folder(output, files)
    if is_reduced and (options.keep is not None or options.csv_safe or is_folder(output, ())):
        raise UsageError("--reduce gives one record and cannot be combined with --keep, --csv-safe or an output folder")
    if is_reduced and options.accuracy:
        raise UsageError("--reduce and --accuracy cannot be combined: a sum has no digits of its own")
    is_parted = to_folder or (is_reduced and options.engine == "dask")
    check_part_options(options, is_parted, to_folder)
    if is_parted:
        check_regular_files(files)
    wrt = [] if options.wrt == "none" else wanted_names(options.wrt)
    names_in_data = [*first.columns, *first.members]
    uncertain = given_uncertainties(options, names_in_data, unit, widths)
    check_readings(options, uncertain is not None)
    formula = RowFormula(unit, names_in_data, columns, values, wrt, uncertain, is_grid=not files)
    try:
        job = plan(formula, options)
    except BindingError as error:
        raise explained(error, unit, ctx) from None
    output_format = chosen_format(options.output_format, options.as_json, "")
    output_format = chosen_file_format(
        "jsonl" if output_format == "json" else output_format or None,
        output,
        "jsonl" if is_reduced else first.file_format,
    )
    if to_folder:
        check_folder_format(output_format)
    keep = kept_columns(options.keep)
    style = options.style(output_format, job.names, keep)._replace(flush=options.unbuffered, preview=drawn_rows)
    if is_reduced:
        style.check_distinct_names(["rows"], "also the number of rows")
    failures = FailureLog(elsewhere(options.on_error, is_reduced))
    is_shown = output is None and sys.stdout is not None and sys.stdout.isatty()
    wants_progress = not options.quiet and not is_shown
    if is_parted:
        from mgrad_cli.cli.part_runs import run_in_parts
        from mgrad_cli.mapping.part import parts_of
        from mgrad_cli.mapping.task import MapTask

        first.close()
        parts = parts_of(files, reading)
        rows = first.rows and first.rows * sum(part.size for part in parts) // max(1, parts[0].size)
        task = MapTask(
            expression=unit.text,
            columns=list(first.columns),
            members=list(first.members),
            renamed=columns,
            values={name: value.hex() for name, value in values.items()},
            wrt=wrt,
            keep=None if keep is None else list(keep),
            file_format="" if is_reduced else output_format,
            kernel=kernel_name(job.program, options.kernel, rows),
            uncertain=uncertain,
            options=options,
        )
        with Progress(len(parts), wants_progress, "rows") as progress:
            counts, sums = run_in_parts(
                task, parts, output if to_folder else None, options, threads, progress, failures
            )
    else:
        working = 0 if options.unbuffered else threads
        settings = RunOptions(job, style, options, options.kernel, working)
        if len(files) > 1 and not is_reduced and is_binary(output_format):
            others = (open_source(path, reading) for path in files[1:] if not is_stream(path))
            settings = settings._replace(schema=kept_schema(settings, first, others))
        sources = chain([first], (open_source(path, reading) for path in files[1:]))
        with Progress(None if len(files) > 1 else first.total, wants_progress, "rows") as progress:
            counts, sums = run_rows(settings, sources, output, is_reduced, progress, failures)
    failures.close()
    if is_reduced:
        totals = [each.mean if options.reduce == "mean" else each.total for each in sums]
        write_record(output, style, {"rows": sums[0].count}, totals)
    if not options.quiet:
        log(summary(counts))
    return 1 if counts.failed or (options.strict and counts.nonfinite) else 0


def check_readings(options: MapOptions, has_uncertainties: bool) -> None:
    """Check that the figures that the options ask for can be combined. Raises: UsageError otherwise."""
    if options.order > 1 and options.wrt == "none":
        raise UsageError("--order 2 and --wrt none cannot be combined")
    if options.certify and options.corr:
        raise UsageError("--certify and --corr cannot be combined: the factor of the correlations is rounded")
    if options.solve is not None:
        for is_given, name in (
            (options.order > 1, "--order 2"), (options.certify, "--certify"),
            (options.accuracy, "--accuracy"), (options.value_name is not None, "--value-name"),
        ):  # fmt: skip
            if is_given:
                raise UsageError(f"--solve and {name} cannot be combined")
    if options.reduce and has_uncertainties:
        raise UsageError(f"--u and --reduce cannot be combined: a {options.reduce} has an uncertainty of its own")


def note_derivatives(options: MapOptions, unit: Script) -> None:
    """Say that derivatives are not differentiated again, unless that is asked."""
    if options.wrt is None and not options.quiet and gives_derivatives(unit, options):
        log("note: the outputs are derivatives already; --wrt differentiates them again")


def check_regular_files(files: Sequence[str]) -> None:
    """Check that several processes can read the data.

    Raises: UsageError otherwise.
    """
    if not files:
        raise UsageError("a run in parts reads files, not ranges")
    for path in filter(is_stream, files):
        shown = "standard input" if path == "-" else f"'{path}', which is not a regular file"
        raise UsageError(f"a run in parts reads files, not {shown}")


def run_rows(
    settings: RunOptions,
    sources: Iterable[Source],
    output: str | None,
    is_reduced: bool,
    progress: Progress,
    failures: FailureLog,
) -> tuple[Counts, list[ExactSum]]:
    """Write all rows with their results to one output, or compute their sums."""
    report = Reporter(progress, failures)
    sums: list[ExactSum] = []
    if is_reduced:
        sums = reduce_sources(settings, sources, report)
    else:
        write_sources(settings, sources, output, report)
    return report.counts, sums


def elsewhere(on_error: str, is_reduced: bool) -> str:
    """Return advice on where to see the failed rows that are not shown."""
    if is_reduced:
        return "without --reduce, --on-error null writes their rows without results"
    return "their rows have no results" if on_error == "null" else "--on-error null writes their rows without results"


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Reporter:
    """Reports the progress and the first bad rows of a run, and adds up its counts."""

    def __init__(self, progress: Progress, failures: FailureLog) -> None:
        self.progress = progress
        self.counts = Counts()
        self.failures = failures

    def __call__(self, done: Done) -> None:
        self.counts.add(done.counts)
        if not done.is_stopped:
            self.failures.report((failure.message for failure in done.failures), done.counts.failed)
        self.progress.advance(done.counts.rows, done.counts.failed, done.done)


def drawn_rows(columns: list[str], rows: list[list[Any]], more: int, stream: TextIO) -> str:
    return "".join(ROW_FORMATS["table"](RowPreview(columns, rows, more), View(page_for("table", stream))))


def summary(counts: Counts) -> str:
    """Return a summary of the rows: `1 of 3 rows failed`, `3 rows, 1 null`."""
    rows = f"{counts.rows:,} row{'' if counts.rows == 1 else 's'}"
    parts = [f"{counts.failed:,} of {rows} failed" if counts.failed else rows]
    for count, what in (
        (counts.null, "null"),
        (counts.nonfinite, "not finite"),
        (counts.certified, "computed in exact arithmetic"),
        (counts.undecided, "undecided"),
        (counts.blank, f"blank line{'' if counts.blank == 1 else 's'} skipped"),
    ):
        if count:
            parts.append(f"{count:,} {what}")
    return ", ".join(parts)
