"""`mgrad check`: compare gradients with numerical derivatives, which do not use the rules."""

import math
import sys
from typing import Unpack

import click

from mgrad_cli.cli.options import (
    FormatOptions,
    GradientOptions,
    Verb,
    chosen_format,
    common_options,
    differentiated,
    expression_options,
    format_options,
    title_option,
    wrt_option,
)
from mgrad_cli.evaluation.gradcheck import TOLERANCE, overall
from mgrad_cli.evaluation.sampling import check_unit
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.checks import CHECK_FORMATS, Report
from mgrad_cli.renderers.progress import Progress
from mgrad_cli.storage.files import opened_output

EXAMPLES = """\b
Examples:
  mgrad check "log(x)*sin(y)" --x 0.5 --y 2
  mgrad check "relu(x)" --x 0
  mgrad check "x**y" --x 2 --y 3 --json

Exit codes: 0 if all gradients pass, 6 if any fails, 7 if none fails but some are inconclusive.
"""
EXIT_CODES = {"pass": 0, "fail": 6, "inconclusive": 7}


class CheckOptions(GradientOptions, FormatOptions):
    """The parameters of `mgrad check`."""

    title: str
    tolerance: float


@click.command("check", cls=Verb, epilog=EXAMPLES)
@expression_options
@title_option
@wrt_option
@format_options(list(CHECK_FORMATS), "table")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0, min_open=True),
    default=TOLERANCE,
    metavar="R",
    help=f"Largest relative difference that passes (default: {TOLERANCE:g}).",
)
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[CheckOptions]) -> int:
    """Check each gradient of EXPRESSION against a numerical derivative.

    The numerical derivative is extrapolated from finite differences of the value. A gradient that contradicts it
    fails. The check is inconclusive where the numerical derivative does not exist (at a kink or the edge of the
    domain) or is lost in rounding error.
    """
    output_format = chosen_format(options["output_format"], options["as_json"], "table")
    unit, result = differentiated(ctx, options)
    grads = result.grads or {}
    with Progress(len(grads), wanted=True, unit="variables") as progress:
        checks = check_unit(
            unit, result.vars, grads, options["tolerance"], on_progress=lambda: progress.advance(1, 0, 1)
        )
    verdict = overall(checks)
    report = Report(unit.text, math.nan if result.value is None else result.value, checks, verdict)
    with opened_output(None) as output:
        for text in CHECK_FORMATS[output_format](report, View(page_for(output_format, sys.stdout), options["title"])):
            output.write(text)
    return EXIT_CODES[verdict]
