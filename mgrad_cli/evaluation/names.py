"""The names of nodes in formulas."""

import re
from collections.abc import Collection

from mgrad_cli.evaluation.graph import Graph
from mgrad_cli.language.printing import literal
from mgrad_cli.value import Constant

OUTPUT_NAMES = ("L", "f", "y", "out")
NODE_LETTERS = ("v", "t", "u", "w", "n", "node")
MAX_NAME = 24
"""Characters of a name. A node whose own name is longer gets a short one."""


def node_names(graph: Graph) -> list[str]:
    """Return a name for each node: its own name if that is short, the number of a constant, or else a new name.

    >>> from mgrad_cli.evaluation.graph import evaluate
    >>> from mgrad_cli.language.lowering import read
    >>> node_names(evaluate(read("c = a*b; c + a*2"), {"a": 2.0, "b": 3.0}))
    ['a', 'b', 'c', '2', 'v1', 'L']
    """
    taken = {*graph.script.names, *(node.label for node in graph.nodes)}
    letter = free_letter(taken)
    names = []
    count = 0
    for node in graph.nodes:
        if isinstance(node, Constant) and node is not graph.output:
            names.append(node.label or literal(node.data))
        elif node.label and len(node.label) <= MAX_NAME and not isinstance(node, Constant):
            names.append(node.label)
        elif node is graph.output:
            names.append(next((name for name in OUTPUT_NAMES if name not in taken), f"{letter}_out"))
        else:
            count += 1
            names.append(f"{letter}{count}")
    return names


def free_letter(taken: Collection[str]) -> str:
    """Return a prefix that, followed by a number, is not one of the taken names."""
    used = {re.sub(r"[0-9]+$", "", name) for name in taken}
    letters = (*NODE_LETTERS, *(f"v{'_' * count}" for count in range(1, len(used) + 2)))
    return next(letter for letter in letters if letter not in used or letter.endswith("_"))
