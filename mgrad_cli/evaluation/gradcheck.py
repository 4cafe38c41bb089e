"""Gradients compared with numerical derivatives, which do not use the rules.

The numerical derivative is extrapolated from differences of the value, at steps of many sizes. The two best estimates
must agree, and so must the derivatives from the left and from the right. Rounding limits the differences: each node
contributes half a unit in the last place, times the derivative of the value with respect to it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from mgrad_cli.evaluation.differences import EPSILON, SAFETY, Centre, Estimate, Samples, agree
from mgrad_cli.evaluation.slopes import Slopes, is_rounding, jump, kink_between
from mgrad_cli.operations.operand import as_float
from mgrad_cli.value import Constant, Value, topological_order

Verdict: TypeAlias = Literal["pass", "proved", "fail", "inconclusive"]

ORDER: tuple[Verdict, ...] = ("fail", "inconclusive", "pass", "proved")
"""The verdicts, from the worst."""

TOLERANCE = 1e-6
NEIGHBOURS = (51, 44, 38, 33)
"""Powers of two: relative changes of a variable that show how far its gradient can be relied on."""
GAUSS = (
    (-0.906179845938664, 0.11846344252809454), (-0.5384693101056831, 0.23931433524968324), (0.0, 0.28444444444444444),
    (0.5384693101056831, 0.23931433524968324), (0.906179845938664, 0.11846344252809454),
)  # fmt: skip
"""The Gauss-Legendre points between -1 and 1 and their weights, for a mean."""
EDGE = "at the edge of the domain: the value is not finite on both sides"


@dataclass(frozen=True, slots=True)
class Check:
    """One partial derivative compared with a numerical one.

    name, at        the variable, and its value at the point
    grad, numeric   the derivative from the rules, and from differences of the value alone
    error           a bound of the error of `numeric`, in its units
    difference      of the two derivatives, relative to the larger
    verdict         `pass`, `fail`, or `inconclusive`, for which `reason` says why
    output          the name of the output, where there are several
    """

    name: str
    at: float
    grad: float
    numeric: float
    error: float
    difference: float
    verdict: Verdict
    reason: str = ""
    output: str = ""

    @property
    def members(self) -> dict[str, Any]:
        """The fields by name, `output` first, and only where there are several."""
        fields = asdict(self)
        output = fields.pop("output")
        return {"output": output, **fields} if output else fields


def gradcheck(
    f: Callable[..., Value], inputs: Sequence[float] | Mapping[str, float], tolerance: float = TOLERANCE
) -> list[Check]:
    """Compare every partial derivative of a function of Values with a numerical one.

    `f` is called with one Value for each of the inputs, in order, or by name for a mapping, and returns a Value. A
    partial passes within a relative `tolerance`; it is inconclusive where the numerical derivative does not exist
    (a kink, the edge of the domain) or drowns in rounding.

    Raises: TypeError for inputs that are not real numbers, or if `f` does not return a Value; what `f` raises.

    Source: C. Ridders, Advances in Engineering Software 4, 1982.

    >>> [check.verdict for check in gradcheck(lambda a, b: (a * b).tanh(), [0.5, 2.0])]
    ['pass', 'pass']
    >>> [(check.name, check.verdict) for check in gradcheck(lambda x: x.abs(), {"x": 0.0})]
    [('x', 'inconclusive')]
    """
    named = isinstance(inputs, Mapping)
    point = {
        str(name): as_float(x) for name, x in (inputs.items() if isinstance(inputs, Mapping) else enumerate(inputs))
    }

    def call(values: Mapping[str, float]) -> tuple[Value, list[Value]]:
        leaves = {name: Value(x, name) for name, x in values.items()}
        return (f(**leaves) if named else f(*leaves.values())), list(leaves.values())

    def along(name: str, xs: Sequence[float]) -> list[float]:
        return [call({**point, name: x})[0].data for x in xs]

    def graph_at(name: str, x: float) -> tuple[Value, Value]:
        output, leaves = call({**point, name: x})
        return output, leaves[names.index(name)]

    names = list(point)
    output, leaves = call(point)
    if not isinstance(output, Value):
        raise TypeError(f"the function returns {type(output).__name__}, not a Value that depends on its arguments")
    output.backward()
    grads = dict(zip(names, (leaf.grad for leaf in leaves), strict=True))
    return check_partials(Problem(along, graph_at), point, output.data, grads, tolerance)


@dataclass(frozen=True, slots=True)
class Problem:
    """A function whose derivatives are checked.

    along       returns the values for several values of one variable, given by name
    graph_at    returns the graph for one value of one variable: the output, and the node of the variable
    """

    along: Callable[[str, Sequence[float]], Sequence[float]]
    graph_at: Callable[[str, float], tuple[Value, Value]]

    def noise_at(self, name: str, x: float) -> float:
        """Return a bound of the rounding error of the value, to first order."""
        output, _ = self.graph_at(name, x)
        output.backward()
        errors = [abs(node.grad * node.data) for node in topological_order(output) if node._prev]
        return math.fsum(EPSILON * error for error in errors if math.isfinite(error))

    def gradient_noise(self, name: str, x: float) -> float:
        """Return a bound of the rounding error of the sum that a gradient is."""
        output, leaf = self.graph_at(name, x)
        sizes: dict[int, float] = {id(output): 1.0}
        for node in reversed(topological_order(output)):
            operation, size = node._operation, sizes.get(id(node))
            if operation is None or size is None:
                continue
            numbers = (*(operand.data for operand in node._prev), node.data)
            for operand, contribution in operation.contributions(size, node._prev, numbers, numbers, Constant):
                sizes[id(operand)] = sizes.get(id(operand), 0.0) + abs(contribution)
        return EPSILON * sizes.get(id(leaf), 0.0)

    def levels_at(self, name: str, x: float) -> list[float]:
        """Return the values of the nodes that are steps, as of `floor`: differences across one see a slope."""
        nodes = topological_order(self.graph_at(name, x)[0])
        return [
            node.data
            for node in nodes
            if (found := node._operation) and found.group == "selection" and not any(found.partials)
        ]

    def gradient_at(self, name: str, x: float) -> float:
        output, leaf = self.graph_at(name, x)
        output.backward()
        return float(leaf.grad)


def check_partials(
    problem: Problem,
    point: Mapping[str, float],
    value: float,
    grads: Mapping[str, float],
    tolerance: float = TOLERANCE,
) -> list[Check]:
    """Compare gradients at a point with numerical derivatives; `value` is the function's value there."""
    noise = next((problem.noise_at(name, point[name]) for name in grads), 0.0)
    centre = Centre(value, noise)
    return [check(problem, name, point[name], centre, grad, tolerance) for name, grad in grads.items()]


def overall(checks: Sequence[Check]) -> Verdict:
    """Return the worst verdict of some checks."""
    verdicts = [one.verdict for one in checks]
    return next((each for each in ORDER if each in verdicts), "pass")


def check(problem: Problem, name: str, x: float, centre: Centre, grad: float, tolerance: float) -> Check:
    """Compare the derivative with respect to one variable with a numerical one.

    The rounding errors around the point are measured only if they may matter: if steps are not small compared with the
    variable, or the slopes are small compared with those nearby.
    """
    samples = Samples(x, centre)
    if not (math.isfinite(x) and math.isfinite(centre.value)):
        reason = "the value is not finite here" if math.isfinite(x) else "the variable is not finite"
        return Check(name, x, grad, math.nan, math.nan, math.nan, "inconclusive", reason)
    samples.fill(problem.along(name, samples.points))
    slopes = Slopes.of(samples)
    found = judged(problem, name, samples, slopes, grad, tolerance)
    sizes = [abs(one.slope) for one in (slopes.best, slopes.below, slopes.above) if one]
    if found.verdict != "pass" and (
        samples.reaches_far or max(sizes, default=0.0) <= tolerance * samples.steepest_chord()
    ):
        samples.measure_noise(lambda at: problem.noise_at(name, at))
        found = judged(problem, name, samples, Slopes.of(samples), grad, tolerance)
    return found


def judged(problem: Problem, name: str, samples: Samples, slopes: Slopes, grad: float, tolerance: float) -> Check:
    """Return the verdict that the samples give on a derivative."""
    best, below, above = slopes.best, slopes.below, slopes.above
    slope, error = (best.slope, best.error) if best else (math.nan, math.nan)
    larger = max(abs(grad), abs(slope))
    difference = abs(grad - slope)

    def answer(verdict: Verdict, reason: str) -> Check:
        return Check(name, samples.x, grad, slope, error, difference / larger if larger else 0.0, verdict, reason)

    if not slopes.estimates or not all(slopes.sides):
        return answer("inconclusive", EDGE)
    kink = jump(samples) or kink_between(below, above)
    if kink:
        return answer("inconclusive", kink)
    if best is None:
        return answer("inconclusive", "the numerical estimates do not agree")
    if math.isinf(grad):
        return answer("inconclusive", "the gradient is infinite")
    if difference <= tolerance * larger:
        return answer("pass", "")
    if difference <= SAFETY * error and is_rounding(samples, slopes, grad, tolerance):
        return answer("pass", "equal to within rounding")
    if below is None or above is None or not (agree(best, below) and agree(best, above)):
        return answer("inconclusive", "the slopes from one side do not settle: a step, or a pole nearby")
    if math.isnan(grad) or difference > SAFETY * error:
        doubt = "" if math.isnan(grad) else doubts(problem, name, samples, best, difference - SAFETY * error)
        return answer("inconclusive" if doubt else "fail", doubt)
    return answer("inconclusive", "the numerical derivative is too rough: cancellation, or a step nearby")


def doubts(problem: Problem, name: str, samples: Samples, best: Estimate, excess: float) -> str:
    """Return why a difference beyond the error bounds may mean nothing, or an empty text if it does mean an error."""
    x, grad = samples.x, problem.gradient_at(name, samples.x)
    scale = abs(x) or 1.0
    bends = []
    for step in (min(best.step, scale * 2.0**-power) for power in NEIGHBOURS):
        before, after = (problem.gradient_at(name, x + side * step) for side in (-1, 1))
        bends.append(abs((before - grad) + (after - grad)))
    if not excess > max(bends):
        return "the gradient differs right beside the point: a convention, cancellation, or a step"
    if excess <= SAFETY * problem.gradient_noise(name, x):
        return "the gradient is negligible beside the terms that it is the sum of"
    if any(problem.levels_at(name, x + side * best.step) != problem.levels_at(name, x) for side in (-1, 1)):
        return "every difference crosses a step"
    inside = [problem.gradient_at(name, x + best.step * index) for index, _ in GAUSS]
    mean = math.fsum(weight * slope for (_, weight), slope in zip(GAUSS, inside, strict=True))
    chord = samples.quotient(x - best.step, x + best.step)
    largest = max(map(abs, inside))
    if chord is None or (max(inside) - min(inside) > largest / 2 and abs(mean - chord.slope) > largest / 10):
        return "the gradient oscillates faster than the steps taken"
    return ""
