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


def operands(tape: Tape, entry: NodeRecord) -> Iterator[tuple[NodeRecord, Contribution | None]]:
    """The operands of an entry in order, each with what is handed back to it; a constant is handed nothing."""
    pulls = iter(entry.pulls)
    for index in entry.operands:
        operand = tape.entries[index]
        yield operand, None if operand.is_constant else next(pulls, None)


def edge_count(tape: Tape) -> int:
    return sum(len(entry.operands) for entry in tape.entries)


def edge_length(tape: Tape) -> int:
    """The layers that all edges pass together where every node is as near to the output as it may be."""
    layers = [0] * len(tape.entries)
    for entry in reversed(tape.entries):
        for operand in entry.operands:
            layers[operand] = max(layers[operand], layers[entry.id] + 1)
    return sum(layers[operand] - layers[entry.id] for entry in tape.entries for operand in entry.operands)


def definition(entry: NodeRecord) -> str:
    """What follows an entry's name: its operation, or the name that is too long to go by, and further names."""
    also = f"  also {', '.join(entry.also)}" if entry.also else ""
    if entry.formula:
        return f" = {entry.formula}{also}"
    return f": {entry.label}{also}" if entry.label != entry.name else also


def caption(entry: NodeRecord) -> str:
    """`v1 = a*b`, as it stands in a picture."""
    return single_line(f"{entry.name}{definition(entry)}", MAX_CAPTION)


def details(tape: Tape, entry: NodeRecord) -> list[str]:
    """Everything about a node, with all digits."""
    lines = [single_line(entry.label if entry.is_constant else f"{entry.name}{definition(entry)}", MAX_DETAIL)]
    if entry.formula and entry.label != entry.name:
        lines.append(single_line(entry.label, MAX_DETAIL))
    lines.append(f"data {number(entry.data)}")
    return lines if entry.grad is None else [*lines, f"grad {number(entry.grad)}"]


def edge_details(entry: NodeRecord, operand: NodeRecord, pull: Contribution) -> list[str]:
    """What an edge hands back, with all digits."""
    lines = [single_line(f"d{entry.name}/d{operand.name} = {pull.formula}", MAX_DETAIL), number(pull.slope)]
    return [*lines, f"{NOTHING} comes back: {pull.nothing}"] if pull.nothing else lines


def single_line(text: str, most: int) -> str:
    """The text as it may stand in a picture: one line without control characters, at most so many characters."""
    text = printable(text[: 2 * most]).translate(NOT_IN_XML)
    return truncate(" ".join(text.split()), most)


def strengths(tape: Tape) -> list[float]:
    """The size of each gradient, from 0 to 1 for the largest; nan where it or the data is not finite.

    It is the root of their ratio, so that a tenth of the largest can still be told from nothing.
    """
    sizes = [abs(entry.grad or 0.0) for entry in tape.entries]
    largest = max((size for size in sizes if math.isfinite(size)), default=0.0) or 1.0
    return [
        math.sqrt(size / largest) if math.isfinite(size) and math.isfinite(entry.data) else math.nan
        for entry, size in zip(tape.entries, sizes, strict=True)
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
