"""Round balls to the nearest double or to decimal digits, if the ball decides them."""

import math
from typing import Any

from flint import arb, fmpq, fmpz

MAX_BITS = 1100
"""More bits than the exponents of doubles span on either side of 1."""


def nearest(ball: Any) -> float | None:
    """Return the double nearest to the number in a ball, or `None` if the ball does not decide it.

    Ties go to even, and numbers beyond all doubles to infinity. A zero that is only known to be tiny is +0.
    """
    if isinstance(ball.value, float):
        return float(ball.value)
    if not ball.value.is_finite():
        return None
    if ball.fraction is not None:
        return quotient(int(ball.fraction.p), int(ball.fraction.q))
    if ball.value.is_exact():
        return point(ball.value)
    low, high = point(ball.value.lower()), point(ball.value.upper())
    if low == high == 0:
        return 0.0 if ball.value.contains(0) else low
    return low if low == high else None


def point(exact: Any) -> float:
    """Return the double nearest to an interval of radius zero."""
    mantissa, exponent = map(int, exact.man_exp())
    sign = -1.0 if mantissa < 0 else 1.0
    if mantissa.bit_length() + exponent > MAX_BITS:
        return sign * math.inf
    if mantissa.bit_length() + exponent < -MAX_BITS:
        return sign * 0.0
    return quotient(mantissa << exponent, 1) if exponent >= 0 else quotient(mantissa, 1 << -exponent)


def quotient(p: int, q: int) -> float:
    """Return the double nearest to a fraction. Python's true division of integers is correctly rounded."""
    try:
        return p / q
    except OverflowError:
        return -math.inf if p < 0 else math.inf


def bracket(interval: Any) -> tuple[float, float]:
    """Return the largest double not above an interval, and the smallest not below it."""
    if not interval.is_finite():
        infinite = math.inf if interval > 0 else -math.inf if interval < 0 else math.nan
        return infinite, infinite
    low, high = interval.lower(), interval.upper()
    below, above = point(low), point(high)
    if arb(below) > low:
        below = math.nextafter(below, -math.inf)
    if arb(above) < high:
        above = math.nextafter(above, math.inf)
    return below, above


def decimal(ball: Any, digits: int) -> str | None:
    """Return the number in a ball, correctly rounded to significant digits, or `None` if it is not decided.

    Ties go away from zero.
    """
    if isinstance(ball.value, float):
        return "-0" if ball.value == 0 else repr(ball.value)
    interval = arb(ball.fraction) if ball.fraction is not None else ball.value
    if interval.is_zero():
        return "0"
    if not interval.is_finite() or interval.contains(0):
        return None
    sign, size = ("-" if interval < 0 else ""), abs(interval)
    exact = size if ball.fraction is None else abs(ball.fraction)
    exponent = int(size.log_base(10).mid().floor().unique_fmpz())
    for guess in (exponent, exponent + 1, exponent - 1):
        text = scaled(exact, digits, guess)
        if text is None:
            return None
        if len(text) == digits:
            return sign + placed(text, guess)
    return None


def scaled(size: Any, digits: int, exponent: int) -> str | None:
    """Return a positive number times a power of ten, rounded to the nearest integer, as digits.

    The number is an interval or, so that ties are decided, a fraction.
    """
    shift = digits - 1 - exponent
    is_fraction = isinstance(size, fmpq)
    power = (fmpz if is_fraction else arb)(10) ** abs(shift)
    moved = size * power if shift >= 0 else size / power
    if is_fraction:
        return str((moved + fmpq(1, 2)).floor().str())
    whole = (moved + arb(0.5)).floor().unique_fmpz()
    return None if whole is None else whole.str()


def placed(digits: str, exponent: int) -> str:
    """Return digits with their decimal point as the language writes numbers, with an exponent if that is shorter."""
    if -5 < exponent < 0:
        return f"0.{'0' * (-exponent - 1)}{digits}"
    if 0 <= exponent < len(digits):
        whole, rest = digits[: exponent + 1], digits[exponent + 1 :]
        return f"{whole}.{rest}" if rest else whole
    return f"{digits[0]}{'.' if len(digits) > 1 else ''}{digits[1:]}e{fmpz(exponent).str()}"
