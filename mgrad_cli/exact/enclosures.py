"""How an operation on balls is made from one on intervals, with IEEE 754 where that has no result.

A double, a fraction or a whole number stays exactly that, where the result is one.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from flint import arb, fmpz

from mgrad_cli.exact.ball import Ball, Primitive, fitting, indeterminate, of_fraction
from mgrad_cli.exact.nearest import bracket
from mgrad_cli.operations import Operation

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
