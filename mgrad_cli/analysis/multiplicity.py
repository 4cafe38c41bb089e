"""The multiplicity of a root of one equation, from how the equation and its derivative grow around it."""

import math

from mgrad_cli.analysis.equations import Equations

DISTANCES = range(45, 1, -1)
"""Distances from the root as negative powers of two, times its size. The nearest usable one is taken."""
USABLE = 1e4
"""How many times its rounding error the equation must be for its growth to be seen."""
NEAR = 0.02
"""How far from a whole number a multiplicity may be, relative to it."""


def order_at(equations: Equations, root: float) -> tuple[float, float] | None:
    """Return the m and c of c*|x - root|**m, which the equation is like around a root, or `None` if it is like none.

    Where f(x) is like c*h**m at x = root + h, h*f'(x)/f(x) is like m. Both sides of the root must agree.

    >>> from mgrad_cli.language.lowering import read
    >>> m, c = order_at(Equations(read("5*(x - 1)**3*x"), ["x"], {}), 1.0)
    >>> round(m, 6), round(c, 6)
    (3.0, 5.0)
    """
    scales = [scale for scale in (abs(root), 1.0) if scale]
    for distance in [scale * 2.0**-power for scale in scales for power in DISTANCES]:
        sides = [side(equations, root, sign * distance) for sign in (-1.0, 1.0)]
        found = [each for each in sides if each is not None]
        if found and len(found) == sum(is_number(equations, root + sign * distance) for sign in (-1.0, 1.0)):
            orders = [order for order, _ in found]
            order = sum(orders) / len(orders)
            if max(orders) - min(orders) > 2 * NEAR * order:
                return None
            return order, max(size for _, size in found) / distance**order
    return None


def side(equations: Equations, root: float, step: float) -> tuple[float, float] | None:
    """Return the order of the equation's growth at a step from the root and its size there, if rounding shows it."""
    point = [root + step]
    value, slope = float(equations.residual(point)[0]), float(equations.jacobian(point)[0, 0])
    if not math.isfinite(value) or value == 0 or abs(value) <= USABLE * float(equations.rounding(point)[0]):
        return None
    order = step * slope / value
    return (order, abs(value)) if math.isfinite(order) and order > 0 else None


def is_number(equations: Equations, x: float) -> bool:
    return math.isfinite(float(equations.residual([x])[0]))


def whole(order: float) -> int:
    """Return the multiplicity that an order is, or 0 if it is not a whole number."""
    return round(order) if order > 0.5 and abs(order - round(order)) <= NEAR * order else 0
