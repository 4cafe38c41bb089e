"""Signs, steps, comparisons and selections of germs, which leading coefficients decide."""

import math
from collections.abc import Callable
from fractions import Fraction

from mgrad_cli.series.coefficients import Inexact
from mgrad_cli.series.exponents import CONSTANT
from mgrad_cli.series.germs import Germ, Unbounded, UnresolvedError
from mgrad_cli.series.leading import Rule, divide, known, multiply, negative, sign_of, subtract
from mgrad_cli.series.power_log import Series, number_series


def abs_(x: Germ) -> Germ:
    if isinstance(x, Series) and not x.terms:
        return x
    return negative(x) if sign_of(x) < 0 else x


def sign(x: Germ) -> Germ:
    return number_series(x.expansion, sign_of(x))


Whole = Callable[[Fraction], int]


def step(here: Whole, below: Whole, above: Whole) -> Rule:
    """Return a step function of germs, given its values at a number, just below it and just above it."""

    def rule(operand: Germ) -> Germ:
        x = known(operand)
        if isinstance(x, Unbounded) or not x.tends_to_a_number:
            raise UnresolvedError("steps without end")
        number = x.coefficient(CONSTANT)
        if isinstance(number, Inexact):
            low, high = Fraction(number.mid) - Fraction(number.radius), Fraction(number.mid) + Fraction(number.radius)
            if below(low) != above(high):
                raise UnresolvedError("whether there is a step here is lost in rounding")
            return number_series(x.expansion, below(low))
        at = Fraction(number)
        if below(at) == above(at) == here(at):
            return number_series(x.expansion, here(at))
        side = x.minus(number_series(x.expansion, number)).sign
        return number_series(x.expansion, here(at) if side == 0 else below(at) if side < 0 else above(at))

    return rule


def before(x: Fraction) -> int:
    """Return the largest integer below x."""
    return math.ceil(x) - 1


def after(x: Fraction) -> int:
    """Return the smallest integer above x."""
    return math.floor(x) + 1


HALF = Fraction(1, 2)
floor = step(math.floor, before, math.floor)
ceil = step(math.ceil, math.ceil, after)
round_ = step(round, lambda x: math.ceil(x - HALF), lambda x: math.floor(x + HALF))
trunc = step(math.trunc, lambda x: before(x) if x > 0 else math.ceil(x), lambda x: after(x) if x < 0 else math.floor(x))


def floor_divide(x: Germ, y: Germ) -> Germ:
    return floor(divide(x, y))


def mod(x: Germ, y: Germ) -> Germ:
    return subtract(x, multiply(y, floor_divide(x, y)))


def compared(holds: Callable[[int], bool]) -> Rule:
    def rule(x: Germ, y: Germ) -> Germ:
        return number_series(x.expansion, int(holds(0 if x is y else sign_of(subtract(x, y)))))

    return rule


def logical_and(x: Germ, y: Germ) -> Germ:
    return number_series(x.expansion, int(sign_of(x) != 0 and sign_of(y) != 0))


def logical_or(x: Germ, y: Germ) -> Germ:
    return number_series(x.expansion, int(sign_of(x) != 0 or sign_of(y) != 0))


def where(c: Germ, x: Germ, y: Germ) -> Germ:
    return x if sign_of(c) else y


def largest(*operands: Germ) -> Germ:
    best = operands[0]
    for other in operands[1:]:
        best = other if sign_of(subtract(other, best)) > 0 else best
    return best


def smallest(*operands: Germ) -> Germ:
    return negative(largest(*map(negative, operands)))


def logical_not(x: Germ) -> Germ:
    return number_series(x.expansion, int(sign_of(x) == 0))


RULES: dict[str, Rule] = {
    "abs": abs_, "sign": sign, "floor": floor, "ceil": ceil, "round": round_, "trunc": trunc,
    "floor_divide": floor_divide, "mod": mod, "max": largest, "min": smallest, "where": where,
    "less": compared(lambda sign: sign < 0), "less_equal": compared(lambda sign: sign <= 0),
    "greater": compared(lambda sign: sign > 0), "greater_equal": compared(lambda sign: sign >= 0),
    "equal": compared(lambda sign: sign == 0), "not_equal": compared(lambda sign: sign != 0),
    "logical_and": logical_and, "logical_or": logical_or, "logical_not": logical_not,
}  # fmt: skip
