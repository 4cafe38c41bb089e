"""The syntax tree: numbers, names and calls, in statements, in a program.

Operators are calls of the operation they stand for. Nothing here walks a tree by recursion, and nobody may
compare, hash or print one of a user's size: trees are as deep as the text they came from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from mgrad_cli.errors import Span
from mgrad_cli.operations.traversal import postorder


@dataclass(frozen=True, slots=True)
class Number:
    """A literal."""

    value: float
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, a constant, or the name of an earlier statement."""

    name: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its operands, by name: `sin`, and `add` for `a + b`."""

    function: str
    operands: tuple["Expression", ...]
    span: Span | None = field(default=None, compare=False)


Expression: TypeAlias = Number | Name | Call


@dataclass(frozen=True, slots=True)
class Statement:
    """An expression and the name given to it, if any."""

    name: str | None
    expression: Expression
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SyntaxTree:
    """Statements in order; the last one is the output. The spans of its nodes are places in `text`."""

    statements: tuple[Statement, ...]
    text: str = field(default="", compare=False)


def nodes_of(root: Expression) -> Iterator[Expression]:
    """Yield the nodes of an expression, operands before the calls that use them, a shared object once."""
    return postorder([root], operands_of, key=id)


def operands_of(node: Expression) -> tuple[Expression, ...]:
    return node.operands if node.__class__ is Call else ()
