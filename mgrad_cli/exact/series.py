"""Compute derivatives with Arb's power series, which use no rule of the table."""

import math
from collections.abc import Callable
from typing import Any

from flint import arb, arb_series, fmpz

from mgrad_cli.exact import decisions, primitives  # noqa: F401  what the primitive operations are on balls
from mgrad_cli.exact.ball import Ball
from mgrad_cli.exact.decisions import ordering
from mgrad_cli.operations import Operand, Operation

LENGTH = 6
"""The number of coefficients: the value, the slope, and some that divisions of zero by zero use up."""


class NotDifferentiableError(Exception):
    """The function may have a kink or a jump at the point; the message names its cause."""


class SeriesBall(Operand):
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
    def of(number: Any) -> "SeriesBall":
        return number if isinstance(number, SeriesBall) else SeriesBall(Ball.of(number))

    @staticmethod
    def variable(ball: Ball) -> "SeriesBall":
        """Return the series of the variable itself at a point."""
        return SeriesBall(ball, arb_series([ball.interval, arb(1)], LENGTH))

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "SeriesBall":
        operands = tuple(map(SeriesBall.of, operands))
        if all(operand.series is None for operand in operands):
            return SeriesBall(Ball.apply(operation, *(operand.ball for operand in operands)))
        choose = CHOICES.get(operation.name)
        if choose is not None:
            return choose(operation, operands)
        if operation.name not in SERIES:
            if operation.mathematics is None:
                raise NotDifferentiableError(f"Arb has no power series of {operation.name}")
            return SeriesBall.of(operation.mathematics(*operands))
        ball = Ball.apply(operation, *(operand.ball for operand in operands))
        series = SERIES[operation.name](*(operand.coefficients for operand in operands))
        if series.prec < 2:
            raise NotDifferentiableError("0/0, and no coefficients of the series are left")
        return SeriesBall(ball, series)

    @property
    def coefficients(self) -> Any:
        return arb_series([self.ball.interval], LENGTH) if self.series is None else self.series

    @property
    def slope(self) -> Any:
        return arb(0) if self.series is None else self.series[1]


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


def step(operation: Operation, operands: tuple[SeriesBall, ...]) -> SeriesBall:
    """Apply a function that is constant around the point, unless it jumps there."""
    ball = Ball.apply(operation, *(operand.ball for operand in operands))
    point = operands[0].ball.interval
    jumps = {"sign": point, "round": (point + arb(0.5))}.get(operation.name, point)
    touches = jumps.contains(0) if operation.name == "sign" else jumps.contains_integer()
    if operation.name == "trunc" and abs(point) < 1:
        touches = False
    if touches:
        raise NotDifferentiableError(f"at a jump of {operation.name}, as far as can be told")
    return SeriesBall(ball)


def comparison(operation: Operation, operands: tuple[SeriesBall, ...]) -> SeriesBall:
    a, b = operands
    ball = Ball.apply(operation, a.ball, b.ball)
    order = ordering(a.ball, b.ball)
    if order == 0 and a is not b and operation.name in {"equal", "not_equal"}:
        return SeriesBall(ball, nearby=operation.name == "not_equal")
    if order is None or (order == 0 and a is not b):
        raise NotDifferentiableError(f"at a change of a condition ({operation.symbol}), as far as can be told")
    return SeriesBall(ball)


def connective(operation: Operation, operands: tuple[SeriesBall, ...]) -> SeriesBall:
    if any(
        operand.nearby is not None or (operand.series is not None and operand.ball.truth is not True)
        for operand in operands
    ):
        raise NotDifferentiableError("at a change of a condition, as far as can be told")
    return SeriesBall(Ball.apply(operation, *(operand.ball for operand in operands)))


def branch(operation: Operation, operands: tuple[SeriesBall, ...]) -> SeriesBall:
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
    return SeriesBall(taken.ball, other.coefficients)


def magnitude(operation: Operation, operands: tuple[SeriesBall, ...]) -> SeriesBall:
    (x,) = operands
    if not (x.ball.interval > 0 or x.ball.interval < 0):
        raise NotDifferentiableError("at a kink of abs, as far as can be told")
    return SeriesBall(Ball.apply(operation, x.ball), x.series if x.ball.interval > 0 else -x.series)


def extreme(operation: Operation, operands: tuple[SeriesBall, ...]) -> SeriesBall:
    best = operands[0]
    for other in operands[1:]:
        order = 0 if best is other else ordering(best.ball, other.ball)
        if order is None or (order == 0 and best is not other):
            raise NotDifferentiableError(f"at a kink of {operation.name}, as far as can be told")
        if (order < 0) == (operation.name == "max") and order:
            best = other
    return best


def remainder(operation: Operation, operands: tuple[SeriesBall, ...]) -> SeriesBall:
    a, b = operands
    quotient = a.ball.interval / b.ball.interval
    if not quotient.is_finite() or quotient.contains_integer():
        raise NotDifferentiableError(f"at a jump of {operation.name}, as far as can be told")
    whole = constant(quotient.floor().mid())
    series = whole if operation.name == "floor_divide" else a.coefficients - b.coefficients * whole
    return SeriesBall(Ball.apply(operation, a.ball, b.ball), series)


CHOICES: dict[str, Callable[[Operation, tuple[SeriesBall, ...]], SeriesBall]] = {
    **dict.fromkeys(("sign", "floor", "ceil", "round", "trunc"), step),
    **dict.fromkeys(("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"), comparison),
    **dict.fromkeys(("logical_and", "logical_or", "logical_not"), connective),
    **dict.fromkeys(("max", "min"), extreme),
    **dict.fromkeys(("mod", "floor_divide"), remainder),
    "where": branch,
    "abs": magnitude,
}
"""The primitives with kinks and jumps by the name of the row: the series on the side where the point is."""
