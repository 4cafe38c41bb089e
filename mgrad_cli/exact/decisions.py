"""Comparisons, logic and selection on balls: decided if the balls are disjoint or known fractions, else open.

An open condition is the interval from 0 to 1. A selection by it is an interval around all candidates.
"""

import math
from collections.abc import Callable

from flint import arb

from mgrad_cli.exact.ball import PRIMITIVES, Ball, Primitive, indeterminate
from mgrad_cli.operations import Operation

OPEN = arb(0.5, 0.5)
"""The interval of an open condition."""


def truth_of(holds: bool | None) -> Ball:
    return Ball(OPEN if holds is None else arb(int(holds)))


def comparison(holds: Callable[[int], bool]) -> Primitive:
    """Return the primitive of a comparison, given the sign of the difference of its operands."""

    def primitive(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
        a, b = balls
        if a.is_nan or b.is_nan:
            return truth_of(False)
        order = ordering(a, b)
        return truth_of(None if order is None else holds(order))

    return primitive


def ordering(a: Ball, b: Ball) -> int | None:
    """Return -1, 0 or 1 if a is below, equal to or above b; `None` if that is open."""
    if not a.is_known or not b.is_known:
        return None
    if a is b:
        return 0
    one, other = a.interval, b.interval
    if one < other:
        return -1
    if one > other:
        return 1
    if one == other and one.is_exact():
        return 0
    p, q = a.rational, b.rational
    if p is None or q is None:
        return None
    return int(p > q) - int(p < q)


def at_least(a: Ball, b: Ball) -> bool | None:
    """Return whether a >= b, also if they may be equal; `None` if that is open."""
    order = ordering(a, b)
    if order is not None:
        return order >= 0
    if not a.is_known or not b.is_known:
        return None
    return True if a.interval >= b.interval else False if a.interval <= b.interval else None


def ordered(is_greater: bool, is_strict: bool) -> Primitive:
    """Return the primitive of an inequality."""

    def primitive(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
        a, b = balls if is_greater else balls[::-1]
        if a.is_nan or b.is_nan:
            return truth_of(False)
        order = ordering(a, b)
        if order is not None:
            return truth_of(order > 0 or (order == 0 and not is_strict))
        if a.is_known and b.is_known:
            if a.interval >= b.interval and not is_strict:
                return truth_of(True)
            if a.interval <= b.interval and is_strict:
                return truth_of(False)
        return truth_of(None)

    return primitive


def connective(decisive: bool) -> Primitive:
    """Return the primitive of `or`, which one true operand decides, or `and`, which one false operand decides."""

    def primitive(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
        if any(ball.is_nan for ball in balls):
            return Ball(math.nan)
        if not all(ball.is_known for ball in balls):
            return indeterminate()
        truths = [ball.truth for ball in balls]
        if decisive in truths:
            return truth_of(decisive)
        return truth_of(None if None in truths else not decisive)

    return primitive


def negation(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
    (x,) = balls
    if x.is_nan:
        return x
    if not x.is_known:
        return indeterminate()
    return truth_of(None if x.truth is None else not x.truth)


def choice(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
    """Return the selected branch, or if the condition is open an interval that contains both."""
    condition, a, b = balls
    if condition.is_nan:
        return condition
    if not condition.is_known:
        return indeterminate()
    if a is b or condition.truth is not None:
        return a if condition.truth is not False else b
    return either(a, b)


def either(a: Ball, b: Ball) -> Ball:
    """Return a ball that contains two others."""
    if a.is_special or b.is_special:
        is_same = a.is_special and b.is_special and (a.value == b.value or (a.is_nan and b.is_nan))
        return Ball(a.value, None, a.is_overflow or b.is_overflow) if is_same else indeterminate()
    if not a.is_known or not b.is_known:
        return indeterminate()
    one, other = a.interval, b.interval
    return a if one == other and one.is_exact() else Ball(one.union(other))


def extreme(is_max: bool) -> Primitive:
    """Return the primitive of `max` or `min`: an operand if it is known which; a zero is +0."""

    def primitive(operation: Operation, balls: tuple[Ball, ...]) -> Ball:
        if any(ball.is_nan for ball in balls):
            return Ball(math.nan)
        best = balls[0]
        for ball in balls[1:]:
            if not best.is_known or not ball.is_known:
                return indeterminate()
            holds = at_least(best, ball) if is_max else at_least(ball, best)
            if holds is None:
                pair = (best, ball)
                if any(each.is_special for each in pair):
                    return indeterminate()
                one, other = (each.interval for each in pair)
                best = Ball(arb.max(one, other) if is_max else arb.min(one, other))
            elif not holds:
                best = ball
        return Ball(arb(0)) if isinstance(best.value, float) and best.value == 0 else best

    return primitive


PRIMITIVES.update({
    "less": ordered(is_greater=False, is_strict=True),
    "less_equal": ordered(is_greater=False, is_strict=False),
    "greater": ordered(is_greater=True, is_strict=True),
    "greater_equal": ordered(is_greater=True, is_strict=False),
    "equal": comparison(lambda order: order == 0),
    "not_equal": comparison(lambda order: order != 0),
    "logical_and": connective(decisive=False),
    "logical_or": connective(decisive=True),
    "logical_not": negation,
    "where": choice,
    "max": extreme(is_max=True),
    "min": extreme(is_max=False),
})  # fmt: skip
