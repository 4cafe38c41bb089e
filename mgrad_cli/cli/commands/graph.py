"""`mgrad graph`: draw the computation graph as a tree, as text for other programs, or as a picture."""

import os
from typing import Unpack

import click

from mgrad_cli.cli.evaluating import evaluated
from mgrad_cli.cli.options import ExpressionOptions, common_options, expression_options, of_option, title_option
from mgrad_cli.cli.verb import OutputPath, Verb
from mgrad_cli.errors import LimitError, UsageError
from mgrad_cli.evaluation.tape import Tape
from mgrad_cli.library.expression import Expression
from mgrad_cli.renderers import View, page_for
from mgrad_cli.renderers.graphs.graph import GRAPH_FORMATS, LAID_OUT, edge_count, edge_length
from mgrad_cli.storage.streams import log, opened_output
from mgrad_cli.text import name_list

MAX_NAMES = 6
MAX_NODES = 500
EDGES_A_NODE, LAYERS_A_NODE = 4, 12
"""More, in the mean, take as long to lay out as too many nodes; an edge counts once for each layer that it passes."""
ENDINGS = {".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".svg": "svg", ".png": "png", ".html": "html"}
EXAMPLES = """\b
Examples:
  mgrad graph "a*b*(a+b)" --a 2 --b 3
  mgrad graph "(x*x+2).tanh()" --x 0.5 -o tanh.svg
  mgrad graph "h = tanh(w*x + b); (h - y)**2" --w 0.5 --x 1 --b 0 --y 1 --mermaid
  mgrad graph "sin(x)/x" --x 0.1 --dot > sinc.dot
  mgrad graph "r*cos(t), r*sin(t)" --r 2 --t pi/3 --of f2
"""
INSTEAD = {"--format": "--svg, --png, --html, --dot and --mermaid choose it, or the ending of -o"}


class GraphOptions(ExpressionOptions):
    """The parameters of `mgrad graph`."""

    title: str
    of: str | None
    dot: bool
    mermaid: bool
    svg: bool
    png: bool
    html: bool
    output: str | None
    max_nodes: int | None
    all_nodes: bool


@click.command("graph", cls=Verb, epilog=EXAMPLES, instead=INSTEAD)
@expression_options
@title_option
@of_option
@click.option("--dot", is_flag=True, help="Write Graphviz DOT.")
@click.option("--mermaid", is_flag=True, help="Write a Mermaid flowchart, for use in Markdown.")
@click.option("--svg", is_flag=True, help="Write an SVG picture (requires Graphviz).")
@click.option("--png", is_flag=True, help="Write a PNG picture to --output or a pipe (requires Graphviz).")
@click.option("--html", is_flag=True, help="Write an interactive HTML page (requires Graphviz).")
@click.option(
    "--output",
    "-o",
    type=OutputPath(),
    metavar="FILE",
    help=f"Write to FILE; its ending ({' '.join(ENDINGS)}) sets the format.",
)
@click.option(
    "--max-nodes",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Maximum number of nodes to draw (default: {MAX_NODES} in pictures and pages).",
)
@click.option("--all-nodes", is_flag=True, help="Show every node, however large the tree.")
@common_options
@click.pass_context
def command(ctx: click.Context, /, **options: Unpack[GraphOptions]) -> int:
    """Draw the computation graph of EXPRESSION with the value and gradient of each node.

    The default is a text tree that starts at the output. Edges are labelled with local derivatives. Equal
    subexpressions share one node. Of several outputs, the graph is that of the first, or of the one that --of names.
    """
    output_format = graph_format(options)
    if options["all_nodes"] and output_format != "tree":
        raise UsageError(f"--all-nodes applies to the tree only; --{output_format} shows every node")
    tape = evaluated(ctx, options, lambda expression, point: chosen(expression, options["of"]).graph(point)).tape
    check_size(tape, options["max_nodes"] or (MAX_NODES if output_format in LAID_OUT else None))
    with opened_output(options["output"]) as output:
        if output_format == "png" and output.stream.isatty():
            raise UsageError("PNG cannot be shown in a terminal; write it to a file with --output")
        page = page_for("table" if output_format == "tree" else output_format, output.stream)
        view = View(page, options["title"], all_nodes=options["all_nodes"])
        size = 0
        for piece in GRAPH_FORMATS[output_format](tape, view):
            size += len(piece)
            (output.write_bytes if isinstance(piece, bytes) else output.write)(piece)
    if output_format == "mermaid":
        complain_of_size(tape, size)
    for finding in tape.findings:
        log(f"warning: {finding}")
    return 0


def chosen(expression: Expression, name: str | None) -> Expression:
    """Return the output to draw; say which one if there are others and none is named."""
    if name is not None:
        return expression.output(name)
    first, *others = expression.outputs
    if others:
        log(f"note: this is the graph of {first}; --of chooses another output: {name_list(others, MAX_NAMES)}")
    return expression.output(first)


def graph_format(options: GraphOptions) -> str:
    """Return the format of the graph, from the options or the ending of the output file.

    Raises: UsageError if these contradict each other, or neither names a format.
    """
    wanted = [output_format for output_format in GRAPH_FORMATS if options.get(output_format)]
    if len(wanted) > 1:
        raise UsageError(f"--{wanted[0]} and --{wanted[1]} cannot be combined")
    output = options["output"]
    if output is None or output == "-":
        return wanted[0] if wanted else "tree"
    named = ENDINGS.get(os.path.splitext(output)[1].lower())
    if wanted and named not in {None, wanted[0]}:
        raise UsageError(f"--{wanted[0]} conflicts with the output name '{output}'")
    if not wanted and named is None:
        *others, last = ENDINGS
        raise UsageError(
            f"cannot tell the format from the output name '{output}'; end it in {', '.join(others)} or {last}"
        )
    return wanted[0] if wanted else named or ""


def check_size(tape: Tape, most: int | None) -> None:
    """Raise LimitError if the graph has more nodes than `most`, or far more or longer edges."""
    if most is None:
        return
    nodes, edges, length = len(tape.nodes), edge_count(tape), edge_length(tape)
    if nodes > most:
        raise LimitError(f"the graph has {nodes:,} nodes, more than {most:,} (--max-nodes)")
    if edges > most * EDGES_A_NODE:
        raise LimitError(f"the graph has {edges:,} edges, more than {EDGES_A_NODE} times {most:,} (--max-nodes)")
    if length > most * LAYERS_A_NODE:
        passed = f"the edges of the graph pass {length:,} layers of nodes"
        raise LimitError(f"{passed}, more than {LAYERS_A_NODE} times {most:,} (--max-nodes)")


def complain_of_size(tape: Tape, size: int) -> None:
    """Warn if the graph is larger than Mermaid draws with its default settings."""
    from mgrad_cli.renderers.graphs.mermaid import MAX_CHARACTERS, MAX_EDGES

    for count, most, what, setting in (
        (edge_count(tape), MAX_EDGES, "edges", "maxEdges"),
        (size, MAX_CHARACTERS, "characters", "maxTextSize"),
    ):
        if count > most:
            draws = f"Mermaid draws no more than {most:,} {what}"
            log(f"warning: {draws}, and this graph has {count:,}; raise its {setting}")
