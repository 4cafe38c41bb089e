"""The imaginary error function, and the inverses of the error functions and the normal distribution."""

import functools
import math
from typing import Any

from mgrad_cli.operations.activation import ERF_SLOPE, erfc, normpdf, split_square
from mgrad_cli.operations.exponential import exp, refined_exp
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.operations.operation import Convention, Fault, Operation
from mgrad_cli.operations.scipy_functions import evaluations, from_scipy, scipy_special
from mgrad_cli.operations.selection import abs_, min_

row = functools.partial(Operation, group="special")

FAMILY = "the inverse error functions"
ERFINV_SLOPE = ClosedForm(math.sqrt(math.pi) / 2, "sqrt(pi)/2")
MINUS_ERFINV_SLOPE = ClosedForm(-math.sqrt(math.pi) / 2, "-sqrt(pi)/2")
ROOT_TWO = ClosedForm(math.sqrt(2), "sqrt(2)")
ROOT_TAU = ClosedForm(math.sqrt(2 * math.pi), "sqrt(2*pi)")

NEAR_ZERO = 1.0
"""Below this magnitude erfi is a power series, whose terms are all positive."""
ERFI_SERIES = tuple(2 / math.sqrt(math.pi) / (math.factorial(k) * (2 * k + 1)) for k in range(18))
OVERFLOW = 26.7
"""Beyond this magnitude erfi is infinite."""
SQUARE_LIMIT = 27.0
"""Beyond this magnitude exp(x*x) is infinite."""


def erfi_arrays(x: Any) -> Any:
    """Return erfi of arrays: exp(x*x) times Dawson's integral, with the rounding of x*x taken into account."""
    import numpy

    x = numpy.asarray(x, dtype=float)
    near = x * numpy.polynomial.polynomial.polyval(x * x, ERFI_SERIES)
    inside = numpy.clip(x, -OVERFLOW, OVERFLOW)
    large, small = split_square(inside, OVERFLOW)
    half = numpy.exp(large / 2)
    far = 2 / math.sqrt(math.pi) * scipy_special(FAMILY).dawsn(inside) * half * numpy.exp(small) * half
    return numpy.where(abs(x) < NEAR_ZERO, near, numpy.where(abs(x) < OVERFLOW, far, x * numpy.inf))


def exp_square(x: Any) -> Any:
    """Return exp(x*x) to the last bits."""
    large, small = split_square(x, SQUARE_LIMIT)
    return refined_exp(x * x, exp(large) * exp(small))


def exp_square_at(y: Any, tail: Any) -> Any:
    """Return exp(y*y) for the y with erfc(|y|) = tail, corrected for the rounding of y by a step of Newton's method."""
    large, small = split_square(y, SQUARE_LIMIT)
    square = exp(large) * exp(small)
    excess = (erfc(abs_(y)) - tail) * square
    return refined_exp(y * y, square * (1 + abs_(y) * excess * math.sqrt(math.pi)))


ERFI, ERFI_ARRAYS = evaluations(erfi_arrays)
ERFINV, ERFINV_ARRAYS = from_scipy("erfinv", FAMILY)
ERFCINV, ERFCINV_ARRAYS = evaluations(lambda x: scipy_special(FAMILY).erfcinv(x) + 0.0)


def at_ends(name: str, low: float, high: float, gradient: str) -> tuple[Convention, ...]:
    """Return the convention for the derivative of an inverse where it is infinite."""
    return (Convention(f"{name}(x) at {low:g} and {high:g}", gradient, lambda x: x in (low, high)),)


def outside(low: float, high: float) -> tuple[Fault, ...]:
    """Return the reasons for an inverse that is not finite."""
    return (
        Fault(f"a pole, at {low:g} and {high:g}", lambda x: x in (low, high)),
        Fault(f"the operand is not between {low:g} and {high:g}", lambda x: x < low or x > high),
    )


erfi: Operation = row(
    "erfi", ERFI, lambda x, y: ERF_SLOPE * exp_square(x), arrays=ERFI_ARRAYS, domain="any x",
    samples=(-4.7, -0.3, 1e-6, 0.99, 1.01, 2.0), parity="odd", ulp=16,
    doc="imaginary error function, -i*erf(i*x)",
)  # fmt: skip
erfinv: Operation = row(
    "erfinv", ERFINV, lambda x, y: ERFINV_SLOPE * exp_square_at(y, 1 - abs_(x)), arrays=ERFINV_ARRAYS,
    domain="-1 < x < 1", conventions=at_ends("erfinv", -1, 1, "inf"), faults=outside(-1, 1), parity="odd",
    samples=(-0.999999, -0.7, -0.3, 1e-6, 0.5, 0.9, 0.9999999), ulp=16,
    derivative_text=("sqrt(pi)/2*exp(erfinv(x)**2)",), doc="inverse of erf",
)  # fmt: skip
erfcinv: Operation = row(
    "erfcinv", ERFCINV, lambda x, y: MINUS_ERFINV_SLOPE * exp_square_at(y, min_(x, 2 - x)), arrays=ERFCINV_ARRAYS,
    domain="0 < x < 2", conventions=at_ends("erfcinv", 0, 2, "-inf"), faults=outside(0, 2),
    samples=(1e-12, 1e-6, 0.1, 0.7, 1.3, 1.5), ulp=16,
    derivative_text=("-sqrt(pi)/2*exp(erfcinv(x)**2)",), doc="inverse of erfc",
)  # fmt: skip
norminv: Operation = row(
    "norminv", lambda x: 0.0 - ROOT_TWO * erfcinv(2 * x),
    lambda x, y: ROOT_TAU * exp_square_at(y / ROOT_TWO, 2 * min_(x, 1 - x)), aliases="probit ndtri",
    domain="0 < x < 1", conventions=at_ends("norminv", 0, 1, "inf"), faults=outside(0, 1),
    samples=(1e-12, 1e-6, 0.025, 0.3, 0.7, 0.975, 0.999999), ulp=32, textbook=(lambda x, y: 1 / normpdf(y),),
    derivative_text=("1/normpdf(norminv(x))",), doc="inverse of normcdf",
)  # fmt: skip
