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
    import numpy

    names = list(uncertainties)
    derivatives = hessian(program, names)
    figures = FloatProgram(derivatives.program)([point[name] for name in program.inputs])
    count = len(program.outputs)
    size = len(names)
    widths = [uncertainties[name] for name in names]
    curvatures = numpy.zeros((count, size, size))
    for (output, row, column), entry in zip(derivatives.entries, figures[count * (1 + size) :], strict=True):
        if widths[row] and widths[column]:
            curvatures[output, [row, column], [column, row]] = entry * widths[row] * widths[column]
    matrix = numpy.eye(size)
    places = [names.index(name) for name in correlations.names]
    if places:
        matrix[numpy.ix_(places, places)] = correlations.matrix
    found = []
    for value, standard, curvature in zip(figures[:count], standards, curvatures, strict=True):
        with numpy.errstate(all="ignore"):
            spread = curvature @ matrix if places else curvature
            shift = float(numpy.trace(spread)) / 2
            trace = float((spread * spread.T).sum())
        found.append(SecondOrder(shift, value + shift, math.hypot(standard, math.sqrt(max(trace, 0.0) / 2))))
    return found
