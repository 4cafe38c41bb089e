"""The interactive page of a graph: one file that needs no network and recomputes everything itself.

Graphviz places the nodes. The script holds the computation as instructions and runs it forward and backward.
"""

import re
from collections.abc import Iterator
from html import escape
from importlib.resources import files

from mgrad_cli.evaluation.tape import NodeRecord, Tape
from mgrad_cli.language.names import one_line
from mgrad_cli.renderers import View
from mgrad_cli.renderers.graphs.graph import MAX_TITLE, caption, single_line
from mgrad_cli.renderers.page.instructions import instructions
from mgrad_cli.renderers.page.placement import MAX_COLUMNS, EdgeCurve, Point, edges_of, placed, size
from mgrad_cli.renderers.page.script import embedded, operations
from mgrad_cli.text import printable, truncate

MARK = re.compile("<!-- mgrad: ([a-z]+) -->")
"""The place of a part in the template. All are replaced at once, so that no part is searched for marks."""
SCRIPTS = ("run", "show", "inputs", "pan", "player")
MAX_SOURCE = 4_000
MARGIN = 16


def page(tape: Tape, view: View) -> Iterator[str]:
    """Yield the pieces of the page.

    Raises: MissingExtraError or UsageError without Graphviz.
    """
    expression = single_line(one_line(tape.expr), MAX_TITLE)
    title = single_line(view.title, MAX_TITLE)
    program = instructions(tape)
    parts = {
        "title": escape(title or expression),
        "heading": escape(title or "The graph of a formula"),
        "expression": escape("\n".join(map(printable, truncate(tape.expr, MAX_SOURCE).split("\n")))),
        "style": packaged("page.css"),
        "graph": "".join(drawing(tape)),
        "data": embedded(tape, program),
        "script": "\n".join([operations(program), *(packaged(f"page_{name}.js") for name in SCRIPTS)]),
    }
    for index, piece in enumerate(MARK.split(packaged("page.html"))):
        yield parts[piece] if index % 2 else piece


def packaged(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def drawing(tape: Tape) -> Iterator[str]:
    """Yield the picture as SVG; the script fills in the numbers."""
    placement = placed(tape)
    width, height = placement.width + 2 * MARGIN, placement.height + 2 * MARGIN
    sizes = f'data-width="{width:.0f}" data-height="{height:.0f}"'
    yield f'<svg id="picture" role="img" aria-labelledby="expression" {sizes}>\n'
    yield f'<g id="sheet"><g transform="translate({MARGIN},{MARGIN})">\n'
    ends = edges_of(tape)
    for index, ((operand, _), curve) in enumerate(zip(ends, placement.edges, strict=True)):
        yield edge(index, operand, curve)
    for node, point in zip(tape.nodes, placement.nodes, strict=True):
        yield node_group(tape, node, point)
    for index, ((operand, _), curve) in enumerate(zip(ends, placement.edges, strict=True)):
        if not operand.is_constant:
            x, y = curve.label
            yield f'<text class="slope" id="slope{index}" x="{x:.1f}" y="{y + 4:.1f}"></text>\n'
    yield "</g></g></svg>"


def edge(index: int, operand: NodeRecord, curve: EdgeCurve) -> str:
    kind = "edge constant" if operand.is_constant else "edge"
    lines = f'<path class="line" d="{curve.line}"/><path class="head" d="{curve.head}"/>'
    return f'<g class="{kind}" id="edge{index}"><title></title>{lines}</g>\n'


def node_group(tape: Tape, node: NodeRecord, point: Point) -> str:
    width, height = size(node)
    corner = f"translate({point[0] - width / 2:.1f},{point[1] - height / 2:.1f})"
    name = escape(single_line(caption(node), MAX_COLUMNS))
    if node.is_constant:
        text = f'<text class="caption" x="{width / 2:.1f}" y="16">{name}</text>'
        return f'<g class="node constant" id="node{node.id}" transform="{corner}"><title></title>{text}</g>\n'
    kind = "input" if node.is_input else "output" if node is tape.result else "inner"
    boxes = "".join(
        f'<rect class="{part}" width="{width:.0f}" height="{height:.0f}" rx="7"/>' for part in ("box", "heat", "frame")
    )
    rows = "".join(
        f'<text class="key" x="10" y="{y}">{figure}</text><text class="{figure}" x="{width - 10:.0f}" y="{y}"></text>'
        for figure, y in (("data", 39), ("grad", 57))
    )
    return (
        f'<g class="node {kind}" id="node{node.id}" transform="{corner}"><title></title>{boxes}'
        f'<text class="caption" x="10" y="19">{name}</text>{rows}</g>\n'
    )
