"""The beta function and the incomplete gamma function."""

import functools
import math
from typing import Any

from mgrad_cli.operations.arithmetic import pow_, sqrt
from mgrad_cli.operations.exponential import exp, log, log1p
from mgrad_cli.operations.logic import equal, less, logical_and, where
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.operations.operation import Convention, Fault, Operation, no_partial
from mgrad_cli.operations.scipy_functions import Evaluations, evaluations, scipy_special
from mgrad_cli.operations.selection import abs_, max_, min_
from mgrad_cli.operations.special import digamma, gamma, lgamma, polygamma

row = functools.partial(Operation, group="special")

STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)
"""Coefficients of the asymptotic series of log gamma. Source: DLMF 5.11.1."""
LARGE = 10.0
"""From here on that series is exact."""
SERIES_FROM = ClosedForm(LARGE, "1e300")
"""From here on it is used; kinds of operands that are more exact than doubles never need it."""
HALF_LOG_TAU = math.log(2 * math.pi) / 2
GAMMA_OVERFLOW = 170.0
SADDLE = 50.0
"""From this order on the density of the gamma distribution is computed around its peak."""
ROOT_TAU = ClosedForm(math.sqrt(2 * math.pi), "sqrt(2*pi)")


DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160)
"""B2/2, B4/4, ..., the coefficients of the asymptotic series of digamma (DLMF 5.11.2)."""
STEPS = 10
"""The steps of the recurrence that make an argument large."""


def stirling_rest(x: Any) -> Any:
    """Return log gamma(x) less (x - 1/2)*log(x) - x + log(2*pi)/2, for large x."""
    inverse_square = 1 / (x * x)
    total: Any = STIRLING[-1]
    for coefficient in reversed(STIRLING[:-1]):
        total = total * inverse_square + coefficient
    return total / x


def log_beta(a: Any, b: Any) -> Any:
    """Return the logarithm of |beta(a, b)|, in which the large terms of log gamma cancel beforehand.

    Source: Didonato and Morris, Algorithm 708 (1992), and SLATEC's DLBETA.
    """
    p, q = min_(a, b), max_(a, b)
    part = p / q
    share = part / (1 + part)
    rest = stirling_rest(q) - stirling_rest(p + q)
    both = (p - 0.5) * log(share) - 0.5 * log(q) + q * log1p(-share) + HALF_LOG_TAU + stirling_rest(p) + rest
    one = lgamma(p) + p - p * log(p + q) + (q - 0.5) * log1p(-share) + rest
    small = log(gamma(p) * (gamma(q) / gamma(p + q)))
    positive = where(less(q, LARGE), small, where(less(p, LARGE), one, both))
    return where(logical_and(less(0, p), less(q, math.inf)), positive, plain_log_beta(a, b))


def plain_log_beta(a: Any, b: Any) -> Any:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def digamma_difference_of(a: Any, b: Any) -> Any:
    """Return digamma(a + b) - digamma(a) term by term, so that nothing cancels for positive a and b."""
    total: Any = 0.0
    for k in range(STEPS):
        total = total + b / (a + k) / (a + b + k)
    z, w = a + STEPS, a + b + STEPS
    u, v = 1 / z / z, 1 / w / w
    ratio: Any = 1.0
    power: Any = 1.0
    rest: Any = DIGAMMA[0]
    for coefficient in DIGAMMA[1:]:
        power = power * v
        ratio = ratio * u + power
        rest = rest + coefficient * ratio
    near = total + log1p(b / z) + b / z / w / 2 + b / z / w * (1 / z + 1 / w) * rest
    return where(less(0, min_(a, b)), near, digamma(a + b) - digamma(a))


def trigamma_difference_of(a: Any, b: Any) -> Any:
    """Return polygamma(1, a) - polygamma(1, a + b) in the same way."""
    total: Any = 0.0
    for k in range(STEPS):
        p, q = 1 / (a + k), 1 / (a + b + k)
        total = total + b * p * q * (p + q)
    p, q = 1 / (a + STEPS), 1 / (a + b + STEPS)
    ratio: Any = p + q
    power: Any = q
    rest: Any = 0.0
    for order, coefficient in enumerate(DIGAMMA, 1):
        power = power * q
        ratio = ratio * p + power
        rest = rest + 2 * order * coefficient * ratio
        power = power * q
        ratio = ratio * p + power
    near = total + b * p * q * (1 + (p + q) / 2 + rest)
    return where(less(0, min_(a, b)), near, polygamma(1, a) - polygamma(1, a + b))


def beta_of(a: Any, b: Any) -> Any:
    """Return beta(a, b) by gamma functions, or by its logarithm where they overflow."""
    p, q = min_(a, b), max_(a, b)
    is_far = logical_and(less(0, p), less(GAMMA_OVERFLOW, p + q))
    return where(is_far, exp(lbeta(a, b)), gamma(p) * (gamma(q) / gamma(p + q)))


def density(a: Any, x: Any) -> Any:
    """Return x**(a - 1)*exp(-x)/gamma(a) without overflow.

    For large a it is taken around its peak by the relative distance u = x/a - 1, as a*(u - log(1 + u)) is small there.
    Source: Loader, Fast and accurate computation of binomial probabilities (2000).
    """
    root = where(less(x, 1400), pow_(x, (a - 1) / 2) * exp(-x / 2), 0.0)
    near = where(equal(a, 0), 0.0, root * root / gamma(a))
    u = (x - a) / a
    peak = exp(-stirling_rest(a) - a * excess_of_log(u)) * (sqrt(a) / x) / ROOT_TAU
    return where(less(a, SADDLE), near, where(less(0, x), peak, where(less(x, 0), math.nan, 0.0)))


def excess_of_log(u: Any) -> Any:
    """Return u - log(1 + u), by the series of the logarithm in u/(2 + u) where they cancel."""
    r = u / (2 + u)
    square = r * r
    total: Any = 1 / 31
    for k in range(29, 1, -2):
        total = total * square + 1 / k
    return where(less(abs_(u), 0.4), r * u - 2 * r * square * total, u - log1p(u))


def complemented(name: str, other: str) -> Evaluations:
    """Return an incomplete gamma function of SciPy, from the other one where that is small, which is more accurate."""

    def on_arrays(a: Any, x: Any) -> Any:
        import numpy

        special = scipy_special()
        rest = getattr(special, other)(a, x)
        return numpy.where(rest < 0.25, 1 - rest, getattr(special, name)(a, x))

    return evaluations(on_arrays)


def log_less_digamma(a: Any) -> Any:
    """Return log(a) - digamma(a), for large a by the asymptotic series of digamma."""
    inverse_square = 1 / a / a
    total: Any = 0.0
    for coefficient in reversed(DIGAMMA):
        total = (total + coefficient) * inverse_square
    return where(less(a, SERIES_FROM), log(a) - digamma(a), 0.5 / a + total)


GAMMAINC, GAMMAINC_ARRAYS = complemented("gammainc", "gammaincc")
GAMMAINCC, GAMMAINCC_ARRAYS = complemented("gammaincc", "gammainc")


def to_order(name: str) -> tuple[Convention, ...]:
    """Return the statement that there is no derivative to the first operand."""
    return (Convention(f"{name}(a, x) to a", "nan: only x is differentiable", lambda a, x: True, 0),)


OUTSIDE = (
    Fault("a is negative, or x is", lambda a, x: a < 0 or x < 0),
    Fault("a and x are 0", lambda a, x: a == x == 0),
)
POLES = (Fault("a pole, at 0 and the negative whole numbers", lambda a, b: min(a % 1 + (a > 0), b % 1 + (b > 0)) == 0),)
PAIRS = ((0.5, 0.5), (2.5, 7.0), (1e-3, 3.2), (8.0, 20.0), (30.0, 40.5), (12.5, 0.7))
AT = ((2.5, 3.0), (0.5, 0.1), (1.0, 2.0), (7.3, 4.1), (20.5, 30.0))

lbeta: Operation = row(
    "lbeta", log_beta,
    lambda a, b, y: -digamma_difference(a, b),
    lambda a, b, y: -digamma_difference(b, a),
    operands="a b", aliases="betaln", mathematics=plain_log_beta, domain="a, b > 0", faults=POLES, samples=PAIRS,
    ulp=32, doc="log of the magnitude of beta(a, b)",
)  # fmt: skip
beta: Operation = row(
    "beta", beta_of,
    lambda a, b, y: -y * digamma_difference(a, b),
    lambda a, b, y: -y * digamma_difference(b, a),
    operands="a b", mathematics=lambda a, b: gamma(a) * gamma(b) / gamma(a + b), domain="a, b > 0", faults=POLES,
    samples=PAIRS, ulp=256, latex=r"\mathrm{B}", doc="beta function, gamma(a)*gamma(b)/gamma(a + b)",
)  # fmt: skip
digamma_difference: Operation = row(
    "digamma_difference", digamma_difference_of,
    lambda a, b, y: -trigamma_difference(a, b),
    lambda a, b, y: polygamma(1, a + b),
    operands="a b", is_internal=True, expansion=lambda a, b: digamma(a + b) - digamma(a),
    mathematics=lambda a, b: digamma(a + b) - digamma(a), domain="a, b > 0", samples=(*PAIRS, (300.0, 1e-6)), ulp=32,
    ill_conditioned=((300.0, 1e-6),), doc="digamma(a + b) - digamma(a)",
)  # fmt: skip
trigamma_difference: Operation = row(
    "trigamma_difference", trigamma_difference_of,
    lambda a, b, y: polygamma(2, a) - polygamma(2, a + b),
    lambda a, b, y: -polygamma(2, a + b),
    operands="a b", is_internal=True, expansion=lambda a, b: polygamma(1, a) - polygamma(1, a + b),
    mathematics=lambda a, b: polygamma(1, a) - polygamma(1, a + b), domain="a, b > 0", samples=PAIRS,
    ill_conditioned=((12.5, 0.7),), ulp=64, doc="polygamma(1, a) - polygamma(1, a + b)",
)  # fmt: skip
gammainc: Operation = row(
    "gammainc", GAMMAINC, no_partial, lambda a, x, y: gamma_density(a, x), operands="a x", arrays=GAMMAINC_ARRAYS,
    domain="a > 0, x >= 0", conventions=to_order("gammainc"), faults=OUTSIDE, samples=AT, ulp=256, latex="P",
    derivative_text=("nan", "x**(a - 1)*exp(-x)/gamma(a)"),
    doc="lower incomplete gamma function, over gamma(a)",
)  # fmt: skip
gammaincc: Operation = row(
    "gammaincc", GAMMAINCC, no_partial, lambda a, x, y: -gamma_density(a, x), operands="a x", arrays=GAMMAINCC_ARRAYS,
    domain="a > 0, x >= 0", conventions=to_order("gammaincc"), faults=OUTSIDE, samples=AT, ulp=256, latex="Q",
    derivative_text=("nan", "-x**(a - 1)*exp(-x)/gamma(a)"),
    doc="upper incomplete gamma function, over gamma(a)",
)  # fmt: skip
gamma_density: Operation = row(
    "gamma_density", density,
    lambda a, x, y: y * (log(x / a) + log_less_digamma(a)),
    lambda a, x, y: y * (a - 1 - x) / x,
    operands="a x", is_internal=True, domain="a > 0, x >= 0",
    expansion=lambda a, x: x ** (a - 1) * exp(-x) / gamma(a),
    mathematics=lambda a, x: x ** (a - 1) * exp(-x) / gamma(a),
    samples=(*AT, (60.0, 55.5)), ill_conditioned=((1.0, 2.0), (20.5, 30.0)), ulp=64,
    doc="x**(a - 1)*exp(-x)/gamma(a) without overflow",
)  # fmt: skip
