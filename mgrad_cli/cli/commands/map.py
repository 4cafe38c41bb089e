"""`mgrad map`: evaluate a formula and its gradient for every row of data or of a grid."""

import click

from mgrad_cli.cli.bindings import explained
from mgrad_cli.cli.data_options import column_options, text_options
from mgrad_cli.cli.environment import cores
from mgrad_cli.cli.evaluating import FailureLog
from mgrad_cli.cli.map_arguments import complete_data
from mgrad_cli.cli.map_input import open_input, read_words
from mgrad_cli.cli.map_options import MapOptions
from mgrad_cli.cli.map_part_options import part_options
from mgrad_cli.cli.map_run import MapRun, run_rows
from mgrad_cli.cli.map_target import chosen_target
from mgrad_cli.cli.map_uncertainties import given_uncertainties
from mgrad_cli.cli.options import (
    COMPLETE_COLUMNS,
    COMPLETE_NAMES,
    accuracy_option,
    common_options,
    format_options,
    order_option,
    record_options,
    wanted_names,
)
from mgrad_cli.cli.proofs import certify_option
from mgrad_cli.cli.verb import ExpressionAndFiles, InputPath, OutputPath
from mgrad_cli.data.destination import write_record
from mgrad_cli.data.formats import COMPRESSIONS, DATA_FORMATS
from mgrad_cli.data.opening import use_threads
from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.garbage import collect_garbage_rarely
from mgrad_cli.kernels import KERNELS
from mgrad_cli.language.lowering import Script
from mgrad_cli.mapping.outcome import Counts
from mgrad_cli.mapping.plan import gives_derivatives, plan
from mgrad_cli.mapping.variables import RowFormula
from mgrad_cli.storage.files import check_descriptors
from mgrad_cli.storage.streams import log
from mgrad_cli.text import counted

FORMATS = (*DATA_FORMATS, "json", "table")
MIN_DESCRIPTORS = 8
"""How many files must be free to open: the libraries that read and write end the process where they cannot."""
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
    script, words = read_words(ctx, options)
    threads = options.threads or cores()
    use_threads(threads)
    data = open_input(ctx, script, words, options)
    note_derivatives(options, script)
    target = chosen_target(options, data)
    wrt = [] if options.wrt == "none" else wanted_names(options.wrt)
    uncertain = given_uncertainties(options, data.names, script, data.bound.widths)
    check_figures(options, uncertain is not None)
    formula = RowFormula(script, data.names, data.columns, data.bound.values, wrt, uncertain, is_grid=not data.files)
    try:
        job = plan(formula, options)
    except BindingError as error:
        raise explained(error, script, ctx) from None
    style = target.style(options, job.names)
    run = MapRun(options, data, target, formula, job, style, threads)
    failures = FailureLog(elsewhere(options.on_error, target.is_reduced))
    if target.is_parted:
        from mgrad_cli.cli.map_part_run import run_in_parts

        counts, sums = run_in_parts(run, failures)
    else:
        counts, sums = run_rows(run, failures)
    failures.close()
    if target.is_reduced:
        totals = [each.mean if options.reduce == "mean" else each.total for each in sums]
        write_record(target.path, style, {"rows": sums[0].count}, totals)
    if not options.quiet:
        log(summary(counts))
    return 1 if counts.failed or (options.strict and counts.nonfinite) else 0


def check_figures(options: MapOptions, has_uncertainties: bool) -> None:
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


def note_derivatives(options: MapOptions, script: Script) -> None:
    """Say that derivatives are not differentiated again, unless that is asked."""
    if options.wrt is None and not options.quiet and gives_derivatives(script, options):
        log("note: the outputs are derivatives already; --wrt differentiates them again")


def elsewhere(on_error: str, is_reduced: bool) -> str:
    """Return advice on where to see the failed rows that are not shown."""
    if is_reduced:
        return "without --reduce, --on-error null writes their rows without results"
    return "their rows have no results" if on_error == "null" else "--on-error null writes their rows without results"


def summary(counts: Counts) -> str:
    """Return a summary of the rows: `1 of 3 rows failed`, `3 rows, 1 null`."""
    rows = counted(counts.rows, "row")
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
