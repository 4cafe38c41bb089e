"""Postorder traversal: operands before the nodes that use them, each once, without recursion."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

Node = TypeVar("Node")


def postorder(
    roots: Iterable[Node], operands_of: Callable[[Node], Sequence[Node]], key: Callable[[Node], Hashable] | None = None
) -> Iterator[Node]:
    """Yield every node reachable from the roots: operands first, from left to right, then the node that uses them.

    `key` identifies a node, by default the node itself. Each node is yielded once, however often it is used.

    >>> operands = {"a*b + a": ["a*b", "a"], "a*b": ["a", "b"], "a": [], "b": []}
    >>> list(postorder(["a*b + a"], operands.__getitem__))
    ['a', 'b', 'a*b', 'a*b + a']
    """
    seen: set[Hashable] = set()
    unfinished: list[Node] = []
    stack: list[Node | None] = [*roots]
    stack.reverse()
    while stack:
        node = stack.pop()
        if node is None:  # all operands of the last unfinished node were yielded
            yield unfinished.pop()
            continue
        known = node if key is None else key(node)
        if known in seen:
            continue
        seen.add(known)
        operands = operands_of(node)
        if operands:
            unfinished.append(node)
            stack.append(None)
            stack.extend(reversed(operands))
        else:
            yield node
