"""The smooth primitive operations on power series, by Arb's functions and identities."""

import math
from collections.abc import Callable
from typing import Any

from flint import arb, arb_series, fmpz

LENGTH = 6
"""The number of coefficients: the value, the slope, and some that divisions of zero by zero use up."""


class NotDifferentiableError(Exception):
    """The function may have a kink or a jump at the point; the message names its cause."""


def constant(number: Any) -> Any:
    return arb_series([arb(number)], LENGTH)


def power(base: Any, exponent: Any) -> Any:
    """Raise to a power by repeated multiplication where the exponent is a small whole number, else exp(b*log(a))."""
    point = exponent[0]
    is_constant = exponent[1].is_zero()
    if is_constant and point.is_exact() and point.is_integer() and abs(point) < 1 << 10:
        return base ** int(point.unique_fmpz())
    if is_constant and base[0].is_zero() and point > 1:
        return constant(0)
    return (exponent * base.log()).exp()


def cube_root(x: Any) -> Any:
    if x[0] < 0:
        return -cube_root(-x)
    return (x.log() / constant(3)).exp()


def angle(a: Any, b: Any) -> Any:
    """Return the angle of the point (b, a), by the arctangent of the quotient that does not divide by zero."""
    if b[0] > 0:
        return (a / b).atan()
    quarter = constant(arb.pi() / 2)
    if a[0] > 0:
        return quarter - (b / a).atan()
    return -quarter - (b / a).atan()


def log_gamma(x: Any) -> Any:
    """Return log |gamma(x)|, by reflection below zero."""
    if x[0] > 0:
        return x.lgamma()
    sine = x.sin_pi()
    return (constant(arb.pi()) / (sine if sine[0] > 0 else -sine)).log() - (1 - x).lgamma()


def poly_gamma(n: Any, x: Any) -> Any:
    """Return a derivative of digamma as a coefficient of the series of log gamma around the point."""
    order = int(n[0].unique_fmpz())
    around = arb_series([x[0], arb(1)], order + 3).lgamma()
    factorial = arb(fmpz(order + 1)).fac()
    return arb_series([around[order + 1] * factorial, around[order + 2] * factorial * (order + 2) * x[1]], LENGTH)


def change(series: Any) -> Any:
    """Return a series without its value: the change from the point on."""
    return arb_series([arb(0), *(series[index] for index in range(1, LENGTH))], LENGTH)


def inverse(outer: Callable[[Any], Any], inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the series of the inverse of a function, by reversion of that of the function at the value."""

    def series(x: Any) -> Any:
        value = inner(x[0])
        forward = outer(arb_series([value, arb(1)], LENGTH))
        return constant(value) + change(forward).reversion()(change(x))

    return series


def bessel(kind: str, order: int) -> Callable[[Any], Any]:
    """Return the series of a Bessel function, by the derivatives of any order (DLMF 10.6.7)."""

    def series(x: Any) -> Any:
        neighbours = {n: getattr(x[0], f"bessel_{kind}")(n) for n in range(order - LENGTH, order + LENGTH + 1)}
        coefficients = [
            sum((-1) ** j * math.comb(k, j) * neighbours[order - k + 2 * j] for j in range(k + 1))
            / (2**k * math.factorial(k))
            for k in range(LENGTH)
        ]
        return arb_series(coefficients, LENGTH)(change(x))

    return series


def incomplete_gamma(method: str) -> Callable[[Any, Any], Any]:
    def series(a: Any, x: Any) -> Any:
        if not a[1].is_zero():
            raise NotDifferentiableError("Arb has no derivative of an incomplete gamma function to its order")
        return getattr(arb_series, method)(a[0], x, regularized=1)

    return series


SERIES: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda x: -x,
    "pow": power,
    "sqrt": arb_series.sqrt,
    "cbrt": cube_root,
    "hypot": lambda a, b: (a * a + b * b).sqrt(),
    "exp": arb_series.exp,
    "exp2": lambda x: (x * constant(arb.const_log2())).exp(),
    "expm1": lambda x: x.exp() - 1,
    "log": arb_series.log,
    "log2": lambda x: x.log() / constant(arb.const_log2()),
    "log10": lambda x: x.log() / constant(arb.const_log10()),
    "log1p": lambda x: (1 + x).log(),
    "sin": arb_series.sin,
    "cos": arb_series.cos,
    "tan": arb_series.tan,
    "asin": arb_series.asin,
    "acos": arb_series.acos,
    "atan": arb_series.atan,
    "atan2": angle,
    "degrees": lambda x: x * constant(180 / arb.pi()),
    "radians": lambda x: x * constant(arb.pi() / 180),
    "sinh": lambda x: (x.exp() - (-x).exp()) / constant(2),
    "cosh": lambda x: (x.exp() + (-x).exp()) / constant(2),
    "tanh": lambda x: 1 - 2 / (1 + (2 * x).exp()),
    "asinh": lambda x: (x + (x * x + 1).sqrt()).log(),
    "acosh": lambda x: (x + (x * x - 1).sqrt()).log(),
    "atanh": lambda x: ((1 + x) / (1 - x)).log() / constant(2),
    "erf": arb_series.erf,
    "erfc": arb_series.erfc,
    "erfi": arb_series.erfi,
    "erfinv": inverse(arb_series.erf, arb.erfinv),
    "erfcinv": inverse(arb_series.erfc, arb.erfcinv),
    "lambertw": arb_series.lambertw,
    "j0": bessel("j", 0),
    "j1": bessel("j", 1),
    "y0": bessel("y", 0),
    "y1": bessel("y", 1),
    "gammainc": incomplete_gamma("gamma_lower"),
    "gammaincc": incomplete_gamma("gamma_upper"),
    "gamma": arb_series.gamma,
    "lgamma": log_gamma,
    "digamma": lambda x: poly_gamma(constant(0), x),
    "polygamma": poly_gamma,
}
"""The smooth primitives by the name of the row, on series."""
