"""Every operation in 60-digit arithmetic, written independently of the table: what the tests hold it to."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
from mpmath import mp, mpf

mp.dps = 60

REFERENCES: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda x: -x,
    "pow": lambda a, b: mpmath.power(a, b),
    "reduced_pow": lambda a, b, k: mpmath.power(a, b - k),
    "sqrt": mpmath.sqrt,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "direction": lambda a, b: a / mpmath.sqrt(a * a + b * b),
    "cbrt_slope": lambda x: 1 / (3 * mpmath.cbrt(abs(x)) ** 2),
    "leg_slope": lambda x: x / mpmath.sqrt(x * x - 1),
    "leg": lambda x: mpmath.sqrt(x * x - 1),
    "lorentzian": lambda x: 1 / (1 + x * x),
    "hypot": lambda a, b: mpmath.sqrt(a * a + b * b),
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.power(2, x),
    "expm1": lambda x: mpmath.exp(x) - 1,
    "log": mpmath.log,
    "log_base": lambda x, base: mpmath.log(x) / mpmath.log(base),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "log1p": lambda x: mpmath.log(1 + x),
    "xlogy": lambda a, b: a * mpmath.log(b),
    "softmax_weight": lambda a, b: 1 / (1 + mpmath.exp(b - a)),
    "logaddexp": lambda a, b: mpmath.log(mpmath.exp(a) + mpmath.exp(b)),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "sinc": mpmath.sinc,
    "sinc_derivative": lambda x: -x / 3 * mpmath.hyp0f1(mpf(5) / 2, -x * x / 4),
    "sinc_second_derivative": lambda x: (
        x * x / 15 * mpmath.hyp0f1(mpf(7) / 2, -x * x / 4) - mpmath.hyp0f1(mpf(5) / 2, -x * x / 4) / 3
    ),
    "sec": mpmath.sec,
    "csc": mpmath.csc,
    "cot": mpmath.cot,
    "one_minus_square": lambda x: 1 - x * x,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "acot": lambda x: mpmath.atan(1 / x),
    "asec": lambda x: mpmath.acos(1 / x),
    "acsc": lambda x: mpmath.asin(1 / x),
    "atan2": mpmath.atan2,
    "degrees": lambda x: x * 180 / mpmath.pi,
    "radians": lambda x: x * mpmath.pi / 180,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "sech": mpmath.sech,
    "csch": mpmath.csch,
    "coth": mpmath.coth,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "asech": lambda x: mpmath.acosh(1 / x),
    "acsch": lambda x: mpmath.asinh(1 / x),
    "acoth": lambda x: mpmath.atanh(1 / x),
    "sign": mpmath.sign,
    "abs": abs,
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "round": mpmath.nint,
    "trunc": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
    "floor_divide": lambda a, b: mpmath.floor(a / b),
    "mod": lambda a, b: a - b * mpmath.floor(a / b),
    "max": lambda *x: max(x),
    "min": lambda *x: min(x),
    "clip": lambda x, lo, hi: min(max(x, lo), hi),
    "relu": lambda x: max(x, mpf(0)),
    "leaky_relu": lambda x, slope: x if x > 0 else slope * x,
    "relu6": lambda x: min(max(x, mpf(0)), mpf(6)),
    "hardtanh": lambda x: min(max(x, mpf(-1)), mpf(1)),
    "elu": lambda x, alpha: x if x > 0 else alpha * (mpmath.exp(x) - 1),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "logit": lambda x: mpmath.log(x / (1 - x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "logsigmoid": lambda x: -mpmath.log(1 + mpmath.exp(-x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "mish": lambda x: x * mpmath.tanh(mpmath.log(1 + mpmath.exp(x))),
    "mish_gate": lambda x: mpmath.tanh(mpmath.log(1 + mpmath.exp(x))),
    "mish_gate_slope": lambda x: mpmath.sech(mpmath.log(1 + mpmath.exp(x))) ** 2 / (1 + mpmath.exp(-x)),
    "softsign": lambda x: x / (1 + abs(x)),
    "gaussian": lambda x: mpmath.exp(-x * x),
    "normpdf": lambda x: mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "normcdf": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "gamma": mpmath.gamma,
    "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))),
    "digamma": mpmath.digamma,
    "polygamma": lambda n, x: mpmath.polygamma(int(n), x),
    "erfi": lambda x: 2 / mpmath.sqrt(mpmath.pi) * x * mpmath.hyp1f1(mpf(1) / 2, mpf(3) / 2, x * x),
    "erfinv": mpmath.erfinv,
    "erfcinv": lambda x: inverse_erfc(x),
    "norminv": lambda x: -mpmath.sqrt(2) * inverse_erfc(2 * x),
    "lbeta": lambda a, b: mpmath.log(abs(mpmath.beta(a, b))),
    "beta": mpmath.beta,
    "digamma_difference": lambda a, b: mpmath.digamma(a + b) - mpmath.digamma(a),
    "trigamma_difference": lambda a, b: mpmath.polygamma(1, a) - mpmath.polygamma(1, a + b),
    "gammainc": lambda a, x: mpmath.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mpmath.gammainc(a, x, mpmath.inf, regularized=True),
    "gamma_density": lambda a, x: x ** (a - 1) * mpmath.exp(-x) / mpmath.gamma(a),
    "lambertw": lambda x: mpmath.lambertw(x).real,
    "j0": lambda x: mpmath.besselj(0, x),
    "j1": lambda x: mpmath.besselj(1, x),
    "y0": lambda x: bessel_y(0, x),
    "y1": lambda x: bessel_y(1, x),
    "j1_ratio": lambda x: mpmath.hyp0f1(2, -x * x / 4) / 2,
    "j1_ratio_derivative": lambda x: -x / 8 * mpmath.hyp0f1(3, -x * x / 4),
    "j1_ratio_second_derivative": lambda x: (
        x * x / 48 * mpmath.hyp0f1(4, -x * x / 4) - mpmath.hyp0f1(3, -x * x / 4) / 8
    ),
    "refined_exp": lambda u, value: mpmath.exp(u),
    "logsumexp": lambda *x: mpmath.log(sum(map(mpmath.exp, x))),
    "softmax": lambda *x: mpmath.exp(x[0]) / sum(map(mpmath.exp, x)),
    "less": lambda a, b: mpf(a < b),
    "less_equal": lambda a, b: mpf(a <= b),
    "greater": lambda a, b: mpf(a > b),
    "greater_equal": lambda a, b: mpf(a >= b),
    "equal": lambda a, b: mpf(a == b),
    "not_equal": lambda a, b: mpf(a != b),
    "logical_and": lambda a, b: mpf(a != 0 and b != 0),
    "logical_or": lambda a, b: mpf(a != 0 or b != 0),
    "logical_not": lambda x: mpf(x == 0),
    "where": lambda c, a, b: a if c != 0 else b,
}


def bessel_y(order: int, x: Any) -> Any:
    """The Bessel function of the second kind by its power series (DLMF 10.8.1), for which mpmath takes a limit."""
    with mp.extradps(20 + int(abs(x))):
        half = x / 2
        term = half**order / mpmath.factorial(order)
        harmonics = -2 * mpmath.euler + (1 if order else 0)
        first, second = mpf(0), mpf(0)
        k = 0
        while k < abs(x) or abs(term * harmonics) > mpf(10) ** -mp.dps * abs(second):
            first += term
            second += term * harmonics
            k += 1
            term *= -half * half / (k * (k + order))
            harmonics += mpf(1) / k + mpf(1) / (k + order)
        pole = 2 / (mpmath.pi * x) if order else 0
        return -pole + (2 * mpmath.log(half) * first - second) / mpmath.pi


def inverse_erfc(x: Any) -> Any:
    """The inverse of erfc, from the first terms of its asymptotic expansion or from that of erf."""
    if x > mpf("0.1"):
        return mpmath.erfinv(1 - x)
    size = mpmath.sqrt(-mpmath.log(x * mpmath.sqrt(-mpmath.log(x) * mpmath.pi)))
    return mpmath.findroot(lambda y: mpmath.log(mpmath.erfc(y)) - mpmath.log(x), size)


def value(name: str, operands: Sequence[float]) -> Any:
    return REFERENCES[name](*map(mpf, operands))


def derivative(name: str, operands: Sequence[float], orders: Sequence[int]) -> Any:
    """The partial derivative of the given order in each operand, by differences in 60 digits and more."""
    with mp.workdps(120):
        return mpmath.diff(REFERENCES[name], tuple(map(mpf, operands)), tuple(orders), h=mpf(10) ** -35)


def ulps(got: float, want: Any) -> float:
    """How far a double is from a number, in units of the last place of the nearest double."""
    nearest = float(want)
    if got == nearest:
        return 0.0
    if math.isnan(got) or math.isinf(got) or math.isinf(nearest):
        return math.inf
    return abs(float((mpf(got) - want) / mpf(math.ulp(nearest))))
