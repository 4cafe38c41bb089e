"""What the samples around a point show of the slope: the estimates, kinks, jumps, and the effect of rounding."""

from collections.abc import Sequence
from dataclasses import dataclass

from mgrad_cli.evaluation.differences import SAFETY, Estimate, Samples, confirmed

ROUGH = 1e-3
"""The largest relative error of a slope with which the two sides can be compared."""
KINK = 1e-4
"""The largest relative difference of the slopes from left and right without a kink."""


@dataclass(frozen=True, slots=True)
class Slopes:
    """The estimates of the slope from both sides and from each side, with the best of each."""

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
    """Return whether rounding explains the error of a gradient, at a step where slopes are as small as that."""
    return any(
        abs(grad - one.slope) <= SAFETY * one.rounding and SAFETY * one.error <= tolerance * samples.steepness(one.step)
        for one in slopes.estimates
    )


def jump(samples: Samples) -> str:
    """Describe a jump of the value at the point; return an empty text if there is none."""
    for side in (-1.0, 1.0):
        if values := samples.jump(side):
            return f"a jump: the value is {values[0]:.6g} here, and {values[1]:.6g} right beside"
    return ""


def kink_between(left: Estimate | None, right: Estimate | None) -> str:
    """Describe a kink between the slopes from the two sides; return an empty text if there is none."""
    if left is None or right is None:
        return ""
    allowed = SAFETY * (left.error + right.error) + KINK * max(abs(left.slope), abs(right.slope))
    if abs(left.slope - right.slope) > allowed:
        if max(left.error, right.error) > ROUGH * max(abs(left.slope), abs(right.slope)):
            return "the slopes do not settle: a step nearby, or swings faster than the steps taken"
        return f"a kink: the slope is {left.slope:.6g} from the left and {right.slope:.6g} from the right"
    return ""
