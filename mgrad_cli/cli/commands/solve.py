"""`mgrad solve`: find where an expression is zero, and how the root moves with its parameters."""

import re
import sys
from typing import Unpack

import click

from mgrad_cli.analysis.solutions import Solution
from mgrad_cli.cli.assignments import assignments, number_for
from mgrad_cli.cli.evaluating import evaluated
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
from mgrad_cli.cli.verb import Verb
from mgrad_cli.errors import ExpressionError, UsageError
from mgrad_cli.language.parser import Limits
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.solutions import SOLUTION_FORMATS
from mgrad_cli.storage.streams import log, opened_output
from mgrad_cli.text import printable

EXAMPLES = """\b
Examples:
  mgrad solve "x**3 - p*x - q" --for x=2 --p 2 --q 5
  mgrad solve "x == cos(x)" --for x=0:1
  mgrad solve "x**2 + y**2 - 1, x - y" --for x=1,y=2 --json
  mgrad solve "E - ecc*sin(E) - M" --for E=3 --ecc 0.9999 --M 1e-6 --certify
  mgrad solve --slope "x**4 - 3*x**2 + x" --for x=1
"""
INSTEAD = {
    "--fix": "what is known is bound by --NAME VALUE, and --for names the unknowns",
    "--params": "--for names the unknowns, as in --for x=1",
    "--bound": "a bracket keeps a single unknown between bounds, as in --for x=0:3",
    "--solve": "--for names the unknowns, as in --for x=1",
}
SINGLE_EQUALS = re.compile(r"(?<![<>=!])=(?!=)")
STATEMENT_END = re.compile(r"[;\n]")
STARTS = "NAME=START or NAME=LOW:HIGH"


class SolveOptions(DigitsOptions, ExpressionOptions, FormatOptions):
    """The parameters of `mgrad solve`."""

    title: str
    unknowns: str | None
    slope: bool
    certify: bool


@click.command("solve", cls=Verb, epilog=EXAMPLES, instead=INSTEAD)
@expression_options
@click.option(
    "--for",
    "unknowns",
    metavar="NAME=START",
    help="The unknowns, and where to start: x=1,y=2. For a single one a bracket is safer: x=0:3.",
    shell_complete=COMPLETE_NAMES,
)
@click.option("--slope", is_flag=True, help="Find where the slope is zero: the gradient by all unknowns.")
@click.option("--certify", is_flag=True, help="Prove that the root exists and is the only one in a box.")
@title_option
@digits_shown_option
@format_options(list(SOLUTION_FORMATS), "table")
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[SolveOptions]) -> int:
    """Find where EXPRESSION is zero.

    EXPRESSION is an equation, as in x**3 == 5, or an expression that is to be zero, as in x**3 - 5. Several,
    separated by commas, are a system with as many unknowns. Bind the other variables with --NAME VALUE: the derivatives
    of the root by each are exact, by the implicit function theorem. The digits are an estimate of how many are right.

    Exit code: 1 if no root is found, or with --certify if it cannot be proved.
    """
    output_format = chosen_format(options["output_format"], options["as_json"], "table")
    digits = chosen_digits(options, output_format)
    starts = starts_of(options["unknowns"], chosen_limits(options))
    slope, certify = options["slope"], options["certify"]
    try:
        solution = evaluated(ctx, options, lambda f, point: f.solve(starts, point, slope=slope, certify=certify))
    except ExpressionError as error:
        raise with_equation_advice(error) from None
    view = View(page_for(output_format, sys.stdout, digits), options["title"])
    with opened_output(None) as output:
        for text in SOLUTION_FORMATS[output_format](solution, view):
            output.write(text)
    for note in [*solution.notes, *named_equation(solution)]:
        log(f"warning: {printable(note)}")
    return 0


def with_equation_advice(error: ExpressionError) -> ExpressionError:
    """Return an error that says how an equation is written, if a single `=` is what is wrong."""
    is_about = "'='" in error.message or "its own statement" in error.message
    if not (is_about and SINGLE_EQUALS.search(error.source)):
        return error
    return type(error)(f"{error.message}; an equation has '==' between its sides", error.source, error.span)


def named_equation(solution: Solution) -> list[str]:
    """Return what to say of `Q = expression`, which gives the expression a name and is no equation for Q."""
    *_, last = STATEMENT_END.split(solution.expr.strip("; \n"))
    name, equals, _ = last.partition("=")
    if not equals or name.strip() not in solution.residual or not SINGLE_EQUALS.search(last):
        return []
    return [f"'{name.strip()} =' names the expression, and the root is where it is 0; an equation has '=='"]


def starts_of(text: str | None, limits: Limits) -> dict[str, float | tuple[float, float]]:
    """Return the start or the bracket of each unknown that `--for` names. Raises: UsageError, BindingError."""
    if text is None:
        raise UsageError("name the unknowns and where to start, as in --for x=1")
    starts: dict[str, float | tuple[float, float]] = {}
    for name, value in assignments(text, "--for", STARTS).items():
        low, colon, high = value.partition(":")
        if not colon:
            starts[name] = number_for(name, value, "start", limits)
        else:
            ends = [number_for(name, end, "bracket", limits) for end in (low, high)]
            starts[name] = (ends[0], ends[1])
    return starts
