"""`mgrad taylor`: expand an expression into a power series."""

import math
import sys
from typing import Unpack

import click

from mgrad_cli.analysis.taylor import Taylor, taylor
from mgrad_cli.cli.assignments import components
from mgrad_cli.cli.bindings import BINDINGS
from mgrad_cli.cli.evaluating import evaluated
from mgrad_cli.cli.options import (
    DigitsOptions,
    ExpressionOptions,
    FormatOptions,
    chosen_digits,
    chosen_format,
    common_options,
    digits_shown_option,
    expression_options,
    format_options,
    title_option,
)
from mgrad_cli.cli.proofs import certify_option
from mgrad_cli.cli.verb import Verb
from mgrad_cli.errors import UsageError
from mgrad_cli.library.expression import Expression
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.taylor import TAYLOR_FORMATS
from mgrad_cli.storage.streams import log, opened_output
from mgrad_cli.text import counted, normalised

ORDER = 6
EXAMPLES = """\b
Examples:
  mgrad taylor "sin(x)/x" --x 0
  mgrad taylor "log(x)" --x 1 --order 10 --json
  mgrad taylor "exp(a*x)*cos(y)" --around x=0,y=0 --a 2 --order 3
  mgrad taylor "sqrt(1 + x)" --x 0 --format text | mgrad eval - --x 0.1
"""
INSTEAD = {
    **dict.fromkeys(("--at", "--point"), "the point is the value of the variable, as in --x 0"),
    **dict.fromkeys(("-n", "--n", "--degree", "--terms"), "--order N is the highest degree"),
}


class TaylorOptions(DigitsOptions, ExpressionOptions, FormatOptions):
    """The parameters of `mgrad taylor`."""

    title: str
    order: int
    around: str | None
    certify: bool


@click.command("taylor", cls=Verb, epilog=EXAMPLES, instead=INSTEAD)
@expression_options
@title_option
@click.option(
    "--order", type=click.IntRange(min=0), default=ORDER, metavar="N", help=f"Highest total degree (default: {ORDER})."
)
@click.option(
    "--around",
    metavar="NAMES",
    help="Variables to expand in, with or without the point: x=0,y=1 or x,y (default: all variables with a value).",
)
@digits_shown_option
@format_options(list(TAYLOR_FORMATS), "table")
@certify_option
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[TaylorOptions]) -> int:
    """Expand EXPRESSION into its Taylor polynomial around a point.

    --NAME VALUE sets the point to expand around. --around chooses the variables to expand in; the others are then
    parameters. The polynomial is written in the language itself. A quotient that is 0/0 at the point, as sin(x)/x at 0,
    is expanded as its limit.

    With python-flint, every coefficient is the double nearest to the true one. Without it, the values of functions at
    the point are doubles; --certify requires it.
    """
    output_format = chosen_format(options["output_format"], options["as_json"], "table")
    view = View(page_for(output_format, sys.stdout, chosen_digits(options, output_format)), options["title"])
    around = None if options["around"] is None else bind_points(ctx, options["around"])

    def expand(expression: Expression, point: dict[str, float]) -> Taylor:
        return taylor(expression.script, point, around, options["order"], options["certify"])

    found = evaluated(ctx, options, expand)
    with opened_output(None) as output:
        for text in TAYLOR_FORMATS[output_format](found, view):
            output.write(text)
    warn_of_coefficients(found)
    return 0


def bind_points(ctx: click.Context, around: str) -> list[str]:
    """Bind the variables that `--around` gives a value to, and return the names in it.

    Raises: UsageError for a name that is missing or has two values.
    """
    names = []
    for item in components(around):
        name, equals, value = (part.strip() for part in item.partition("="))
        name = normalised(name)
        if not name or (equals and not value):
            raise UsageError(f"--around takes names or points, as x,y or x=0,y=1, not '{around}'")
        if equals and name in ctx.meta[BINDINGS]:
            raise UsageError(f"'{name}' has a value in --around and another one")
        if equals:
            ctx.meta[BINDINGS][name] = value
        names.append(name)
    return names


def warn_of_coefficients(found: Taylor) -> None:
    """Log which coefficients are not finite, and what is not certain about the others."""
    infinite = sum(not math.isfinite(number) for each in found.outputs.values() for number in each.values())
    if infinite:
        log(f"warning: beyond the range of doubles: {counted(infinite, 'coefficient')}")
    if found.assumed:
        log("warning: a number counts as 0 that is smaller than every double; nothing proves that it is 0 (--certify)")
    if found.doubtful:
        log(
            f"warning: {counted(found.doubtful, 'coefficient')} may have lost half of the digits or more; "
            "python-flint proves them: pip install 'mgrad-cli[exact]'"
        )
