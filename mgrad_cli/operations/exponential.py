"""Exponentials and logarithms."""

import functools
import math
from typing import Any

from mgrad_cli.operations import ieee
from mgrad_cli.operations.ieee import quiet
from mgrad_cli.operations.logic import equal, less, logical_and, logical_not, where
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.operations.operation import Convention, Fault, Operation
from mgrad_cli.operations.selection import abs_, max_

row = functools.partial(Operation, group="exponential")

LN2 = ClosedForm(math.log(2), "log(2)")
LN10 = ClosedForm(math.log(10), "log(10)")

LOG_FAULTS = (Fault("log of zero", lambda x, *_: x == 0), Fault("log of a negative number", lambda x, *_: x < 0))


def log_edges(name: str) -> tuple[Convention, ...]:
    """Return the conventions of a logarithm at 0 and below."""
    return (
        Convention(f"{name}(x) at 0", "inf", lambda x: x == 0),
        Convention(f"{name}(x) for x < 0", "as for x > 0, where the value is nan", lambda x: x < 0),
    )


exp: Operation = row(
    "exp", quiet(math.exp), lambda x, y: y, arrays="exp", domain="any x", samples=(-20.0, -0.3, 1.0, 30.5),
    libm=True, doc="e to the power x",
)  # fmt: skip
exp2: Operation = row(
    "exp2", quiet(math.exp2), lambda x, y: y * LN2, arrays="exp2", domain="any x", samples=(-20.5, -0.3, 1.0, 30.5),
    libm=True, doc="2 to the power x",
)  # fmt: skip
expm1: Operation = row(
    "expm1", quiet(math.expm1), lambda x, y: exp(x), arrays="expm1", domain="any x",
    samples=(-20.0, -1e-10, 1e-3, 1.0, 30.5), libm=True, doc="exp(x) - 1, exact near 0",
)  # fmt: skip
log: Operation = row(
    "log", ieee.log, lambda x, y: 1 / x, arrays="log", aliases="ln", domain="x > 0", conventions=log_edges("log"),
    faults=LOG_FAULTS, samples=(1e-10, 0.3, 2.0, 1e10), libm=True, latex=r"\log", doc="natural logarithm",
)  # fmt: skip
log2: Operation = row(
    "log2", ieee.log2, lambda x, y: 1 / (x * LN2), arrays="log2", domain="x > 0",
    conventions=log_edges("log2"), faults=LOG_FAULTS,
    samples=(1e-10, 0.3, 2.0, 1e10), libm=True, doc="logarithm to base 2",
)  # fmt: skip
log10: Operation = row(
    "log10", ieee.log10, lambda x, y: 1 / (x * LN10), arrays="log10", domain="x > 0",
    conventions=log_edges("log10"), faults=LOG_FAULTS,
    samples=(1e-10, 0.3, 2.0, 1e10), libm=True, doc="logarithm to base 10",
)  # fmt: skip
log1p: Operation = row(
    "log1p", ieee.log1p, lambda x, y: 1 / (1 + x), arrays="log1p", domain="x > -1",
    conventions=(Convention("log1p(x) at -1", "inf", lambda x: x == -1),),
    faults=(
        Fault("log of zero", lambda x: x == -1),
        Fault("log of a negative number", lambda x: x < -1),
    ),
    samples=(-0.9, -1e-10, 1e-3, 2.0, 1e10), libm=True, doc="log(1 + x), exact near 0",
)  # fmt: skip


def logarithm(x: Any, base: Any) -> Any:
    """Return log(x)/log(base), or the function that exists for base 2 and 10."""
    return where(equal(base, 2), log2(x), where(equal(base, 10), log10(x), log(x) / log(base)))


log_base: Operation = row(
    "log_base", logarithm,
    lambda x, base, y: 1 / x / log(base),
    lambda x, base, y: -y / base / log(base),
    operands="x base",
    aliases="log ln",
    domain="x > 0, base > 0, base != 1",
    faults=(
        *LOG_FAULTS,
        Fault("the base is 1", lambda x, base: base == 1),
        Fault("the base is not positive", lambda x, base: base <= 0),
    ),
    samples=((5.0, 3.0), (0.3, 2.0), (1e5, 10.0), (7.0, 0.5)),
    doc="logarithm to a base; exact for 2 and 10",
)  # fmt: skip
xlogy: Operation = row(
    "xlogy", lambda a, b: where(equal(a, 0) * equal(b, b), 0.0, a * log(b)),
    lambda a, b, y: log(b),
    lambda a, b, y: a / b,
    operands="a b",
    masks=(None, lambda a, b, y: logical_not(logical_and(equal(a, 0), equal(b, 0)))),
    domain="b > 0, or a = 0",
    conventions=(Convention("xlogy(a, b) at 0, 0", "-inf to a, 0 to b", lambda a, b: a == b == 0),),
    faults=(Fault("log of zero", lambda a, b: b == 0), Fault("log of a negative number", lambda a, b: b < 0)),
    samples=((2.0, 3.0), (-0.5, 0.1), (1e-3, 20.0)),
    doc="a*log(b), and 0 where a is 0",
)  # fmt: skip


def exact_softmax_weight(a: Any, b: Any) -> Any:
    """Return 1/(1 + exp(b - a)), corrected for the rounding error of b - a."""
    d = b - a
    v = d - b
    r = (b - (d - v)) - (a + v)
    e = exp(d)
    return 1 / (1 + e + where(less(abs_(d), 709), e * r, 0.0))


softmax_weight: Operation = row(
    "softmax_weight", exact_softmax_weight,
    lambda a, b, y: y * softmax_weight(b, a),
    lambda a, b, y: -y * softmax_weight(b, a),
    operands="a b",
    domain="any a, b",
    samples=((0.5, 1.0), (-30.1234, 0.7), (3.3, -20.7)),
    is_internal=True,
    expansion=lambda a, b: 1 / (1 + exp(b - a)),
    mathematics=lambda a, b: 1 / (1 + exp(b - a)),
    doc="exp(a)/(exp(a) + exp(b))",
)  # fmt: skip
logaddexp: Operation = row(
    "logaddexp", lambda a, b: where(equal(a, b), a + LN2, max_(a, b) + log1p(exp(-abs_(a - b)))),
    lambda a, b, y: softmax_weight(a, b),
    lambda a, b, y: softmax_weight(b, a),
    mathematics=lambda a, b: log(exp(a) + exp(b)),
    operands="a b",
    domain="any a, b",
    samples=((0.5, 1.0), (-30.1234, 0.7), (1000.0, 1000.0), (0.0, 300.0)),
    doc="log(exp(a) + exp(b)) without overflow",
)  # fmt: skip
