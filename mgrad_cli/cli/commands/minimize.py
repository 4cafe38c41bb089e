"""`mgrad minimize`: find a minimum or a maximum over some variables."""

import os
import sys
from typing import Unpack

import click

from mgrad_cli.analysis.extremum import Extremum
from mgrad_cli.analysis.minima import MAX_ITERATIONS
from mgrad_cli.analysis.verdicts import verdict
from mgrad_cli.cli.assignments import assignments, number_for
from mgrad_cli.cli.bindings import BINDINGS, explained, read_bindings, warn_of_reading
from mgrad_cli.cli.bounds import parse_bounds
from mgrad_cli.cli.evaluating import read_expression
from mgrad_cli.cli.options import (
    COMPLETE_NAMES,
    DigitsOptions,
    ExpressionOptions,
    FormatOptions,
    chosen_digits,
    chosen_format,
    chosen_limits,
    common_options,
    digits_shown_option,
    expression_options,
    format_options,
    title_option,
)
from mgrad_cli.cli.verb import OutputPath, Verb
from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import check_names, constant_value
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.names import one_line
from mgrad_cli.language.parser import Limits
from mgrad_cli.library.expression import Expression
from mgrad_cli.plotting import sampled_search
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.minima import MINIMUM_FORMATS, trace
from mgrad_cli.renderers.plots.plot import PLOT_FORMATS
from mgrad_cli.storage.streams import log, opened_output

EXAMPLES = """\b
Examples:
  mgrad minimize "(1-x)**2 + 100*(y-x**2)**2" --x -1 --y 1
  mgrad minimize "(a-x)**2 + b*(y-x**2)**2" --for x=-1,y=1 --a 1 --b 100
  mgrad minimize "x*exp(-x)" --x 3 --bound x=2:5
  mgrad minimize "x*exp(-x)" --x 3 --maximize --json
  mgrad minimize "(x**2+y-11)**2 + (x+y**2-7)**2" --x 0 --y 0 -o path.svg

Exit codes: 0 if a minimum is found, 1 if there is none or the search does not converge.
"""
INSTEAD = {
    "--fix": "a variable is held by naming the others: --for x,y",
    "--params": "--for names the variables to minimize over, as in --for x=1,y=2",
}
STARTS = "NAME or NAME=START"


class MinimizeOptions(DigitsOptions, ExpressionOptions, FormatOptions):
    """The parameters of `mgrad minimize`."""

    title: str
    unknowns: str | None
    bounds: tuple[str, ...]
    maximize: bool
    max_iterations: int
    trace: bool
    plot: bool
    output: str | None


@click.command("minimize", cls=Verb, epilog=EXAMPLES, instead=INSTEAD)
@expression_options
@title_option
@click.option(
    "--for",
    "unknowns",
    metavar="NAMES",
    help="Variables to minimize over, as x,y or with their starts as x=-1,y=1 (default: all that are bound).",
    shell_complete=COMPLETE_NAMES,
)
@click.option(
    "--bound",
    "bounds",
    multiple=True,
    metavar="NAME=LOW:HIGH",
    help="Keep a variable between bounds; x=0: and x=:5 are open on one side. Several: repeat it, or x=0:5,y=:3.",
)
@click.option("--maximize", is_flag=True, help="Find a maximum.")
@click.option(
    "--max-iterations",
    type=click.IntRange(min=1),
    default=MAX_ITERATIONS,
    metavar="N",
    help=f"Maximum number of iterations (default: {MAX_ITERATIONS}).",
)
@click.option(
    "--trace", is_flag=True, help="Write each point of the search as a line of JSON; with --json, in the record."
)
@click.option("--plot", is_flag=True, help="Draw the search below the table, over one or two variables.")
@click.option(
    "--output", "-o", type=OutputPath(), metavar="FILE", help="Write the drawing to FILE (.png .svg) instead."
)
@digits_shown_option
@format_options(list(MINIMUM_FORMATS), "table")
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[MinimizeOptions]) -> int:
    """Minimize EXPRESSION from a start, with exact gradients and Hessians.

    The search is over the variables that are bound, and their values are its starts. With --for it is over those named
    only; the other variables are parameters, and so are those with a default in the expression. The result says whether
    the point is a minimum, a saddle, flat or a kink, and how it moves with each parameter.

    The search uses a trust region; with --bound, L-BFGS-B.
    """
    output_format = chosen_format(options["output_format"], options["as_json"], "table")
    digits = chosen_digits(options, output_format)
    if options["trace"] and output_format not in {"table", "json", "jsonl"}:
        raise UsageError(f"--trace and --format {output_format} cannot be combined")
    picture_format = format_of_picture(options["plot"], options["output"], output_format, options["trace"])
    limits = chosen_limits(options)
    script = read_expression(options["expression"], options["file"], limits)
    try:
        found = minimized(ctx, script, options, limits)
    except BindingError as error:
        raise explained(error, script, ctx) from None
    warn_of_reading(script, ctx)
    render = trace if options["trace"] and output_format == "table" else MINIMUM_FORMATS[output_format]
    view = View(page_for(output_format, sys.stdout, digits), options["title"], all_nodes=options["trace"])
    with opened_output(None) as output:
        for text in render(found, view):
            output.write(text)
    if picture_format is not None:
        draw(found, script, picture_format, options["output"])
    if not found.is_found:
        log(f"error: {verdict(found)}")
        if found.kind == "undefined":
            for finding in differentiate(script, found.point | found.parameters).findings:
                log(f"warning: {finding}")
    return 0 if found.is_found else 1


def minimized(ctx: click.Context, script: Script, options: MinimizeOptions, limits: Limits) -> Extremum:
    """Minimize a script with the bindings and options of a command line.

    Raises: BindingError and UsageError if they do not fit its variables.
    """
    text = options["unknowns"]
    named = dict.fromkeys(ctx.meta[BINDINGS], "") if text is None else assignments(text, "--for", STARTS, True)
    defaults = check_names(script, [*ctx.meta[BINDINGS], *named])
    values = read_bindings(ctx, limits, script.names)
    starts = {}
    for name, start in named.items():
        if start and name in values:
            raise UsageError(f"'{name}' has two starts, {name}={start} in --for and --{name} {values[name]!r}")
        if ":" in start:
            raise UsageError(f"'{name}' starts at a number, not {start}; --bound {name}={start} bounds it")
        if start:
            starts[name] = number_for(name, start, "start", limits)
        elif name in values:
            starts[name] = values.pop(name)
        elif name in defaults:
            starts[name] = constant_value(defaults[name])
        else:
            raise BindingError(f"'{name}', in --for, has no start; write --for {name}=START")
    bounds = parse_bounds(options["bounds"], "--bound", limits)
    expression = Expression.of_script(script, limits)
    return expression.minimize(
        starts, values, bounds=bounds, maximize=options["maximize"], max_iterations=options["max_iterations"]
    )


def format_of_picture(is_plot: bool, output: str | None, output_format: str, is_trace: bool) -> str | None:
    """Return the format of the drawing: `terminal`, the ending of the output file, or `None` without a drawing.

    Raises: UsageError if the file has another ending, or a drawing would be mixed with data.
    """
    if output is not None:
        ending = os.path.splitext(output)[1].lower().removeprefix(".")
        if ending not in {"png", "svg"}:
            raise UsageError(f"cannot tell the format from the output name '{output}'; end it in .png or .svg")
        return ending
    if is_plot and (output_format != "table" or is_trace):
        what = "--trace" if is_trace else f"--format {output_format}"
        raise UsageError(f"with {what}, --plot needs a file: --output FILE")
    return "terminal" if is_plot else None


def draw(found: Extremum, script: Script, picture_format: str, path: str | None) -> None:
    """Draw a search in the terminal, or write the picture to a file.

    Raises: UsageError for more than two unknowns.
    """
    picture = sampled_search(script, found)
    if picture.is_empty:
        log("warning: nothing to draw: the function has no finite value around the search")
        return
    page = page_for("table" if picture_format == "terminal" else picture_format, sys.stdout)
    with opened_output(path) as output:
        for piece in PLOT_FORMATS[picture_format](picture, View(page, one_line(script.text))):
            (output.write_bytes if isinstance(piece, bytes) else output.write)(piece)
