"""The syntax tree: numbers, names and calls, in statements.

Operators are calls of their operation. Trees are as deep as the text they came from, so never compare, hash or print
one, and never walk one recursively.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from mgrad_cli.errors import Span
from mgrad_cli.operations.traversal import postorder


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal."""

    value: float
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, a constant, or the name of an earlier statement."""

    name: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function by name: `sin`, or `add` for `a + b`."""

    function: str
    operands: tuple["Expression", ...]
    span: Span | None = field(default=None, compare=False)


Expression: TypeAlias = Number | Name | Call


@dataclass(frozen=True, slots=True)
class Statement:
    """An expression and its name, if any."""

    name: str | None
    expression: Expression
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SyntaxTree:
    """Statements in order, of which the last `outputs` ones are the outputs. Spans are positions in `text`."""

    statements: tuple[Statement, ...]
    text: str = field(default="", compare=False)
    outputs: int = 1


def nodes_of(root: Expression) -> Iterator[Expression]:
    """Yield the nodes of an expression: operands before the calls that use them, shared nodes once."""
    return postorder([root], operands_of, key=id)


def operands_of(node: Expression) -> tuple[Expression, ...]:
    """Return the operands of a call; none for other nodes."""
    return node.operands if node.__class__ is Call else ()
