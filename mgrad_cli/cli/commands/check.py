"""`mgrad check`: compare gradients with numerical derivatives, which do not use the rules."""

import sys
from dataclasses import replace
from typing import Unpack

import click

from mgrad_cli.cli.evaluating import evaluated, evaluation_of, warn_of_result
from mgrad_cli.cli.options import (
    DigitsOptions,
    FormatOptions,
    GradientOptions,
    OrderOptions,
    chosen_digits,
    chosen_format,
    chosen_limits,
    common_options,
    digits_shown_option,
    expression_options,
    format_options,
    order_option,
    title_option,
    wanted_names,
    wrt_option,
)
from mgrad_cli.cli.verb import Verb
from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation.gradcheck import TOLERANCE, Check, overall
from mgrad_cli.exact.figures import require_flint
from mgrad_cli.language.lowering import read
from mgrad_cli.language.outputs import one_output
from mgrad_cli.library.evaluation import Evaluation
from mgrad_cli.library.expression import Expression
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.checks import CHECK_FORMATS, Report
from mgrad_cli.renderers.progress import Progress
from mgrad_cli.storage.streams import opened_output

EXAMPLES = """\b
Examples:
  mgrad check "log(x)*sin(y)" --x 0.5 --y 2
  mgrad check "relu(x)" --x 0
  mgrad check "x**y" --x 2 --y 3 --json
  mgrad check "x**2*sin(x)" --x 2 --certify
  mgrad check "x**2*y" --x 2 --y 3 --order 2
  mgrad check "r*cos(t), r*sin(t)" --r 2 --t pi/3
  mgrad check "sin(x**2)" --against "2*x*cos(x**2)" --x 1.5

Exit codes: 0 if all gradients pass or are proved, 6 if any fails, 7 if none fails but some are inconclusive.
"""
EXIT_CODES = {"pass": 0, "proved": 0, "fail": 6, "inconclusive": 7}


class CheckOptions(DigitsOptions, GradientOptions, FormatOptions, OrderOptions):
    """The parameters of `mgrad check`."""

    title: str
    tolerance: float
    against: str | None
    certify: bool


@click.command("check", cls=Verb, epilog=EXAMPLES)
@expression_options
@title_option
@wrt_option
@order_option("Order of the derivatives that are checked")
@digits_shown_option
@format_options(list(CHECK_FORMATS), "table")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0, min_open=True),
    default=TOLERANCE,
    metavar="R",
    help=f"Largest relative difference that passes (default: {TOLERANCE:g}).",
)
@click.option("--against", metavar="FORMULA", help="Compare with this derivative, worked out by hand.")
@click.option("--certify", is_flag=True, help="Prove the rules in ball arithmetic instead.")
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[CheckOptions]) -> int:
    """Check each gradient of EXPRESSION, of every output, against a numerical derivative.

    The numerical derivative is extrapolated from finite differences of the value. A gradient that contradicts it
    fails. The check is inconclusive where the numerical derivative does not exist (at a kink or the edge of the
    domain) or is lost in rounding error. With --order 2 each second derivative is checked, against differences of the
    gradient.

    With --certify the rules are proved instead: in ball arithmetic, against the function's own power series, which
    uses none of them. With --against a derivative that was worked out by hand is compared with the exact one.
    """
    output_format = chosen_format(options["output_format"], options["as_json"], "table")
    view = View(page_for(output_format, sys.stdout, chosen_digits(options, output_format)), options["title"])
    if options["certify"] and options["against"] is not None:
        raise UsageError("--certify and --against cannot be combined")
    if options["order"] > 1 and (options["certify"] or options["against"] is not None):
        other = "--certify" if options["certify"] else "--against"
        raise UsageError(f"--order 2 cannot be combined with {other}, which checks first derivatives")
    if options["certify"]:
        report = proved(ctx, options)
    elif options["against"] is not None:
        report = compared(ctx, options, options["against"])
    else:
        report = estimated(ctx, options)
    with opened_output(None) as output:
        for text in CHECK_FORMATS[output_format](report, view):
            output.write(text)
    return EXIT_CODES[report.verdict]


def estimated(ctx: click.Context, options: CheckOptions) -> Report:
    """Compare the gradients with numerical derivatives."""
    evaluation = evaluation_of(ctx, options, order=options["order"])
    count = len(evaluation.result.grads or {})
    figures = len(evaluation.outputs) * (count if options["order"] == 1 else count * (count + 1) // 2)
    with Progress(figures, wanted=True, unit="variables") as progress:
        checks = evaluation.check(options["tolerance"], lambda: progress.advance(1, 0, 1))
    warn_of_result((), evaluation.result.losses, evaluation.script.text)
    figure = "gradient" if options["order"] == 1 else "second derivative"
    return replace(report_of(evaluation, checks, "numerical"), figure=figure)


def report_of(evaluation: Evaluation, checks: list[Check], method: str) -> Report:
    """Return the checks of every output of an evaluation."""
    value = next(iter(evaluation.outputs.values()))
    return Report(evaluation.script.text, value, checks, overall(checks), method, evaluation.outputs)


def proved(ctx: click.Context, options: CheckOptions) -> Report:
    """Compare the gradients by the rules with those of power series, both enclosed. Raises: MissingExtraError."""
    require_flint("--certify")
    from mgrad_cli.exact.proof import prove_gradients

    def prove(expression: Expression, point: dict[str, float]) -> Report:
        evaluation = expression.evaluate(point, wanted_names(options["wrt"]) or [])
        checks = [
            replace(check, output=part.name)
            for index, part in enumerate(evaluation.result.parts)
            for check in prove_gradients(one_output(expression.script, index), point, list(part.grads or {}))
        ]
        return report_of(evaluation, checks, "power series")

    return evaluated(ctx, options, prove)


def compared(ctx: click.Context, options: CheckOptions, formula: str) -> Report:
    """Compare one gradient with a formula for it. Raises: ExpressionError, BindingError."""
    from mgrad_cli.library.against import chosen_variable, compare_by_hand

    by_hand = read(formula, chosen_limits(options))

    def compare(expression: Expression, point: dict[str, float]) -> Report:
        name = chosen_variable(expression.script, wanted_names(options["wrt"]), point)
        check = compare_by_hand(expression.script, by_hand, point, name, options["tolerance"])
        return Report(expression.text, expression.evaluate(point).value, [check], check.verdict, "by hand")

    return evaluated(ctx, options, compare)
