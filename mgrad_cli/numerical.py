"""Gradients against numerical derivatives that know nothing of the rules.

The numerical derivative is Ridders' method: central differences at shrinking steps, extrapolated to step zero by
Neville's scheme, with the error that the extrapolation itself shows (C. Ridders, Accurate computation of F'(x) and
F'(x)F''(x), Advances in Engineering Software 4, 1982). It is run from steps of many sizes, scaled to the variable; the
two best must agree, and so must the derivatives from the left and from the right.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from mgrad_cli.value import Value

Function: TypeAlias = Callable[[float], float]
Verdict: TypeAlias = Literal["pass", "fail", "inconclusive"]

TOLERANCE = 1e-6
EPSILON = 2.0**-52
STEPS = [2.0**-power * (1 - 0.053 * place) for place, power in enumerate((1, 3, 6, 10, 14, 19, 24, 28, 32))]
"""First steps of the tableaux, so that no two of them share a step and agree for that reason alone."""
LEVELS = 7
SHRINK = 2.0
SAFETY = 10.0
PEERS = 1e4
"""How many times the error of one estimate another may have to confirm it."""
EDGE = "at the edge of the domain: the value is not finite on both sides"
ROUGH = 1e-3
"""How large the error of a slope may be, relative to it, for the two sides to be compared."""
NOTHING = 2.0**-40
"""How small slopes are, relative to those nearby, that are as good as zero."""
KINK = 1e-4
"""How far the slopes from left and right may differ, relative to the larger."""


@dataclass(frozen=True, slots=True)
class Check:
    """One partial derivative compared: `error` bounds that of `numeric`, and `difference` is relative."""

    name: str
    at: float
    grad: float
    numeric: float
    error: float
    difference: float
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A numerical derivative and a bound of its error."""

    slope: float
    error: float


def gradcheck(
    f: Callable[..., Value], inputs: Sequence[float] | Mapping[str, float], tolerance: float = TOLERANCE
) -> list[Check]:
    """Compares every partial derivative of a function of Values with a numerical one.

    `f` is called with one Value for each of the inputs, in order, or by name for a mapping, and gives a Value. A
    partial passes within a relative `tolerance`; it is inconclusive where the numerical derivative does not exist
    (a kink, the edge of the domain) or drowns in rounding.
    """
    named = isinstance(inputs, Mapping)
    point = {str(name): float(x) for name, x in (inputs.items() if isinstance(inputs, Mapping) else enumerate(inputs))}

    def call(values: Mapping[str, float]) -> tuple[Value, list[Value]]:
        leaves = {name: Value(x, name) for name, x in values.items()}
        return (f(**leaves) if named else f(*leaves.values())), list(leaves.values())

    output, leaves = call(point)
    output.backward()
    grads = dict(zip(point, (leaf.grad for leaf in leaves), strict=True))
    return check_partials(lambda values: call(values)[0].data, point, grads, tolerance)


def check_partials(
    value_at: Callable[[Mapping[str, float]], float],
    point: Mapping[str, float],
    grads: Mapping[str, float],
    tolerance: float = TOLERANCE,
) -> list[Check]:
    """Compares gradients at a point with the numerical derivatives of `value_at`, one variable after the other."""
    return [
        check(name, lambda x, name=name: value_at({**point, name: x}), point[name], grad, tolerance)  # type: ignore[misc]
        for name, grad in grads.items()
    ]


def overall(checks: Sequence[Check]) -> Verdict:
    """What some checks come to: the worst of them."""
    verdicts = {one.verdict for one in checks}
    return "fail" if "fail" in verdicts else "inconclusive" if "inconclusive" in verdicts else "pass"


def check(name: str, f: Function, x: float, grad: float, tolerance: float) -> Check:
    """Compares one derivative of a function of one variable."""
    centre = f(x)

    def answer(verdict: Verdict, reason: str, slope: float = math.nan, error: float = math.nan) -> Check:
        larger = max(abs(grad), abs(slope))
        difference = abs(grad - slope) / larger if larger else 0.0
        return Check(name, x, grad, slope, error, difference, verdict, reason)

    if not math.isfinite(x):
        return answer("inconclusive", "the variable is not finite")
    if not math.isfinite(centre):
        return answer("inconclusive", "the value is not finite here")
    estimates = central_estimates(f, x)
    if not estimates:
        return answer("inconclusive", EDGE)
    best = confirmed(estimates)
    slope, error = (best.slope, best.error) if best else (math.nan, math.nan)
    left, right = (one_sided(f, x, centre, side) for side in (-1.0, 1.0))
    if not left or not right:
        return answer("inconclusive", EDGE, slope, error)
    below, above = confirmed(left), confirmed(right)
    kink = kink_between(below, above)
    if kink and not all(is_flat(one, tolerance, f, x, centre) for one in (below, above)):
        return answer("inconclusive", kink, slope, error)
    if best is None:
        return answer("inconclusive", "the numerical estimates do not agree", slope, error)
    if math.isinf(grad):
        return answer("inconclusive", "the gradient is infinite", slope, error)
    difference = abs(grad - slope)
    if difference <= tolerance * max(abs(grad), abs(slope)):
        return answer("pass", "", slope, error)
    nearby = slopes_nearby(f, x, centre)
    is_nothing = max(abs(grad), abs(slope)) <= NOTHING * nearby
    if is_nothing or (difference <= SAFETY * error and SAFETY * error <= tolerance * nearby):
        return answer("pass", "equal, as far as rounding shows", slope, error)
    if below is None or above is None:
        return answer("inconclusive", "the slopes from one side do not settle: a step, or a pole nearby", slope, error)
    if math.isnan(grad) or difference > SAFETY * error:
        return answer("fail", "", slope, error)
    return answer("inconclusive", "the numerical derivative is too rough: cancellation, or a step nearby", slope, error)


def first_steps(x: float) -> list[float]:
    """The first steps of the tableaux: relative to the variable, and many more where it is zero and says nothing."""
    return [abs(x) * step for step in STEPS] if x else [*STEPS, 2.0**-36, 2.0**-43, 2.0**-50]


def central_estimates(f: Function, x: float) -> list[Estimate]:
    """Extrapolated central differences from first steps of every size."""
    tableaux = (extrapolate(lambda h: central(f, x, h), step, order=2) for step in first_steps(x))
    return [estimate for estimate in tableaux if estimate is not None]


def one_sided(f: Function, x: float, centre: float, side: float) -> list[Estimate]:
    """Extrapolated differences to one side."""
    tableaux = (extrapolate(lambda h: sided(f, x, centre, side * h), step, order=1) for step in first_steps(x)[1:])
    return [estimate for estimate in tableaux if estimate is not None]


def confirmed(estimates: list[Estimate]) -> Estimate | None:
    """The best estimate that another one of much the same quality agrees with.

    Steps too large for the function give anything, now and then with a small error; but not the same twice.
    """

    def relative_error(estimate: Estimate) -> float:
        return estimate.error / abs(estimate.slope) if estimate.slope else math.inf

    for one in sorted(estimates, key=lambda estimate: (relative_error(estimate), estimate.error)):
        for other in estimates:
            if other is not one and other.error <= PEERS * one.error and agree(one, other):
                return one
    return None


def central(f: Function, x: float, h: float) -> Estimate | None:
    """(f(x+h) - f(x-h)) / 2h over the steps that were really made, and a bound of its rounding."""
    above, below = x + h, x - h
    if above == x or below == x:
        return None
    upper, lower = f(above), f(below)
    slope = (upper - lower) / (above - below)
    return rounded(slope, upper, lower, above - below)


def sided(f: Function, x: float, centre: float, h: float) -> Estimate | None:
    """(f(x+h) - f(x)) / h over the step that was really made, and a bound of its rounding."""
    there = x + h
    if there == x:
        return None
    value = f(there)
    return rounded((value - centre) / (there - x), value, centre, there - x)


def rounded(slope: float, a: float, b: float, width: float) -> Estimate | None:
    noise = EPSILON * max(abs(a), abs(b)) / abs(width)
    return Estimate(slope, noise) if math.isfinite(slope) and math.isfinite(noise) else None


def extrapolate(difference: Callable[[float], Estimate | None], first_step: float, order: int) -> Estimate | None:
    """Neville's scheme over differences at shrinking steps, whose error is a series in step**order.

    Returns the entry with the smallest error, or None where a difference is not finite.
    """
    best: Estimate | None = None
    previous: list[float] = []
    h = first_step
    for level in range(LEVELS):
        measured = difference(h)
        if measured is None:
            return None if level < 2 else best
        row = [measured.slope]
        factor = 1.0
        for column, before in enumerate(previous):
            factor *= SHRINK**order
            row.append(row[column] + (row[column] - before) / (factor - 1))
            error = max(abs(row[-1] - row[column]), abs(row[-1] - before), 2 * measured.error)
            if best is None or error <= best.error:
                best = Estimate(row[-1], error)
        if best is not None and level > 2 and abs(row[-1] - previous[-1]) > 2 * SAFETY * best.error:
            break
        previous = row
        h /= SHRINK
    return best


def agree(a: Estimate, b: Estimate) -> bool:
    return abs(a.slope - b.slope) <= SAFETY * (a.error + b.error) + 1e-9 * max(abs(a.slope), abs(b.slope))


def kink_between(left: Estimate | None, right: Estimate | None) -> str:
    """What to say where the slopes from the two sides differ by more than they can, or nothing."""
    if left is None or right is None:
        return ""
    allowed = SAFETY * (left.error + right.error) + KINK * max(abs(left.slope), abs(right.slope))
    if abs(left.slope - right.slope) > allowed:
        if max(left.error, right.error) > ROUGH * max(abs(left.slope), abs(right.slope)):
            return "the slopes do not settle: a step nearby, or swings faster than the steps taken"
        return f"a kink: the slope is {left.slope:.6g} from the left and {right.slope:.6g} from the right"
    return ""


def is_flat(one: Estimate | None, tolerance: float, f: Function, x: float, centre: float) -> bool:
    """Whether a slope is as good as zero beside those of chords to the neighbourhood, as at the foot of a valley."""
    return one is not None and abs(one.slope) + one.error <= tolerance * slopes_nearby(f, x, centre)


def slopes_nearby(f: Function, x: float, centre: float) -> float:
    """The largest slope of a chord from here to the neighbourhood, to say what a slope of zero is small against."""
    chords = (sided(f, x, centre, side * step) for step in first_steps(x)[:2] for side in (-1.0, 1.0))
    return max((abs(chord.slope) for chord in chords if chord is not None), default=0.0)
