"""Graphs in Graphviz DOT, inputs left and the output right, and the pictures that `dot` makes of them."""

import re
from collections.abc import Iterator
from html import escape
from textwrap import wrap

from mgrad_cli.evaluation.tape import Contribution, NodeRecord, Tape
from mgrad_cli.language.names import one_line
from mgrad_cli.renderers import View
from mgrad_cli.renderers.explanations.steps import Words
from mgrad_cli.renderers.graphs.graph import (
    GREY,
    INK,
    MAX_TITLE,
    NOTHING,
    caption,
    details,
    edge_details,
    edge_length,
    fill,
    grouped,
    label_lines,
    operands,
    outline,
    single_line,
    strengths,
)

FONT = "Helvetica,Arial,sans-serif"
EASY_LENGTH = 500
HURRY = "nslimit=1 nslimit1=1"
"""Settings that limit the work of `dot` on graphs with longer edges, which otherwise take minutes."""
DOTS_AN_INCH = 144
MAX_INCHES = 80
"""The longest side of a PNG; larger graphs are scaled down."""
TITLE_WIDTH = 60
SMALL = f'shape=plaintext style="" margin="0.05,0.03" width=0.2 height=0.2 fontcolor="{GREY}"'
CENTRED, LEFT = "\\n", "\\l"
"""Line ends for centred and for left-aligned lines."""
COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)
NAME = re.compile(r"<title>.*?</title>\n*", re.DOTALL)
TIP = re.compile(r'<a xlink:title="([^"]*)">')


def dot(tape: Tape, view: View) -> Iterator[str]:
    yield from source(tape, view.title)


def svg(tape: Tape, view: View) -> Iterator[str]:
    """Yield Graphviz' picture without its version and node names, and with titles in place of tooltips."""
    text = rendered(tape, view.title, "svg").decode()
    text = NAME.sub("", COMMENT.sub("", text))
    text = TIP.sub(r"<title>\1</title>", text).replace("</a>\n", "")
    title = escape(
        single_line(view.title, MAX_TITLE) or f"The graph of {single_line(one_line(tape.expr), MAX_TITLE)}", quote=False
    )
    yield text.replace("<g ", f"<title>{title}</title>\n<g ", 1)


def png(tape: Tape, view: View) -> Iterator[bytes]:
    yield rendered(tape, view.title, "png", f'dpi={DOTS_AN_INCH} size="{MAX_INCHES},{MAX_INCHES}"')


def rendered(tape: Tape, title: str, output_format: str, settings: str = "") -> bytes:
    from mgrad_cli.renderers.graphs.dot_program import run_dot

    return run_dot("".join(source(tape, title, settings)), output_format, f"--{output_format}")


def source(tape: Tape, title: str, settings: str = "") -> Iterator[str]:
    """Yield the DOT text of a graph; `settings` are further attributes of it."""
    words = Words(tape)
    yield "digraph mgrad {\n"
    yield "  graph [rankdir=LR nodesep=0.25 ranksep=0.55 pad=0.2]\n"
    yield f'  graph [bgcolor=white fontname="{FONT}" fontcolor="{INK}"]\n'
    if edge_length(tape) > EASY_LENGTH:
        yield f"  graph [{HURRY}]\n"
    if title.strip():
        lines = wrap(single_line(title, MAX_TITLE), TITLE_WIDTH)
        yield f"  graph [label={quoted([*lines, ''], LEFT)} labelloc=t labeljust=l fontsize=16]\n"
    if settings:
        yield f"  graph [{settings}]\n"
    yield (
        f'  node [shape=box style="rounded,filled" fontname="{FONT}" fontsize=12 fontcolor="{INK}"'
        f' color="{GREY}" margin="0.14,0.07" height=0.3]\n'
    )
    yield f'  edge [fontname="{FONT}" fontsize=10 fontcolor="{INK}" color="{GREY}" arrowsize=0.7]\n'
    shades = strengths(tape)
    for node in grouped(tape, opening, "  }\n"):
        if isinstance(node, str):
            yield node
        else:
            attributes = node_attributes(node, shades[node.id], words)
            yield f"  n{node.id} [{attributes} tooltip={quoted(details(tape, node))}]\n"
    for node in tape.nodes:
        for operand, contribution in operands(tape, node):
            yield f"  n{operand.id} -> n{node.id} [{edge_attributes(node, operand, contribution, words)}]\n"
    yield "}\n"


def opening(index: int, text: str) -> str:
    """Return the beginning of a box around the nodes of a call."""
    label = quoted([text, ""], LEFT)
    return f'  subgraph cluster{index} {{\n  graph [label={label} fontsize=11 style=rounded color="{GREY}"]\n'


def node_attributes(node: NodeRecord, strength: float, words: Words) -> str:
    if node.is_constant:
        return f"label={quoted([caption(node)])} {SMALL}"
    is_end = node.is_input or node is words.tape.result
    width = " penwidth=1.8" if is_end else ""
    return f'label={quoted(label_lines(node, words))} fillcolor="{fill(strength)}" color="{outline(strength)}"{width}'


def edge_attributes(node: NodeRecord, operand: NodeRecord, contribution: Contribution | None, words: Words) -> str:
    """Return a solid line with the local derivative, or a dotted line if no gradient flows back."""
    if contribution is None:
        return 'style=dotted arrowhead=none tooltip=""' if operand.is_constant else "style=dotted"
    label = NOTHING if contribution.nothing else f"×{words.figure(contribution.partial)}"
    style = " style=dashed" if contribution.nothing else ""
    return f"label={quoted([f' {label} '])} tooltip={quoted(edge_details(node, operand, contribution))}{style}"


def quoted(lines: list[str], end: str = CENTRED) -> str:
    r"""Return lines as a DOT string in which nothing is an escape such as `\N`, an entity or markup."""
    text = end.join(line.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return f'"{text}"'
