"""`mgrad explain`: show the forward and backward pass step by step."""

import sys
from typing import Unpack

import click

from mgrad_cli.cli.evaluating import evaluated, sides_of, warn_of_result, warn_of_undefined
from mgrad_cli.cli.options import (
    DigitsOptions,
    GradientOptions,
    OrderOptions,
    chosen_digits,
    common_options,
    digits_shown_option,
    expression_options,
    of_option,
    order_option,
    sides_option,
    title_option,
    wanted_names,
)
from mgrad_cli.cli.verb import Verb
from mgrad_cli.errors import UsageError
from mgrad_cli.language.names import one_line, read_name
from mgrad_cli.library.display import Explanation
from mgrad_cli.library.expression import Expression
from mgrad_cli.renderers import Page, View, page_for
from mgrad_cli.renderers.explanations.rules import RULE_FORMATS
from mgrad_cli.renderers.explanations.steps import EXPLANATION_FORMATS
from mgrad_cli.storage.streams import opened_output
from mgrad_cli.symbolic.rules import RuleSteps
from mgrad_cli.text import name_list

MAX_NAMES = 6
EXAMPLES = """\b
Examples:
  mgrad explain "a*b*(a+b)" --a 2 --b 3
  mgrad explain "h = tanh(w*x + b); (h - y)**2" --w 0.5 --x 1 --b 0 --y 1 --step 3
  mgrad explain "sin(x)**2 + cos(x)**2" --x 0.3 --markdown
  mgrad explain "r*cos(t), r*sin(t)" --r 2 --t pi/3 --of f2
  mgrad explain "x**2*y" --x 2 --y 3 --order 2 --wrt x
  mgrad explain "x**2*sin(3*x)" --symbolic
  mgrad explain "x**2*sin(3*x)" --symbolic --latex
"""
INSTEAD = {"--format": "--markdown, --latex and --json choose what is written"}


class ExplainOptions(DigitsOptions, GradientOptions, OrderOptions):
    """The parameters of `mgrad explain`."""

    title: str
    of: str | None
    step: int | None
    all_nodes: bool
    markdown: bool
    latex: bool
    as_json: bool
    sides: bool
    symbolic: bool


@click.command("explain", cls=Verb, epilog=EXAMPLES, instead=INSTEAD)
@expression_options
@title_option
@of_option
@order_option("Order of the derivatives: 2 explains the derivative by --wrt")
@click.option("--wrt", metavar="NAME", help="With --order 2 or --symbolic, the variable of the derivative.")
@click.option("--symbolic", is_flag=True, help="Show the rules that lead to the formula of the derivative, by --wrt.")
@click.option("--step", type=click.IntRange(min=1), metavar="N", help="Show only step N of the backward pass.")
@click.option("--all-nodes", is_flag=True, help="Show every node, however long the computation.")
@sides_option
@click.option("--markdown", is_flag=True, help="Write Markdown.")
@click.option("--latex", is_flag=True, help="With --symbolic, write a LaTeX equation for each step.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@digits_shown_option
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[ExplainOptions]) -> int:
    """Explain the computation of EXPRESSION and its gradient step by step.

    The forward pass lists each node with its numbers. The backward pass shows each local derivative, the gradient that
    it multiplies, and the gradient that the product is added to. The result is compared with a numerical derivative.
    Equal subexpressions share one node. Several outputs are explained one after the other; in JSON, each is a line.
    With --order 2 the formula of the derivative by a variable is explained instead of EXPRESSION; its gradient is a row
    of the Hessian.

    With --symbolic no values are needed: each step names a rule of differentiation, the subexpression that it is
    applied to, and the derivative of that, up to the formula that mgrad diff writes. --wrt names the variables,
    separated by commas (default: all).
    """
    output_format = explanation_format(options)
    page_format = "table" if output_format == "text" else output_format
    page = page_for(page_format, sys.stdout, chosen_digits(options, page_format))
    if options["symbolic"]:
        return explain_rules(ctx, options, output_format, page)

    def explained(expression: Expression, point: dict[str, float]) -> list[Explanation]:
        wanted = expression.outputs if options["of"] is None else [options["of"]]
        return [chosen(expression.output(name), options).explain(point) for name in wanted]

    explanations = evaluated(ctx, options, explained)
    with opened_output(None) as output:
        for index, explanation in enumerate(explanations):
            tape = explanation.tape
            is_named = options["order"] > 1 or (len(explanations) > 1 and output_format == "text")
            heading = f"{'derivative: ' if options['order'] > 1 else ''}{one_line(tape.expr)}" if is_named else ""
            title = options["title"] or heading
            sides = sides_of(explanation.script, tape.vars, list(tape.vars)) if options["sides"] else None
            view = View(page, title, all_nodes=options["all_nodes"])
            if index and output_format != "json":
                output.write("\n")
            for text in EXPLANATION_FORMATS[output_format](explanation.content(options["step"], sides), view):
                output.write(text)
            warn_of_result(tape.findings, tape.losses, tape.expr)
    return 0


def explanation_format(options: ExplainOptions) -> str:
    """Return the format that the options choose. Raises: UsageError for two, or one that the explanation lacks."""
    given = {"markdown": options["markdown"], "latex": options["latex"], "json": options["as_json"]}
    chosen = [name for name, is_given in given.items() if is_given]
    if len(chosen) > 1:
        raise UsageError(f"--{chosen[0]} and --{chosen[1]} cannot be combined")
    if options["latex"] and not options["symbolic"]:
        raise UsageError("--latex writes the rules that --symbolic shows")
    return chosen[0] if chosen else "text"


def explain_rules(ctx: click.Context, options: ExplainOptions, output_format: str, page: Page) -> int:
    """Write the rules that lead to the derivatives of each output by each variable.

    Raises: UsageError for options that need values, and for values.
    """
    for name in ("step", "all_nodes", "sides"):
        if options[name]:
            raise UsageError(f"--symbolic cannot be combined with --{name.replace('_', '-')}")
    if options["order"] > 1:
        raise UsageError(
            "--symbolic explains first derivatives; pipe one to it: mgrad diff ... | mgrad explain - --symbolic"
        )

    def found(expression: Expression, values: dict[str, float]) -> list[RuleSteps]:
        if values:
            raise UsageError(f"--symbolic explains a formula, and takes no values (--{next(iter(values))})")
        names = wanted_names(options["wrt"]) or expression.variables
        if not names:
            raise UsageError("the expression has no variables to differentiate by")
        wanted = expression.outputs if options["of"] is None else [options["of"]]
        warn_of_undefined(expression.script, names)
        return [expression.output(output).rule_steps(name) for output in wanted for name in names]

    with opened_output(None) as output:
        for index, each in enumerate(evaluated(ctx, options, found)):
            if index and output_format != "json":
                output.write("\n")
            for text in RULE_FORMATS[output_format](each, View(page, options["title"])):
                output.write(text)
    return 0


def chosen(expression: Expression, options: ExplainOptions) -> Expression:
    """Return the expression to explain: the one given, or its derivative by one variable.

    Raises: UsageError where it is open which derivative is meant.
    """
    name = None if options["wrt"] is None else read_name(options["wrt"])
    if options["order"] == 1:
        if name is not None:
            raise UsageError("--wrt chooses the derivative that --order 2 explains")
        return expression
    if not expression.variables:
        raise UsageError("--order 2 explains the derivative by a variable, and the expression has none")
    if name is None and len(expression.variables) != 1:
        names = name_list(expression.variables, MAX_NAMES)
        raise UsageError(f"--order 2 explains the derivative by one variable; choose it with --wrt ({names})")
    return expression.diff(name or expression.variables[0])
