"""`mgrad explain`: show the forward and backward pass step by step."""

import sys
from typing import Unpack

import click

from mgrad_cli.cli.evaluating import evaluated, sides_of, warn_of_result
from mgrad_cli.cli.options import ExpressionOptions, common_options, expression_options, sides_option, title_option
from mgrad_cli.cli.verb import Verb
from mgrad_cli.errors import UsageError
from mgrad_cli.library.expression import Expression
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.explanations.steps import EXPLANATION_FORMATS
from mgrad_cli.storage.files import opened_output

EXAMPLES = """\b
Examples:
  mgrad explain "a*b*(a+b)" --a 2 --b 3
  mgrad explain "h = tanh(w*x + b); (h - y)**2" --w 0.5 --x 1 --b 0 --y 1 --step 3
  mgrad explain "sin(x)**2 + cos(x)**2" --x 0.3 --markdown
"""


class ExplainOptions(ExpressionOptions):
    """The parameters of `mgrad explain`."""

    title: str
    step: int | None
    all_nodes: bool
    markdown: bool
    as_json: bool
    sides: bool


@click.command("explain", cls=Verb, epilog=EXAMPLES)
@expression_options
@title_option
@click.option("--step", type=click.IntRange(min=1), metavar="N", help="Show only step N of the backward pass.")
@click.option("--all-nodes", is_flag=True, help="Show every node, however long the computation.")
@sides_option
@click.option("--markdown", is_flag=True, help="Write Markdown.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[ExplainOptions]) -> int:
    """Explain the computation of EXPRESSION and its gradient step by step.

    The forward pass lists each node with its numbers. The backward pass shows each local derivative, the gradient that
    it multiplies, and the gradient that the product is added to. The result is compared with a numerical derivative.
    Equal subexpressions share one node.
    """
    if options["markdown"] and options["as_json"]:
        raise UsageError("--markdown and --json cannot be combined")
    output_format = "markdown" if options["markdown"] else "json" if options["as_json"] else "text"
    explanation = evaluated(ctx, options, Expression.explain)
    tape = explanation.tape
    sides = sides_of(explanation.script, tape.vars, list(tape.vars)) if options["sides"] else None
    content = explanation.content(options["step"], sides)
    view = View(page_for("table" if output_format == "text" else output_format, sys.stdout), options["title"])
    view = view._replace(all_nodes=options["all_nodes"])
    with opened_output(None) as output:
        for text in EXPLANATION_FORMATS[output_format](content, view):
            output.write(text)
    warn_of_result(tape.findings, tape.losses, tape.expr)
    return 0
