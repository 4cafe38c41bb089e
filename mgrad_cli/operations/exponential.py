"""Exponentials and logarithms."""

import functools
import math
from collections.abc import Sequence
from typing import Any

from mgrad_cli.operations import ieee
from mgrad_cli.operations.ieee import quiet
from mgrad_cli.operations.logic import equal, greater, less, logical_and, logical_not, where
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
    exponent=lambda x: x, libm=True, doc="e to the power x",
)  # fmt: skip
exp2: Operation = row(
    "exp2", quiet(math.exp2), lambda x, y: y * LN2, arrays="exp2", domain="any x", samples=(-20.5, -0.3, 1.0, 30.5),
    exponent=lambda x: x * LN2, libm=True, doc="2 to the power x",
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


def exact_exp_difference(b: Any, a: Any) -> Any:
    """Return exp(b - a), corrected for the rounding error of b - a."""
    d = b - a
    v = d - b
    r = (b - (d - v)) - (a + v)
    e = exp(d)
    return e + where(less(abs_(d), 709), e * r, 0.0)


def exact_softmax_weight(a: Any, *others: Any) -> Any:
    """Return 1/(1 + exp(b - a) + exp(c - a) + ...), corrected for the rounding errors of the differences."""
    total: Any = 1.0
    for other in others:
        total = total + exact_exp_difference(other, a)
    return 1 / total


def shares(operands: Sequence[Any], y: Any) -> list[Any]:
    """Return exp(x - y) for each of the operands, given y = logsumexp(*operands).

    Their sum is 1, so that a division by it takes away what the rounding of y does to all of them.
    """
    parts = [exact_exp_difference(operand, y) for operand in operands]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return [refined_exp(operand - y, part / total) for operand, part in zip(operands, parts, strict=True)]


def softmax_partials(*operands_and_result: Any) -> list[Any]:
    """Return the partials of softmax: to the first operand the share times that of the others, which is 1 less it."""
    *operands, y = operands_and_result
    _, *others = shares(operands, logsumexp(*operands)) if len(operands) > 1 else [1.0]
    rest: Any = 0.0
    for other in others:
        rest = rest + other
    return [y * rest, *(-y * other for other in others)]


def softmaxes(operands: Sequence[Any]) -> list[Any]:
    """Return the share of each operand, as a call of softmax with that operand first."""
    return [softmax(operand, *operands[:index], *operands[index + 1 :]) for index, operand in enumerate(operands)]


def textbook_softmax_partials(operands: Sequence[Any]) -> list[Any]:
    """Return the partials of the share of the first operand: y*(1 - y), and minus its product with each other share."""
    y, *others = softmaxes(operands)
    return [y * (1 - y), *(-y * other for other in others)]


def log_of_sum(*operands: Any) -> Any:
    """Return the logarithm of the sum of exponentials, taken from the largest so that nothing overflows.

    `rest` is what the others add to the exponential of the largest, which is 1, so that a small one keeps its digits.
    """
    largest, *others = operands
    rest: Any = 0.0
    for operand in others:
        e = exp(-abs_(operand - largest))
        rest = where(greater(operand, largest), (1 + rest) * e, rest + e)
        largest = max_(largest, operand)
    return where(equal(abs_(largest), math.inf), largest, largest + log1p(rest))


def plain_log_of_sum(*operands: Any) -> Any:
    total = exp(operands[0])
    for operand in operands[1:]:
        total = total + exp(operand)
    return log(total)


def plain_softmax(a: Any, *others: Any) -> Any:
    total: Any = 1.0
    for other in others:
        total = total + exp(other - a)
    return 1 / total


refined_exp: Operation = row(
    "refined_exp", lambda u, value: value, lambda u, value, y: y, None, operands="u value", is_internal=True,
    expansion=lambda u, value: exp(u), mathematics=lambda u, value: exp(u), domain="any u",
    samples=((-0.3, math.exp(-0.3)), (1.0, math.e)),
    doc="exp(u), whose value is computed otherwise, without the rounding error of u",
)  # fmt: skip


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
    textbook=(lambda a, b, y: softmax(a, b), lambda a, b, y: softmax(b, a)),
    mathematics=lambda a, b: log(exp(a) + exp(b)),
    operands="a b",
    domain="any a, b",
    samples=((0.5, 1.0), (-30.1234, 0.7), (1000.0, 1000.0), (0.0, 300.0)),
    doc="log(exp(a) + exp(b)) without overflow",
)  # fmt: skip
logsumexp: Operation = row(
    "logsumexp", log_of_sum, lambda *operands_and_result: shares(operands_and_result[:-1], operands_and_result[-1]),
    operands="*x", masks=(None,), mathematics=plain_log_of_sum, domain="any a, b, ...",
    derivative_text=("softmax(a, b, ...)",),
    textbook=(lambda *operands_and_result: softmaxes(operands_and_result[:-1]),),
    samples=((0.5, 1.0), (-30.1234, 0.7, 2.5), (1000.0, 1000.0, 999.5), (0.3,)),
    doc="log(exp(a) + exp(b) + ...) without overflow",
)  # fmt: skip
softmax: Operation = row(
    "softmax", exact_softmax_weight, softmax_partials, operands="*x", masks=(None,), mathematics=plain_softmax,
    domain="any a, b, ...", derivative_text=("to a: softmax(a, b, ...)*(1 - softmax(a, b, ...))",),
    textbook=(lambda *operands_and_result: textbook_softmax_partials(operands_and_result[:-1]),),
    samples=((0.5, 1.0), (-30.1234, 0.7, 2.5), (1000.0, 1000.0, 999.5), (3.3, -20.7)),
    doc="share of the first operand, exp(a)/(exp(a) + exp(b) + ...)",
)  # fmt: skip
