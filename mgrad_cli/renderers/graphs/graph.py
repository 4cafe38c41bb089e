"""A recorded computation as a graph: what is said of its nodes and edges, and how strongly each node is coloured."""

import math
from collections.abc import Iterator

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.tape import Contribution, NodeRecord, Tape
from mgrad_cli.renderers import Renderers, from_module
from mgrad_cli.renderers.explanations.steps import DIGITS
from mgrad_cli.text import printable, truncate

MAX_CAPTION = 40
MAX_TITLE = 180
MAX_DETAIL = 400
ROUNDED = f"figures rounded to {DIGITS} digits; mgrad explain --json has them whole"
NOTHING = "nothing"
NOT_IN_XML = dict.fromkeys((0xFFFE, 0xFFFF), "�")

PALE, STRONG = (255, 255, 255), (104, 199, 130)
"""The fills of the smallest and the largest gradient; dark letters are easy to read on either."""
INK, GREY, WRONG_FILL, WRONG_LINE = "#16211a", "#66706a", "#ffd9d6", "#c62828"


def operands(tape: Tape, node: NodeRecord) -> Iterator[tuple[NodeRecord, Contribution | None]]:
    """The operands of an node in order, each with what is handed back to it; a constant is handed nothing."""
    contributions = iter(node.contributions)
    for index in node.operands:
        operand = tape.nodes[index]
        yield operand, None if operand.is_constant else next(contributions, None)


def edge_count(tape: Tape) -> int:
    return sum(len(node.operands) for node in tape.nodes)


def edge_length(tape: Tape) -> int:
    """The layers that all edges pass together where every node is as near to the output as it may be."""
    layers = [0] * len(tape.nodes)
    for node in reversed(tape.nodes):
        for operand in node.operands:
            layers[operand] = max(layers[operand], layers[node.id] + 1)
    return sum(layers[operand] - layers[node.id] for node in tape.nodes for operand in node.operands)


def definition(node: NodeRecord) -> str:
    """What follows an node's name: its operation, or the name that is too long to go by, and further names."""
    also = f"  also {', '.join(node.also)}" if node.also else ""
    if node.formula:
        return f" = {node.formula}{also}"
    return f": {node.label}{also}" if node.label != node.name else also


def caption(node: NodeRecord) -> str:
    """`v1 = a*b`, as it stands in a picture."""
    return single_line(f"{node.name}{definition(node)}", MAX_CAPTION)


def details(tape: Tape, node: NodeRecord) -> list[str]:
    """Everything about a node, with all digits."""
    lines = [single_line(node.label if node.is_constant else f"{node.name}{definition(node)}", MAX_DETAIL)]
    if node.formula and node.label != node.name:
        lines.append(single_line(node.label, MAX_DETAIL))
    lines.append(f"data {number(node.data)}")
    return lines if node.grad is None else [*lines, f"grad {number(node.grad)}"]


def edge_details(node: NodeRecord, operand: NodeRecord, contribution: Contribution) -> list[str]:
    """What an edge hands back, with all digits."""
    derivative = f"d{node.name}/d{operand.name} = {contribution.formula}"
    lines = [single_line(derivative, MAX_DETAIL), number(contribution.partial)]
    return [*lines, f"{NOTHING} comes back: {contribution.nothing}"] if contribution.nothing else lines


def single_line(text: str, most: int) -> str:
    """The text as it may stand in a picture: one line without control characters, at most so many characters."""
    text = printable(text[: 2 * most]).translate(NOT_IN_XML)
    return truncate(" ".join(text.split()), most)


def strengths(tape: Tape) -> list[float]:
    """The size of each gradient, from 0 to 1 for the largest; nan where it or the data is not finite.

    It is the root of their ratio, so that a tenth of the largest can still be told from nothing.
    """
    sizes = [abs(node.grad or 0.0) for node in tape.nodes]
    largest = max((size for size in sizes if math.isfinite(size)), default=0.0) or 1.0
    return [
        math.sqrt(size / largest) if math.isfinite(size) and math.isfinite(node.data) else math.nan
        for node, size in zip(tape.nodes, sizes, strict=True)
    ]


def fill(strength: float) -> str:
    """The colour of a node whose gradient is that strong."""
    if math.isnan(strength):
        return WRONG_FILL
    return "#" + "".join(
        f"{round(pale + (full - pale) * strength):02x}" for pale, full in zip(PALE, STRONG, strict=True)
    )


def outline(strength: float) -> str:
    return WRONG_LINE if math.isnan(strength) else GREY


GRAPH_FORMATS: Renderers[Tape] = {
    "tree": from_module("graphs.tree", "tree"),
    "dot": from_module("graphs.dot", "dot"),
    "mermaid": from_module("graphs.mermaid", "mermaid"),
    "svg": from_module("graphs.dot", "svg"),
    "png": from_module("graphs.dot", "png"),
    "html": from_module("page.page", "page"),
}
"""The graph of a computation; PNG is bytes."""
LAID_OUT = frozenset({"svg", "png", "html"})
"""The formats for which nodes have to be placed, which takes long for many."""
