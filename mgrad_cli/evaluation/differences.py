"""Numerical slopes of a function from differences at steps of many sizes, each with a bound of its error.

Differences at halving steps are extrapolated to step zero by Neville's scheme. Its entries show how well they converge
(C. Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4, 1982). Small steps see
only what is near, but rounding dominates them. Large steps reach across kinks and oscillations. So an estimate counts
only if no estimate from smaller steps contradicts it.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

EPSILON = 2.0**-52
OFFSETS = (1.0, 0.73)
"""Two ladders of steps that have no step in common, so that estimates from both are independent."""
HALVINGS = 46
COLUMNS = 6
"""How often differences are extrapolated. An entry depends on one step more."""
SAFETY = 10.0
PEERS = 1e4
"""How many times the error of an estimate the error of a confirming one may be."""
TINY = 2.0**-1073
"""The rounding error of a value that underflows."""
ANCHORS = 12
"""The number of halvings after which the rounding errors are measured again."""
CLOSEST = 8
"""The number of smallest steps over which a value that jumps must keep its distance."""
FAR = 2.0**-12
"""Variables smaller than this are also sampled with steps of the order of 1."""


class Estimate(NamedTuple):
    """A slope, bounds of its error and of the rounding in it, its smallest step, and the ladder of that step."""

    slope: float
    error: float
    rounding: float = 0.0
    step: float = 0.0
    ladder: int = 0


class Centre(NamedTuple):
    """The value of a function at the point, and a bound of its rounding error."""

    value: float
    noise: float


class Samples:
    """The values of a function of one variable at both ends of every step around a point."""

    def __init__(self, x: float, centre: Centre) -> None:
        self.x = x
        self.ladders = ladders(x)
        self.noises = [[centre.noise] * len(ladder) for ladder in self.ladders]
        self.values: dict[float, float] = {x: centre.value}

    @property
    def points(self) -> list[float]:
        """The places at which the function must be evaluated, each once."""
        ends = {self.x + side * step for ladder in self.ladders for step in ladder for side in (-1, 1)}
        return sorted(ends - {self.x})

    def fill(self, values: Iterable[float]) -> None:
        self.values.update(zip(self.points, values, strict=True))

    @property
    def reaches_far(self) -> bool:
        """Whether some steps are not small compared with the variable, so that values there may round differently."""
        return any(ladder[0] > abs(self.x) for ladder in self.ladders)

    def measure_noise(self, noise_at: Callable[[float], float]) -> None:
        """Measure the rounding errors of the values at both ends of the steps with `noise_at`."""
        firsts = range(0, len(self.ladders), len(OFFSETS))
        measured = [noises(self.x, self.noises[first], self.ladders[first], noise_at) for first in firsts]
        self.noises = [noise for noise in measured for _ in OFFSETS]

    def quotient(self, left: float, right: float, noise: float = 0.0) -> Estimate | None:
        """Return the slope of a chord over the step as rounded, or `None` if a value is not finite."""
        a, b = self.values[left], self.values[right]
        if left == right or not math.isfinite(b - a):
            return None
        width = right - left
        slope, error = (b - a) / width, max(noise, EPSILON * abs(a), EPSILON * abs(b), TINY) / width
        return Estimate(slope, error) if math.isfinite(slope) and math.isfinite(error) else None

    def central(self) -> list[Estimate]:
        """Return the estimates from differences to both sides."""
        return self.estimates(-1.0, 1.0, order=2)

    def one_sided(self, side: float) -> list[Estimate]:
        """Return the estimates from differences to one side."""
        return self.estimates(min(side, 0.0), max(side, 0.0), order=1)

    def estimates(self, left: float, right: float, order: int) -> list[Estimate]:
        found = []
        for number, ladder in enumerate(self.ladders):
            quotients = [
                self.quotient(self.x + left * step, self.x + right * step, noise)
                for step, noise in zip(ladder, self.noises[number], strict=True)
            ]
            found += extrapolated(quotients, ladder, number, order)
        return unrefuted(found)

    def steepest_chord(self) -> float:
        """Return the largest slope of a chord from the point to its neighbourhood."""
        scale = abs(self.x) or 1.0
        steps = [step for ladder in self.ladders for step in ladder if scale / 16 < step <= scale]
        return max((self.steepness(step) for step in steps), default=0.0)

    def steepness(self, step: float) -> float:
        """Return the larger slope of the chords from the point to both ends of a step."""
        chords = [self.quotient(*sorted((self.x, self.x + side * step))) for side in (-1, 1)]
        return max((abs(chord.slope) for chord in chords if chord is not None), default=0.0)

    def jump(self, side: float) -> tuple[float, float] | None:
        """Return the values at the point and right beside it, on one side, if the function jumps between them."""
        here = self.values[self.x]
        beside = [self.values[self.x + side * step] for step in self.ladders[0][-CLOSEST:]]
        distances = [abs(value - here) for value in beside]
        if min(distances) > max(SAFETY * self.noises[0][-1], SAFETY * EPSILON * abs(here), max(distances) / 2):
            return here, beside[-1]
        return None


def ladders(x: float) -> list[list[float]]:
    """Return halving steps relative to the variable; if that is small or zero, also steps of the order of 1."""
    scales = {abs(x): HALVINGS} if x else {2.0: HALVINGS + 12}
    if x and abs(x) < FAR:
        scales[1.0] = HALVINGS
    return [
        [scale * offset * 2.0**-power for power in range(1, count)]
        for scale, count in scales.items()
        for offset in OFFSETS
    ]


def noises(x: float, known: list[float], steps: Sequence[float], noise_at: Callable[[float], float]) -> list[float]:
    """Return the rounding errors of the values at the ends of steps: measured at some, interpolated between them."""
    indices = [*range(0, len(steps) - 1, ANCHORS), len(steps) - 1]
    measured = [max(noise_at(x - steps[index]), noise_at(x + steps[index])) for index in indices]
    found = []
    for (first, far), (last, near) in pairwise(zip(indices, measured, strict=True)):
        rise = (far - near) / (steps[first] - steps[last])
        found += [near + rise * (step - steps[last]) for step in steps[first:last]]
    return [max(pair) for pair in zip(known, [*found, measured[-1]], strict=True)]


def extrapolated(
    quotients: Sequence[Estimate | None], steps: Sequence[float], ladder: int, order: int
) -> list[Estimate]:
    """Return the best entry of each row of Neville's scheme, for differences whose error is a series in step**order."""
    found = []
    before: list[float] = []
    for quotient, step in zip(quotients, steps, strict=True):
        if quotient is None:
            before = []
            continue
        row = [quotient.slope]
        best: Estimate | None = None
        for column, above in enumerate(before[:COLUMNS]):
            row.append(row[column] + (row[column] - above) / (2.0 ** (order * (column + 1)) - 1))
            error = max(abs(row[-1] - row[column]), abs(row[-1] - above), 2 * quotient.error)
            if best is None or error <= best.error:
                best = Estimate(row[-1], error, 2 * quotient.error, step, ladder)
        if best is not None:
            found.append(best)
        before = row
    return found


def unrefuted(estimates: Iterable[Estimate]) -> list[Estimate]:
    """Return the estimates that agree with every kept estimate from smaller steps."""
    kept = []
    low, high = -math.inf, math.inf
    for one in sorted(estimates, key=lambda estimate: estimate.step):
        reach = SAFETY * one.error + 1e-9 * abs(one.slope)
        if low <= one.slope + reach and one.slope - reach <= high:
            kept.append(one)
            low, high = max(low, one.slope - reach), min(high, one.slope + reach)
    return kept


def confirmed(estimates: Sequence[Estimate]) -> Estimate | None:
    """Return the best estimate that an estimate of the other ladder and of similar quality agrees with."""
    for one in sorted(estimates, key=lambda estimate: estimate.error):
        for other in estimates:
            if other.ladder != one.ladder and other.error <= PEERS * one.error and agree(one, other):
                return one
    return None


def agree(a: Estimate, b: Estimate) -> bool:
    return abs(a.slope - b.slope) <= SAFETY * (a.error + b.error) + 1e-9 * max(abs(a.slope), abs(b.slope))
