"""Compute derivatives with Arb's power series, which use no rule of the table."""

from collections.abc import Callable
from typing import Any

from flint import arb, arb_series

from mgrad_cli.exact import decisions, primitives  # noqa: F401  what the primitive operations are on balls
from mgrad_cli.exact.ball import Ball
from mgrad_cli.exact.decisions import ordering
from mgrad_cli.exact.series_primitives import LENGTH, SERIES, NotDifferentiableError, constant
from mgrad_cli.operations import Operand, Operation


class BallSeries(Operand):
    """A power series in the change of one variable, with balls as coefficients.

    ball     the value
    series   the value and the slope; `None` if it does not depend on the variable
    nearby   the truth at the points around, for an equality that holds only at the point
    """

    __slots__ = ("ball", "nearby", "series")

    def __init__(self, ball: Ball, series: Any = None, nearby: bool | None = None) -> None:
        self.ball = ball
        self.series = series
        self.nearby = nearby

    @staticmethod
    def of(number: Any) -> "BallSeries":
        return number if isinstance(number, BallSeries) else BallSeries(Ball.of(number))

    @staticmethod
    def variable(ball: Ball) -> "BallSeries":
        """Return the series of the variable itself at a point."""
        return BallSeries(ball, arb_series([ball.interval, arb(1)], LENGTH))

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "BallSeries":
        operands = tuple(map(BallSeries.of, operands))
        if all(operand.series is None for operand in operands):
            return BallSeries(Ball.apply(operation, *(operand.ball for operand in operands)))
        choose = CHOICES.get(operation.name)
        if choose is not None:
            return choose(operation, operands)
        if operation.name not in SERIES:
            if operation.mathematics is None:
                raise NotDifferentiableError(f"Arb has no power series of {operation.name}")
            return BallSeries.of(operation.mathematics(*operands))
        ball = Ball.apply(operation, *(operand.ball for operand in operands))
        series = SERIES[operation.name](*(operand.coefficients for operand in operands))
        if series.prec < 2:
            raise NotDifferentiableError("0/0, and no coefficients of the series are left")
        return BallSeries(ball, series)

    @property
    def coefficients(self) -> Any:
        return arb_series([self.ball.interval], LENGTH) if self.series is None else self.series

    @property
    def slope(self) -> Any:
        return arb(0) if self.series is None else self.series[1]


def step(operation: Operation, operands: tuple[BallSeries, ...]) -> BallSeries:
    """Apply a function that is constant around the point, unless it jumps there."""
    ball = Ball.apply(operation, *(operand.ball for operand in operands))
    point = operands[0].ball.interval
    jumps = {"sign": point, "round": (point + arb(0.5))}.get(operation.name, point)
    touches = jumps.contains(0) if operation.name == "sign" else jumps.contains_integer()
    if operation.name == "trunc" and abs(point) < 1:
        touches = False
    if touches:
        raise NotDifferentiableError(f"at a jump of {operation.name}, as far as can be told")
    return BallSeries(ball)


def comparison(operation: Operation, operands: tuple[BallSeries, ...]) -> BallSeries:
    a, b = operands
    ball = Ball.apply(operation, a.ball, b.ball)
    order = ordering(a.ball, b.ball)
    if order == 0 and a is not b and operation.name in {"equal", "not_equal"}:
        return BallSeries(ball, nearby=operation.name == "not_equal")
    if order is None or (order == 0 and a is not b):
        raise NotDifferentiableError(f"at a change of a condition ({operation.symbol}), as far as can be told")
    return BallSeries(ball)


def connective(operation: Operation, operands: tuple[BallSeries, ...]) -> BallSeries:
    if any(
        operand.nearby is not None or (operand.series is not None and operand.ball.truth is not True)
        for operand in operands
    ):
        raise NotDifferentiableError("at a change of a condition, as far as can be told")
    return BallSeries(Ball.apply(operation, *(operand.ball for operand in operands)))


def branch(operation: Operation, operands: tuple[BallSeries, ...]) -> BallSeries:
    condition, a, b = operands
    truth = condition.ball.truth
    if truth is None or (condition.series is not None and not truth):
        raise NotDifferentiableError("at a change of a condition, as far as can be told")
    taken, other = (a, b) if truth else (b, a)
    if condition.nearby is None or condition.nearby == truth:
        return taken
    limit = other.coefficients[0]
    if not limit.is_finite() or not limit.overlaps(taken.ball.interval):
        raise NotDifferentiableError("at a jump, as far as can be told")
    return BallSeries(taken.ball, other.coefficients)


def magnitude(operation: Operation, operands: tuple[BallSeries, ...]) -> BallSeries:
    (x,) = operands
    if not (x.ball.interval > 0 or x.ball.interval < 0):
        raise NotDifferentiableError("at a kink of abs, as far as can be told")
    return BallSeries(Ball.apply(operation, x.ball), x.series if x.ball.interval > 0 else -x.series)


def extreme(operation: Operation, operands: tuple[BallSeries, ...]) -> BallSeries:
    best = operands[0]
    for other in operands[1:]:
        order = 0 if best is other else ordering(best.ball, other.ball)
        if order is None or (order == 0 and best is not other):
            raise NotDifferentiableError(f"at a kink of {operation.name}, as far as can be told")
        if (order < 0) == (operation.name == "max") and order:
            best = other
    return best


def remainder(operation: Operation, operands: tuple[BallSeries, ...]) -> BallSeries:
    a, b = operands
    quotient = a.ball.interval / b.ball.interval
    if not quotient.is_finite() or quotient.contains_integer():
        raise NotDifferentiableError(f"at a jump of {operation.name}, as far as can be told")
    whole = constant(quotient.floor().mid())
    series = whole if operation.name == "floor_divide" else a.coefficients - b.coefficients * whole
    return BallSeries(Ball.apply(operation, a.ball, b.ball), series)


CHOICES: dict[str, Callable[[Operation, tuple[BallSeries, ...]], BallSeries]] = {
    **dict.fromkeys(("sign", "floor", "ceil", "round", "trunc"), step),
    **dict.fromkeys(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"), comparison),
    **dict.fromkeys(("logical_and", "logical_or", "logical_not"), connective),
    **dict.fromkeys(("max", "min"), extreme),
    **dict.fromkeys(("mod", "floor_divide"), remainder),
    "where": branch,
    "abs": magnitude,
}
"""The primitives with kinks and jumps by the name of the row: the series on the side where the point is."""
