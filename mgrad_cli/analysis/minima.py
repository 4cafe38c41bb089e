"""Minimize a script over some of its variables, and say what was found there."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mgrad_cli.analysis.descent import descend, method_of, simplex
from mgrad_cli.analysis.extremum import Bound, Extremum, PassedPoint
from mgrad_cli.analysis.objective import Objective, RunawayError
from mgrad_cli.analysis.point_function import PointFunction
from mgrad_cli.analysis.requirements import require_scipy
from mgrad_cli.analysis.search_ends import refined_kind
from mgrad_cli.analysis.sensitivity import point_slopes, value_slopes
from mgrad_cli.analysis.stationary import Judgement, judge
from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import input_values
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.suggestions import nearest, nearest_listed

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

MAX_ITERATIONS = 10_000
MAX_UNKNOWNS = 3_000
"""The most unknowns: the Hessian is a matrix of so many rows and columns."""
MAX_ESCAPES = 12
"""How often a search starts again from a lower point next to one that is no minimum."""
MAX_SIMPLEX = 10
"""The most unknowns for which a search at a kink goes on without derivatives."""
SHARP = frozenset({"kink", "jump", "pole"})
MIRRORED = {"minimum": "maximum", "maximum": "minimum"}
STATIONARY = frozenset({"saddle", "maximum", "inflection"})


class SearchEnd(NamedTuple):
    """Where a search ended, what the point is, and the stationary points that it left."""

    point: "Array"
    kind: str
    order: float
    passed: "list[tuple[str, Array]]"


def minimize_script(
    script: Script,
    unknowns: Sequence[str],
    values: Mapping[str, float],
    bounds: Mapping[str, Bound] | None = None,
    is_maximum: bool = False,
    max_iterations: int = MAX_ITERATIONS,
) -> Extremum:
    """Minimize the output of a script over `unknowns`; the others of its variables are parameters.

    `values` are the starts of the unknowns and the values of the parameters. `bounds` gives some unknowns a lowest and
    a highest value, which may be infinite.

    Raises: BindingError for a variable without a value, or a name that is not a variable; UsageError if there is no
    unknown, or a bound excludes the start; MissingExtraError if SciPy is not installed.
    """
    require_scipy("minimize")
    import numpy

    check_one_output(script, "minimize")
    inputs = input_values(script, values)
    bounds = bounds or {}
    check_unknowns(unknowns, inputs)
    check_bounds(bounds, unknowns, inputs)
    function = PointFunction(script, unknowns, inputs)
    lower, upper = (
        numpy.array([bounds.get(name, (-math.inf, math.inf))[side] for name in unknowns]) for side in (0, 1)
    )
    sign = -1.0 if is_maximum else 1.0
    objective = Objective(function, [inputs[name] for name in unknowns], sign, lower, upper)
    with numpy.errstate(all="ignore"):
        return described(objective, search(objective, max_iterations), dict(bounds))


def search(objective: Objective, max_iterations: int) -> SearchEnd:
    """Descend until the point is a minimum: where there are lower points beside it, go on from one of them."""
    passed: list[tuple[str, Array]] = []
    point = objective.start
    try:
        objective.accept(point)
        if not all(map(math.isfinite, point.tolist())) or objective.value(point) == math.inf:
            return SearchEnd(point, "undefined", math.nan, passed)
        for _ in range(MAX_ESCAPES):
            point = descend(objective, point, max_iterations)
            found = judge(objective, point)
            if found.kind in STATIONARY:
                passed.append((found.kind, point))
            lower = lower_point(objective, point, found)
            if lower is None or len(objective.path) > max_iterations:
                break
            point = lower
    except RunawayError as end:
        is_steep = not end.value > -math.inf or end.value < -1e30 * (1 + abs(objective.first_value))
        return SearchEnd(end.point, "unbounded" if is_steep else "vanishing", math.nan, passed)
    if passed and passed[-1][1] is point:
        passed.pop()
    return SearchEnd(point, refined_kind(objective, point, found), found.order, passed)


def lower_point(objective: Objective, point: "Array", found: Judgement) -> "Array | None":
    """Return a point from which the search goes on, if there is a lower one: beside a kink, without derivatives."""
    if found.lower is not None:
        objective.value(found.lower)
    elif found.kind not in SHARP:
        return None
    if found.kind in SHARP:
        look_beside(objective, point)
    if found.kind in SHARP | {"slope"} and len(point) <= MAX_SIMPLEX:
        simplex(objective, point)
    return objective.best if objective.best_value < objective.plain_value(point) else None


def look_beside(objective: Objective, point: "Array") -> None:
    """Evaluate the function at the next doubles: one of them may be a pole. Raises: RunawayError."""
    import numpy

    for index in range(len(point)):
        for end in (-math.inf, math.inf):
            beside = point.copy()
            beside[index] = numpy.nextafter(point[index], end)
            objective.value(beside)


def described(objective: Objective, ending: SearchEnd, bounds: dict[str, Bound]) -> Extremum:
    """Return the record of what a search found."""
    import numpy

    function, point = objective.function, ending.point
    names = function.unknowns
    goal = "maximum" if objective.sign < 0 else "minimum"
    gradient = function.gradient(point.tolist())
    held = objective.held(point)
    hessian = function.hessian(point.tolist())[numpy.ix_(~held, ~held)]
    is_finite = bool(numpy.isfinite(hessian).all())
    named = dict(zip(names, point.tolist(), strict=True))
    kind = kind_of(ending.kind, goal)
    is_smooth = kind in {goal, "degenerate", "flat"}
    value_by = value_slopes(objective, point).tolist() if is_smooth else ()
    point_by = point_slopes(objective, point).tolist() if kind == goal else ()
    return Extremum(
        function.script.text,
        goal,
        kind,
        named,
        function.value(point.tolist()),
        dict(zip(names, gradient.tolist(), strict=True)),
        float(numpy.linalg.norm(gradient[~held])),
        numpy.linalg.eigvalsh(hessian).tolist() if is_finite else [],
        method_of(objective),
        objective.evaluations,
        bounds,
        {
            name: "lower" if point[index] <= objective.lower[index] else "upper"
            for index, name in enumerate(names)
            if held[index]
        },
        function.parameter_values,
        dict(zip(function.parameters, value_by, strict=False)),
        {name: dict(zip(function.parameters, row, strict=True)) for name, row in zip(names, point_by, strict=False)},
        [
            PassedPoint(kind_of(kind, goal), dict(zip(names, each.tolist(), strict=True)))
            for kind, each in ending.passed
        ],
        differentiate(function.script, named | function.parameter_values, explain=False).conventions,
        ending.order,
        objective.path,
    )


def kind_of(kind: str, goal: str) -> str:
    """Return what a point of the negative is for the expression, if a maximum is sought."""
    return MIRRORED.get(kind, kind) if goal == "maximum" else kind


def check_unknowns(unknowns: Sequence[str], inputs: Mapping[str, float]) -> None:
    """Raise an error if there are no unknowns, or one is not a variable."""
    if not unknowns:
        raise UsageError("there is no variable to minimize over; give one a start, as in --x 1")
    if len(unknowns) > MAX_UNKNOWNS:
        raise UsageError(f"{len(unknowns):,} variables are too many to minimize over, at most {MAX_UNKNOWNS:,}")
    for name in unknowns:
        if name not in inputs:
            raise BindingError(f"no variable '{name}' in the expression{nearest_listed(name, inputs)}")


def check_bounds(bounds: Mapping[str, Bound], unknowns: Sequence[str], inputs: Mapping[str, float]) -> None:
    """Raise an error for a bound of a name that is not an unknown, or one that excludes the start."""
    for name, (low, high) in bounds.items():
        if name not in unknowns:
            what = "is a parameter, not an unknown" if name in inputs else "is not a variable of the expression"
            raise UsageError(f"'{name}', which has a bound, {what}{nearest(name, unknowns)}")
        if math.isnan(low) or math.isnan(high) or low > high:
            raise UsageError(f"the bounds of '{name}', {low:g}:{high:g}, contain no number")
        if not low <= inputs[name] <= high:
            raise UsageError(f"the start of '{name}', {inputs[name]!r}, is outside its bounds {low:g}:{high:g}")
        if low == high:
            raise UsageError(f"the bounds of '{name}' leave it no room; bind it as a parameter")
