"""The gamma function and its family, computed by SciPy."""

import functools
import math
from typing import Any

from mgrad_cli.operations.arrays import store
from mgrad_cli.operations.operation import Convention, Fault, Operation, no_partial
from mgrad_cli.operations.scipy_functions import from_scipy

row = functools.partial(Operation, group="special")


GAMMA, GAMMA_ARRAYS = from_scipy("gamma")
LGAMMA, LGAMMA_ARRAYS = from_scipy("gammaln")
DIGAMMA, DIGAMMA_ARRAYS = from_scipy("digamma")
PLAIN_POLYGAMMA_ARRAYS = from_scipy("polygamma")[1]
REFLECTED = -1000.0
"""Below it polygamma is reflected: SciPy takes a step for each whole number between the argument and 0."""


def polygamma_arrays(n: Any, x: Any, out: Any = None) -> Any:
    """Return polygamma of arrays, also for arguments far below 0.

    There (-1)**n polygamma(n, 1 - x) - polygamma(n, x) is the derivative number n of pi cot(pi x), a polynomial in the
    cotangent c, since c' = -pi (1 + c**2). Source: Abramowitz and Stegun, 6.4.7.
    """
    if not isinstance(x, float) or x < REFLECTED:
        import numpy

        with numpy.errstate(all="ignore"):
            far = numpy.less(x, REFLECTED) & (numpy.mod(x, 1) > 0)
        if numpy.any(far):
            near = numpy.where(far, 1 - numpy.asarray(x), x)
            found = PLAIN_POLYGAMMA_ARRAYS(n, near)
            with numpy.errstate(all="ignore"):
                reflected = (-1.0) ** numpy.asarray(n) * found - cotangent_derivative(n, x)
            return store(out, numpy.where(far, reflected, found))
    return PLAIN_POLYGAMMA_ARRAYS(n, x, out=out)


def cotangent_derivative(n: Any, x: Any) -> Any:
    """Return the derivative number n of pi cot(pi x); nan for an n that is not whole, or is large."""
    import numpy

    part = x - numpy.round(x)
    beyond = numpy.copysign(0.5, part) - part
    cotangent = numpy.where(abs(part) > 0.25, numpy.tan(math.pi * beyond), 1 / numpy.tan(math.pi * part))
    result = numpy.full(numpy.broadcast(n, x).shape, numpy.nan)
    polynomial = numpy.polynomial.Polynomial([0.0, 1.0])
    for order in range(MAX_ORDER + 1):
        result = numpy.where(numpy.equal(n, order), math.pi ** (order + 1) * polynomial(cotangent), result)
        polynomial = -numpy.polynomial.Polynomial([1.0, 0.0, 1.0]) * polynomial.deriv()
    return result


def polygamma_floats(n: float, x: float) -> float:
    return float(polygamma_arrays(n, x))


MAX_ORDER = 8
"""The highest order of polygamma that is reflected."""

POLES = (Fault("a pole, at 0 and the negative whole numbers", lambda *x: x[-1] <= 0 and x[-1] % 1 == 0),)

gamma: Operation = row(
    "gamma", GAMMA, lambda x, y: y * digamma(x), arrays=GAMMA_ARRAYS, aliases="tgamma",
    domain="x != 0, -1, -2, ...", faults=POLES, samples=(0.3, 2.5, 7.0, 20.5, -0.5), ulp=64,
    doc="gamma function; gamma(x + 1) is x!",
)  # fmt: skip
lgamma: Operation = row(
    "lgamma", LGAMMA, lambda x, y: digamma(x), arrays=LGAMMA_ARRAYS, aliases="gammaln loggamma",
    domain="x != 0, -1, -2, ...", faults=POLES,
    conventions=(Convention("lgamma(x) at 0", "-inf", lambda x: x == 0),),
    samples=(0.3, 2.5, 7.0, 20.5, 1e6), ulp=16, doc="log of the magnitude of gamma(x)",
)  # fmt: skip
digamma: Operation = row(
    "digamma", DIGAMMA, lambda x, y: polygamma(1, x), arrays=DIGAMMA_ARRAYS, aliases="psi",
    domain="x != 0, -1, -2, ...", faults=POLES, samples=(0.3, 2.5, 7.0, 20.5, 1e6), ulp=16,
    doc="derivative of lgamma",
)  # fmt: skip
polygamma: Operation = row(
    "polygamma", polygamma_floats,
    no_partial,
    lambda n, x, y: polygamma(n + 1, x),
    operands="n x", derivative_text=("nan", "polygamma(n + 1, x)"), arrays=polygamma_arrays,
    domain="n whole, n >= 0; x > 0", faults=POLES,
    conventions=(Convention("polygamma(n, x) to n", "nan: n is a whole number", lambda n, x: True, 0),),
    samples=((0.0, 2.5), (1.0, 0.3), (2.0, 7.0)), ulp=16, doc="derivative number n of digamma",
)  # fmt: skip
