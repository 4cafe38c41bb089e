"""Exponents of terms: the pair (a, b) stands for t**a * L**-b with L = -log(t), as t goes down to zero.

Sorted pairs are terms from the largest to the smallest, since L grows more slowly than any power of 1/t.
"""

import math
from fractions import Fraction
from typing import Any, TypeAlias

Exponent: TypeAlias = tuple[Any, Any]

CONSTANT: Exponent = (0, 0)
LINEAR: Exponent = (1, 0)
LOGARITHM: Exponent = (0, -1)
FLAT: Exponent = (math.inf, 0)
"""The error of terms smaller than every power, such as exp(-1/t)."""
EXACT: Exponent = (math.inf, 1)
"""The error of exact values."""


def shift(exponent: Exponent, by: Exponent) -> Exponent:
    """Return the exponent of a product. An error that is exact, or smaller than every power, is unchanged."""
    return (
        exponent if exponent[0] == math.inf else by if by[0] == math.inf else (exponent[0] + by[0], exponent[1] + by[1])
    )


def multiple(exponent: Exponent, count: int) -> Exponent:
    return (ratio(exponent[0] * count), ratio(exponent[1] * count))


def ratio(number: Any) -> Any:
    """Return a rational number, as an integer if it is one."""
    return number.numerator if isinstance(number, Fraction) and number.denominator == 1 else number
