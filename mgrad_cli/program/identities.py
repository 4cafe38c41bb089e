"""Identities that hold bit for bit for all operands, infinities, nan and signed zeros included.

`x*0`, `x - x` and `x + 0` are not among them, because of inf, nan and -0.0.
"""

import math
from collections.abc import Callable
from typing import Any

from mgrad_cli.program.nodes import ApplyNode

Simpler = Any
"""A register, a number, or `None` if no identity applies."""


def is_zero(x: Any, sign: float) -> bool:
    """Return whether a register always holds the zero of this sign."""
    return x.number == 0 and math.copysign(1.0, x.number) == sign


def negated_operand(x: Any) -> Any:
    """Return the register whose negative this one is, or `None`."""
    node = x.recorder.nodes[x.index]
    if isinstance(node, ApplyNode) and node.operation.name == "negative":
        return x.recorder.register_at(node.operands[0])
    return None


def operands_of(x: Any, name: str) -> tuple[Any, ...]:
    """Return the operands of a register that holds an operation of this name; otherwise none."""
    node = x.node
    if isinstance(node, ApplyNode) and node.operation.name == name:
        return tuple(map(x.recorder.register_at, node.operands))
    return ()


def add(a: Any, b: Any) -> Simpler:
    for one, other in ((a, b), (b, a)):
        if other.number is not None:
            if is_zero(other, -1.0):
                return one
        elif (minus := negated_operand(other)) is not None:
            return one - minus
    return None


def subtract(a: Any, b: Any) -> Simpler:
    if is_zero(b, 1.0):
        return a
    return None if (minus := negated_operand(b)) is None else a + minus


def multiply(a: Any, b: Any) -> Simpler:
    """Leave out a factor of 1, and take signs out of the product: sums absorb them."""
    for one, other in ((a, b), (b, a)):
        if other.number == 1:
            return one
        if other.number == -1:
            return -one
        if (minus := negated_operand(other)) is not None:
            return -(one * minus)
    return None


def divide(a: Any, b: Any) -> Simpler:
    """Take signs out of the quotient, and multiply by the reciprocal of a power of two, which is exact."""
    if (minus := negated_operand(a)) is not None:
        return -(minus / b)
    if (minus := negated_operand(b)) is not None:
        return -(a / minus)
    if b.number is None or not math.isfinite(b.number):
        return None
    mantissa, exponent = math.frexp(b.number)
    return a * (1 / b.number) if abs(mantissa) == 0.5 and abs(exponent) < 1000 else None


def negative(x: Any) -> Simpler:
    return negated_operand(x)


def power(a: Any, b: Any) -> Simpler:
    return a if b.number == 1 else 1.0 if b.number == 0 else None


def choose(condition: Any, a: Any, b: Any) -> Simpler:
    number = condition.number
    if number is not None and number == number:  # a nan condition makes the value and the partials nan
        return a if number else b
    return a if condition.is_boolean and a.index == b.index else None


def conjunction(a: Any, b: Any) -> Simpler:
    for one, other in ((a, b), (b, a)):
        if other.number is not None and other.is_boolean and one.is_boolean:
            return one if other.number else 0.0
    if complementary(a, b):
        return 0.0
    return a if a.index == b.index and a.is_boolean else None


def disjunction(a: Any, b: Any) -> Simpler:
    for one, other in ((a, b), (b, a)):
        if other.number is not None and other.is_boolean and one.is_boolean:
            return 1.0 if other.number else one
    if complementary(a, b):
        return 1.0
    return a if a.index == b.index and a.is_boolean else None


def complementary(a: Any, b: Any) -> bool:
    """Return whether one of two booleans is the negation of the other."""
    return any(
        one.is_boolean and (inner := operands_of(other, "logical_not")) and inner[0].index == one.index
        for one, other in ((a, b), (b, a))
    )


def negation(x: Any) -> Simpler:
    inner = operands_of(x, "logical_not")
    return inner[0] if inner and inner[0].is_boolean else None


def equal(a: Any, b: Any) -> Simpler:
    for one, other in ((a, b), (b, a)):
        if one.is_boolean and other.number == 0:
            return one.logical_not()
    return 1.0 if a.index == b.index and a.is_boolean else None


def not_equal(a: Any, b: Any) -> Simpler:
    for one, other in ((a, b), (b, a)):
        if one.is_boolean and other.number == 0:
            return one
    return None


IDENTITIES: dict[str, Callable[..., Simpler]] = {
    "add": add, "subtract": subtract, "multiply": multiply, "divide": divide, "negative": negative, "pow": power,
    "where": choose, "logical_and": conjunction, "logical_or": disjunction, "logical_not": negation, "equal": equal,
    "not_equal": not_equal,
}  # fmt: skip
"""The identities of operations, by name."""
