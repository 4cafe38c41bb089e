"""Trigonometric functions and their inverses. Angles are in radians."""

import functools
import math
from typing import Any

from mgrad_cli.operations.arithmetic import direction, hypot, sqrt
from mgrad_cli.operations.ieee import quiet
from mgrad_cli.operations.logic import equal, less, where
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.operations.operation import Convention, Fault, Operation
from mgrad_cli.operations.selection import abs_, sign

row = functools.partial(Operation, group="trigonometric")

AROUND_ZERO = (-4.0, -1.2, -1e-9, 0.0, 1e-200, 1e-6, 0.01, 0.3, 1.0, 1.7, 2.5, 7.0, 100.0)
ANGLES = (-4.0, -0.3, 1e-6, 0.5, 2.0, 100.0)
INSIDE = (-0.999, -0.5, 1e-8, 0.3, 0.9)
OUTSIDE = (-50.0, -1.001, 1.5, 3.0, 1e8)

AT_INFINITY = (Fault("the angle is infinite", math.isinf),)
BEYOND_ONE = (Fault("the operand is not between -1 and 1", lambda x: abs(x) > 1),)
POLE = (Fault("a pole", math.isfinite),)
WITHIN_ONE = (Fault("the operand is between -1 and 1", lambda x: abs(x) < 1),)


def at_ends(name: str, gradient: str) -> tuple[Convention, ...]:
    """Return the convention for a derivative at -1 and 1."""
    return (Convention(f"{name}(x) at -1 and 1", gradient, lambda x: abs(x) == 1),)


NEAR_ZERO = ClosedForm(2.0, "0")
"""Below this magnitude the derivatives of sinc are power series, which do not cancel; in exact arithmetic it is 0."""
POWERS = range(1, 17)
SINC_1 = tuple((-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in POWERS)
SINC_2 = tuple((-1) ** k * 2 * k * (2 * k - 1) / math.factorial(2 * k + 1) for k in POWERS)
SINC_3 = tuple((-1) ** k * 2 * k * (2 * k - 1) * (2 * k - 2) / math.factorial(2 * k + 1) for k in POWERS[1:])
"""Coefficients of the first three derivatives of sinc(x) as series in x*x."""


def series(square: Any, coefficients: tuple[float, ...]) -> Any:
    """Return the sum of coefficients times powers of `square`, by Horner's scheme."""
    total: Any = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * square + coefficient
    return total


sin: Operation = row(
    "sin", quiet(math.sin), lambda x, y: cos(x), arrays="sin", domain="any x", faults=AT_INFINITY,
    samples=ANGLES, libm=True, parity="odd", latex=r"\sin", doc="sine",
)  # fmt: skip
cos: Operation = row(
    "cos", quiet(math.cos), lambda x, y: -sin(x), arrays="cos", domain="any x", faults=AT_INFINITY,
    samples=ANGLES, libm=True, parity="even", latex=r"\cos", square=("sin", 1, -1), doc="cosine",
)  # fmt: skip
tan: Operation = row(
    "tan", quiet(math.tan), lambda x, y: 1 + y * y, arrays="tan", domain="x != pi/2 + k*pi", faults=AT_INFINITY,
    textbook=(lambda x, y: 1 + y**2,), samples=ANGLES, libm=True, parity="odd", latex=r"\tan", doc="tangent",
)  # fmt: skip
sec: Operation = row(
    "sec", lambda x: 1 / cos(x), lambda x, y: y * tan(x), domain="x != pi/2 + k*pi", faults=(*AT_INFINITY, *POLE),
    samples=ANGLES, parity="even", latex=r"\sec", square=("tan", 1, 1), doc="secant, 1/cos(x)",
)  # fmt: skip
csc: Operation = row(
    "csc", lambda x: 1 / sin(x), lambda x, y: -y * cot(x), aliases="cosec", domain="x != k*pi",
    faults=(*AT_INFINITY, *POLE),
    samples=ANGLES, parity="odd", latex=r"\csc", square=("cot", 1, 1), doc="cosecant, 1/sin(x)",
)  # fmt: skip
cot: Operation = row(
    "cot", lambda x: 1 / tan(x), lambda x, y: -(1 + y * y), aliases="cotan", domain="x != k*pi",
    textbook=(lambda x, y: -(csc(x) ** 2),),
    faults=(*AT_INFINITY, *POLE),
    samples=ANGLES, parity="odd", latex=r"\cot", doc="cotangent, 1/tan(x)",
)  # fmt: skip
MINUS_THIRD = ClosedForm(-1 / 3, "-1/3")

sinc: Operation = row(
    "sinc", lambda x: where(equal(x, 0), 1.0, sin(x) / x), lambda x, y: sinc_derivative(x), domain="any x",
    faults=AT_INFINITY, derivative_text=("where(x == 0, 0, (cos(x) - sinc(x))/x)",), parity="even",
    samples=(*AROUND_ZERO, math.pi), ill_conditioned=(math.pi,), doc="sin(x)/x, and 1 at 0",
)  # fmt: skip
sinc_derivative: Operation = row(
    "sinc_derivative",
    lambda x: where(less(abs_(x), NEAR_ZERO), x * series(x * x, SINC_1) + 0.0, (cos(x) - sinc(x)) / x),
    lambda x, y: sinc_second_derivative(x), domain="any x", faults=AT_INFINITY, is_internal=True, parity="odd",
    mathematics=lambda x: where(equal(x, 0), 0.0, (cos(x) - sinc(x)) / x),
    expansion=lambda x: (cos(x) - sinc(x)) / x, latex=r"\mathrm{sinc}'",
    samples=(*AROUND_ZERO, 2.0816), ill_conditioned=(2.0816,),
    doc="derivative of sinc(x), (cos(x) - sinc(x))/x, and 0 at 0",
)  # fmt: skip
sinc_second_derivative: Operation = row(
    "sinc_second_derivative",
    lambda x: where(less(abs_(x), NEAR_ZERO), series(x * x, SINC_2), -sinc(x) - 2 * sinc_derivative(x) / x),
    lambda x, y: where(
        less(abs_(x), NEAR_ZERO), x * series(x * x, SINC_3),
        where(equal(x, 0), 0.0, -(3 * y + sinc(x)) / x - sinc_derivative(x)),
    ),
    domain="any x", faults=AT_INFINITY, is_internal=True, parity="even", latex=r"\mathrm{sinc}''",
    mathematics=lambda x: where(equal(x, 0), MINUS_THIRD, -sinc(x) - 2 * sinc_derivative(x) / x),
    expansion=lambda x: -sinc(x) - 2 * (cos(x) - sinc(x)) / x**2,
    derivative_text=("where(x == 0, 0, -(3*sinc_second_derivative(x) + sinc(x))/x - sinc_derivative(x))",),
    samples=AROUND_ZERO, ill_conditioned=(1.7,), doc="second derivative of sinc(x), and -1/3 at 0",
)  # fmt: skip

one_minus_square: Operation = row(
    "one_minus_square", lambda x: (1 - x) * (1 + x), lambda x, y: -2 * x, domain="any x", samples=(*INSIDE, *OUTSIDE),
    is_internal=True, expansion=lambda x: 1 - x * x, doc="1 - x*x, exact near 1",
)  # fmt: skip
asin: Operation = row(
    "asin", quiet(math.asin), lambda x, y: 1 / sqrt(one_minus_square(x)), arrays="arcsin", aliases="arcsin",
    domain="-1 <= x <= 1", conventions=at_ends("asin", "inf"), faults=BEYOND_ONE, samples=INSIDE, parity="odd",
    libm=True, doc="inverse sine",
)  # fmt: skip
acos: Operation = row(
    "acos", quiet(math.acos), lambda x, y: -1 / sqrt(one_minus_square(x)), arrays="arccos", aliases="arccos",
    domain="-1 <= x <= 1", conventions=at_ends("acos", "-inf"), faults=BEYOND_ONE, samples=INSIDE,
    libm=True, doc="inverse cosine",
)  # fmt: skip
atan: Operation = row(
    "atan", math.atan, lambda x, y: lorentzian(x), arrays="arctan", aliases="arctan", domain="any x",
    samples=(*INSIDE, *OUTSIDE), libm=True, parity="odd", doc="inverse tangent",
)  # fmt: skip
acot: Operation = row(
    "acot", lambda x: atan(1 / x), lambda x, y: -lorentzian(x), aliases="arccot", domain="any x",
    conventions=(Convention("acot(x) at 0", "-1", lambda x: x == 0),),
    samples=(*INSIDE, *OUTSIDE), doc="inverse cotangent, atan(1/x)",
)  # fmt: skip


leg: Operation = row(
    "leg", lambda x: sqrt(x - 1) * sqrt(x + 1), lambda x, y: leg_slope(x), domain="x >= 1",
    samples=(1.001, 1.5, 3.0, 1e8), is_internal=True, expansion=lambda x: sqrt(x * x - 1),
    doc="sqrt(x*x - 1), exact near 1 and without overflow",
)  # fmt: skip
leg_slope: Operation = row(
    "leg_slope", lambda x: x / leg(x), lambda x, y: -1 / leg(x) / leg(x) / leg(x), domain="x > 1",
    samples=(1.001, 1.5, 3.0, 1e8), ulp=16, is_internal=True, expansion=lambda x: x / sqrt(x * x - 1),
    doc="derivative of leg(x)",
)  # fmt: skip
lorentzian: Operation = row(
    "lorentzian", lambda x: where(less(abs_(x), 1e8), 1 / (1 + x * x), 1 / x / x), lambda x, y: -2 * (x * y * y),
    domain="any x", samples=(*INSIDE, *OUTSIDE, 1e100), is_internal=True, expansion=lambda x: 1 / (1 + x * x),
    mathematics=lambda x: 1 / (1 + x * x),
    doc="1/(1 + x*x) without overflow",
)  # fmt: skip
asec: Operation = row(
    "asec", lambda x: atan2(leg(abs_(x)), sign(x)), lambda x, y: 1 / abs_(x) / leg(abs_(x)), aliases="arcsec",
    domain="|x| >= 1", conventions=at_ends("asec", "inf"), faults=WITHIN_ONE, samples=OUTSIDE,
    doc="inverse secant, acos(1/x)",
)  # fmt: skip
acsc: Operation = row(
    "acsc", lambda x: atan2(sign(x), leg(abs_(x))), lambda x, y: -1 / abs_(x) / leg(abs_(x)),
    aliases="arccsc arccosec acosec",
    domain="|x| >= 1", conventions=at_ends("acsc", "-inf"), faults=WITHIN_ONE, samples=OUTSIDE,
    doc="inverse cosecant, asin(1/x)",
)  # fmt: skip
atan2: Operation = row(
    "atan2", math.atan2,
    lambda a, b, y: direction(b, a) / hypot(a, b),
    lambda a, b, y: -direction(a, b) / hypot(a, b),
    operands="a b",
    textbook=(lambda a, b, y: b / (a**2 + b**2), lambda a, b, y: -a / (a**2 + b**2)),
    arrays="arctan2",
    aliases="arctan2",
    domain="any a, b",
    conventions=(Convention("atan2(0, 0)", "nan to both", lambda a, b: a == b == 0),),
    samples=((1.0, 2.0), (-3.0, -0.1), (1e-3, 5.0), (2.0, -7.0)),
    ill_conditioned=((1.0, 1.0),),
    libm=True, doc="angle of the point (b, a)",
)  # fmt: skip
DEGREES_PER_RADIAN = ClosedForm(180 / math.pi, "180/pi")
RADIANS_PER_DEGREE = ClosedForm(math.pi / 180, "pi/180")

degrees: Operation = row(
    "degrees", math.degrees, lambda x, y: DEGREES_PER_RADIAN, arrays="degrees", aliases="rad2deg",
    domain="any x", samples=ANGLES, doc="radians to degrees",
)  # fmt: skip
radians: Operation = row(
    "radians", math.radians, lambda x, y: RADIANS_PER_DEGREE, arrays="radians", aliases="deg2rad",
    domain="any x", samples=ANGLES, doc="degrees to radians",
)  # fmt: skip
