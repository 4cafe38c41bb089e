"""`mgrad eval`: evaluate one expression and its gradient."""

import sys
from typing import Unpack

import click

from mgrad_cli.cli.evaluating import evaluation_of, sides_of, warn_of_result
from mgrad_cli.cli.options import (
    DigitsOptions,
    FormatOptions,
    SecondOrderOptions,
    accuracy_option,
    chosen_digits,
    chosen_format,
    chosen_limits,
    chosen_vector,
    common_options,
    digits_shown_option,
    expression_options,
    format_options,
    hvp_option,
    order_option,
    sides_option,
    title_option,
    wrt_option,
)
from mgrad_cli.cli.proofs import ProofOptions, certify_option, digits_option, proven
from mgrad_cli.cli.uncertainties import (
    UncertaintyOptions,
    asks_for_uncertainty,
    refuse_options,
    uncertain_result,
    uncertainty_options,
    uncertainty_warnings,
)
from mgrad_cli.cli.verb import Verb
from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation.results import Result
from mgrad_cli.language.outputs import one_output
from mgrad_cli.renderers import EVAL_FORMATS, View, page_for
from mgrad_cli.storage.streams import log, opened_output

EXAMPLES = """\b
Examples:
  mgrad eval "a*b*(a+b)" --a 2 --b 3
  mgrad eval "(x*x+2).tanh()" --x 1.5 --json
  mgrad eval "r = hypot(x, y); log(r)" --x 3 --y 4 --inputs-only
  mgrad eval "-x**2" --x -3 --format csv
  mgrad eval "1 - cos(x)" --x 1e-9 --certify
  mgrad eval "sin(x)/x" --x 0 --sides
  mgrad eval "r*cos(t), r*sin(t)" --r 2 --t pi/3
  mgrad eval "g = 4*pi**2*L/T**2" --L 1.2±0.002 --T 2.198±0.004
  mgrad eval "x**2*y" --x 2 --y 3 --order 2
"""


INSTEAD = {"--precision": "--digits-shown rounds the table, --digits computes proven digits"}


class EvalOptions(DigitsOptions, ProofOptions, UncertaintyOptions, FormatOptions, SecondOrderOptions):
    """The parameters of `mgrad eval`."""

    title: str
    accuracy: bool
    nodes: bool
    all_nodes: bool
    inputs_only: bool
    strict: bool
    sides: bool


@click.command("eval", cls=Verb, epilog=EXAMPLES, instead=INSTEAD)
@expression_options
@title_option
@wrt_option
@order_option("Order of the derivatives: 2 adds the Hessian")
@hvp_option
@digits_shown_option
@format_options(list(EVAL_FORMATS), "table")
@accuracy_option
@click.option("--nodes", is_flag=True, help="Include every node in JSON output.")
@click.option("--all-nodes", is_flag=True, help="Show every node or output, however long the table.")
@click.option("--inputs-only", is_flag=True, help="Show only the inputs and the output.")
@certify_option
@digits_option
@sides_option
@uncertainty_options
@click.option("--strict", is_flag=True, help="Exit with 1 if the value or a gradient is not finite.")
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[EvalOptions]) -> int:
    """Evaluate EXPRESSION and its gradient.

    Bind each variable with --NAME VALUE, where VALUE is a number or a constant expression such as pi/4. A value with
    a standard uncertainty, 1.2±0.002, 1.2+/-0.002 or 1.200(2), adds the uncertainty of the result and its budget.

    EXPRESSION can have several statements, as in c = a*b; c + c**2, and several outputs, as in r*cos(t), r*sin(t):
    the table is then their Jacobian, CSV has a row for each output and variable, and JSON has "outputs". Use - to read
    EXPRESSION from standard input.

    A warning on standard error names figures with fewer than 8 right digits. Computations of more than 50,000 nodes
    times figures are not checked for that.
    """
    output_format = chosen_format(options["output_format"], options["as_json"], "table")
    chosen = EVAL_FORMATS[output_format]
    digits = chosen_digits(options, output_format)
    render = chosen.render
    warnings: list[str] = []
    if asks_for_uncertainty(ctx, options):
        check_uncertain(options)
        render, result = chosen.uncertain, uncertain_result(ctx, options, options["nodes"])
        warnings = uncertainty_warnings(result)
    elif options["certify"] or options["digits"] is not None:
        check_proven(options)
        render, result = chosen.proven, proven(ctx, options, options["order"])
    else:
        result = result_in_doubles(ctx, options, output_format)
    with opened_output(None) as output:
        page = page_for(output_format, sys.stdout, digits)
        view = View(page, options["title"], options["inputs_only"], options["all_nodes"], accuracy=options["accuracy"])
        view = view._replace(order=options["order"], has_product=options["hvp"] is not None)
        for text in render([result], view):
            output.write(text)
    for warning in warnings:
        log(f"warning: {warning}")
    warn_of_result(result.findings, result.losses, result.expr)
    return 1 if options["strict"] and not result.is_finite else 0


def check_uncertain(options: EvalOptions) -> None:
    """Raise UsageError for an option that cannot be combined with uncertainties."""
    if options["order"] > 1 or options["hvp"] is not None:
        raise UsageError("--order 2 and --hvp cannot be combined with uncertainties")
    refuse_options(options, ("all_nodes", "inputs_only", "accuracy", "certify", "digits", "digits_shown", "sides"))


def check_proven(options: EvalOptions) -> None:
    """Raise UsageError for an option that cannot be combined with proven figures."""
    for flag, is_given in (
        ("--nodes", options["nodes"]),
        ("--all-nodes", options["all_nodes"]),
        ("--inputs-only", options["inputs_only"]),
    ):
        if is_given:
            raise UsageError(f"{flag} shows doubles; it cannot be combined with --certify or --digits")
    if options["sides"]:
        raise UsageError("--sides cannot be combined with --certify or --digits")
    if options["accuracy"] and options["digits"] is not None:
        raise UsageError("--accuracy counts the right digits of doubles; those of --digits are all right")
    if options["digits_shown"] is not None and options["digits"] is not None:
        raise UsageError("--digits prints N digits; --digits-shown cannot round them")
    if options["hvp"] is not None:
        raise UsageError("--hvp cannot be combined with --certify or --digits; --order 2 can")


def result_in_doubles(ctx: click.Context, options: EvalOptions, output_format: str) -> Result:
    """Return the value and the gradients in doubles, with the limits from both sides if they are asked for."""
    chosen = EVAL_FORMATS[output_format]
    evaluation = evaluation_of(
        ctx,
        options,
        options["nodes"] or chosen.needs_nodes,
        not options["sides"],
        options["accuracy"],
        options["order"],
        chosen_vector(options, chosen_limits(options)),
    )
    result = evaluation.result
    if options["sides"]:
        if not chosen.has_sides:
            raise UsageError(f"--sides cannot be combined with --format {output_format}")
        for index, part in enumerate(result.parts):
            script = one_output(evaluation.script, index)
            part.sides = sides_of(script, result.vars, list(result.grads or {}))
        result.sides = result.parts[0].sides
    return result
