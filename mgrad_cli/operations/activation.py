"""Activation functions of neural networks, and the normal distribution."""

import functools
import math
from typing import Any

from mgrad_cli.operations.arrays import elementwise
from mgrad_cli.operations.exponential import exp, expm1, log, log1p
from mgrad_cli.operations.hyperbolic import sech, tanh
from mgrad_cli.operations.logic import greater, less, logical_and, logical_not, or_nan, unless_nan, where
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.operations.operation import Convention, Fault, Operation
from mgrad_cli.operations.selection import abs_, clip, max_, min_, round_, sign

row = functools.partial(Operation, group="activation")

REALS = (-20.0, -5.3, -0.3, 1e-6, 0.5, 2.0, 7.0)
AROUND = (-5.3, -0.3, 0.5, 2.0, 7.0)
GAUSSIAN_LIMIT = 40.0
"""Beyond this magnitude exp(-x*x/2) is 0."""


def at_zero(name: str, gradient: str) -> tuple[Convention, ...]:
    """Return the convention for the derivative of a function at its kink at 0."""
    return (Convention(f"{name}(x) at 0", gradient, lambda x, *_: x == 0),)


relu: Operation = row(
    "relu", lambda x: max_(x, 0.0), lambda x, y: unless_nan(x, 1.0), domain="any x",
    masks=(lambda x, y: or_nan(x, greater(x, 0)),), is_selection=True,
    conventions=at_zero("relu", "0"), samples=AROUND, doc="x where positive, else 0",
)  # fmt: skip
leaky_relu: Operation = row(
    "leaky_relu", lambda x, slope: where(greater(x, 0), x, slope * x),
    lambda x, slope, y: unless_nan(x, where(greater(x, 0), 1, slope)),
    lambda x, slope, y: x,
    operands="x slope",
    masks=(None, lambda x, slope, y: logical_not(greater(x, 0))),
    is_selection=True,
    defaults=(0.01,),
    domain="any x, slope",
    conventions=at_zero("leaky_relu", "slope"),
    samples=((-5.3, 0.01), (2.0, 0.01), (-1.0, 0.3)),
    doc="x where positive, else slope*x",
)  # fmt: skip
relu6: Operation = row(
    "relu6", lambda x: clip(x, 0.0, 6.0), lambda x, y: unless_nan(x, 1.0), domain="any x",
    masks=(lambda x, y: or_nan(x, logical_and(greater(x, 0), less(x, 6))),), is_selection=True,
    conventions=(Convention("relu6(x) at 0 and 6", "0", lambda x: x in (0, 6)),),
    samples=(*AROUND, 5.5), doc="x held between 0 and 6",
)  # fmt: skip
hardtanh: Operation = row(
    "hardtanh", lambda x: clip(x, -1.0, 1.0), lambda x, y: unless_nan(x, 1.0), domain="any x",
    masks=(lambda x, y: or_nan(x, logical_and(greater(x, -1), less(x, 1))),), is_selection=True,
    conventions=(Convention("hardtanh(x) at -1 and 1", "0", lambda x: x in (-1, 1)),),
    samples=AROUND, doc="x held between -1 and 1",
)  # fmt: skip
elu: Operation = row(
    "elu", lambda x, alpha: where(greater(x, 0), x, alpha * expm1(x)),
    lambda x, alpha, y: where(greater(x, 0), 1, alpha * exp(x)),
    lambda x, alpha, y: expm1(x),
    operands="x alpha",
    masks=(None, lambda x, alpha, y: logical_not(greater(x, 0))),
    is_selection=True,
    defaults=(1.0,),
    domain="any x, alpha",
    conventions=at_zero("elu", "alpha"),
    samples=((-5.3, 1.0), (-1e-6, 1.0), (2.0, 1.0), (-1.0, 0.3)),
    doc="x where positive, else alpha*(exp(x) - 1)",
)  # fmt: skip


def logistic(x: Any) -> Any:
    """Return 1/(1 + exp(-x)) without overflow or underflow."""
    e = exp(-abs_(x))
    return where(less(x, 0), e, 1.0) / (1 + e)


sigmoid: Operation = row(
    "sigmoid", logistic, lambda x, y: sech(x / 2) ** 2 / 4, aliases="expit logistic", domain="any x", samples=REALS,
    textbook=(lambda x, y: y * (1 - y),), is_tabled=True, doc="1/(1 + exp(-x))",
)  # fmt: skip
logit: Operation = row(
    "logit", lambda x: where(less(x, 0.25), log(x / (1 - x)), log1p((2 * x - 1) / (1 - x))),
    lambda x, y: 1 / (x * (1 - x)), domain="0 < x < 1",
    conventions=(
        Convention("logit(x) at 0 and 1", "inf", lambda x: x in (0, 1)),
        Convention("logit(x) for x < 0 or x > 1", "as inside, where the value is nan", lambda x: x < 0 or x > 1),
    ),
    faults=(
        Fault("log of zero", lambda x: x == 0), Fault("division by zero", lambda x: x == 1),
        Fault("the operand is not between 0 and 1", lambda x: x < 0 or x > 1),
    ),
    samples=(1e-15, 1e-9, 0.1, 0.2499, 0.3, 0.49999999, 0.51, 0.75, 0.999999), ill_conditioned=(0.49999999, 0.51),
    doc="log(x/(1 - x)), the inverse of sigmoid",
)  # fmt: skip
softplus: Operation = row(
    "softplus", lambda x: max_(x, 0.0) + log1p(exp(-abs_(x))), lambda x, y: sigmoid(x), domain="any x", samples=REALS,
    doc="log(1 + exp(x)) without overflow",
)  # fmt: skip
logsigmoid: Operation = row(
    "logsigmoid", lambda x: min_(x, 0.0) - log1p(exp(-abs_(x))), lambda x, y: sigmoid(-x), aliases="log_sigmoid",
    domain="any x", samples=REALS, doc="log(sigmoid(x)) without overflow",
)  # fmt: skip
silu: Operation = row(
    "silu", lambda x: x * sigmoid(x), lambda x, y: sigmoid(x) * (1 + x * sigmoid(-x)), aliases="swish",
    textbook=(lambda x, y: sigmoid(x) * (1 + x * (1 - sigmoid(x))),),
    domain="any x", samples=REALS, ill_conditioned=(-1.28, 2.4), doc="x*sigmoid(x)",
)  # fmt: skip
mish: Operation = row(
    "mish", lambda x: x * mish_gate(x), lambda x, y: mish_gate(x) + x * mish_gate_slope(x), domain="any x",
    samples=(*REALS, 1.93257521343714), ill_conditioned=(-1.19, 1.49), doc="x*tanh(softplus(x))",
)  # fmt: skip
softsign: Operation = row(
    "softsign", lambda x: where(less(abs_(x), 1e300), x / (1 + abs_(x)), sign(x)),
    lambda x, y: 1 / (1 + abs_(x)) / (1 + abs_(x)), domain="any x", samples=(*REALS, 1e100),
    mathematics=lambda x: where(less(abs_(x), math.inf), x / (1 + abs_(x)), sign(x)),
    doc="x/(1 + |x|)",
)  # fmt: skip


def split_square(x: Any, limit: float) -> tuple[Any, Any]:
    """Split x*x into an exact part and a remainder too small for its own rounding to change exp(x*x).

    Magnitudes beyond the limit count as the limit.
    """
    x = min_(abs_(x), limit)
    near = round_(x * 1024) / 1024
    return near * near, (x - near) * (x + near)


def exact_gaussian(x: Any) -> Any:
    """Return exp(-x*x) to the last bits. Rounding x*x first would cause a relative error of x*x units."""
    large, small = split_square(x, GAUSSIAN_LIMIT)
    return exp(-large) * exp(-small)


def exact_half_gaussian(x: Any) -> Any:
    """Return exp(-x*x/2) to the last bits."""
    large, small = split_square(x, GAUSSIAN_LIMIT)
    return exp(-large / 2) * exp(-small / 2)


gaussian: Operation = row(
    "gaussian", exact_gaussian, lambda x, y: -2 * (x * y), domain="any x", samples=REALS, is_internal=True,
    expansion=lambda x: exp(-(x * x)), mathematics=lambda x: exp(-(x * x)), doc="exp(-x*x)",
)  # fmt: skip
ROOT_TAU = ClosedForm(math.sqrt(2 * math.pi), "sqrt(2*pi)")
ERF_SLOPE = ClosedForm(2 / math.sqrt(math.pi), "2/sqrt(pi)")
ERFC_SLOPE = ClosedForm(-2 / math.sqrt(math.pi), "-2/sqrt(pi)")
"""The derivatives of erf(x) and erfc(x) at 0."""

normpdf: Operation = row(
    "normpdf", lambda x: exact_half_gaussian(x) / ROOT_TAU, lambda x, y: -x * y, domain="any x",
    mathematics=lambda x: exp(-(x * x) / 2) / ROOT_TAU,
    samples=(*REALS, -30.3), ill_conditioned=(1.0, -1.0), parity="even",
    exponent=lambda x: -x * x / 2, doc="density of the standard normal distribution",
)  # fmt: skip
erf: Operation = row(
    "erf", math.erf, lambda x, y: ERF_SLOPE * gaussian(x), arrays=elementwise(math.erf), domain="any x",
    samples=(-5.3, -0.3, 1e-6, 0.5, 2.0, 6.1), libm=True, parity="odd", doc="error function",
)  # fmt: skip
erfc: Operation = row(
    "erfc", math.erfc, lambda x, y: ERFC_SLOPE * gaussian(x), arrays=elementwise(math.erfc),
    domain="any x", samples=(-5.3, -0.3, 1e-6, 0.5, 2.0, 20.1), libm=True, doc="1 - erf(x), exact far out",
)  # fmt: skip

ROOT_HALF = ClosedForm(math.sqrt(0.5), "sqrt(1/2)")
ROOT_HALF_LOW = -4.833646656726457e-17
"""The rounding error of sqrt(1/2). `ROOT_HALF + ROOT_HALF_LOW` has 106 correct bits."""

SPLITTER = 2.0**27 + 1
"""Dekker's constant, which splits a double into two halves of 26 bits (Dekker 1971, A floating-point technique)."""

HIGH_HALF = ROOT_HALF * SPLITTER - (ROOT_HALF * SPLITTER - ROOT_HALF)
LOW_HALF = ROOT_HALF - HIGH_HALF


def cumulative(x: Any) -> Any:
    """Return erfc(-x/sqrt(2))/2, corrected for the rounding of x/sqrt(2), which dominates the error in the tail."""
    z = -x * ROOT_HALF
    x_high = x * SPLITTER - (x * SPLITTER - x)
    x_low = x - x_high
    residue = -(((x_high * HIGH_HALF + z) + x_high * LOW_HALF + x_low * HIGH_HALF) + x_low * LOW_HALF)
    correction = exact_half_gaussian(x) / math.sqrt(math.pi) * (residue - x * ROOT_HALF_LOW)
    return erfc(z) / 2 - where(less(abs_(x), GAUSSIAN_LIMIT), correction, 0.0)


normcdf: Operation = row(
    "normcdf", cumulative, lambda x, y: normpdf(x), domain="any x",
    mathematics=lambda x: erfc(-x * ROOT_HALF) / 2,
    samples=(*REALS, -30.3), doc="standard normal distribution function",
)  # fmt: skip
gelu: Operation = row(
    "gelu", lambda x: x * normcdf(x), lambda x, y: normcdf(x) + x * normpdf(x), domain="any x",
    samples=(*REALS, -30.3), ill_conditioned=(-0.75, 1.41, -1.41), doc="x*normcdf(x), the exact form",
)  # fmt: skip

mish_gate: Operation = row(
    "mish_gate", lambda x: gate(x, exp(-abs_(x))), lambda x, y: mish_gate_slope(x), domain="any x", samples=REALS,
    ill_conditioned=(-0.3,), is_internal=True, expansion=lambda x: tanh(softplus(x)), doc="tanh(softplus(x))",
)  # fmt: skip
mish_gate_slope: Operation = row(
    "mish_gate_slope", lambda x: gate_slope(x, exp(-abs_(x))), lambda x, y: y * gate_log_slope(x, exp(-abs_(x))),
    domain="any x", samples=REALS, ill_conditioned=(-0.3,), is_internal=True,
    expansion=lambda x: sech(softplus(x)) ** 2 * sigmoid(x), doc="derivative of tanh(softplus(x))",
)  # fmt: skip


def gate(x: Any, e: Any) -> Any:
    """Return tanh(softplus(x)) as a rational function of e = exp(-|x|), without overflow or cancellation."""
    return where(less(x, 0), e * (e + 2) / (e * (e + 2) + 2), (1 + 2 * e) / (1 + 2 * e + 2 * e * e))


def gate_slope(x: Any, e: Any) -> Any:
    """Return the derivative of `gate`."""
    negative = 4 * e * (1 + e) / (e * (e + 2) + 2) ** 2
    positive = 4 * e * e * (1 + e) / (1 + 2 * e + 2 * e * e) ** 2
    return where(less(x, 0), negative, positive)


def gate_log_slope(x: Any, e: Any) -> Any:
    """Return the logarithmic derivative of `gate_slope`."""
    negative = (2 + e * (2 - e * (3 + 2 * e))) / ((1 + e) * (e * (e + 2) + 2))
    positive = (2 * e * e * (1 + e) - 3 * e - 2) / ((1 + e) * (1 + 2 * e + 2 * e * e))
    return where(less(x, 0), negative, positive)
