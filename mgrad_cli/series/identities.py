"""Identities for rows where they are not regular, or an operand is infinite, in terms of rows that are known there."""

import math
from typing import Any

from mgrad_cli.operations import TABLE
from mgrad_cli.series.coefficients import Inexact
from mgrad_cli.series.exponents import CONSTANT, FLAT, LOGARITHM
from mgrad_cli.series.germs import Germ, Unbounded, UnresolvedError
from mgrad_cli.series.leading import sign_of
from mgrad_cli.series.power_log import Series, number_series

ROW = {name: rows[0] for name, rows in TABLE.items()}
MAX_POLE = 20
"""The largest n for which the gamma function is expanded at its pole -n."""
MAX_TURNS = 32
"""The most half turns of an angle whose nearest double counts as an exact multiple of a right angle."""


def is_pole(x: Series | Unbounded) -> bool:
    """Return whether x approaches 0 or one of the first negative integers."""
    if isinstance(x, Unbounded) or not x.tends_to_a_number:
        return False
    number = x.coefficient(CONSTANT)
    return isinstance(number, int) and -MAX_POLE <= number <= 0


def steps_to_one(x: Series) -> list[Any]:
    """Yield x, x + 1, ... while they are not positive."""
    number = x.coefficient(CONSTANT)
    assert isinstance(number, int)
    return [x + k for k in range(1 - number)]


def bounded(x: Germ) -> Germ:
    """Return the germ of an oscillation between -1 and 1."""
    return Series(x.expansion, (), CONSTANT)


def error_function(x: Germ) -> Germ:
    if isinstance(x, Series) and x.valuation > LOGARITHM:
        raise UnresolvedError("growth that is no rational power")
    return Series(x.expansion, ((CONSTANT, sign_of(x)),), FLAT)


def gamma(x: Any) -> Any:
    factors = steps_to_one(x)
    result = ROW["gamma"](factors[-1] + 1)
    for factor in factors:
        result = result / factor
    return result


def lgamma(x: Any) -> Any:
    factors = steps_to_one(x)
    result = ROW["lgamma"](factors[-1] + 1)
    for factor in factors:
        result = result - log(abs(factor))
    return result


def polygamma(n: Any, x: Any) -> Any:
    order = n.coefficient(CONSTANT) if isinstance(n, Series) and n.is_constant else None
    if not isinstance(order, int) or not 0 <= order <= MAX_POLE:
        raise UnresolvedError("the order of polygamma is not a small whole number")
    factors = steps_to_one(x)
    result = ROW["polygamma"](n, factors[-1] + 1) if order else ROW["digamma"](factors[-1] + 1)
    for factor in factors:
        result = result - (-1) ** order * math.factorial(order) / factor ** (order + 1)
    return result


def hypot(x: Any, y: Any) -> Any:
    return sqrt(x * x + y * y)


def atan2(y: Any, x: Any) -> Any:
    """Return the angle, by the quadrant of the point."""
    if sign_of(x) == 0:
        return turned(x, sign_of(y))
    angle: Any = ROW["atan"](y / x)
    if sign_of(x) > 0:
        return angle
    return angle + turned(x, 2 if sign_of(y) >= 0 else -2)


def turned(x: Any, quarters: int) -> Any:
    """Return a number of right angles."""
    return number_series(x.expansion, Inexact(quarters * math.pi / 2, 4e-16) if quarters else 0)


def quarter_turns(angle: float) -> int:
    """Return the number of right angles in an angle other than 0, if it is the nearest double, or `None`."""
    quarters = round(angle / (math.pi / 2)) if abs(angle) < math.pi * MAX_TURNS else 0
    return quarters if quarters * math.pi / 2 == angle else 0


log, exp, sqrt = ROW["log"], ROW["exp"], ROW["sqrt"]

IDENTITIES: dict[str, Any] = {
    "sin": bounded, "cos": bounded, "tan": lambda x: ROW["sin"](x) / ROW["cos"](x),
    "expm1": lambda x: exp(x) - 1, "exp2": lambda x: exp(x * log(2.0)),
    "log1p": lambda x: log(1 + x), "log2": lambda x: log(x) / log(2.0), "log10": lambda x: log(x) / log(10.0),
    "sinh": lambda x: (exp(x) - exp(-x)) / 2, "cosh": lambda x: (exp(x) + exp(-x)) / 2,
    "tanh": lambda x: 1 - 2 / (exp(2 * x) + 1),
    "asinh": lambda x: sign_of(x) * log(abs(x) + sqrt(x * x + 1)),
    "acosh": lambda x: log(x + sqrt(x * x - 1)),
    "atanh": lambda x: log((1 + x) / (1 - x)) / 2,
    "atan": lambda x: number_series(x.expansion, Inexact(sign_of(x) * math.pi / 2, 2e-16)) - ROW["atan"](1 / x),
    "erf": error_function, "erfc": lambda x: 1 - error_function(x),
    "gamma": gamma, "lgamma": lgamma, "digamma": lambda x: polygamma(number_series(x.expansion, 0), x),
    "polygamma": polygamma, "hypot": hypot, "atan2": atan2,
}  # fmt: skip
"""The identities of rows, in terms of rows that are known where the former are not regular."""

EDGES: dict[str, Any] = {
    "tan": quarter_turns, "sec": quarter_turns, "csc": quarter_turns, "cot": quarter_turns, "sinc": quarter_turns,
    "atan2": lambda a, b: a == 0 and b <= 0,
}  # fmt: skip
"""Further poles and jumps of rows, which their conventions do not list."""
