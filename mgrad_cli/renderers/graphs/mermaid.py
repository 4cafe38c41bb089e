"""Graphs as Mermaid flowcharts for Markdown, with labels encoded so that nothing in them is markup."""

import json
import math
import re
from collections.abc import Iterator

from mgrad_cli.evaluation.tape import Contribution, NodeRecord, Tape
from mgrad_cli.renderers import View
from mgrad_cli.renderers.explanations.steps import Words
from mgrad_cli.renderers.graphs.graph import (
    GREY,
    INK,
    MAX_TITLE,
    NOTHING,
    caption,
    fill,
    grouped,
    label_lines,
    operands,
    outline,
    single_line,
    strengths,
)

SHADES = 6
"""The number of colour classes from the smallest gradient to the largest."""
MAX_EDGES, MAX_CHARACTERS = 500, 50_000
"""Mermaid refuses larger texts unless its settings are changed."""
WIDE = str.maketrans("<>&", "＜＞＆")
"""Replaces possible markup in the title, where Mermaid reads no codes."""
NOT_PLAIN = re.compile(r"[^\w .,=×…-]|_")


def mermaid(tape: Tape, view: View) -> Iterator[str]:
    words = Words(tape)
    if view.title.strip():
        title = single_line(view.title, MAX_TITLE).translate(WIDE)
        yield f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---\n"
    yield "flowchart LR\n"
    shades = strengths(tape)
    for node in grouped(tape, opening, "  end\n"):
        yield node if isinstance(node, str) else f"  {node_line(node, shades[node.id], words)}\n"
    for node in tape.nodes:
        for operand, contribution in operands(tape, node):
            yield f"  n{operand.id} {arrow(operand, contribution, words)} n{node.id}\n"
    yield from classes()


def opening(index: int, text: str) -> str:
    """Return the beginning of a box around the nodes of a call."""
    return f'  subgraph c{index}["{coded(text)}"]\n'


def node_line(node: NodeRecord, strength: float, words: Words) -> str:
    if node.is_constant:
        return f'n{node.id}["{coded(caption(node))}"]:::number'
    shade = "wrong" if math.isnan(strength) else f"grad{round(strength * (SHADES - 1))}"
    return f'n{node.id}("{"<br>".join(map(coded, label_lines(node, words)))}"):::{shade}'


def arrow(operand: NodeRecord, contribution: Contribution | None, words: Words) -> str:
    """Return an arrow with the local derivative, or a dotted one if no gradient flows back."""
    if contribution is None:
        return "-.-" if operand.is_constant else "-.->"
    return f'-.->|"{NOTHING}"|' if contribution.nothing else f'-->|"{coded(f"×{words.figure(contribution.partial)}")}"|'


def classes() -> Iterator[str]:
    yield f"  classDef number fill:none,stroke:none,color:{GREY}\n"
    yield f"  classDef wrong fill:{fill(math.nan)},stroke:{outline(math.nan)},color:{INK}\n"
    for shade in range(SHADES):
        yield f"  classDef grad{shade} fill:{fill(shade / (SHADES - 1))},stroke:{GREY},color:{INK}\n"


def coded(text: str) -> str:
    """Return the text with a numeric code for each character that is special in Mermaid, Markdown or HTML."""
    return NOT_PLAIN.sub(lambda found: f"#{ord(found[0])};", text)
