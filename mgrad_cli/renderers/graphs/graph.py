"""The labels, details and colours of a graph's nodes and edges, shared by all formats."""

import math
from collections.abc import Callable, Iterator

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.tape import Contribution, NodeRecord, Tape
from mgrad_cli.renderers import Renderers, from_module
from mgrad_cli.renderers.explanations.steps import DIGITS, Words
from mgrad_cli.renderers.rounding import rounding_note
from mgrad_cli.text import printable, truncate

MAX_CAPTION = 40
MAX_TITLE = 180
MAX_DETAIL = 400
ROUNDED = rounding_note(DIGITS, "mgrad explain --json")
NOTHING = "nothing"
NOT_IN_XML = dict.fromkeys((0xFFFE, 0xFFFF), "�")

PALE, STRONG = (255, 255, 255), (104, 199, 130)
"""The fills of the smallest and the largest gradient; dark letters are readable on both."""
INK, GREY, WRONG_FILL, WRONG_LINE = "#16211a", "#66706a", "#ffd9d6", "#c62828"


def operands(tape: Tape, node: NodeRecord) -> Iterator[tuple[NodeRecord, Contribution | None]]:
    """Yield the operands of a node in order, each with what is added to its gradient, or `None` for a constant."""
    contributions = iter(node.contributions)
    for index in node.operands:
        operand = tape.nodes[index]
        yield operand, None if operand.is_constant else next(contributions, None)


def edge_count(tape: Tape) -> int:
    return sum(len(node.operands) for node in tape.nodes)


def edge_length(tape: Tape) -> int:
    """Return the number of layers that all edges cross together if every node is as near to the output as it can be."""
    layers = [0] * len(tape.nodes)
    for node in reversed(tape.nodes):
        for operand in node.operands:
            layers[operand] = max(layers[operand], layers[node.id] + 1)
    return sum(layers[operand] - layers[node.id] for node in tape.nodes for operand in node.operands)


def definition(node: NodeRecord) -> str:
    """Return what follows a node's name: its operation, or its full name if that is too long, and its other names."""
    also = f"  also {', '.join(node.also)}" if node.also else ""
    if node.formula:
        call = f" = {node.label}" if node.is_call and node.label != node.name else ""
        return f"{call} = {node.formula}{also}"
    return f": {node.label}{also}" if node.label != node.name else also


def caption(node: NodeRecord) -> str:
    """Return `v1 = a*b`, as a picture shows it."""
    return single_line(f"{node.name}{definition(node)}", MAX_CAPTION)


def label_lines(node: NodeRecord, words: Words) -> list[str]:
    """Return the lines of a node's label: its caption, its value and its gradient."""
    gradient = 0.0 if node.grad is None else node.grad
    return [caption(node), f"data {words.figure(node.data)}", f"grad {words.figure(gradient)}"]


def details(tape: Tape, node: NodeRecord) -> list[str]:
    """Return everything about a node, with all digits."""
    lines = [single_line(node.label if node.is_constant else f"{node.name}{definition(node)}", MAX_DETAIL)]
    if node.formula and node.label != node.name:
        lines.append(single_line(node.label, MAX_DETAIL))
    lines.append(f"data {number(node.data)}")
    return lines if node.grad is None else [*lines, f"grad {number(node.grad)}"]


def edge_details(node: NodeRecord, operand: NodeRecord, contribution: Contribution) -> list[str]:
    """Return everything about an edge, with all digits."""
    derivative = f"d{node.name}/d{operand.name} = {contribution.formula}"
    lines = [single_line(derivative, MAX_DETAIL), number(contribution.partial)]
    return [*lines, f"{NOTHING} comes back: {contribution.nothing}"] if contribution.nothing else lines


def single_line(text: str, most: int) -> str:
    """Return the text for a picture: one line without control characters, truncated."""
    text = printable(text[: 2 * most]).translate(NOT_IN_XML)
    return truncate(" ".join(text.split()), most)


def grouped(tape: Tape, opening: Callable[[int, str], str], closing: str) -> Iterator[NodeRecord | str]:
    """Yield the nodes, those of a call together between its `opening`, given its index and text, and the `closing`.

    Calls that are part of another are within that.
    """
    members: dict[int | None, list[NodeRecord | int]] = {None: []}
    for index, call in enumerate(tape.calls):
        members[index] = []
        members[call.outer].append(index)
    for node in tape.nodes:
        members[node.call].append(node)
    waiting: list[NodeRecord | int | str] = members[None][::-1]  # type: ignore[assignment]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, int):
            yield each
        elif members[each]:
            yield opening(each, single_line(tape.calls[each].text, MAX_CAPTION))
            waiting += [closing, *reversed(members[each])]


def strengths(tape: Tape) -> list[float]:
    """Return the relative size of each gradient from 0 to 1; nan if it or the value is not finite.

    It is the square root of the ratio to the largest, so that small gradients can be told from zero.
    """
    sizes = [abs(node.grad or 0.0) for node in tape.nodes]
    largest = max((size for size in sizes if math.isfinite(size)), default=0.0) or 1.0
    return [
        math.sqrt(size / largest) if math.isfinite(size) and math.isfinite(node.data) else math.nan
        for node, size in zip(tape.nodes, sizes, strict=True)
    ]


def fill(strength: float) -> str:
    """Return the colour of a node for a relative size of its gradient."""
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
"""The formats of a graph; PNG is bytes."""
LAID_OUT = frozenset({"svg", "png", "html"})
"""The formats that place the nodes, which takes long for many."""
