"""Python's floats and `math` by IEEE 754: overflow is inf, an invalid operation is nan, and nothing raises."""

import math
from collections.abc import Callable

INF = math.inf
NAN = math.nan


def quiet(function: Callable[[float], float], overflow: Callable[[float], float] = abs) -> Callable[[float], float]:
    """Wrap a function of `math` to return nan outside its domain, and inf on overflow.

    `overflow` maps the operand to a number that has the sign of the infinite result.
    """

    def evaluate(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return NAN
        except OverflowError:
            return math.copysign(INF, overflow(x))

    return evaluate


def divide(a: float, b: float) -> float:
    """Return a/b; x/0 is inf with the sign of the quotient, and 0/0 is nan."""
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0 or a != a:
            return NAN
        return math.copysign(INF, a) * math.copysign(1.0, b)


def power(a: float, b: float) -> float:
    """Return a**b as C's `pow` does."""
    try:
        return math.pow(a, b)
    except OverflowError:
        return -INF if a < 0 and math.fmod(b, 2.0) else INF
    except ValueError:
        if a == 0:
            return math.copysign(INF, a) if abs(math.fmod(b, 2.0)) == 1 else INF
        return NAN


def floor_divide(a: float, b: float) -> float:
    """Return the floor of the exact quotient."""
    return a // b if b else divide(a, b)


def modulo(a: float, b: float) -> float:
    """Return the remainder with the sign of b; nan for b = 0."""
    return a % b if b else NAN


def square_root(x: float) -> float:
    """Return the square root; +0 for -0, so that the derivative there is +inf."""
    return math.sqrt(x) + 0.0 if x >= 0 else NAN


def log(x: float) -> float:
    return math.log(x) if x > 0 else -INF if x == 0 else NAN


def log2(x: float) -> float:
    return math.log2(x) if x > 0 else -INF if x == 0 else NAN


def log10(x: float) -> float:
    return math.log10(x) if x > 0 else -INF if x == 0 else NAN


def log1p(x: float) -> float:
    return math.log1p(x) if x > -1 else -INF if x == -1 else NAN


def atanh(x: float) -> float:
    return math.atanh(x) if -1 < x < 1 else math.copysign(INF, x) if abs(x) == 1 else NAN


def sign(x: float) -> float:
    return 1.0 if x > 0 else -1.0 if x < 0 else 0.0 if x == 0 else NAN


def floor(x: float) -> float:
    return math.copysign(math.floor(x), x) if math.isfinite(x) else x


def ceil(x: float) -> float:
    return math.copysign(math.ceil(x), x) if math.isfinite(x) else x


def round_half_even(x: float) -> float:
    return math.copysign(round(x), x) if math.isfinite(x) else x


def truncate(x: float) -> float:
    return math.copysign(math.trunc(x), x) if math.isfinite(x) else x


def maximum(*operands: float) -> float:
    """Return the largest operand. A zero is +0, whatever the order of zeros among the operands."""
    return NAN if any(x != x for x in operands) else max(operands) + 0.0


def minimum(*operands: float) -> float:
    """Return the smallest operand. A zero is +0, whatever the order of zeros among the operands."""
    return NAN if any(x != x for x in operands) else min(operands) + 0.0


def choose(condition: float, a: float, b: float) -> float:
    """Return `a` if the condition is not 0, else `b`; nan if the condition is nan."""
    return NAN if condition != condition else a if condition else b


def conjunction(a: float, b: float) -> float:
    """Return the logical and; nan with nan."""
    return NAN if a != a or b != b else 1.0 if a and b else 0.0


def disjunction(a: float, b: float) -> float:
    """Return the logical or; nan with nan."""
    return NAN if a != a or b != b else 1.0 if a or b else 0.0


def negation(a: float) -> float:
    """Return the logical not; nan for nan."""
    return NAN if a != a else 0.0 if a else 1.0
