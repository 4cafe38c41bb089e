"""The rounding of one operation: how far its result may be from the exact one for the same operands.

A rule of the operands and the result, over number-likes as the partials are, so that a bound is a float for floats and
a register of a program for registers.
"""

import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from mgrad_cli.operations.arithmetic import divide, sqrt
from mgrad_cli.operations.exponential import log, log10
from mgrad_cli.operations.logic import equal, less, less_equal, logical_and, logical_or, not_equal, where
from mgrad_cli.operations.operation import Operation, Rule, mask_at
from mgrad_cli.operations.selection import floor, max_, min_

UNIT = 2.0**-53
"""The relative error of a number that is rounded to the nearest double: half a unit in the last place, at most."""
SMALLEST, LARGEST = math.ulp(0.0), sys.float_info.max
SUBNORMAL = sys.float_info.min
"""Numbers below it have fewer digits than others."""
MAX_DIGITS = 16.0


def is_power_of_two(x: Any) -> Any:
    """Return 1 where x is 0 or plus or minus a power of two.

    The products of other numbers with 2**52 + 1 are rounded.
    """
    return equal(x * (2.0**52 + 1) - x * 2.0**52, x)


def underflow(*factors: Any) -> Any:
    """Return the error of a result below the normal numbers; none if a factor is 0."""
    product = equal(factors[0], 0)
    for factor in factors[1:]:
        product = logical_or(product, equal(factor, 0))
    return where(product, 0.0, SMALLEST)


def sum_error(a: Any, b: Any, y: Any) -> Any:
    """Return the exact error of y = a + b by Knuth's two-sum (Knuth 1998, The Art of Computer Programming 2, 4.2.2)."""
    c = y - a
    return abs((a - (y - c)) + (b - c))


def difference_error(a: Any, b: Any, y: Any) -> Any:
    c = y - a
    return abs((a - (y - c)) - (b + c))


def product_error(a: Any, b: Any, y: Any) -> Any:
    rounded = where(logical_or(is_power_of_two(a), is_power_of_two(b)), 0.0, UNIT * abs(y))
    return where(less(abs(y), SUBNORMAL), underflow(a, b), rounded)


def quotient_error(a: Any, b: Any, y: Any) -> Any:
    """Return the error of y = a/b. An infinite b may stand for any number from the largest double on."""
    rounded = where(is_power_of_two(b), 0.0, UNIT * abs(y))
    lost = where(equal(abs(b), math.inf), abs(a) / LARGEST + SMALLEST, underflow(a))
    return where(less(abs(y), SUBNORMAL), lost, rounded)


def power_error(a: Any, b: Any, *others: Any) -> Any:
    y = others[-1]
    lost = where(equal(abs(a), math.inf), 1 / LARGEST, underflow(a))
    return where(less(abs(y), SUBNORMAL), lost, where(equal(abs(a), 1), 0.0, 2 * UNIT * abs(y)))


def relative(units: float) -> Rule:
    """Return the rule for an operation with a relative error of some half units in the last place.

    At 0 it is exact if the result is 0 or a power of two, as for exp(0) and sin(0).
    """

    def error(*operands_and_result: Any) -> Any:
        *operands, y = operands_and_result
        is_exact = is_power_of_two(y)
        for operand in operands:
            is_exact = logical_and(is_exact, equal(operand, 0))
        return where(is_exact, 0.0, units * UNIT * abs(y))

    return error


def underflowing(units: float) -> Rule:
    """Return the same rule for an operation whose result may underflow."""
    rounded = relative(units)

    def error(*operands_and_result: Any) -> Any:
        *operands, y = operands_and_result
        return where(less(abs(y), SUBNORMAL), underflow(*operands), rounded(*operands, y))

    return error


def bessel_error(x: Any, y: Any) -> Any:
    """Return the error relative to the amplitude of a Bessel function, which oscillates."""
    amplitude = 1 / sqrt(max_(abs(x), 1.0))
    return where(equal(x, 0), 0.0, 32 * UNIT * (abs(y) + amplitude))


def incomplete_gamma_error(a: Any, x: Any, y: Any) -> Any:
    """Return the error relative to the smaller one of the lower and the upper function, as measured."""
    return UNIT * ((512 + 32 * (a + x)) * min_(y, 1 - y) + 8 * y)


def log_beta_error(a: Any, b: Any, y: Any) -> Any:
    return 64 * UNIT * (1 + abs(y))


def beta_error(a: Any, b: Any, y: Any) -> Any:
    """Return the error of a product of gamma functions, or of the exponential of a logarithm where they overflow."""
    return where(less(abs(y), SUBNORMAL), SMALLEST, 64 * UNIT * (1 + abs(log(y))) * abs(y))


def density_error(a: Any, x: Any, y: Any) -> Any:
    return where(less(abs(y), SUBNORMAL), SMALLEST, 64 * UNIT * (1 + abs(log(y))) * abs(y))


EXACT = frozenset({"negative", "abs", "where", "max", "min", "clip", "relu", "relu6", "hardtanh"})
"""The operations that do not round, beside those without a derivative, which are steps."""
UNDERFLOWING = (
    "exp", "exp2", "refined_exp", "softmax", "sech", "csch", "sigmoid", "gaussian", "normpdf", "normcdf", "erfc",
)  # fmt: skip
RULES: dict[str, Rule] = {
    "add": sum_error, "subtract": difference_error, "multiply": product_error, "divide": quotient_error,
    "pow": power_error, "reduced_pow": power_error, "sqrt": relative(1.0), "beta": beta_error, "lbeta": log_beta_error,
    "gamma_density": density_error, "gammainc": incomplete_gamma_error, "gammaincc": incomplete_gamma_error,
    "j0": bessel_error, "j1": bessel_error, "y0": bessel_error, "y1": bessel_error,
    **dict.fromkeys(UNDERFLOWING, underflowing(4.0)),
}  # fmt: skip
"""The rules of operations whose error is not relative, or smaller than usual."""
PRIMITIVE, COMPOSED, SPECIAL = relative(4.0), relative(8.0), relative(32.0)
"""Those of all others: a function of a library, one written over other rows, and one of the gamma family."""


def rounding_rule(operation: Operation) -> Rule | None:
    """Return the rule for the error of an operation's finite results, or `None` if they are exact."""
    if operation.name in EXACT or not any(operation.partials):
        return None
    if operation.name in RULES:
        return RULES[operation.name]
    return SPECIAL if operation.group == "special" else PRIMITIVE if operation.body is None else COMPOSED


def infinite_error(operands: Sequence[Any], errors: Sequence[Any]) -> Any:
    """Return the error of an infinite result: none at a pole or for infinite operands; infinite after an overflow."""
    is_exact: Any = 0.0
    is_overflow: Any = 0.0
    for operand, error in zip(operands, errors, strict=True):
        for edge in (0.0, 1.0, math.inf):
            is_exact = logical_or(is_exact, equal(abs(operand), edge))
        is_overflow = logical_or(is_overflow, logical_and(equal(abs(operand), math.inf), equal(error, math.inf)))
    return where(is_overflow, math.inf, where(is_exact, 0.0, math.inf))


def rounding(operation: Operation, operands: Sequence[Any], y: Any, errors: Sequence[Any] = ()) -> Any:
    """Return a bound on the error that an operation adds to those of its operands, in the operands' class.

    `errors` are the errors added by the operations behind the operands, by default none.
    """
    rule = rounding_rule(operation)
    if rule is None:
        return 0.0
    infinite = infinite_error(operands, errors or [0.0] * len(operands))
    return where(less(abs(y), math.inf), rule(*operands, y), infinite)


def swing(operation: Operation, operands: Sequence[Any], margins: Sequence[Any], y: Any) -> tuple[Any, Any]:
    """Return the change in an exact operation's result across a step, with operands moved within their margins."""
    found: Any = 0.0
    is_doubtful: Any = 0.0
    is_step = not any(operation.partials)
    chosen = choices(operation, operands, y)
    for moved in displaced(operands, margins):
        shifted = operation(*moved)
        distance = where(equal(shifted, y), 0.0, abs(shifted - y))
        if is_step:
            found = max_(found, distance)
            continue
        changes: Any = 0.0
        for before, after in zip(chosen, choices(operation, moved, shifted), strict=True):
            changes = logical_or(changes, not_equal(before, after))
        found = max_(found, where(changes, distance, 0.0))
        is_doubtful = logical_or(is_doubtful, changes)
    return found, is_doubtful


def curvature(operation: Operation, operands: Sequence[float], margins: Sequence[float], y: float) -> float:
    """Return the change in a result when operands move within their margins, for those with a derivative of zero.

    To first order there is none, as for the square of a difference that cancelled to 0.
    """
    if not any(map(math.isfinite, filter(None, margins))):
        return 0.0
    changes = [abs(operation.evaluate(*moved) - y) for moved in displaced(operands, margins)]
    return max((change for change in changes if math.isfinite(change)), default=0.0)


def displaced(operands: Sequence[Any], margins: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield the operands at the ends of their margins: all to one side, and each to the side opposite the rest."""
    keys = [operand_key(operand) for operand in operands]
    movable = list(dict.fromkeys(key for key, margin in zip(keys, margins, strict=True) if is_margin(margin)))
    for alone in movable[: len(movable) if len(movable) > 2 else 1]:
        for rest in (1.0, -1.0) if len(movable) > 1 else (1.0,):
            for side in (1.0, -1.0):
                sides = [side if key == alone else side * rest for key in keys]
                yield [
                    operand + (margin if each > 0 else -margin) if is_margin(margin) else operand
                    for operand, margin, each in zip(operands, margins, sides, strict=True)
                ]


def is_margin(margin: Any) -> bool:
    """Return whether a margin is not the number 0."""
    return not isinstance(margin, float) or margin != 0


def operand_key(operand: Any) -> Any:
    """Return a key that identifies an operand."""
    return getattr(operand, "index", operand)


def choices(operation: Operation, operands: Sequence[Any], y: Any) -> list[Any]:
    """Return the decisions of an operation at its operands: which of them it selects, or the slopes at a kink."""
    rules = operation.local_rules(operands, (*operands, y))
    if operation.is_selection:
        return [1.0 if mask is None else mask_at(mask, *operands, y) for _, _, mask in rules]
    return [partial(*operands, y) if callable(partial) else 0.0 for _, partial, _ in rules]


def right_digits(figure: Any, error: Any) -> Any:
    """Return the number of correct decimal digits of a figure, given a bound on its error: 0 to 16, in tenths."""
    digits = floor(10 * min_(MAX_DIGITS, -log10(divide(error, abs(figure))))) / 10
    return where(less_equal(error, SMALLEST), MAX_DIGITS, where(less(error, abs(figure)), digits, 0.0))
