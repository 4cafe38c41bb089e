"""What was found, in one sentence."""

from typing import TYPE_CHECKING

from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.text import name_list

if TYPE_CHECKING:
    from mgrad_cli.analysis.extremum import Extremum

MAX_NAMES = 6
SURE_ORDER = 0.1
"""How near to a whole number a measured order must be to be taken for it."""


def verdict(found: "Extremum") -> str:
    """Return what the point is where a search ended, and what that rests on."""
    goal = found.goal
    if found.kind == goal:
        return regular(found)
    is_minimum = goal == "minimum"
    falls, rises, below = ("falls", "rises", "below") if is_minimum else ("rises", "falls", "above")
    one = len(found.point) == 1
    names = name_list(list(found.point), MAX_NAMES)
    sentences = {
        "degenerate": f"{goal}, degenerate: the Hessian is singular, and the function {rises} {growth(found.order)}",
        "flat": f"{goal}, flat: there are directions along which the function does not change",
        "kink": f"{goal} at a kink: the function is not smooth there, and its gradient jumps",
        "jump": f"{goal} at a jump: the function is not continuous there",
        "saddle": f"no {goal}: the search ended at a saddle, with lower and higher points beside it",
        "inflection": f"no {goal}: the search ended at an inflection, with a lower and a higher side",
        "edge": f"no {goal}: the search ended at the edge of the domain of the function or its derivatives",
        "slope": f"no convergence after {found.iterations} iterations: this is the best point, and no {goal}",
        "unbounded": f"no {goal}: the function is not bounded {below}",
        "vanishing": f"no {goal}: the function still {falls} as {names} {'runs' if one else 'run'} to infinity",
        "undefined": "no search: the function or a derivative is not finite at the start",
    }
    return sentences.get(found.kind, f"no {goal}: the search ended at a {found.kind}")


def regular(found: "Extremum") -> str:
    """Return what a minimum or maximum is that the gradient, the Hessian and the active bounds prove."""
    proof = f"the gradient is zero and the Hessian {'positive' if found.goal == 'minimum' else 'negative'} definite"
    if not found.active:
        return f"{found.goal}: {proof}"
    active = name_list(list(found.active), MAX_NAMES)
    if len(found.active) == len(found.point):
        return f"{found.goal} at the bound{'s' if len(found.active) > 1 else ''} of {active}"
    return f"{found.goal} with {active} at a bound; for the others {proof}"


def growth(order: float) -> str:
    """Return with what power of the distance a function grows."""
    nearest = round(order) if order == order else 0
    if nearest > 2 and abs(order - nearest) < SURE_ORDER:
        return f"as the {nearest}{'rd' if nearest == 3 else 'th'} power of the distance"
    return f"as the power {number(round(order, 2))} of the distance" if order == order else "on all sides"
