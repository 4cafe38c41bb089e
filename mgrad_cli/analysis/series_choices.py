"""Comparisons, connectives and choices of power series: what holds, or is taken, at all points nearby."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from mgrad_cli.analysis.homogeneous import NotAnalyticError
from mgrad_cli.analysis.power_series import Polynomial, PowerSeries, SeriesAlgebra, continuous, jumps
from mgrad_cli.operations import TABLE, Operation


def compared(operation: Operation, series: Sequence[PowerSeries]) -> PowerSeries:
    """Return 1 or 0 for a comparison that holds, or not, at all points nearby.

    An equality that holds only at the point is that of the points nearby, and `jumps` there.
    """
    a, b = series
    algebra = a.algebra
    values = [each.regular().value for each in series]
    if a is b:
        return algebra.constant(operation(*[algebra.scalars.number(value) for value in values]))
    if (a.is_constant and b.is_constant) or not is_same(algebra, *values):
        return algebra.fixed(algebra.scalars.apply(operation, values))
    if operation.name not in {"equal", "not_equal"}:
        raise NotAnalyticError("a condition changes")
    return truth(algebra, operation.name == "not_equal", operation.name == "equal")


def truth(algebra: SeriesAlgebra, nearby: bool, at_point: bool) -> PowerSeries:
    """Return 1 or 0 for a condition at the points nearby, which may be another one at the point itself."""
    if nearby == at_point:
        return algebra.constant(float(nearby))
    series = Polynomial(algebra, {0: {0: algebra.scalars.of(1.0)}} if nearby else {})
    series.is_point = True
    return series


def is_same(algebra: SeriesAlgebra, one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return bool(one == other)
    return algebra.scalars.is_zero(algebra.scalars.total([one, -other]))


def connected(operation: Operation, series: Sequence[PowerSeries]) -> PowerSeries:
    """Return the result of `and`, `or` or `not` nearby, and at the point where an operand jumps there."""
    nearby = holds_nearby(operation, series)
    if not any(map(jumps, series)):
        return series[0].algebra.constant(float(nearby))
    at_point = operation(*(float(is_true_at_point(each)) for each in series))
    return truth(series[0].algebra, nearby, bool(at_point))


def holds_nearby(operation: Operation, series: Sequence[PowerSeries]) -> bool:
    """Return the result of a connective. It changes where an undecided operand passes through zero."""
    if operation.name == "logical_not":
        return not is_true(series[0])
    decisive = operation.name == "logical_or"
    undecided: NotAnalyticError | None = None
    for each in series:
        try:
            if is_true(each) == decisive:
                return decisive
        except NotAnalyticError as error:
            undecided = error
    if undecided is not None:
        raise undecided
    return not decisive


def is_true_at_point(condition: PowerSeries) -> bool:
    """Return whether a condition is not zero at the point itself."""
    if jumps(condition):
        return not is_true(condition)
    value = condition.regular().value
    return isinstance(value, float) or not condition.algebra.scalars.is_zero(value)


def is_true(condition: PowerSeries) -> bool:
    """Return whether a condition is not zero at the points nearby.

    Raises: NotAnalyticError if it passes through zero, or is nan.
    """
    value = condition.regular().value
    if isinstance(value, float):
        if math.isnan(value):
            raise NotAnalyticError("the condition is nan")
        return True
    if not condition.algebra.scalars.is_zero(value):
        return True
    if not condition.is_constant:
        raise NotAnalyticError("a condition changes")
    return False


def selected(operation: Operation, series: Sequence[PowerSeries]) -> PowerSeries:
    """Return the branch of `where`. Where it is another one at the point itself, both must have the same value."""
    condition, a, b = series
    taken, other = (a, b) if is_true(condition) else (b, a)
    if jumps(condition):
        values = [continuous(each).regular().value for each in (taken, other)]
        if not is_same(condition.algebra, *values):
            raise NotAnalyticError("a jump")
    return taken


def extreme(operation: Operation, series: Sequence[PowerSeries]) -> PowerSeries:
    """Return the largest or smallest operand, which must be one only."""
    (at_least,) = TABLE["greater" if operation.name == "max" else "less"]
    algebra = series[0].algebra
    best = series[0]
    for other in series[1:]:
        values = [other.regular().value, best.regular().value]
        if any(isinstance(value, float) and math.isnan(value) for value in values):
            raise NotAnalyticError("an operand is nan")
        if is_same(algebra, *values) and other is not best and not (other.is_constant and best.is_constant):
            raise NotAnalyticError("a kink")
        if not algebra.scalars.is_zero(algebra.scalars.apply(at_least, values)):
            best = other
    return best


CHOICES: dict[str, Callable[[Operation, Sequence[PowerSeries]], PowerSeries]] = {
    **dict.fromkeys(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"), compared),
    **dict.fromkeys(("logical_and", "logical_or", "logical_not"), connected),
    **dict.fromkeys(("max", "min"), extreme),
    "where": selected,
}
"""The rows that select one of their operands, or are true or false."""
CONDITIONAL = frozenset({"logical_and", "logical_or", "logical_not", "where"})
"""The rows whose operands may be conditions that jump at the point."""
