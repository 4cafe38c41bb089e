"""The places of nodes and the curves of edges on a page, computed by Graphviz for boxes of given sizes.

Lengths are in pixels from the top left corner.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from mgrad_cli.evaluation.tape import NodeRecord, Tape
from mgrad_cli.renderers.graphs.dot_program import run_dot
from mgrad_cli.renderers.graphs.graph import caption
from mgrad_cli.text import columns

WIDTH, HEIGHT = 168, 68
"""The size of a node's box, with room for six digits and any exponent."""
LABEL_WIDTH, LABEL_HEIGHT = 72, 18
CHARACTER = 7.3
"""The approximate width of a caption's letter."""
MAX_COLUMNS = 21
DOTS_AN_INCH = 72
MAX_LABELS = 200
"""The most edges whose labels get space of their own; beyond that, labels lie on the edges."""
HEAD, HALF_HEAD = 8.0, 3.5
NEEDED_BY = "the page of a graph"

Point = tuple[float, float]


class EdgeCurve(NamedTuple):
    """An edge: the path of its line, the path of its head, and the middle of its label."""

    line: str
    head: str
    label: Point


class Placement(NamedTuple):
    """The size of the drawing, the middle of each node, and the curve of each edge."""

    width: float
    height: float
    nodes: list[Point]
    edges: list[EdgeCurve]


def edges_of(tape: Tape) -> list[tuple[NodeRecord, NodeRecord]]:
    """Return every edge as (operand, node), in the order of the nodes and their operands."""
    return [(tape.nodes[operand], node) for node in tape.nodes for operand in node.operands]


def size(node: NodeRecord) -> tuple[float, float]:
    """Return the width and height of a node; a constant is only as large as its text."""
    if not node.is_constant:
        return WIDTH, HEIGHT
    return 16 + CHARACTER * min(columns(caption(node)), MAX_COLUMNS), 24


def placed(tape: Tape) -> Placement:
    """Return the placement of a tape's nodes and edges. Raises: MissingExtraError or UsageError without Graphviz."""
    graph: dict[str, Any] = json.loads(run_dot("".join(source(tape)), "json0", NEEDED_BY))
    _, _, width, height = map(float, graph["bb"].split(","))

    def point(text: str) -> Point:
        x, y = map(float, text.split(","))
        return x, height - y

    nodes = {item["name"]: point(item["pos"]) for item in graph["objects"]}
    curves = {}
    for item in graph.get("edges", ()):
        *starts, tip = sorted(item["pos"].split(), key=lambda word: word.startswith("e,"))
        points = [point(word) for word in starts]
        label = point(item["lp"]) if "lp" in item else middle(points)
        curves[int(item["id"])] = curve([*points, point(tip.removeprefix("e,"))], label)
    return Placement(
        width, height, [nodes[f"n{node.id}"] for node in tape.nodes], [curves[index] for index in sorted(curves)]
    )


def source(tape: Tape) -> Iterator[str]:
    """Yield the graph in DOT: boxes and labels without text, since only their sizes matter.

    Without these limits `dot` spends minutes on shortening the edges of some hundred nodes, to no visible effect.
    """
    edges = edges_of(tape)
    room = f'border="0" fixedsize="true" width="{LABEL_WIDTH}" height="{LABEL_HEIGHT}"'
    label = f"<<table {room}><tr><td></td></tr></table>>"
    is_large = len(edges) > MAX_LABELS
    yield f"digraph {{\n  graph [rankdir=LR nodesep=0.3 ranksep=0.6 nslimit=1{' mclimit=0.2' if is_large else ''}]\n"
    yield '  node [shape=box fixedsize=true label=""]\n  edge [arrowsize=0.8]\n'
    for node in tape.nodes:
        width, height = size(node)
        yield f"  n{node.id} [width={width / DOTS_AN_INCH:.4f} height={height / DOTS_AN_INCH:.4f}]\n"
    for index, (operand, node) in enumerate(edges):
        has_label = not is_large and not operand.is_constant
        yield f"  n{operand.id} -> n{node.id} [id={index}{f' label={label}' if has_label else ''}]\n"
    yield "}\n"


def middle(points: list[Point]) -> Point:
    """Return the middle of a spline of cubic pieces: the midpoint of its middle piece."""
    start = (len(points) - 1) // 3 // 2 * 3
    (a, b), (c, d), (e, f), (g, h) = points[start : start + 4]
    return (a + 3 * c + 3 * e + g) / 8, (b + 3 * d + 3 * f + h) / 8


def curve(points: list[Point], label: Point) -> EdgeCurve:
    """Return an edge from the points of its spline and its tip, which comes last."""
    *_, (x, y), (tip_x, tip_y) = points
    angle = math.atan2(tip_y - y, tip_x - x)
    along, across = (HEAD * math.cos(angle), HEAD * math.sin(angle)), (-math.sin(angle), math.cos(angle))
    wings = [
        (tip_x - along[0] + side * across[0], tip_y - along[1] + side * across[1]) for side in (HALF_HEAD, -HALF_HEAD)
    ]
    first, *others = points[:-1]
    line = f"M{written(first)}C{' '.join(map(written, others))}L{written((tip_x - along[0], tip_y - along[1]))}"
    return EdgeCurve(line, f"M{written((tip_x, tip_y))}L{' '.join(map(written, wings))}Z", label)


def written(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"
