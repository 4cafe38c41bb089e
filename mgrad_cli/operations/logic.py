"""Comparisons and logic, which are 1 or 0 and have no derivative, and `where`, which selects one of two operands."""

import functools
import math
from typing import Any

from mgrad_cli.operations import arrays, ieee
from mgrad_cli.operations.operation import Convention, Fault, Operation

row = functools.partial(Operation, group="logic")

PAIRS = ((1.0, 2.0), (2.0, 2.0), (-1.5, -2.5), (0.0, 3.0))


def at_equality(symbol: str) -> tuple[Convention, ...]:
    """Return the convention for the derivative of a comparison where it changes."""
    return (Convention(f"a {symbol} b at a = b", "0 to both", lambda a, b: a == b),)


less: Operation = row(
    "less", lambda a, b: 1.0 if a < b else 0.0, None, None, operands="a b",
    arrays="less", conventions=at_equality("<"), samples=PAIRS, doc="1 where a < b, else 0; 0 with nan",
)  # fmt: skip
less_equal: Operation = row(
    "less_equal", lambda a, b: 1.0 if a <= b else 0.0, None, None, operands="a b",
    arrays="less_equal", conventions=at_equality("<="), samples=PAIRS, doc="1 where a <= b, else 0; 0 with nan",
)  # fmt: skip
greater: Operation = row(
    "greater", lambda a, b: 1.0 if a > b else 0.0, None, None, operands="a b",
    arrays="greater", conventions=at_equality(">"), samples=PAIRS, doc="1 where a > b, else 0; 0 with nan",
)  # fmt: skip
greater_equal: Operation = row(
    "greater_equal", lambda a, b: 1.0 if a >= b else 0.0, None, None, operands="a b",
    arrays="greater_equal", conventions=at_equality(">="), samples=PAIRS, doc="1 where a >= b, else 0; 0 with nan",
)  # fmt: skip
equal: Operation = row(
    "equal", lambda a, b: 1.0 if a == b else 0.0, None, None, operands="a b",
    arrays="equal", conventions=at_equality("=="), samples=PAIRS, doc="1 where a = b, else 0; 0 with nan",
)  # fmt: skip
not_equal: Operation = row(
    "not_equal", lambda a, b: 1.0 if a < b or a > b else 0.0, None, None, operands="a b",
    arrays=arrays.differs, conventions=at_equality("!="), samples=PAIRS,
    doc="1 where a and b differ, else 0; 0 with nan",
)  # fmt: skip
logical_and: Operation = row(
    "logical_and", ieee.conjunction, None, None, operands="a b",
    arrays=arrays.conjunction, samples=PAIRS, doc="1 where neither is 0, else 0; nan with nan",
)  # fmt: skip
logical_or: Operation = row(
    "logical_or", ieee.disjunction, None, None, operands="a b",
    arrays=arrays.disjunction, samples=PAIRS, doc="1 where one is not 0, else 0; nan with nan",
)  # fmt: skip
logical_not: Operation = row(
    "logical_not", ieee.negation, None,
    arrays=arrays.negation, samples=(0.0, 1.0, -2.5), doc="1 where x is 0, else 0; nan with nan",
)  # fmt: skip


def unless_nan(y: Any, partial: Any) -> Any:
    """Return a partial derivative, or nan where the result is nan."""
    return where(equal(y, y), partial, math.nan)


def or_nan(y: Any, condition: Any) -> Any:
    """Return a condition, or 1 where the result is nan: a mask that lets the nan of `unless_nan` through."""
    return logical_or(condition, logical_not(equal(y, y)))


def is_not_zero(x: Any) -> Any:
    """Return 1 where x is not 0, nan included, as a mask that stops only exact zeros."""
    return logical_not(equal(x, 0))


where: Operation = row(
    "where", ieee.choose,
    None,
    lambda c, a, b, y: unless_nan_condition(c),
    lambda c, a, b, y: unless_nan_condition(c),
    operands="c a b",
    arrays=arrays.choose,
    masks=(None, lambda c, a, b, y: is_not_zero(c), lambda c, a, b, y: logical_not(not_equal(c, 0))),
    is_selection=True,
    domain="any c, a, b",
    derivative_text=("0", "1 where c is not 0", "1 where c is 0"),
    conventions=(
        Convention(
            "where(c, a, b): the branch not taken", "contributes nothing, whatever its value or derivative",
            lambda c, a, b: not math.isfinite(b if c else a),
        ),
        Convention(
            "where(c, a, b) where c changes", "that of the branch taken at the point", lambda c, a, b: True,
            at_boundary=True,
        ),
    ),
    faults=(Fault("the condition is nan", lambda c, a, b: c != c),),
    samples=((1.0, 2.0, 3.0), (0.0, 2.0, 3.0), (-2.0, 0.5, 0.25)),
    doc="a where c is not 0, else b",
)  # fmt: skip


def unless_nan_condition(c: Any) -> Any:
    """Return 1, or nan where the condition is nan."""
    return equal(c, c) / equal(c, c)
