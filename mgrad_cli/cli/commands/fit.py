"""`mgrad fit`: fit a model to data by nonlinear least squares with exact derivatives."""

import sys
from dataclasses import dataclass
from typing import NamedTuple

import click

from mgrad_cli.analysis.fit_problem import FitOptions, FitProblem
from mgrad_cli.analysis.fit_result import FitResult
from mgrad_cli.analysis.fit_variables import FitVariables, logarithm, resolved, script_of
from mgrad_cli.analysis.fitting import fit
from mgrad_cli.analysis.losses import LOSSES
from mgrad_cli.analysis.requirements import require_scipy
from mgrad_cli.analysis.residuals import ModelScripts
from mgrad_cli.cli.bindings import explained, read_bindings, warn_of_options
from mgrad_cli.cli.bounds import parse_bounds
from mgrad_cli.cli.evaluating import FailureLog, read_expression
from mgrad_cli.cli.fit_arguments import chosen_response, parse_names, parse_starts
from mgrad_cli.cli.fit_data import FitData, prediction_style, write_predictions
from mgrad_cli.cli.map_arguments import complete_data, renamed
from mgrad_cli.cli.options import chosen_format, common_options, format_options, title_option
from mgrad_cli.cli.proofs import certify_option
from mgrad_cli.cli.verb import ExpressionAndFiles, InputPath, OutputPath, check_paths
from mgrad_cli.data.blocks import Source
from mgrad_cli.data.formats import DATA_FORMATS, ReadOptions, separator_of
from mgrad_cli.data.opening import check_streams_once, data_files, open_source
from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.parser import Limits
from mgrad_cli.mapping.loading import LoadedRows
from mgrad_cli.mapping.local_run import check_separator
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.fits import FIT_FORMATS
from mgrad_cli.renderers.progress import Progress
from mgrad_cli.storage.files import log, opened_output

EXAMPLES = """\b
Examples:
  mgrad fit "a*x + b" points.csv --y y --params a=1,b=0
  mgrad fit "n0*exp(-t/tau)" decay.csv --y counts --params n0=1000,tau=2
  mgrad fit "n0*exp(-t/tau)" decay.csv --y counts --sigma "sqrt(counts)" --params n0=1000,tau=2 --json
  mgrad fit "n0*exp(-t/tau)" decay.csv --y counts --params n0=1000,tau=2 --bound tau=0:10
  mgrad fit "a*x + b" points.csv --y y --params a,b --predict line -o predicted.csv
"""
MAX_LINE = 16 << 20


@dataclass(frozen=True, kw_only=True)
class FitArguments:
    """The parameters of `mgrad fit`, under the names that click gives them."""

    words: tuple[str, ...]
    file: str | None
    y: str | None
    params: tuple[str, ...]
    fix: tuple[str, ...]
    bound: tuple[str, ...]
    sigma: str | None
    absolute_sigma: bool
    log_y: bool
    loss: str
    loss_scale: float
    certify: bool
    predict: str | None
    col: tuple[str, ...]
    input_format: str | None
    output_format: str | None
    as_json: bool
    output: str | None
    title: str
    quote: str
    allow_nan_input: bool
    max_line: int
    on_error: str
    quiet: bool
    max_chars: int
    max_tokens: int
    max_depth: int
    debug: bool

    @property
    def limits(self) -> Limits:
        return Limits(self.max_chars, self.max_tokens, self.max_depth)

    @property
    def reading(self) -> ReadOptions:
        return ReadOptions(self.input_format, self.max_line, self.allow_nan_input, has_quotes=self.quote != "none")


@click.command("fit", cls=ExpressionAndFiles, epilog=EXAMPLES)
@click.argument("words", nargs=-1, metavar="[MODEL] [DATA]...", shell_complete=complete_data)
@click.option("--file", type=InputPath(), metavar="FILE", help="Read the model from a file; all arguments are DATA.")
@click.option("--y", metavar="COLUMN", help="What the model describes: a column, or an expression of columns.")
@click.option(
    "--params",
    multiple=True,
    metavar="NAME=START,...",
    help="The parameters to fit, each with a start (default: 1); repeatable.",
)
@click.option("--fix", multiple=True, metavar="NAMES", help="Hold these parameters at their start; repeatable.")
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
@click.option("--col", multiple=True, metavar="NAME=COLUMN", help="Read variable NAME from COLUMN; repeatable.")
@click.option(
    "--input-format",
    type=click.Choice(list(DATA_FORMATS)),
    metavar="|".join(DATA_FORMATS),
    help="Format of DATA (default: from its name or first bytes).",
)
@format_options(list(dict.fromkeys([*FIT_FORMATS, *DATA_FORMATS])), "table; with --predict as the input")
@click.option("--output", "-o", type=OutputPath(), metavar="FILE", help="Write to a file.")
@title_option
@click.option(
    "--quote",
    type=click.Choice(["double", "none"]),
    default="double",
    metavar="double|none",
    help="Quoting in CSV and TSV input; none treats quotes as ordinary characters.",
)
@click.option("--allow-nan-input", is_flag=True, help="Accept NaN and Infinity in JSON input.")
@click.option(
    "--max-line",
    type=click.IntRange(min=1),
    default=MAX_LINE,
    metavar="N",
    help=f"Maximum length of a line in bytes (default: {MAX_LINE}).",
)
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

    MODEL is an expression of parameters and of columns of DATA, which is one or more files in CSV, TSV, JSON Lines,
    Parquet or Arrow format, or - for standard input. --params names the parameters with the starts of the search;
    --NAME VALUE binds other variables.

    The result has each parameter with its standard error, t = estimate/error, the probability p of such a t if the
    parameter were 0, and the correlations. --certify proves the estimates in ball arithmetic; decimals are then exact.
    """
    options = FitArguments(**ctx.params)
    require_scipy("mgrad fit")
    words = list(options.words)
    expression = words.pop(0) if options.file is None and words else None
    check_streams_once([path for path in (options.file or expression, *words) if path])
    model = read_expression(expression, options.file, options.limits)
    files = data_files(words)
    if not files:
        raise UsageError("data is missing; give a file, or - for standard input")
    check_paths(ctx, ["-", *files] if expression == "-" else files)
    rows_format, report_format = chosen_formats(options)
    first = open_source(files[0], options.reading)
    if not options.reading.has_quotes and not separator_of(first.file_format):
        raise UsageError("--quote applies only to CSV and TSV")
    style = None
    if options.predict is not None:
        style = prediction_style(options.predict, options.output, rows_format, first)
    data = FitData(files, options.reading, first, style)
    try:
        named = named_problem(ctx, options, model, first)
    except BindingError as error:
        raise explained(error, model, ctx) from None
    request = data.request(named.variables.columns, options.on_error)
    loaded = data.load(request)
    report_rows_left_out(loaded, options)
    problem = named.problem(loaded)
    result = solved(problem, options)
    text = "".join(FIT_FORMATS[report_format](result, View(page_for(report_format, sys.stdout), options.title)))
    if options.predict is None:
        with opened_output(options.output) as output:
            output.write(text)
        return 0
    write_predictions(data, request, loaded, result.band, options.output)
    if options.output is None:
        log(text.rstrip("\n"))
    else:
        with opened_output(None) as output:
            output.write(text)
    return 0


def chosen_formats(options: FitArguments) -> tuple[str | None, str]:
    """Return the formats of the rows with predictions, if chosen, and of the report.

    `--format` is that of what goes to standard output: the rows, if they do, or else the report.
    """
    chosen = chosen_format(options.output_format, options.as_json, "")
    if options.predict is not None and options.output is None:
        if chosen == "table":
            raise UsageError("--format table cannot hold rows with predictions; write them to a file with --output")
        return chosen or None, "table"
    if chosen and chosen not in FIT_FORMATS:
        raise UsageError(f"--format {chosen} is for rows with --predict; a fit is {', '.join(FIT_FORMATS)}")
    return None, chosen or "table"


class NamedProblem(NamedTuple):
    """A fit whose names are known, before its data are read."""

    scripts: ModelScripts
    starts: dict[str, float]
    fixed: list[str]
    bounds: dict[str, tuple[float, float]]
    variables: FitVariables

    def problem(self, loaded: LoadedRows) -> FitProblem:
        """Return the problem with its data."""
        return FitProblem(
            scripts=self.scripts,
            starts=self.starts,
            columns=loaded.columns,
            rows=loaded.rows,
            fixed=self.fixed,
            bounds=self.bounds,
            numbers=self.variables.numbers,
            skipped=loaded.skipped,
            at_row=loaded.message,
        )


def named_problem(ctx: click.Context, options: FitArguments, model: Script, first: Source) -> NamedProblem:
    """Return what the names of the command line mean for data with these columns."""
    limits, columns = options.limits, first.columns
    bounds = parse_bounds(options.bound, "--bound", limits)
    starts, without = parse_starts(options.params, model, bounds, limits)
    response = script_of(chosen_response(options.y, model, columns), columns, limits)
    sigma = None if options.sigma is None else script_of(options.sigma, columns, limits)
    scripts = ModelScripts(model, logarithm(response) if options.log_y else response, sigma)
    warn_of_options(model, ctx)
    values = read_bindings(ctx, limits, model.names)
    variables = resolved(scripts, starts, values, columns, renamed(options.col))
    check_separator(first, variables.columns.values())
    if without and not options.quiet:
        begin = "starts" if len(without) == 1 else "start"
        log(f"note: {', '.join(without)} {begin} at {starts[without[0]]:g}; --params {without[0]}=START sets another")
    for name in ("tau", "τ"):
        if name in model.names and name not in {*starts, *variables.columns, *variables.numbers, *model.assigned}:
            log(f"note: {name} is the constant 2*pi here; to fit it, name it in --params")
    return NamedProblem(scripts, starts, parse_names(options.fix), bounds, variables)


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
