"""Second derivatives compared with numerical ones: differences of the exact gradient, a pair of variables at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mgrad_cli.errors import FEWER_VARIABLES, LimitError
from mgrad_cli.evaluation.gradcheck import TOLERANCE, Check, Problem, check_partials
from mgrad_cli.evaluation.hessian import Hessian
from mgrad_cli.evaluation.sampling import MAX_OPERATIONS, along, dependents
from mgrad_cli.language.lowering import Script
from mgrad_cli.program import Program, differentiate, replay, trace
from mgrad_cli.program.nodes import prune
from mgrad_cli.value import Constant, Value

PAIR_EFFORT = 20
"""What a pair of variables costs beside its operations, in operations."""


def check_hessian(
    script: Script,
    point: Mapping[str, float],
    hessian: Hessian,
    tolerance: float = TOLERANCE,
    on_progress: Callable[[], None] = lambda: None,
) -> list[Check]:
    """Compare the second derivatives of a script with one output at a point with differences of its gradient.

    Each pair of variables is checked once, also those that the output does not couple. `on_progress` is called for
    each.

    Raises: LimitError if that takes too long.

    >>> from mgrad_cli.evaluation.second_order import hessians
    >>> from mgrad_cli.language.lowering import read
    >>> script, point = read("x**2*y"), {"x": 2.0, "y": 3.0}
    >>> (hessian,) = hessians(script, point, ["x", "y"])
    >>> [(check.name, check.verdict) for check in check_hessian(script, point, hessian)]
    [('x, x', 'pass'), ('x, y', 'pass'), ('y, y', 'pass')]
    """
    order = [name for name in point if name in hessian.names]
    gradient = differentiate(trace(script, list(point)), order)
    rows = {name: prune(gradient.nodes, [gradient.outputs[1 + index]]) for index, name in enumerate(order)}
    following = {name: dependents(row, order[index:]) for index, (name, row) in enumerate(rows.items())}
    check_effort(following)
    found: dict[tuple[str, str], Check] = {}
    for name, row in rows.items():
        grads = {other: hessian[name][other] for other in following[name]}
        for check in checked(row, point, grads, following[name], tolerance, on_progress):
            found[name, check.name] = check
    return [
        replace(found.get((a, b)) or found[b, a], name=f"{a}, {b}")
        for row, a in enumerate(hessian.names)
        for b in hessian.names[row:]
    ]


def check_effort(following: Mapping[str, Mapping[str, Sequence[int]]]) -> None:
    """Raise LimitError if the checks of all rows take too long; `following` are the registers that each runs again."""
    effort = sum(PAIR_EFFORT + len(registers) for row in following.values() for registers in row.values())
    if effort > MAX_OPERATIONS:
        raise LimitError(
            f"numerical second derivatives by {len(following):,} variables take {effort:,} operations, more than the "
            f"maximum of {MAX_OPERATIONS:,}; {FEWER_VARIABLES}"
        )


def checked(
    program: Program,
    point: Mapping[str, float],
    grads: Mapping[str, float],
    following: Mapping[str, Sequence[int]],
    tolerance: float,
    on_progress: Callable[[], None],
) -> list[Check]:
    """Compare derivatives of a program's output with numerical ones."""
    walk = along(program, point, following)
    (output,) = program.outputs

    def watched(name: str, xs: Sequence[float]) -> Sequence[float]:
        on_progress()
        return walk(name, xs)

    def graph_at(name: str, x: float) -> tuple[Value, Value]:
        leaves = {each: Value(value, each) for each, value in (dict(point) | {name: x}).items()}
        registers: list[Any] = replay(program, leaves, Constant)
        return registers[output], leaves[name]

    value = replay(program, point)[output]
    return check_partials(Problem(watched, graph_at), point, float(value), grads, tolerance)
