"""`mgrad fit`: fit a model to data by nonlinear least squares with exact derivatives."""

import sys

import click

from mgrad_cli.analysis.fit_problem import FitOptions, FitProblem
from mgrad_cli.analysis.fit_result import FitResult
from mgrad_cli.analysis.fitting import fit
from mgrad_cli.analysis.losses import LOSSES
from mgrad_cli.analysis.requirements import require_scipy
from mgrad_cli.cli.bindings import explained
from mgrad_cli.cli.data_options import check_dialect, column_options, note_delimiter, note_slow_reading, text_options
from mgrad_cli.cli.evaluating import FailureLog
from mgrad_cli.cli.fit_arguments import named_problem
from mgrad_cli.cli.fit_data import FitData, prediction_style, write_predictions
from mgrad_cli.cli.fit_options import FitArguments
from mgrad_cli.cli.fit_places import fit_places, write_plot, write_report
from mgrad_cli.cli.map_arguments import complete_data, read_formula
from mgrad_cli.cli.options import COMPLETE_COLUMN, common_options, format_options, max_line_option, title_option
from mgrad_cli.cli.proofs import certify_option
from mgrad_cli.cli.verb import ExpressionAndFiles, InputPath, OutputPath, check_paths
from mgrad_cli.data.formats import DATA_FORMATS
from mgrad_cli.data.opening import columns_of, data_files, open_source
from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.language.names import one_line
from mgrad_cli.mapping.loading import LoadedRows
from mgrad_cli.plotting.fits import fitted_curve
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.fits import FIT_FORMATS
from mgrad_cli.renderers.progress import Progress
from mgrad_cli.storage.streams import log

EXAMPLES = """\b
Examples:
  mgrad fit "a*x + b" points.csv --y y --params a=1,b=0
  mgrad fit "n0*exp(-t/tau)" decay.csv --y counts --params n0=1000,tau=2
  mgrad fit "n0*exp(-t/tau)" decay.csv --y counts --sigma "sqrt(counts)" --params n0=1000,tau=2 --json
  mgrad fit "n0*exp(-t/tau)" decay.csv --y counts --params n0=1000,tau=2 --plot
  mgrad fit "a*x + b" points.csv --y y --params a,b --predict line -o predicted.csv
"""
INSTEAD = {"--for": "--params names what to fit, as in --params a=1,b=2"}


@click.command("fit", cls=ExpressionAndFiles, epilog=EXAMPLES, instead=INSTEAD)
@click.argument("words", nargs=-1, metavar="[MODEL] [DATA]...", shell_complete=complete_data)
@click.option("--file", type=InputPath(), metavar="FILE", help="Read the model from a file; all arguments are DATA.")
@click.option(
    "--y",
    metavar="COLUMN",
    help="What the model describes: a column, or an expression of columns.",
    shell_complete=COMPLETE_COLUMN,
)
@click.option(
    "--params",
    multiple=True,
    metavar="NAME=START,...",
    help="The parameters to fit, each with a start (default: 1); repeatable.",
)
@click.option(
    "--fix",
    multiple=True,
    metavar="NAMES",
    help="Hold these parameters at their start, or at another value, NAME=VALUE; repeatable.",
)
@click.option(
    "--bound",
    multiple=True,
    metavar="NAME=LOW:HIGH",
    help="Keep a parameter within bounds; either side may be left out. Repeatable.",
)
@click.option(
    "--sigma",
    metavar="COLUMN",
    help="Standard deviations of the rows: a column, a number, or an expression of columns.",
    shell_complete=COMPLETE_COLUMN,
)
@click.option(
    "--absolute-sigma", is_flag=True, help="Take --sigma as it is: do not scale standard errors by the residuals."
)
@click.option("--log-y", is_flag=True, help="Fit the model to the natural logarithm of the response.")
@click.option(
    "--loss",
    type=click.Choice(list(LOSSES)),
    default="linear",
    metavar="|".join(LOSSES),
    help="How residuals count (default: linear, their squares); the others let outliers count less.",
)
@click.option(
    "--loss-scale",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    metavar="R",
    help="Residual from which on --loss counts an outlier, in units of sigma (default: 1).",
)
@certify_option
@click.option(
    "--predict",
    metavar="NAME",
    help="Write the rows with the model, NAME, and its 95 % confidence band, NAME_low and NAME_high.",
)
@click.option("--plot", is_flag=True, help="Draw data, model and band: in the terminal, or to a .png or .svg after -o.")
@column_options
@format_options(list(dict.fromkeys([*FIT_FORMATS, *DATA_FORMATS])), "table; with --predict as the input")
@click.option("--output", "-o", type=OutputPath(), metavar="FILE", help="Write to a file.")
@title_option
@text_options
@max_line_option
@click.option(
    "--on-error",
    type=click.Choice(["stop", "null", "skip"]),
    default="stop",
    metavar="stop|null|skip",
    help="On a row without numbers: stop (default), or leave it out of the fit and of --predict (skip), or write it "
    "there without results (null).",
)
@click.option("--quiet", is_flag=True, help="Hide messages about rows left out, and progress.")
@common_options
@click.pass_context
def command(ctx: click.Context, /, **_: object) -> int:
    """Fit MODEL to DATA by least squares, with exact derivatives.

    MODEL is an expression of parameters and of columns of DATA, which is one or more files in CSV, TSV, JSON,
    Parquet or Arrow format, or - for standard input. --params names the parameters with the starts of the search;
    --NAME VALUE binds other variables.

    The result has each parameter with its standard error, t = estimate/error, the probability p of such a t if the
    parameter were 0, and the correlations. --certify proves the estimates in ball arithmetic; decimals are then exact.
    """
    options = FitArguments(**ctx.params)
    title = options.title
    require_scipy("fit")
    words = list(options.words)
    expression = words.pop(0) if options.file is None and words else None
    model = read_formula(expression, options.file, words, options.limits)
    files = data_files(words, options.recursive)
    if not files:
        raise UsageError("data is missing; give a file, or - for standard input")
    check_paths(ctx, ["-", *files] if expression == "-" else files)
    places = fit_places(options)
    reading = options.reading
    if options.union:
        reading = reading._replace(columns=columns_of(files, reading))
    first = open_source(files[0], reading)
    check_dialect(reading.dialect, first.file_format)
    if not options.quiet:
        note_delimiter(first)
        note_slow_reading(first)
    style = None
    if options.predict is not None:
        style = prediction_style(options.predict, places.rows, places.rows_format, first)
    data = FitData(files, reading, first, style)
    try:
        named = named_problem(ctx, options, model, first)
    except BindingError as error:
        raise explained(error, model, ctx) from None
    request = data.request(first, named.variables.columns, options.on_error)
    loaded = data.load(request)
    report_rows_left_out(loaded, options)
    problem = named.problem(loaded)
    result = solved(problem, options)
    text = "".join(FIT_FORMATS[places.report_format](result, View(page_for(places.report_format, sys.stdout), title)))
    curve = fitted_curve(problem, result) if options.plot else None
    if style is not None:
        write_predictions(data, request, loaded, result.band, places.rows)
    write_report(text, places)
    if curve is not None:
        write_plot(curve, places, title or one_line(model.text))
    return 0


def report_rows_left_out(loaded: LoadedRows, options: FitArguments) -> None:
    """Warn of the first rows that were left out."""
    if options.quiet:
        return
    failures = FailureLog("--on-error null with --predict writes them without results")
    failures.report((failure.message for failure in loaded.failures), loaded.skipped)
    failures.close()


def solved(problem: FitProblem, options: FitArguments) -> FitResult:
    """Return the result of a fit, and log its notes."""
    with Progress(None, options.certify and not options.quiet, "passes") as progress:
        chosen = FitOptions(
            loss=options.loss,
            loss_scale=options.loss_scale,
            is_absolute=options.absolute_sigma,
            certify=options.certify,
            on_pass=lambda: progress.advance(1, 0, 1),
        )
        result = fit(problem, chosen)
    for note in result.notes:
        log(f"warning: {note}")
    return result
