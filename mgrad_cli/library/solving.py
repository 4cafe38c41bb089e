"""Roots for the library: the unknowns and the other variables of a script sorted out, and how a root shows itself."""

from collections.abc import Mapping
from typing import Any

from mgrad_cli.analysis.solutions import Solution as Solution
from mgrad_cli.analysis.solutions import Start, solve
from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.evaluation.graph import check_names, input_values
from mgrad_cli.language.lowering import Script
from mgrad_cli.library.values import number_of
from mgrad_cli.renderers import View
from mgrad_cli.renderers.solutions import SOLUTION_FORMATS


def solved(
    script: Script, starts: Mapping[str, Start], values: Mapping[str, float], is_slope: bool, certifies: bool
) -> Solution:
    """Return a root of a script, as `Expression.solve` describes."""
    if not starts:
        raise UsageError("there is no unknown; give one a start")
    for name in starts:
        if name in values:
            raise UsageError(f"'{name}' is an unknown and has a value as well; give one of the two")
    check_names(script, [*starts, *values])
    starts = {name: start_of(name, start) for name, start in starts.items()}
    known = input_values(script, {**values, **dict.fromkeys(starts, 0.0)})
    parameters = {name: value for name, value in known.items() if name not in starts}
    return solve(script, starts, parameters, is_slope, certifies, values)


def start_of(name: str, start: Any) -> Start:
    """Return a start as a number, or a bracket as a pair of numbers. Raises: BindingError for anything else."""
    if not isinstance(start, tuple | list):
        return number_of(name, start)
    if len(start) != 2:
        raise BindingError(f"the bracket of '{name}' is a pair of numbers, not {start!r}")
    low, high = (number_of(name, end) for end in start)
    return low, high


def html(solution: Solution) -> str:
    """Return a solution as it is shown in a notebook."""
    from mgrad_cli.library.display import preformatted

    return preformatted("".join(SOLUTION_FORMATS["table"](solution, View())))


Solution._repr_html_ = html  # type: ignore[attr-defined]
