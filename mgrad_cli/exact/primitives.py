"""The primitive operations on balls: Arb's functions, and IEEE 754 where those have no result."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import flint
from flint import arb, fmpq, fmpz

from mgrad_cli.exact.ball import PRIMITIVES, Ball, Primitive, fitting, indeterminate, of_fraction
from mgrad_cli.exact.nearest import bracket
from mgrad_cli.operations import Operation

INDETERMINATE = arb.nan()
CLOSE = 2.0**-30
"""The relative width of a ball below which the doubles at its ends stand for the ball."""


def smooth(enclose: Callable[..., Any]) -> Primitive:
    """Return the primitive of a function of intervals, which returns nan or no bounds if it has no result."""

    def primitive(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
        if not all(ball.is_known for ball in balls):
            return indeterminate()
        if any(ball.is_special for ball in balls):
            exact = by_doubles(operation, balls)
            if exact is not None and (not math.isfinite(exact) or exact == int(exact)):
                return Ball.of(exact)
        interval = enclose(*(ball.interval for ball in balls))
        return settled(operation, balls, interval)

    return primitive


def settled(operation: Operation, balls: Sequence[Ball], interval: Any) -> Ball:
    """Return the ball of an interval; what the doubles say if it is not finite, and the sign of a zero."""
    if interval.is_finite():
        if interval.is_zero():
            zero = by_doubles(operation, balls)
            return Ball(zero if str(zero) == "-0.0" else interval)
        return Ball(interval)
    exact = by_doubles(operation, balls)
    if exact is None or math.isfinite(exact):
        return indeterminate()
    return Ball(exact, is_overflow=math.isinf(exact) and is_overflow(operation, balls))


def is_overflow(operation: Operation, balls: Sequence[Ball]) -> bool:
    """Return whether an infinite result of finite operands is a number too large to represent, not a pole."""
    corners = [bracket(ball.interval)[0] for ball in balls]
    return all(map(math.isfinite, corners)) and not any(fault.applies(*corners) for fault in operation.faults)


def by_doubles(operation: Operation, balls: Sequence[Ball]) -> float | None:
    """Return the result on the doubles around the operands if all of them agree, or `None`.

    It is used for results that are exact or not finite. A double stands for itself, other balls for the nearest doubles
    on both sides, which disagree where the edge of the domain is between them.
    """
    ends: list[tuple[float, ...]] = []
    for ball in balls:
        low, high = (ball.value,) * 2 if isinstance(ball.value, float) else bracket(ball.value)
        if low == high or low != low:
            ends.append((low,))
        elif low < 0 < high or high - low > CLOSE * max(abs(low), abs(high)):
            return None
        else:
            ends.append((low, high))
    results = [operation.evaluate(*corner) for corner in product(*ends)]
    if all(result != result for result in results):
        return math.nan
    return results[0] if all(result == results[0] for result in results) else None


def method(name: str) -> Primitive:
    return smooth(getattr(arb, name))


def rational(enclose: Callable[..., Any], exact: Callable[..., Any]) -> Primitive:
    """Return the primitive of an operation that maps fractions to a fraction."""
    plain = smooth(enclose)

    def primitive(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
        ball = plain(operation, balls)
        if isinstance(ball.value, float) or not ball.value.is_finite() or ball.value.is_exact():
            return ball
        fractions = [ball.rational for ball in balls]
        if None in fractions:
            return ball
        fraction = exact(*fractions)
        fraction = None if fraction is None else fitting(fraction)
        return ball if fraction is None else of_fraction(fraction)

    return primitive


def of_equals(primitive: Primitive, result: float) -> Primitive:
    """Return the primitive of a difference or quotient, which is exactly the result if both operands are one ball."""

    def exact_or_ball(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
        a, b = balls
        if a is b and a.is_known and not a.is_special and (a.truth or result == 0):
            return Ball.of(result)
        return primitive(operation, balls)

    return exact_or_ball


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


def step(on_fraction: Callable[[Fraction], int], on_interval: Callable[[Any], Any]) -> Primitive:
    """Return the primitive of a function to whole numbers, by its values at both ends of the ball."""

    def primitive(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
        (x,) = balls
        if isinstance(x.value, float):
            return indeterminate() if x.is_overflow else Ball.of(operation.evaluate(x.value))
        if not x.is_known:
            return indeterminate()
        exact = x.rational
        if exact is not None:
            interval = arb(fmpz(on_fraction(Fraction(int(exact.p), int(exact.q)))))
        else:
            interval = on_interval(x.interval)
        return settled(operation, balls, interval)

    return primitive


def ends_of(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Extend a nondecreasing function of points to intervals, by its values at the ends."""

    def on_interval(x: Any) -> Any:
        low, high = function(x.lower()), function(x.upper())
        return low if low == high and low.is_exact() else low.union(high)

    return on_interval


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
