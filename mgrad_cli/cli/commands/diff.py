"""`mgrad diff`: write derivatives as formulas, LaTeX or code."""

import sys
from math import comb
from typing import Unpack

import click

from mgrad_cli.cli.evaluating import evaluated, warn_of_undefined
from mgrad_cli.cli.options import GradientOptions, common_options, expression_options, wanted_names, wrt_option
from mgrad_cli.cli.verb import Verb
from mgrad_cli.errors import UsageError
from mgrad_cli.library.expression import Expression
from mgrad_cli.program.budget import MAX_ORDER, MAX_TERMS, Budget
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.formulas import CODE_FORMATS, FORMULA_FORMATS, Formulas
from mgrad_cli.renderers.progress import Progress
from mgrad_cli.storage.streams import opened_output

EXACT_TERMS, EXACT_GROWTH = 10, 4
"""The terms that an operation adds to a first derivative that is not simplified, at most, as a rule, and how many times
more to each higher one.
"""
EXAMPLES = """\b
Examples:
  mgrad diff "x**2*sin(x)"
  mgrad diff "x**2*sin(x)" | mgrad eval - --x 3
  mgrad diff "a*exp(-b*t)" --wrt a,b --latex
  mgrad diff "log(x)*y**3" --order 2 | mgrad map - --x 1:2:0.5 --y 3
  mgrad diff "exp(-x**2)*y" --order 5 --wrt x
  mgrad diff "S*normcdf(d) - K" --code c > price.c
  mgrad diff "(1 - x)**2 + 100*(y - x**2)**2" --order 2 --code python
"""
INSTEAD = {
    "--format": "--latex, --json, --lines and --code choose what is written",
    **dict.fromkeys(("-n", "--n"), "--order N is the order of the derivatives"),
}


class DiffOptions(GradientOptions):
    """The parameters of `mgrad diff`."""

    order: int
    exact: bool
    max_terms: int
    lines: bool
    latex: bool
    as_json: bool
    code: str | None


@click.command("diff", cls=Verb, epilog=EXAMPLES, instead=INSTEAD)
@expression_options
@wrt_option
@click.option(
    "--order", type=click.IntRange(1, MAX_ORDER), default=1, metavar="N", help="Order of the derivatives (default: 1)."
)
@click.option("--exact", is_flag=True, help="Write the formulas that eval uses, which keep digits, at every edge case.")
@click.option(
    "--max-terms",
    type=click.IntRange(min=1),
    default=MAX_TERMS,
    metavar="N",
    help=f"Maximum number of terms to build and write (default: {MAX_TERMS}).",
)
@click.option("--lines", is_flag=True, help="Write each derivative as a program in one line, as batch reads them.")
@click.option("--latex", is_flag=True, help="Write LaTeX equations.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON with the formulas and their LaTeX.")
@click.option(
    "--code",
    type=click.Choice(list(CODE_FORMATS)),
    metavar="|".join(CODE_FORMATS),
    help="Write a function that returns the value, the gradient and, with --order N, those derivatives, as --exact.",
)
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[DiffOptions]) -> int:
    """Differentiate EXPRESSION symbolically.

    The derivative is a formula in the same language. Several derivatives, also of several outputs, are the outputs of
    one program. They are written as in a table of derivatives: like terms and factors are collected, identities between
    functions applied, and large repeated subexpressions become statements of their own. In JSON, "accuracy" is full for
    a formula that is proven to keep the digits, range and edges of --exact, and reduced for any other.

    --NAME VALUE replaces a variable by a number.
    """
    if options["latex"] and options["as_json"]:
        raise UsageError("--latex and --json cannot be combined; the JSON includes the LaTeX")
    output_format = "latex" if options["latex"] else "json" if options["as_json"] else "text"
    if options["lines"] and (options["code"] or output_format != "text"):
        raise UsageError("--lines cannot be combined with --json, --latex or --code")
    output_format = "lines" if options["lines"] else output_format
    if options["code"] and (output_format != "text" or options["exact"]):
        raise UsageError("--code cannot be combined with --json, --latex or --exact")
    render = CODE_FORMATS[options["code"]] if options["code"] else FORMULA_FORMATS[output_format]
    is_function = options["code"] not in {None, "latex"}
    with Progress(None, wanted=True, unit="terms") as progress:
        budget = Budget(options["max_terms"], lambda terms: progress.advance(terms, 0, 0))
        formulas = evaluated(
            ctx,
            options,
            lambda expression, values: differentiated(expression, values, options, budget),
            is_keeping=True,
        )
        if not is_function:
            formulas.measure(budget)
    with opened_output(None) as output:
        for text in render(formulas, View(page_for("text", sys.stdout))):
            output.write(text)
    return 0


def advice(options: DiffOptions, variables: int, operations: int) -> str:
    """Return advice on options that need fewer terms, for an expression of some operations and as many variables."""
    order = options["order"]
    figures = comb(variables + order - 1, order)
    ways = ["--wrt for fewer variables"] if variables > 1 else []
    is_simplified = not options["exact"] and options["code"] in {None, "latex"}
    if is_simplified and figures * operations * EXACT_TERMS * EXACT_GROWTH ** (order - 1) <= options["max_terms"]:
        ways.append("--exact for formulas that are not simplified")
    if not options["code"]:
        ways.append("--code for one function of all of them")
    return f"; {', '.join(ways)}" if ways else ""


def differentiated(expression: Expression, values: dict[str, float], options: DiffOptions, budget: Budget) -> Formulas:
    """Return the derivatives that the options ask for.

    Raises: BindingError if a name in `--wrt` is not a variable or has a value.
    """
    wrt, is_exact = wanted_names(options["wrt"]), options["exact"] or options["code"] not in {None, "latex"}
    variables = set(expression.variables if wrt is None else wrt).difference(values)
    budget.advice = advice(options, len(variables), sum([len(block.steps) for block in expression.script.blocks]))
    with_first = options["code"] is not None
    warn_of_undefined(expression.script, variables)
    return expression.derivatives(
        wrt,
        options["order"],
        values,
        is_exact,
        budget=budget,
        with_first=with_first,
        with_accuracy=options["as_json"],
    )
