"""Propagate uncertainties in second order: the shift of the mean, and what curvature adds to the variance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mgrad_cli.analysis.correlations import Correlations
from mgrad_cli.program import Program
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.hessian import hessian


@dataclass(frozen=True, slots=True)
class SecondOrder:
    """The mean and the standard uncertainty of an output where curvature counts.

    shift       the mean minus the value at the estimates, 1/2 tr(H C)
    mean        the value at the estimates, plus the shift
    standard    the standard uncertainty, sqrt(g^T C g + 1/2 tr(H C H C))

    H is the Hessian matrix, C the covariance matrix of the inputs and g the gradient. Both are exact for a function of
    the second degree whose inputs have normal distributions. In the note of JCGM 100:2008, 5.1.2, the second term of
    the standard uncertainty is that of the second derivatives; the terms of the third derivatives are left out.
    """

    shift: float
    mean: float
    standard: float


def second_order(
    program: Program,
    point: Mapping[str, float],
    uncertainties: Mapping[str, float],
    correlations: Correlations,
    standards: Sequence[float],
) -> list[SecondOrder]:
    """Return the second order of each output of a program.

    `uncertainties` are those of the uncertain inputs, and `standards` the uncertainties of the outputs in first order.
    """
    names = list(uncertainties)
    derivatives = hessian(program, names)
    figures = FloatProgram(derivatives.program)([point[name] for name in program.inputs])
    count = len(program.outputs)
    size = len(names)
    curvatures = [[[0.0] * size for _ in names] for _ in range(count)]
    for (output, row, column), entry in zip(derivatives.entries, figures[count * (1 + size) :], strict=True):
        width = uncertainties[names[row]] * uncertainties[names[column]]
        curvatures[output][row][column] = curvatures[output][column][row] = entry * width if width else 0.0
    matrix = [[correlations.between(one, other) for other in names] for one in names]
    found = []
    for value, standard, curvature in zip(figures[:count], standards, curvatures, strict=True):
        spread = product(curvature, matrix)
        shift = sum(spread[index][index] for index in range(size)) / 2
        trace = sum(spread[row][column] * spread[column][row] for row in range(size) for column in range(size))
        found.append(SecondOrder(shift, value + shift, math.hypot(standard, math.sqrt(max(trace, 0.0) / 2))))
    return found


def product(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the product of two matrices."""
    columns = list(zip(*other, strict=True))
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in one]
