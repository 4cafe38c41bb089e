"""Propagate standard uncertainties of inputs to the outputs of a script, after the GUM (JCGM 100:2008)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import mul
from types import MappingProxyType

from mgrad_cli.analysis.budget import BudgetLine, Propagation, UncertainOutput
from mgrad_cli.analysis.correlations import Correlations
from mgrad_cli.analysis.distributions import check_distributions
from mgrad_cli.evaluation.graph import input_values
from mgrad_cli.language.lowering import Script
from mgrad_cli.program import Program, differentiate, trace
from mgrad_cli.program.adjoint import dependent_registers
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.uncertainty import contribution, independent

NO_CORRELATIONS = Correlations()
MAX_FLAT = 100
"""The most inputs without a slope that are looked at. Each takes a pass over the program."""


def propagate(
    script: Script,
    values: Mapping[str, float],
    uncertainties: Mapping[str, float],
    correlations: Correlations = NO_CORRELATIONS,
    coverage: float | None = None,
    with_second_order: bool = False,
    draws: int | None = None,
    seed: int = 0,
    distributions: Mapping[str, str] = MappingProxyType({}),
) -> Propagation:
    """Return the outputs of a script with their uncertainties: the law of propagation, JCGM 100:2008 equation 13.

    `values` are those of all variables, and `uncertainties` the standard uncertainties of some. The others are exact.
    Correlations with exact inputs have no effect. `with_second_order` adds the second order, and `draws` a simulation
    with that many draws, repeatable by its `seed`. In it inputs are normal, except for those in `distributions`.

    Raises: BindingError for a variable without a value, or a value without a variable.

    >>> from mgrad_cli.language.lowering import read
    >>> result = propagate(read("x*y"), {"x": 3, "y": 2}, {"x": 0.2, "y": 0.1})
    >>> result.value, result.standard
    (6.0, 0.5)
    >>> [(line.name, line.sensitivity, line.contribution, round(line.share, 2)) for line in result.budget]
    [('x', 2.0, 0.4, 0.64), ('y', 3.0, 0.30000000000000004, 0.36)]
    """
    point = {name: float(value) for name, value in input_values(script, values).items()}
    names = [name for name in point if name in uncertainties]
    program = trace(script, list(point))
    slopes, outputs = slopes_at(program, point, names)
    found = []
    amounts = []
    for name, register, value, row in zip(script.outputs, program.outputs, outputs, slopes, strict=True):
        parts = {each: contribution(slope, uncertainties[each]) for each, slope in zip(names, row, strict=True)}
        amounts.append(independent(parts, correlations.factor))
        standard = math.hypot(*amounts[-1])
        lines = tuple(
            BudgetLine(each, point[each], uncertainties[each], slope, abs(parts[each]), share(parts[each], standard))
            for each, slope in zip(names, row, strict=True)
        )
        correlated = len([each for each in names if each in correlations.factor]) > 1
        rest = 1 - math.fsum(line.share for line in lines) if correlated and standard else 0.0
        flat = [line.name for line in lines if line.sensitivity == 0 and line.uncertainty > 0]
        flat_inputs = tuple(each for each in flat[:MAX_FLAT] if register in dependent_registers(program, [each]))
        found.append(UncertainOutput(name, value, standard, lines, flat_inputs, rest))
    among = correlations.among(names)
    check_distributions(distributions, names, among.names)
    widths = {name: float(uncertainties[name]) for name in names}
    standards = [output.standard for output in found]
    if with_second_order:
        from mgrad_cli.analysis.second_order import second_order

        seconds = second_order(program, point, widths, among, standards)
        found = [replace(output, second_order=second) for output, second in zip(found, seconds, strict=True)]
    if draws is not None:
        from mgrad_cli.analysis.monte_carlo import simulate

        simulations = simulate(program, point, widths, among, standards, outputs, draws, seed, distributions)
        found = [replace(output, monte_carlo=each) for output, each in zip(found, simulations, strict=True)]
    return Propagation(
        tuple(found),
        among,
        tuple(tuple(sum(map(mul, one, other), 0.0) for other in amounts) for one in amounts),
        tuple(tuple(cosine(one, other) for other in amounts) for one in amounts),
        coverage,
    )


def slopes_at(
    program: Program, point: Mapping[str, float], names: Sequence[str]
) -> tuple[list[list[float]], list[float]]:
    """Return the Jacobian of a program at a point, a row for each output, and the outputs."""
    count = len(program.outputs)
    figures = FloatProgram(differentiate(program, names))([point[name] for name in program.inputs])
    width = len(names)
    return [figures[count + row * width : count + (row + 1) * width] for row in range(count)], figures[:count]


def share(part: float, whole: float) -> float:
    """Return the square of a contribution as a part of the variance, 0 where there is none."""
    return (part / whole) ** 2 if whole else 0.0


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of the angle between two vectors: the correlation of what they are the contributions to."""
    lengths = math.hypot(*one), math.hypot(*other)
    if not all(lengths):
        return math.nan
    return 1.0 if one is other else sum(a / lengths[0] * (b / lengths[1]) for a, b in zip(one, other, strict=True))
