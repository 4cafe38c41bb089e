"""Magnitude, rounding and selection: functions with kinks and steps."""

import functools
import math
from typing import Any

from mgrad_cli.operations import arrays, ieee
from mgrad_cli.operations.logic import equal, less, less_equal, logical_and, or_nan, unless_nan
from mgrad_cli.operations.operation import Convention, Operation

row = functools.partial(Operation, group="selection")

STEPS = (-2.5, -0.3, 0.7, 3.2)


def is_whole(x: float) -> bool:
    """Return whether x is a whole number."""
    return math.isfinite(x) and x % 1 == 0


def is_half(x: float) -> bool:
    """Return whether x is halfway between two whole numbers."""
    return math.isfinite(x) and x % 1 == 0.5


sign: Operation = row(
    "sign", ieee.sign, None, arrays="sign", aliases="sgn signum", domain="any x",
    conventions=(Convention("sign(x) at 0", "0", lambda x: x == 0),),
    samples=STEPS, doc="-1, 0 or 1",
)  # fmt: skip
abs_: Operation = row(
    "abs", abs, lambda x, y: sign(x), arrays="abs", aliases="fabs", domain="any x",
    conventions=(Convention("abs(x) at 0", "0", lambda x: x == 0),),
    samples=STEPS, doc="magnitude",
)  # fmt: skip
floor: Operation = row(
    "floor", ieee.floor, None, arrays="floor", domain="any x",
    conventions=(Convention("floor(x) at whole x", "0", is_whole),),
    samples=STEPS, doc="largest whole number not above x",
)  # fmt: skip
ceil: Operation = row(
    "ceil", ieee.ceil, None, arrays="ceil", domain="any x",
    conventions=(Convention("ceil(x) at whole x", "0", is_whole),),
    samples=STEPS, doc="smallest whole number not below x",
)  # fmt: skip
round_: Operation = row(
    "round", ieee.round_half_even, None, arrays="rint", domain="any x",
    conventions=(Convention("round(x) half-way", "0", is_half),),
    samples=STEPS, doc="nearest whole number, half to even",
)  # fmt: skip
trunc: Operation = row(
    "trunc", ieee.truncate, None, arrays="trunc", domain="any x",
    conventions=(Convention("trunc(x) at whole x", "0", is_whole),),
    samples=STEPS, doc="whole part, toward 0",
)  # fmt: skip

floor_divide: Operation = row(
    "floor_divide", ieee.floor_divide, None, None, operands="a b", arrays="floor_divide",
    samples=((7.5, 2.0), (-7.5, 2.0), (1.0, 0.1)), is_internal=True,
    expansion=lambda a, b: (a - mod(a, b)) / b, doc="floor of the exact quotient a/b",
)  # fmt: skip
mod: Operation = row(
    "mod", ieee.modulo, 1.0, lambda a, b, y: -floor_divide(a, b), operands="a b", arrays="mod", domain="b != 0",
    textbook=(1.0, lambda a, b, y: -floor(a / b)), derivative_text=("1", "-floor(a/b)"),
    conventions=(
        Convention("mod(a, b) at multiples of b", "1 to a, -a/b to b", lambda a, b: bool(b) and ieee.modulo(a, b) == 0),
    ),
    samples=((7.5, 2.0), (-7.5, 2.0), (7.5, -2.0), (1.0, 0.1)), doc="remainder with the sign of b",
)  # fmt: skip


def tie_partials(*operands_and_result: Any) -> list[Any]:
    """Return the partials of max and min for an operand equal to the result: 1, split evenly at a tie; nan with nan."""
    *operands, result = operands_and_result
    holds = [equal(operand, result) for operand in operands]
    count = holds[0]
    for other in holds[1:]:
        count = count + other
    return [unless_nan(result, 1 / count)] * len(operands)


def tie_masks(*operands_and_result: Any) -> list[Any]:
    """Return the masks of max and min: only operands equal to the result receive a gradient."""
    *operands, result = operands_and_result
    return [or_nan(result, equal(operand, result)) for operand in operands]


def is_tied(*operands: float) -> bool:
    """Return whether the largest operand occurs more than once."""
    return operands.count(max(operands)) > 1


max_: Operation = row(
    "max", ieee.maximum, tie_partials, operands="*x", arrays=arrays.maximum, aliases="maximum", domain="any a, b, ...",
    masks=(tie_masks,), is_selection=True,
    derivative_text=("1 to the largest",),
    conventions=(
        Convention("max(a, b) at a tie", "equal shares", is_tied),
        Convention("max(a, b) with a nan", "nan to all", lambda *x: any(map(math.isnan, x))),
    ),
    samples=((1.0, 2.0), (3.0, -4.0, 2.5), (7.0,)), latex=r"\max", doc="largest of the operands",
)  # fmt: skip
min_: Operation = row(
    "min", ieee.minimum, tie_partials, operands="*x", arrays=arrays.minimum, aliases="minimum", domain="any a, b, ...",
    masks=(tie_masks,), is_selection=True,
    derivative_text=("1 to the smallest",),
    conventions=(
        Convention("min(a, b) at a tie", "equal shares", lambda *x: x.count(min(x)) > 1),
        Convention("min(a, b) with a nan", "nan to all", lambda *x: any(map(math.isnan, x))),
    ),
    samples=((1.0, 2.0), (3.0, -4.0, 2.5), (7.0,)), latex=r"\min", doc="smallest of the operands",
)  # fmt: skip
clip: Operation = row(
    "clip", lambda x, lo, hi: min_(max_(x, lo), hi),
    lambda x, lo, hi, y: unless_nan(y, 1.0),
    lambda x, lo, hi, y: unless_nan(y, 1.0),
    lambda x, lo, hi, y: unless_nan(y, 1.0),
    operands="x lo hi",
    masks=(
        lambda x, lo, hi, y: or_nan(y, logical_and(less_equal(lo, x), less_equal(x, hi))),
        lambda x, lo, hi, y: or_nan(y, logical_and(less(x, lo), less_equal(lo, hi))),
        lambda x, lo, hi, y: or_nan(y, less(hi, max_(x, lo))),
    ),
    is_selection=True,
    aliases="clamp",
    domain="any x, lo, hi",
    conventions=(
        Convention("clip(x, lo, hi) at a bound", "1 to x, 0 to the bound", lambda x, lo, hi: x in (lo, hi)),
    ),
    samples=((0.5, 0.0, 1.0), (-2.0, 0.0, 1.0), (3.0, 0.0, 1.0), (0.5, 2.0, 1.0)),
    doc="x held between lo and hi, min(max(x, lo), hi)",
)  # fmt: skip
