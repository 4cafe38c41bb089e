"""`mgrad plot`: plot a function and its derivative over a range, or contours and the gradient over two."""

import math
import os
import sys
from typing import Unpack

import click

from mgrad_cli.cli.bindings import BINDINGS, explained, option_names, read_binding, warn_of_reading
from mgrad_cli.cli.evaluating import read_expression
from mgrad_cli.cli.options import ExpressionOptions, chosen_limits, common_options, of_option
from mgrad_cli.cli.verb import InputPath, OutputPath, Verb
from mgrad_cli.data.ranges import Range, is_range, parse_range
from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import check_names, input_names
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.language.names import one_line
from mgrad_cli.language.parser import Limits
from mgrad_cli.language.selection import output_index, output_text
from mgrad_cli.plotting import Field, Lines, function_of, sampled_field, sampled_lines
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.plots.plot import PLOT_FORMATS
from mgrad_cli.storage.streams import log, opened_output

SAMPLES, SAMPLES_OF_TWO = 1001, 201
MAX_SAMPLES = {1: 100_000, 2: 1_000_000}
"""By the number of ranges."""
WIDEST, NARROWEST = 1e300, 1e-12
"""How wide a range may be, and how narrow beside its start, for axes to have ticks."""
MAX_RANGES = 2
EXAMPLES = """\b
Examples:
  mgrad plot "sin(x)*exp(-x/3)" --x 0:10
  mgrad plot "tanh(k*x)" --x -3:3 --k 2 --order 2
  mgrad plot "1/x" --x -3:3 --png -o hyperbola.png
  mgrad plot "x**2 - y**2" --x -2:2 --y -2:2 -o saddle.svg
  mgrad plot "cos(t)" --t 0:2*pi --svg > cosine.svg
  mgrad plot "sin(x), x - x**3/6" --x -3:3
"""
INSTEAD = {"--format": "--png and --svg choose it, or the ending of -o"}


class PlotOptions(ExpressionOptions):
    """The parameters of `mgrad plot`."""

    png: bool
    svg: bool
    output: str | None
    title: str | None
    of: str | None
    order: int | None
    samples: int | None


@click.command("plot", cls=Verb, epilog=EXAMPLES, instead=INSTEAD)
@click.argument("expression", required=False)
@click.option("--file", type=InputPath(), metavar="FILE", help="Read the expression from a file.")
@click.option("--png", is_flag=True, help="Write a PNG picture to --output or a pipe.")
@click.option("--svg", is_flag=True, help="Write an SVG picture.")
@click.option(
    "--output",
    "-o",
    type=OutputPath(),
    metavar="FILE",
    help="Write a picture to FILE; its ending (.png .svg) sets the format.",
)
@click.option("--title", metavar="TEXT", help="Title of the plot (default: the expression).")
@click.option(
    "--order",
    type=click.IntRange(0, 2),
    metavar="0|1|2",
    help="Highest derivative to draw (default: 1, or 0 for several outputs).",
)
@of_option
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    metavar="N",
    help=f"Number of samples per range (default: {SAMPLES}, or {SAMPLES_OF_TWO} for two ranges).",
)
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[PlotOptions]) -> int:
    """Plot EXPRESSION and its derivative over a range of a variable.

    --x -3:3 gives x a range (start:stop, in either order) and draws the function and df/dx. --x 0:1:0.1 (a step) and
    --x 0:1#11 (a count) set the sample points too. Two ranges draw the contours of the function and its gradient.
    Several outputs, as in sin(x), cos(x), are drawn together over one range, without derivatives. --NAME VALUE binds
    the other variables. The plot is drawn in the terminal or written as a picture; use mgrad map for the numbers.
    """
    limits = chosen_limits(options)
    output_format = picture_format(options["png"], options["svg"], options["output"])
    script = read_expression(options["expression"], options["file"], limits)
    try:
        if options["of"] is not None:
            script = read(output_text(script, output_index(script, options["of"])), limits)
        order = derivative_order(script, options["order"])
        check_names(script, ctx.meta[BINDINGS])
        values, ranges = bound(ctx, script, options["samples"], limits)
        function = function_of(script, list(ranges), values, order)
    except BindingError as error:
        raise explained(error, script, ctx) from None
    warn_of_reading(script, ctx)
    if len(ranges) == MAX_RANGES and order > 1:
        raise UsageError("--order 2 requires a single range; two ranges show the gradient")
    plot: Lines | Field = (sampled_lines if len(ranges) == 1 else sampled_field)(function, *ranges.values())
    if plot.is_empty:
        return complain_of_nothing(script, values, ranges)
    title = one_line(script.text) if options["title"] is None else options["title"]
    with opened_output(options["output"]) as output:
        if output_format == "png" and output.stream.isatty():
            raise UsageError("PNG cannot be shown in a terminal; write it to a file with --output")
        page = page_for("table" if output_format == "terminal" else output_format, sys.stdout)
        for piece in PLOT_FORMATS[output_format](plot, View(page, title)):
            (output.write_bytes if isinstance(piece, bytes) else output.write)(piece)
    return 0


def derivative_order(script: Script, order: int | None) -> int:
    """Return the highest derivative to draw.

    Raises: UsageError for derivatives of several outputs.
    """
    several = len(script.outputs) > 1
    if order and several:
        raise UsageError(f"--order {order} draws the derivatives of one output; choose it with --of")
    return (0 if several else 1) if order is None else order


def picture_format(is_png: bool, is_svg: bool, output: str | None) -> str:
    """Return the format of the plot, from the options or the ending of the output file.

    Raises: UsageError if these contradict each other, or neither names a format.
    """
    if is_png and is_svg:
        raise UsageError("--png and --svg cannot be combined")
    wanted = "png" if is_png else "svg" if is_svg else None
    if output is None or output == "-":
        return wanted or "terminal"
    ending = os.path.splitext(output)[1].lower().removeprefix(".")
    named = ending if ending in PLOT_FORMATS else None
    if wanted is not None and named not in {None, wanted}:
        raise UsageError(f"--{wanted} conflicts with the output name '{output}'")
    if wanted is None and named is None:
        raise UsageError(f"cannot tell the format from the output name '{output}'; end it in .png or .svg")
    return wanted or named or ""


def bound(
    ctx: click.Context, script: Script, samples: int | None, limits: Limits
) -> tuple[dict[str, float], dict[str, Range]]:
    """Return the variables bound to a number, and those bound to a range.

    Raises: UsageError if there is no range, too many, or an invalid one; BindingError if a value is not a number.
    """
    bindings: dict[str, str] = ctx.meta[BINDINGS]
    ranged = {name: text for name, text in bindings.items() if is_range(text)}
    if not ranged:
        raise no_range(script, ctx)
    if len(ranged) > MAX_RANGES:
        raise UsageError(f"{', '.join(ranged)} have ranges; a plot takes one or two")
    values = {
        name: read_binding(ctx, name, text, limits, script.names)
        for name, text in bindings.items()
        if name not in ranged
    }
    if samples is not None and all(is_counted(text) for text in ranged.values()):
        raise UsageError("--samples applies only to ranges without a step or count, as start:stop")
    count = samples or (SAMPLES if len(ranged) == 1 else SAMPLES_OF_TWO)
    ranges = {name: read_range(ctx, script, name, text, count, limits) for name, text in ranged.items()}
    total = math.prod(each.count for each in ranges.values())
    if total > MAX_SAMPLES[len(ranged)]:
        raise UsageError(f"{total:,} samples are too many; this plot takes at most {MAX_SAMPLES[len(ranged)]:,}")
    return values, ranges


def is_counted(text: str) -> bool:
    """Return whether a range sets its sample points."""
    return "#" in text or text.count(":") > 1


def read_range(ctx: click.Context, script: Script, name: str, text: str, count: int, limits: Limits) -> Range:
    """Parse a range: `start:stop`, or a form that `parse_range` accepts.

    Raises: UsageError if the text is not a range or has a single value; BindingError if a bound is not a number.
    """
    parts = text.partition("#")[0].split(":")
    if not all(part.strip() for part in parts) or len(parts) != (2 if "#" in text else len(parts)) or len(parts) > 3:
        raise UsageError(f"'{text}', for {name}, is not a range: write start:stop, start:stop:step or start:stop#count")
    spelled = text if is_counted(text) else f"{text}#{count}"
    try:
        range_ = parse_range(name, spelled, lambda part: read_binding(ctx, name, part.strip(), limits, script.names))
    except BindingError:
        raise
    except UsageError as error:
        raise UsageError(error.message.replace(f"'{spelled}'", f"'{text}'")) from None
    if range_.count < 2 or range_.step == 0:
        raise UsageError(f"'{text}', for {name}, is a single value; a plot needs different start and stop values")
    divisor = range_.divisor
    start, width = range_.start, abs(range_.step) * (range_.count - 1)  # where the range is scaled, scale both bounds
    if width > WIDEST:
        raise UsageError(f"'{text}', for {name}, is too wide to plot; the maximum width is {WIDEST:g}")
    if width / divisor <= NARROWEST * abs(start / divisor if range_.is_scaled else start):
        raise UsageError(f"'{text}', for {name}, is too narrow to plot: its values are nearly equal")
    return range_


def no_range(script: Script, ctx: click.Context) -> UsageError:
    """Return the error for a plot without a range, with an example for the first free variable."""
    names, _ = input_names(script, ())
    if not names:
        return UsageError("the expression has no variable to plot over")
    free = next((name for name in names if name not in ctx.meta[BINDINGS]), names[0])
    option = f"--var {free}=" if f"--{free}" in option_names(ctx.command, ctx) else f"--{free} "
    return UsageError(f"no variable has a range; give one, as in {option}-3:3")


def complain_of_nothing(script: Script, values: dict[str, float], ranges: dict[str, Range]) -> int:
    """Log that no value is finite, and why the one in the middle is not."""
    log(f"error: nothing to draw: no value is finite over the range of {' and '.join(ranges)}")
    middle = {name: float(each.values(each.count // 2)) for name, each in ranges.items()}
    for finding in differentiate(script, {**values, **middle}).findings:
        log(f"warning: {finding}")
    return 1
