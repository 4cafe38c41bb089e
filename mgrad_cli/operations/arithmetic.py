"""Arithmetic, powers, roots and lengths."""

import functools
import math
import operator
from typing import Any

from mgrad_cli.operations import arrays, ieee
from mgrad_cli.operations.exponential import log
from mgrad_cli.operations.logic import (
    equal,
    greater,
    greater_equal,
    is_not_zero,
    less,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
    where,
)
from mgrad_cli.operations.operation import Convention, Fault, Operation, is_constant
from mgrad_cli.operations.selection import abs_

row = functools.partial(Operation, group="arithmetic")

SMALLEST_DIVISOR = 1e-308
"""Numbers above it have a finite reciprocal."""
PAIRS = ((2.0, 3.0), (-1.5, 0.7), (0.3, -40.0), (1e-5, 2e3))


def from_finite(*operands: float) -> bool:
    """Return whether all operands are finite."""
    return all(map(math.isfinite, operands))


add: Operation = row(
    "add", operator.add, 1.0, 1.0, operands="a b", arrays="add", domain="any a, b", is_commutative=True,
    faults=(Fault("inf - inf", lambda a, b: math.isinf(a)),), samples=PAIRS, doc="sum",
)  # fmt: skip
subtract: Operation = row(
    "subtract", operator.sub, 1.0, -1.0, operands="a b", arrays="subtract", domain="any a, b",
    faults=(Fault("inf - inf", lambda a, b: math.isinf(a)),), samples=PAIRS, doc="difference",
)  # fmt: skip
multiply: Operation = row(
    "multiply", operator.mul, lambda a, b, y: b, lambda a, b, y: a, operands="a b", arrays="multiply",
    domain="any a, b", is_commutative=True, faults=(Fault("0 * inf", lambda a, b: not from_finite(a, b)),),
    samples=PAIRS, doc="product",
)  # fmt: skip
divide: Operation = row(
    "divide", ieee.divide, lambda a, b, y: 1 / b, lambda a, b, y: -y / b, operands="a b", arrays="divide",
    domain="b != 0",
    faults=(
        Fault("0 / 0", lambda a, b: a == b == 0),
        Fault("division by zero", lambda a, b: b == 0),
        Fault("inf / inf", lambda a, b: math.isinf(a) and math.isinf(b)),
    ),
    samples=PAIRS, doc="quotient",
)  # fmt: skip
negative: Operation = row(
    "negative", operator.neg, -1.0, arrays="negative", domain="any x", samples=(2.0, -1.5), doc="negative",
)  # fmt: skip

reduced_pow: Operation = row(
    "reduced_pow",
    lambda a, b, k: exact_power(a, b, k),
    lambda a, b, k, y: (b - k) * reduced_pow(a, b, k + 1),
    lambda a, b, k, y: y * log(a),
    lambda a, b, k, y: -y * log(a),
    operands="a b k",
    masks=(
        lambda a, b, k, y: base_mask(a, b, b - k),
        lambda a, b, k, y: exponent_mask(a, b - k),
        lambda a, b, k, y: exponent_mask(a, b - k),
    ),
    domain="as a**b",
    samples=((2.5, 3.0, 1.0), (0.3, 0.1, 1.0), (7.0, -2.5, 2.0)),
    is_internal=True,
    expansion=lambda a, b, k: a ** (b - k),
    mathematics=lambda a, b, k: a ** (b - k),
    doc="a**(b - k), exact where b - k rounds",
)
pow_: Operation = row(
    "pow", ieee.power,
    lambda a, b, y: b * reduced_pow(a, b, 1),
    lambda a, b, y: y * log(a),
    operands="a b",
    arrays=arrays.power,
    masks=(
        lambda a, b, y: base_mask(a, b, b),
        lambda a, b, y: exponent_mask(a, b),
    ),
    aliases="power",
    domain="a > 0, or b whole",
    conventions=(
        Convention("x**0", "0 to x", lambda a, b: b == 0 and not SMALLEST_DIVISOR < abs(a) < math.inf, 0),
        Convention("0**y for y >= 0", "0 to y", lambda a, b: a == 0 and b >= 0, 1),
        Convention("0**y for y < 0", "-inf to both", lambda a, b: a == 0 and b < 0),
        Convention("x**y for x < 0", "nan to y", lambda a, b: a < 0, 1),
    ),
    faults=(
        Fault("zero to a negative power", lambda a, b: a == 0),
        Fault("negative number to a power that is not whole", lambda a, b: a < 0 and from_finite(a, b) and b % 1 > 0),
    ),
    samples=((2.0, 3.0), (0.3, -2.5), (5.5, 0.1), (1e-3, 0.5), (40.0, 7.0)),
    ill_conditioned=((0.5, 1.5),),
    libm=True, doc="a to the power b",
)  # fmt: skip


def base_mask(a: Any, b: Any, n: Any) -> Any:
    """Return the mask of the base a of a power with the exponent n: 0 where n is 0, so that x**0 contributes nothing.

    If b varies, the partial n*a**(n - 1) passes where 1/a is finite: it is 0 there, but its derivative by n is 1/a.
    """
    is_used = is_not_zero(n)
    return is_used if is_constant(b) else logical_or(is_used, greater(abs_(a), SMALLEST_DIVISOR))


def exponent_mask(a: Any, b: Any) -> Any:
    """Return the mask of an exponent: 0 where a is 0 and b >= 0, so that 0**y contributes nothing to y."""
    return logical_not(logical_and(equal(a, 0), greater_equal(b, 0)))


def exact_power(a: Any, b: Any, k: Any) -> Any:
    """Return a**(b - k), corrected for the rounding error r of b - k.

    With e = b - k as rounded, a**(e + r) is a**e * (1 + r*log(a)) to first order in r.
    """
    e = b - k
    v = e - b
    r = (b - (e - v)) - (k + v)
    y = pow_(a, e)
    is_rounded = not_equal(r, 0)
    is_ordinary = logical_and(greater(a, 0), logical_and(greater(y, 0), less(y, float("inf"))))
    exact = where(logical_and(is_rounded, is_ordinary), y + y * (r * log(a)), y)
    return where(logical_and(is_rounded, less(a, 0)), float("nan"), exact)


sqrt: Operation = row(
    "sqrt", ieee.square_root, lambda x, y: 1 / (2 * y), arrays=arrays.square_root, domain="x >= 0",
    conventions=(Convention("sqrt(x) at 0", "inf", lambda x: x == 0),),
    faults=(Fault("square root of a negative number", lambda x: x < 0),),
    samples=(1e-8, 0.3, 2.0, 1e10), doc="square root",
)  # fmt: skip
cbrt: Operation = row(
    "cbrt", math.cbrt, lambda x, y: cbrt_slope(x), arrays="cbrt", domain="any x",
    conventions=(Convention("cbrt(x) at 0", "inf", lambda x: x == 0),),
    samples=(-8.0, -1e-6, 0.3, 27.5, 780.2057210082937, -11.333867572846174), libm=True, parity="odd", doc="cube root",
)  # fmt: skip
cbrt_slope: Operation = row(
    "cbrt_slope", lambda x: where(logical_and(is_not_zero(x), less(abs_(x), float("inf"))), cbrt(x) / x / 3,
                                  1 / cbrt(x) ** 2),
    lambda x, y: -2 * y / x / 3, domain="x != 0", samples=(-8.0, -1e-6, 0.3, 27.5, 780.2057210082937),
    is_internal=True, expansion=lambda x: 1 / (3 * cbrt(x) ** 2), doc="derivative of cbrt(x)",
)  # fmt: skip

direction: Operation = row(
    "direction",
    lambda a, b: a / hypot(a, b),
    lambda a, b, y: direction(b, a) * direction(b, a) / hypot(a, b),
    lambda a, b, y: -y * direction(b, a) / hypot(a, b),
    operands="a b",
    domain="not both 0",
    samples=((3.0, 4.0), (-30.0, 0.1), (1e-3, 5.0), (2.0, 1.0)),
    ill_conditioned=((3.0, 4.0),),
    is_internal=True,
    expansion=lambda a, b: a / hypot(a, b),
    doc="a/hypot(a, b), the cosine of the angle to a's axis",
)
hypot: Operation = row(
    "hypot", math.hypot,
    lambda a, b, y: direction(a, b),
    lambda a, b, y: direction(b, a),
    operands="a b",
    arrays="hypot",
    masks=(lambda a, b, y: is_not_zero(y), lambda a, b, y: is_not_zero(y)),
    domain="any a, b",
    conventions=(Convention("hypot(a, b) at 0, 0", "0 to both", lambda a, b: a == b == 0),),
    samples=((3.0, 4.0), (-30.0, 0.1), (1e-3, 5.0), (1e200, -1e200)),
    is_commutative=True, libm=True, doc="length of (a, b), sqrt(a*a + b*b) without overflow",
)  # fmt: skip
