"""The primitive operations on balls: Arb's functions, and what Arb lacks or leaves open."""

import math
from collections.abc import Callable
from typing import Any

import flint
from flint import arb, fmpq

from mgrad_cli.exact.ball import PRIMITIVES, Ball, Primitive, indeterminate
from mgrad_cli.exact.enclosures import by_doubles, ends_of, of_equals, rational, settled, smooth, step
from mgrad_cli.operations import Operation

INDETERMINATE = arb.nan()


def method(name: str) -> Primitive:
    return smooth(getattr(arb, name))


def power(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
    a, b = balls
    if not (a.is_special or b.is_special) and a.is_known and b.is_known:
        base, exponent = a.interval, b.interval
        is_whole = exponent.is_exact() and exponent.is_integer()
        if not is_whole and base < 0:
            if exponent.contains_integer() and b.rational is None:
                return indeterminate()
            return Ball(math.nan)
        if is_whole and abs(exponent) < 2**14:
            return WHOLE_POWER(operation, balls)
        if base.is_zero() and not base.contains(1) and exponent.contains(0) and not exponent.is_exact():
            return indeterminate()
    return PLAIN_POWER(operation, balls)


def whole_power(base: Any, exponent: Any) -> Any:
    return base ** exponent.unique_fmpz()


def fraction_power(base: fmpq, exponent: fmpq) -> Any:
    whole = int(exponent.p)
    if abs(whole) * max(base.p.bit_length(), base.q.bit_length()) > 1 << 13:
        return None
    return base**whole


PLAIN_POWER = smooth(lambda a, b: a**b)
WHOLE_POWER = rational(whole_power, fraction_power)


def cube_root(x: Any) -> Any:
    if x > 0 or x.is_zero():
        return x if x.is_zero() else x.root(3)
    if x < 0:
        return -cube_root(-x)
    return cube_root(x.lower()).union(cube_root(x.upper()))


def length(a: Any, b: Any) -> Any:
    return (a * a + b * b).sqrt()


def square_root_of(x: fmpq) -> fmpq | None:
    """Return the root if it is a fraction, or `None`."""
    if x < 0:
        return None
    roots = [part.isqrt() for part in (x.p, x.q)]
    return fmpq(*roots) if [root * root for root in roots] == [x.p, x.q] else None


def toward_zero(x: Any) -> Any:
    return x.floor() if x >= 0 else x.ceil()


floor_of, ceil_of, trunc_of = ends_of(arb.floor), ends_of(arb.ceil), ends_of(toward_zero)
round_of = ends_of(lambda x: (x + arb(0.5)).floor())


def sign_of(x: Any) -> Any:
    return x.sgn()


def absolute(x: Any) -> Any:
    return abs(x)


def whole_quotient(a: Any, b: Any) -> Any:
    quotient = a / b
    return floor_of(quotient) if quotient.is_finite() else INDETERMINATE


def remainder(a: Any, b: Any) -> Any:
    return a - b * whole_quotient(a, b)


def modulo(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
    """Return `mod`; for an infinite divisor the number itself, or the infinity if the signs differ."""
    a, b = balls
    if b.is_special and not b.is_nan and b.is_known and not a.is_special and a.truth:
        if a.interval > 0 or a.interval < 0:
            return a if (a.interval > 0) == (b.value > 0) else b
        return indeterminate()
    return FINITE_MODULO(operation, balls)


FINITE_MODULO = rational(remainder, lambda a, b: a - b * (a / b).floor() if b else None)


def log_gamma(x: Any) -> Any:
    """Return log |gamma(x)|, by reflection below zero."""
    return x.lgamma() if x > 0 else (arb.pi() / abs(x.sin_pi())).log() - (1 - x).lgamma()


def poly_gamma(n: Any, x: Any) -> Any:
    """Return a derivative of digamma by the Hurwitz zeta function, and below zero by recurrence."""
    order = n.unique_fmpz() if n.is_exact() else None
    if order is None or order < 0 or order > 1000 or not x.is_finite():
        return INDETERMINATE
    if order == 0:
        return x.digamma()
    shift = arb(0)
    steps = 0 if x > 0 else int((1 - x.lower()).floor().unique_fmpz() or 1 << 14) + 1
    if steps >= 1 << 14:
        return INDETERMINATE
    for index in range(steps):
        shift += 1 / (x + index) ** (order + 1)
    total = arb(order + 1).zeta(x + steps) + shift
    return (1 if order % 2 else -1) * total * arb(order).fac()


def incomplete_gamma(method: str, at_zero: int) -> Callable[[Any, Any], Any]:
    """Return the enclosure of an incomplete gamma function, given its value for the order 0."""

    def enclose(a: Any, x: Any) -> Any:
        if a.is_zero() and x > 0:
            return arb(at_zero)
        if not a > 0 or not x >= 0:
            return INDETERMINATE
        if x.is_zero():
            return arb(1 - at_zero)
        return getattr(x, method)(a, regularized=1)

    return enclose


def bessel(method: str, order: int) -> Callable[[Any], Any]:
    """Return the enclosure of a Bessel function, of which those of the second kind are for positive numbers."""

    def enclose(x: Any) -> Any:
        if method == "bessel_y" and not x > 0:
            return INDETERMINATE
        bits = flint.ctx.prec
        with flint.ctx.workprec(bits + 64):
            result = getattr(x, method)(order)
        return +result

    return enclose


def angle(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
    """Return `atan` or `atan2`; at zeros and infinities a multiple of pi/4."""
    if not all(ball.is_known for ball in balls):
        return indeterminate()
    if any(isinstance(ball.value, float) or ball.value.is_zero() for ball in balls):
        exact = by_doubles(operation, balls)
        if exact is None or exact == 0 or exact != exact:
            return indeterminate() if exact is None else Ball.of(exact)
        return Ball(round(exact * 4 / math.pi) * arb.pi() / 4)
    return settled(operation, balls, getattr(arb, operation.name)(*(ball.interval for ball in balls)))


PRIMITIVES.update({
    **{name: method(name) for name in (
        "sqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinc", "asin", "acos", "sinh", "cosh", "tanh",
        "asinh", "acosh", "atanh", "erf", "erfc", "erfi", "erfinv", "erfcinv", "gamma", "digamma", "lambertw",
    )},
    "sqrt": rational(arb.sqrt, square_root_of),
    "cbrt": smooth(cube_root),
    "exp2": smooth(lambda x: arb(2) ** x),
    "log2": smooth(lambda x: x.log_base(2)),
    "log10": smooth(lambda x: x.log_base(10)),
    "hypot": smooth(length),
    "atan": angle,
    "atan2": angle,
    "degrees": smooth(lambda x: x * 180 / arb.pi()),
    "radians": smooth(lambda x: x * arb.pi() / 180),
    "lgamma": smooth(log_gamma),
    "polygamma": smooth(poly_gamma),
    "gammainc": smooth(incomplete_gamma("gamma_lower", 1)),
    "gammaincc": smooth(incomplete_gamma("gamma_upper", 0)),
    "j0": smooth(bessel("bessel_j", 0)),
    "j1": smooth(bessel("bessel_j", 1)),
    "y0": smooth(bessel("bessel_y", 0)),
    "y1": smooth(bessel("bessel_y", 1)),
    "add": rational(lambda a, b: a + b, lambda a, b: a + b),
    "subtract": of_equals(rational(lambda a, b: a - b, lambda a, b: a - b), 0.0),
    "multiply": rational(lambda a, b: a * b, lambda a, b: a * b),
    "divide": of_equals(rational(lambda a, b: a / b, lambda a, b: a / b if b else None), 1.0),
    "negative": rational(lambda x: -x, lambda x: -x),
    "abs": rational(absolute, abs),
    "pow": power,
    "sign": smooth(sign_of),
    "floor": step(math.floor, floor_of),
    "ceil": step(math.ceil, ceil_of),
    "round": step(round, round_of),
    "trunc": step(math.trunc, trunc_of),
    "floor_divide": rational(whole_quotient, lambda a, b: fmpq((a / b).floor()) if b else None),
    "mod": modulo,
})  # fmt: skip
