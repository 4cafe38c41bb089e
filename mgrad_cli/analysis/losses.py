"""Loss functions of residuals, by which outliers count less, with their derivatives.

They are those of SciPy's `least_squares`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]


class Weighted(NamedTuple):
    """What a loss makes of residuals r of scale c, with z = (r/c)**2.

    cost     c**2/2 times the sum of rho(z)
    first    rho'(z), the weight of each residual
    second   2 z rho''(z), by which the weight of the outer products in the Hessian differs from `first`
    """

    cost: float
    first: "Array"
    second: "Array"


def huber(z: "Array") -> "tuple[Array, Array, Array]":
    import numpy

    is_near = z <= 1
    root = numpy.sqrt(numpy.where(is_near, 1.0, z))
    return (
        numpy.where(is_near, z, 2 * root - 1),
        1 / root,
        numpy.where(is_near, 0.0, -0.5 / root**3),
    )


def soft_l1(z: "Array") -> "tuple[Array, Array, Array]":
    import numpy

    root = numpy.sqrt(1 + z)
    return 2 * (root - 1), 1 / root, -0.5 / root**3


def cauchy(z: "Array") -> "tuple[Array, Array, Array]":
    import numpy

    return numpy.log1p(z), 1 / (1 + z), -1 / (1 + z) ** 2


def arctan(z: "Array") -> "tuple[Array, Array, Array]":
    import numpy

    return numpy.arctan(z), 1 / (1 + z**2), -2 * z / (1 + z**2) ** 2


LOSSES: dict[str, Callable[[Any], Any] | None] = {
    "linear": None, "soft_l1": soft_l1, "huber": huber, "cauchy": cauchy, "arctan": arctan,
}  # fmt: skip
"""By name, rho(z) with its two derivatives; nothing for least squares."""


def weighted(residuals: "Array", loss: str, scale: float) -> Weighted:
    """Return the cost of residuals and the weights of their rows.

    >>> import numpy
    >>> weighted(numpy.array([3.0]), "huber", 1.0).cost
    2.5
    """
    import numpy

    function = LOSSES[loss]
    if function is None:
        return Weighted(float(residuals @ residuals) / 2, numpy.ones(1), numpy.zeros(1))
    with numpy.errstate(all="ignore"):
        z = (residuals / scale) ** 2
        value, first, second = function(z)
        return Weighted(float(value.sum()) * scale**2 / 2, first, 2 * z * second)
