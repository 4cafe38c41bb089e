"""Bessel functions of the orders 0 and 1."""

import functools
import math
from typing import Any

from mgrad_cli.operations.logic import equal, less, where
from mgrad_cli.operations.operation import Convention, Fault, Operation
from mgrad_cli.operations.scipy_functions import Evaluations, evaluations, scipy_special
from mgrad_cli.operations.selection import abs_
from mgrad_cli.operations.trigonometric import NEAR_ZERO, POWERS, series

row = functools.partial(Operation, group="special")

RATIO_0 = tuple((-1) ** k / (2 ** (2 * k + 1) * math.factorial(k) * math.factorial(k + 1)) for k in (0, *POWERS))
RATIO_1 = tuple(2 * k * c for k, c in enumerate(RATIO_0) if k)
RATIO_2 = tuple((2 * k - 1) * c for k, c in enumerate(RATIO_1, 1))
RATIO_3 = tuple((2 * k - 2) * c for k, c in enumerate(RATIO_2, 1) if k > 1)
"""Coefficients of j1(x)/x and its first three derivatives as series in x*x, the odd ones without a factor x."""


FAR = 1e8
"""From this magnitude on the second term of the expansion for large arguments is less than a rounding error."""


TINY = 1e-8
"""Below this magnitude j1(x) is x/2."""


def bessel(kind: str, order: int) -> Evaluations:
    """Return a Bessel function from two of SciPy's, each where it is accurate, and from sine and cosine far out.

    Those of a single order round the angle for large arguments, those of any order are inexact near 0, and both round
    it far out. Source of the expansion there: DLMF 10.17.3.
    """

    def on_arrays(x: Any) -> Any:
        import numpy

        special = scipy_special("the Bessel functions")
        x = numpy.asarray(x, dtype=float)
        size = abs(x)
        near = getattr(special, f"{kind}{order}")(x)
        if (kind, order) == ("j", 1):  # SciPy's loses digits where its result is subnormal
            near = numpy.where(size < TINY, x / 2, near)
        general = getattr(special, f"{kind}v")(order, x)
        c, s = numpy.sin(size) + numpy.cos(size), numpy.sin(size) - numpy.cos(size)
        c, s = (s, -c) if order else (c, s)
        ratio = (4 * order - 1) / 8 / size
        far = (c - ratio * s if kind == "j" else s + ratio * c) / math.sqrt(math.pi) / numpy.sqrt(size)
        far = numpy.where(numpy.isinf(x), 0.0, numpy.where(numpy.signbit(x) & (order == 1), -far, far))
        is_far = (size >= FAR) & ((x > 0) | (kind == "j"))
        return numpy.where(is_far, far, numpy.where(size < 0.5, near, general))

    return evaluations(on_arrays)


def singular(name: str, gradient: str) -> tuple[Convention, ...]:
    """Return the convention for a Bessel function of the second kind at 0."""
    return (Convention(f"{name}(x) at 0", gradient, lambda x: x == 0),)


NOT_POSITIVE = (Fault("a pole, at 0", lambda x: x == 0), Fault("the operand is negative", lambda x: x < 0))
J0, J0_ARRAYS = bessel("j", 0)
J1, J1_ARRAYS = bessel("j", 1)
Y0, Y0_ARRAYS = bessel("y", 0)
Y1, Y1_ARRAYS = bessel("y", 1)
AROUND = (-7.3, -0.3, 1e-6, 0.4, 1.3, 3.3, 9.3, 30.5, 100.25)

j0: Operation = row(
    "j0", J0, lambda x, y: -j1(x), arrays=J0_ARRAYS, domain="any x", samples=(0.0, *AROUND), parity="even", ulp=16,
    latex="J_{0}", doc="Bessel function of the first kind, order 0",
)  # fmt: skip
j1: Operation = row(
    "j1", J1, lambda x, y: j0(x) - j1_ratio(x), arrays=J1_ARRAYS, domain="any x", samples=(0.0, *AROUND), parity="odd",
    ulp=16, latex="J_{1}", derivative_text=("j0(x) - where(x == 0, 1/2, j1(x)/x)",),
    doc="Bessel function of the first kind, order 1",
)  # fmt: skip
y0: Operation = row(
    "y0", Y0, lambda x, y: -y1(x), arrays=Y0_ARRAYS, domain="x > 0", faults=NOT_POSITIVE,
    conventions=singular("y0", "inf"), samples=(1e-6, 0.4, 1.7, 3.3, 9.3, 30.5, 100.25), ulp=16, latex="Y_{0}",
    doc="Bessel function of the second kind, order 0",
)  # fmt: skip
y1: Operation = row(
    "y1", Y1, lambda x, y: y0(x) - y / x, arrays=Y1_ARRAYS, domain="x > 0", faults=NOT_POSITIVE,
    conventions=singular("y1", "nan: infinity minus infinity"), samples=(1e-6, 0.4, 1.7, 3.3, 9.3, 30.5, 100.25),
    ulp=16, latex="Y_{1}", doc="Bessel function of the second kind, order 1",
)  # fmt: skip
j1_ratio: Operation = row(
    "j1_ratio", lambda x: where(less(abs_(x), NEAR_ZERO), series(x * x, RATIO_0), j1(x) / x),
    lambda x, y: j1_ratio_derivative(x), domain="any x", is_internal=True, parity="even",
    mathematics=lambda x: where(equal(x, 0), 0.5, j1(x) / x), expansion=lambda x: j1(x) / x,
    samples=(0.0, 1e-200, *AROUND), ulp=16, derivative_text=("where(x == 0, 0, (j0(x) - 2*j1_ratio(x))/x)",),
    doc="j1(x)/x, and 1/2 at 0",
)  # fmt: skip
j1_ratio_derivative: Operation = row(
    "j1_ratio_derivative",
    lambda x: where(less(abs_(x), NEAR_ZERO), x * series(x * x, RATIO_1), (j0(x) - 2 * j1_ratio(x)) / x),
    lambda x, y: j1_ratio_second_derivative(x), domain="any x", is_internal=True, parity="odd",
    mathematics=lambda x: where(equal(x, 0), 0.0, (j0(x) - 2 * j1_ratio(x)) / x),
    expansion=lambda x: (j0(x) - 2 * j1(x) / x) / x,
    samples=(0.0, 1e-200, *AROUND), ulp=16,
    derivative_text=("where(x == 0, -1/8, -j1_ratio(x) - 3*j1_ratio_derivative(x)/x)",),
    doc="derivative of j1(x)/x, and 0 at 0",
)  # fmt: skip
j1_ratio_second_derivative: Operation = row(
    "j1_ratio_second_derivative",
    lambda x: where(
        less(abs_(x), NEAR_ZERO), series(x * x, RATIO_2), -j1_ratio(x) - 3 * j1_ratio_derivative(x) / x
    ),
    lambda x, y: where(
        less(abs_(x), NEAR_ZERO), x * series(x * x, RATIO_3),
        where(equal(x, 0), 0.0, -j1_ratio_derivative(x) - 3 * (y - j1_ratio_derivative(x) / x) / x),
    ),
    domain="any x", is_internal=True, parity="even",
    mathematics=lambda x: where(equal(x, 0), -0.125, -j1_ratio(x) - 3 * j1_ratio_derivative(x) / x),
    expansion=lambda x: -j1(x) / x - 3 * (j0(x) - 2 * j1(x) / x) / x**2,
    derivative_text=(
        "where(x == 0, 0, -j1_ratio_derivative(x) - 3*(j1_ratio_second_derivative(x) - j1_ratio_derivative(x)/x)/x)",
    ),
    samples=(0.0, *AROUND), ulp=32, doc="second derivative of j1(x)/x, and -1/8 at 0",
)  # fmt: skip
