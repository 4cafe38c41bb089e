"""What the samples around a point say of the slope there: the estimates, a kink, a jump, and what rounding hides."""

from collections.abc import Sequence
from dataclasses import dataclass

from mgrad_cli.evaluation.differences import SAFETY, Estimate, Samples, confirmed

ROUGH = 1e-3
"""How large the error of a slope may be, relative to it, for the two sides to be compared."""
KINK = 1e-4
"""How far the slopes from left and right may differ, relative to the larger."""


@dataclass(frozen=True, slots=True)
class Slopes:
    """What the samples say of the slope: the estimates from both sides, the best, and the best from each side."""

    estimates: Sequence[Estimate]
    best: Estimate | None
    sides: Sequence[Sequence[Estimate]]
    below: Estimate | None
    above: Estimate | None

    @classmethod
    def of(cls, samples: Samples) -> "Slopes":
        estimates = samples.central()
        before, after = (samples.one_sided(side) for side in (-1.0, 1.0))
        return cls(estimates, confirmed(estimates), (before, after), confirmed(before), confirmed(after))


def is_rounding(samples: Samples, slopes: Slopes, grad: float, tolerance: float) -> bool:
    """Whether a gradient is off by no more than rounding explains, at a step that shows slopes as small as that."""
    return any(
        abs(grad - one.slope) <= SAFETY * one.rounding and SAFETY * one.error <= tolerance * samples.steepness(one.step)
        for one in slopes.estimates
    )


def jump(samples: Samples) -> str:
    """What to say where the value does not tend to that at the point, or nothing."""
    for side in (-1.0, 1.0):
        if values := samples.jump(side):
            return f"a jump: the value is {values[0]:.6g} here, and {values[1]:.6g} right beside"
    return ""


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
