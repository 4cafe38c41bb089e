"""Lambert's W, the inverse of w*exp(w), on its principal branch."""

import functools
import math
from typing import Any

from mgrad_cli.operations.exponential import refined_exp
from mgrad_cli.operations.logic import equal, where
from mgrad_cli.operations.operation import Convention, Fault, Operation
from mgrad_cli.operations.scipy_functions import evaluations, scipy_special

row = functools.partial(Operation, group="special")

BRANCH_POINT = -0.36787944117144233
"""The double nearest to -1/e, which is below it."""
BRANCH_POINT_LOW = 1.2428753672788363e-17
"""The rest of -1/e."""
NEAR_BRANCH = -0.35
TERMS = 26


def branch_coefficients() -> tuple[float, ...]:
    """Return the coefficients of W as a series in sqrt(2*(e*x + 1)).

    Source: Corless et al., On the Lambert W function, equations 4.23 to 4.25.
    """
    mu, alpha = [-1.0, 1.0], [2.0, -1.0]
    for k in range(2, TERMS):
        alpha.append(math.fsum(mu[j] * mu[k + 1 - j] for j in range(2, k)))
        mu.append((k - 1) / (k + 1) * (mu[k - 2] / 2 + alpha[k - 2] / 4) - alpha[k] / 2 - mu[k - 1] / (k + 1))
    return tuple(mu)


BRANCH_SERIES = branch_coefficients()


def lambert_arrays(x: Any) -> Any:
    """Return W of arrays. Near the branch point, where SciPy is inexact, it is a series."""
    import numpy

    x = numpy.asarray(x, dtype=float)
    root = numpy.sqrt(2 * math.e * numpy.maximum((x - BRANCH_POINT) - BRANCH_POINT_LOW, 0.0))
    near = numpy.polynomial.polynomial.polyval(numpy.minimum(root, 0.5), BRANCH_SERIES)
    far = scipy_special("Lambert's W").lambertw(x).real
    return numpy.where(x < BRANCH_POINT, numpy.nan, numpy.where(x < NEAR_BRANCH, near, far))


LAMBERT, LAMBERT_ARRAYS = evaluations(lambert_arrays)

lambertw: Operation = row(
    "lambertw", LAMBERT,
    lambda x, y: refined_exp(-y, where(equal(x, 0), 1.0, where(equal(x, math.inf), 0.0, y / x))) / (1 + y),
    arrays=LAMBERT_ARRAYS, domain="x >= -1/e",
    conventions=(Convention("lambertw(x) at -1/e", "inf", lambda x: x == BRANCH_POINT),),
    faults=(Fault("the operand is less than -1/e", lambda x: x < BRANCH_POINT),),
    samples=(-0.3, -0.1, 0.0, 1e-9, 0.5, 2.0, 100.0, 1e10), ill_conditioned=(-0.3678, -0.34),
    latex="W", doc="Lambert's W: the w >= -1 with w*exp(w) = x",
)  # fmt: skip
