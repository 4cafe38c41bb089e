"""How a minimum and its minimizer move with the parameters: the envelope and the implicit function theorem."""

from typing import TYPE_CHECKING, TypeAlias

from mgrad_cli.analysis.objective import Objective

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

REFINEMENTS = 3
"""How often a solution is refined: each time it gains the digits that the system leaves to it."""


def value_slopes(objective: Objective, point: "Array") -> "Array":
    """Return the derivative of the minimum by each of p parameters, of shape (p,).

    By the envelope theorem it is the partial derivative at the minimizer, also where bounds are active.
    """
    slopes: Array = objective.function.parameter_jacobian(point.tolist())[0] + 0.0
    return slopes


def point_slopes(objective: Objective, point: "Array") -> "Array":
    """Return the derivatives of the minimizer by the parameters, of shape (n, p).

    The gradient by the free unknowns stays zero, so by the implicit function theorem they are -H^-1 times the second
    partials by unknowns and parameters. Unknowns at active bounds stay there. The Hessian must not be singular.
    """
    import numpy

    free = ~objective.held(point)
    function = objective.function
    slopes = numpy.zeros((len(point), len(function.parameters)))
    if free.any() and len(function.parameters):
        scales = 2.0 ** numpy.round(numpy.log2(objective.scales(point)[free]))  # powers of two, which round nothing
        hessian = function.hessian(point.tolist())[numpy.ix_(free, free)] * numpy.outer(scales, scales)
        mixed = function.mixed(point.tolist())[free] * scales[:, None]
        slopes[free] = -scales[:, None] * solved(hessian, mixed)
    return slopes + 0.0


def solved(matrix: "Array", right: "Array") -> "Array":
    """Return the solution of a symmetric system, refined with residuals of extended precision."""
    import numpy
    from scipy.linalg import lu_factor, lu_solve

    factors = lu_factor(matrix)
    solution: Array = lu_solve(factors, right)
    for _ in range(REFINEMENTS):
        residual = right - matrix.astype(numpy.longdouble) @ solution
        solution = solution + lu_solve(factors, residual.astype(numpy.float64))
    return solution
