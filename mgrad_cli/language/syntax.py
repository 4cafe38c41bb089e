"""The syntax tree: numbers, names and calls, in statements.

Operators are calls of their operation. Trees are as deep as the text they came from, so never compare, hash or print
one, and never walk one recursively. Nodes are immutable; their places in the text take no part in equality.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from mgrad_cli.errors import Span
from mgrad_cli.operations.traversal import postorder


class Number(NamedTuple):
    """A number literal."""

    value: float
    span: Span | None = None


class Name(NamedTuple):
    """A variable, a constant, or the name of an earlier statement."""

    name: str
    span: Span | None = None


class Call(NamedTuple):
    """A call of a function by name: `sin`, or `add` for `a + b`."""

    function: str
    operands: tuple["Expression", ...]
    span: Span | None = None


Expression: TypeAlias = Number | Name | Call


class Statement(NamedTuple):
    """An expression and its name, if any."""

    name: str | None
    expression: Expression
    span: Span | None = None


class FunctionDefinition(NamedTuple):
    """A function that the text defines, as `f(x, y) = x*y`. It follows the first `position` statements."""

    name: str
    parameters: tuple[str, ...]
    expression: Expression
    position: int = 0
    span: Span | None = None


class SyntaxTree(NamedTuple):
    """Statements in order, of which the last `outputs` ones are the outputs. Spans are positions in `text`."""

    statements: tuple[Statement, ...]
    outputs: int = 1
    definitions: tuple[FunctionDefinition, ...] = ()
    text: str = ""


def parts_of(tree: SyntaxTree) -> Iterator[Statement | FunctionDefinition]:
    """Yield the statements and definitions of a tree in the order of the text."""
    written = 0
    for definition in tree.definitions:
        yield from tree.statements[written : definition.position]
        yield definition
        written = definition.position
    yield from tree.statements[written:]


def is_equal(one: Any, other: object) -> bool:
    """Return whether two nodes are of one class and have the same fields, without the last, their place."""
    return isinstance(other, one.__class__) and one[:-1] == other[:-1]


def is_different(one: Any, other: object) -> bool:
    return not is_equal(one, other)


def hash_of(node: Any) -> int:
    return hash(node[:-1])


for name, method in {"__eq__": is_equal, "__ne__": is_different, "__hash__": hash_of}.items():
    for kind in (Number, Name, Call, Statement, FunctionDefinition, SyntaxTree):
        setattr(kind, name, method)


def nodes_of(root: Expression) -> Iterator[Expression]:
    """Yield the nodes of an expression: operands before the calls that use them, shared nodes once."""
    return postorder([root], operands_of, key=id)


def operands_of(node: Expression) -> tuple[Expression, ...]:
    """Return the operands of a call; none for other nodes."""
    return node.operands if node.__class__ is Call else ()
