"""Propagate distributions by simulation, after JCGM 101:2008, and compare with the law of propagation."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mgrad_cli.analysis.correlations import Correlations
from mgrad_cli.analysis.distributions import deviations_of
from mgrad_cli.analysis.rounding import last_place
from mgrad_cli.kernels import kernel_for
from mgrad_cli.program import Program

if TYPE_CHECKING:
    import numpy

PROBABILITY = 0.95
NORMAL_FACTOR = 1.959963984540054
"""The quantile of the standard normal distribution for the coverage probability."""
BLOCK_DRAWS, BLOCK_NUMBERS = 1 << 16, 1 << 22
"""The most draws, and the most random numbers, of one call of the kernel. The draws of a seed depend on them."""
MAX_SORTED = 1 << 22
"""The most draws that are sorted together, of all outputs. The interval of more is a mean over such parts."""
MAX_LOST = 1e-3
"""The part of the draws that may have no finite result for the law of propagation to agree."""
MIN_DRAWS = 2
SIGNIFICANT_DIGITS = 2
"""The digits of an uncertainty that count, from which the numerical tolerance follows."""
CERTAIN = 2.0
"""How many standard errors of an interval's end are taken for its error."""


@dataclass(frozen=True, slots=True)
class CoverageInterval:
    """A coverage interval for 95 %."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """The distribution of an output by simulation.

    draws, seed         the number of draws, and the seed that repeats them
    nonfinite           how many of them gave no finite number; all else is of the others
    mean, standard      the mean and the standard deviation
    interval            the probabilistically symmetric coverage interval for 95 %
    shortest            the shortest one
    linear              the interval of the law of propagation, value -+ 1.96 u
    tolerance           the numerical tolerance of u to two digits, JCGM 101:2008 clause 7.9.2
    agrees              whether both ends of `linear` and `interval` differ by no more than the tolerance, clause 8.1;
                        `None` if there are too few draws to tell
    distributions       the distributions of the inputs that are not normal
    """

    draws: int
    seed: int
    nonfinite: int
    mean: float
    standard: float
    interval: CoverageInterval
    shortest: CoverageInterval
    linear: CoverageInterval
    tolerance: float
    agrees: bool | None
    distributions: Mapping[str, str] = field(default_factory=dict)


def simulate(
    program: Program,
    point: Mapping[str, float],
    uncertainties: Mapping[str, float],
    correlations: Correlations,
    standards: Sequence[float],
    values: Sequence[float],
    draws: int,
    seed: int,
    distributions: Mapping[str, str],
) -> list[Simulation]:
    """Return the distribution of each output of a program. Its inputs are normal, except for those in `distributions`.

    `values` and `standards` are the outputs at the estimates, and their uncertainties by the law of propagation. The
    same seed gives the same draws. Memory is bounded for any number of draws.
    """
    parts = [DrawnOutput() for _ in program.outputs]
    for outputs in drawn(program, point, uncertainties, correlations, draws, seed, distributions):
        for part, column in zip(parts, outputs, strict=True):
            part.add(column)
    return [
        replace(part.simulation(draws, seed, value, standard), distributions=dict(distributions))
        for part, value, standard in zip(parts, values, standards, strict=True)
    ]


def drawn(
    program: Program,
    point: Mapping[str, float],
    uncertainties: Mapping[str, float],
    correlations: Correlations,
    draws: int,
    seed: int,
    distributions: Mapping[str, str],
) -> "Iterator[list[numpy.ndarray[Any, Any]]]":
    """Yield the outputs at random inputs, so many draws at a time that the outputs take 32 MB or 512 kB each."""
    import numpy

    kernel = kernel_for(program, rows=draws)
    generator = numpy.random.default_rng(seed)
    names = list(uncertainties)
    correlated = [name for name in correlations.names if name in uncertainties]
    factor = numpy.array([correlations.factor[name] for name in correlated]) if correlated else None
    most = max(BLOCK_DRAWS, MAX_SORTED // len(program.outputs))
    length = max(1, min(BLOCK_DRAWS, BLOCK_NUMBERS // max(1, len(names))))
    for start in range(0, draws, most):
        rows = min(most, draws - start)
        outputs = [numpy.empty(rows) for _ in program.outputs]
        for first in range(0, rows, length):
            block = slice(first, min(rows, first + length))
            size = block.stop - block.start
            deviations = deviations_of(generator, names, distributions, size)
            if factor is not None:
                mixed = factor @ numpy.array([deviations[name] for name in correlated])
                deviations |= zip(correlated, mixed, strict=True)
            inputs = [
                point[name] + uncertainties[name] * deviations[name]
                if name in deviations
                else numpy.full(size, point[name])
                for name in program.inputs
            ]
            kernel(inputs, [output[block] for output in outputs])
        yield outputs


class DrawnOutput:
    """The draws of one output: their moments, and the intervals of each part of them."""

    def __init__(self) -> None:
        self.count = 0
        self.nonfinite = 0
        self.mean = 0.0
        self.spread = 0.0
        """The root of the sum of squared differences from the mean."""
        self.ends: list[tuple[int, tuple[float, ...]]] = []

    def add(self, column: "numpy.ndarray[Any, Any]") -> None:
        """Take in some draws. The array is sorted in place."""
        import numpy

        finite = column if (is_finite := numpy.isfinite(column)).all() else column[is_finite]
        self.nonfinite += len(column) - len(finite)
        count = len(finite)
        if not count:
            return
        with numpy.errstate(all="ignore"):
            mean = float((finite / count).sum())
            deviations = finite - mean
            largest = float(numpy.abs(deviations).max())
            spread = largest * float(numpy.linalg.norm(deviations / largest)) if 0 < largest < math.inf else largest
        total = self.count + count
        gap = mean - self.mean
        self.spread = math.hypot(self.spread, spread, gap * math.sqrt(self.count / total * count))
        self.mean += gap * (count / total)
        self.count = total
        finite.sort()
        self.ends.append((count, interval_ends(finite)))

    def simulation(self, draws: int, seed: int, value: float, standard: float) -> Simulation:
        """Return the result. `value` and `standard` are those of the law of propagation."""
        half = NORMAL_FACTOR * standard
        linear = CoverageInterval(value - half, value + half)
        deviation = self.spread / math.sqrt(self.count - 1) if self.count > 1 else math.nan
        tolerance = last_place(standard or deviation, SIGNIFICANT_DIGITS) / 2
        if self.count < MIN_DRAWS:
            nothing = CoverageInterval(math.nan, math.nan)
            return Simulation(
                draws, seed, self.nonfinite, math.nan, math.nan, nothing, nothing, linear, tolerance, None
            )
        low, high, shortest_low, shortest_high, low_error, high_error = (
            math.fsum(count / self.count * ends[index] for count, ends in self.ends) for index in range(6)
        )
        reduction = math.sqrt(len(self.ends))
        gaps = [
            (abs(linear.low - low), CERTAIN * low_error / reduction),
            (abs(linear.high - high), CERTAIN * high_error / reduction),
        ]
        agrees: bool | None = None
        if self.nonfinite > MAX_LOST * draws or any(gap - error > tolerance for gap, error in gaps):
            agrees = False
        elif all(gap + error <= tolerance for gap, error in gaps):
            agrees = True
        return Simulation(
            draws,
            seed,
            self.nonfinite,
            self.mean,
            deviation,
            CoverageInterval(low, high),
            CoverageInterval(shortest_low, shortest_high),
            linear,
            tolerance,
            agrees,
        )


def interval_ends(values: "numpy.ndarray[Any, Any]") -> tuple[float, ...]:
    """Return the ends of the symmetric and of the shortest interval of sorted draws, JCGM 101:2008 clause 7.7.

    Two more numbers are the standard errors of the ends of the symmetric interval: half the distance of the order
    statistics that are a standard deviation of a binomial count apart from each end.
    """
    count = len(values)
    inside = max(1, min(count - 1, math.floor(PROBABILITY * count + 0.5)))
    outside = count - inside
    first = outside // 2
    last = min(count - 1, first + inside)
    begin = int((values[inside:] - values[:outside]).argmin())
    spread = math.ceil(math.sqrt(count * (1 - PROBABILITY) / 2 * (1 + PROBABILITY) / 2))
    errors = [(values[min(count - 1, index + spread)] - values[max(0, index - spread)]) / 2 for index in (first, last)]
    return tuple(map(float, (values[first], values[last], values[begin], values[begin + inside], *errors)))
