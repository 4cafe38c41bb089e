"""Hyperbolic functions and their inverses."""

import functools
import math
from typing import Any

from mgrad_cli.operations import ieee
from mgrad_cli.operations.arithmetic import SMALLEST_DIVISOR, hypot, sqrt
from mgrad_cli.operations.exponential import LN2, exp, log, log1p
from mgrad_cli.operations.ieee import quiet
from mgrad_cli.operations.logic import equal, greater, is_not_zero, less, logical_and, where
from mgrad_cli.operations.operation import Convention, Fault, Operation
from mgrad_cli.operations.selection import abs_, sign
from mgrad_cli.operations.trigonometric import (
    BEYOND_ONE,
    OUTSIDE,
    POLE,
    WITHIN_ONE,
    at_ends,
    leg,
    one_minus_square,
)

row = functools.partial(Operation, group="hyperbolic")

REALS = (-20.0, -0.3, 1e-6, 0.5, 2.0, 40.0)
POSITIVE_INSIDE = (1e-8, 0.1, 0.5, 0.99)

sinh: Operation = row(
    "sinh", quiet(math.sinh, lambda x: x), lambda x, y: cosh(x), arrays="sinh", domain="any x", samples=REALS,
    libm=True, parity="odd", latex=r"\sinh", doc="hyperbolic sine",
)  # fmt: skip
cosh: Operation = row(
    "cosh", quiet(math.cosh), lambda x, y: sinh(x), arrays="cosh", domain="any x", samples=REALS,
    libm=True, parity="even", latex=r"\cosh", square=("sinh", 1, 1), doc="hyperbolic cosine",
)  # fmt: skip
tanh: Operation = row(
    "tanh", math.tanh, lambda x, y: sech(x) ** 2, arrays="tanh", domain="any x", samples=REALS,
    textbook=(lambda x, y: 1 - y**2,), is_tabled=True, libm=True, parity="odd", latex=r"\tanh",
    doc="hyperbolic tangent",
)  # fmt: skip
sech: Operation = row(
    "sech", lambda x: sech_of_exponential(exp(-abs_(x))), lambda x, y: -y * tanh(x), domain="any x",
    samples=REALS, ill_conditioned=(0.8814, -0.8814), parity="even", square=("tanh", 1, -1),
    doc="hyperbolic secant, 1/cosh(x)",
)  # fmt: skip


def sech_of_exponential(e: Any) -> Any:
    """Return sech(x) from e = exp(-|x|)."""
    return 2 * e / (1 + e * e)


csch: Operation = row(
    "csch", lambda x: where(less(abs_(x), 22), 1 / sinh(x), sign(x) * 2 * exp(-abs_(x))), lambda x, y: -y * coth(x),
    mathematics=lambda x: 1 / sinh(x), aliases="cosech", domain="x != 0", faults=POLE, samples=REALS, parity="odd",
    square=("coth", -1, 1), doc="hyperbolic cosecant, 1/sinh(x)",
)  # fmt: skip
coth: Operation = row(
    "coth", lambda x: 1 / tanh(x), lambda x, y: -(csch(x) ** 2), aliases="cotanh", domain="x != 0", faults=POLE,
    samples=REALS, parity="odd", latex=r"\coth", doc="hyperbolic cotangent, 1/tanh(x)",
)  # fmt: skip
asinh: Operation = row(
    "asinh", math.asinh, lambda x, y: 1 / hypot(1, x), arrays="arcsinh", aliases="arcsinh arsinh", domain="any x",
    samples=REALS, libm=True, parity="odd", doc="inverse hyperbolic sine",
)  # fmt: skip
acosh: Operation = row(
    "acosh", quiet(math.acosh), lambda x, y: 1 / leg(x), arrays="arccosh",
    aliases="arccosh arcosh", domain="x >= 1",
    conventions=(Convention("acosh(x) at 1", "inf", lambda x: x == 1),),
    faults=(Fault("the operand is below 1", lambda x: x < 1),),
    samples=(1.001, 1.5, 3.0, 1e8), libm=True, doc="inverse hyperbolic cosine",
)  # fmt: skip
atanh: Operation = row(
    "atanh", ieee.atanh, lambda x, y: 1 / one_minus_square(x), arrays="arctanh", aliases="arctanh artanh",
    domain="-1 < x < 1", conventions=at_ends("atanh", "inf"), faults=(*BEYOND_ONE, *POLE),
    samples=(-0.999, -0.5, 1e-8, 0.3, 0.9), libm=True, parity="odd", doc="inverse hyperbolic tangent",
)  # fmt: skip


def asinh_of_roots(x: Any) -> Any:
    """Return asech(x) as the inverse hyperbolic sine of sqrt(1/(x*x) - 1)."""
    return asinh(sqrt((1 - x) / x) * sqrt((1 + x) / x))


asech: Operation = row(
    "asech", lambda x: where(logical_and(greater(x, 0), less(x, SMALLEST_DIVISOR)), LN2 - log(x), asinh_of_roots(x)),
    lambda x, y: where(equal(y, y), -1 / x / sqrt(one_minus_square(x)), math.nan * x), mathematics=asinh_of_roots,
    aliases="arcsech arsech", domain="0 < x <= 1",
    conventions=(Convention("asech(x) at 0 and 1", "-inf", lambda x: x in (0, 1)),),
    faults=(Fault("the operand is not between 0 and 1", lambda x: not 0 <= x <= 1), *POLE),
    samples=POSITIVE_INSIDE, ill_conditioned=(0.7071,), doc="inverse hyperbolic secant, acosh(1/x)",
)  # fmt: skip
acsch: Operation = row(
    "acsch", lambda x: where(
        logical_and(is_not_zero(x), less(abs_(x), SMALLEST_DIVISOR)), sign(x) * (LN2 - log(abs_(x))), asinh(1 / x)
    ),
    lambda x, y: -1 / abs_(x) / hypot(1, x), mathematics=lambda x: asinh(1 / x), aliases="arccsch arcsch",
    domain="x != 0", faults=POLE, samples=REALS, doc="inverse hyperbolic cosecant, asinh(1/x)",
)  # fmt: skip
acoth: Operation = row(
    "acoth", lambda x: sign(x) * log1p(2 / (abs_(x) - 1)) / 2, lambda x, y: -1 / leg(abs_(x)) / leg(abs_(x)),
    aliases="arccoth arcoth", domain="|x| > 1", conventions=at_ends("acoth", "-inf"), faults=(*WITHIN_ONE, *POLE),
    textbook=(lambda x, y: 1 / (1 - x**2),), samples=OUTSIDE, doc="inverse hyperbolic cotangent, atanh(1/x)",
)  # fmt: skip
