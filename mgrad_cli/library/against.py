"""Compare a derivative worked out by hand with the exact one: as formulas, then at points."""

import math
import random
from collections.abc import Mapping
from typing import NamedTuple

from mgrad_cli.errors import BindingError, LimitError
from mgrad_cli.evaluation.accuracy import accuracy
from mgrad_cli.evaluation.gradcheck import Check
from mgrad_cli.evaluation.graph import evaluate, input_names, input_values
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.language.printing import literal
from mgrad_cli.program import replay, trace
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.nodes import ConstantNode
from mgrad_cli.script import unbound_constants
from mgrad_cli.suggestions import nearest, nearest_listed
from mgrad_cli.symbolic.derivatives import derivatives, name_of_pi, named_numbers
from mgrad_cli.symbolic.simplifier import Simplifier
from mgrad_cli.symbolic.tracing import TermTracer

POINTS = 8
SPREAD = 0.25
"""The largest distance of the points of comparison, relative to each variable."""
MIN_DIGITS = 3.0
MAX_TERMS = 100_000


class PointComparison(NamedTuple):
    """Both derivatives at a point, and the largest relative difference that rounding explains."""

    exact: float
    by_hand: float
    rounding: float

    @property
    def difference(self) -> float:
        larger = max(abs(self.exact), abs(self.by_hand))
        return abs(self.exact - self.by_hand) / larger if larger else 0.0

    @property
    def is_known(self) -> bool:
        """Whether both are finite, with enough correct digits."""
        return math.isfinite(self.exact) and math.isfinite(self.by_hand) and self.rounding < 10**-MIN_DIGITS


def chosen_variable(script: Script, wrt: list[str] | None, bindings: Mapping[str, float]) -> str:
    """Return the only variable to differentiate with respect to.

    Raises: BindingError if there is none or more than one.
    """
    check_one_output(script, "a comparison with a formula")
    names, declared = input_names(script, bindings)
    chosen = wrt if wrt is not None else [name for name in names if name not in declared or name in bindings]
    if len(chosen) != 1:
        listed = ", ".join(names) or "none"
        raise BindingError(f"--against compares one derivative; choose its variable with --wrt ({listed})")
    if chosen[0] not in names:
        raise BindingError(f"no variable '{chosen[0]}' in the expression{nearest_listed(chosen[0], names)}")
    return chosen[0]


def compare_by_hand(
    script: Script, by_hand: Script, bindings: Mapping[str, float], name: str, tolerance: float
) -> Check:
    """Compare the derivative of a script by a variable with a formula for it that was worked out by hand.

    The verdict is `pass` where they are equal as formulas, or at the point and at points around it to within
    `tolerance`; `fail` where they differ, and `inconclusive` where neither can be said.

    Raises: BindingError for a variable of the formula that the script has not, or that has no value.
    """
    check_one_output(by_hand, "a comparison with a formula")
    values = input_values(script, bindings)
    for other in input_names(by_hand, values)[0]:
        if other not in values and other not in by_hand.assigned:
            raise BindingError(f"no variable '{other}' in the expression{nearest(other, values)}, as in --against")
    here = comparison(script, by_hand, values, name)

    def answer(verdict: str, reason: str) -> Check:
        return Check(
            name, values[name], here.exact, here.by_hand, here.rounding * abs(here.by_hand), here.difference,
            verdict, reason,  # type: ignore[arg-type]
        )  # fmt: skip

    if math.isfinite(here.exact) == math.isfinite(here.by_hand) and are_equal_formulas(
        script, by_hand, list(values), name
    ):
        return answer("pass", "equal as formulas")
    known = 0
    for point in [values, *points_around(values)]:
        each = here if point is values else comparison(script, by_hand, point, name)
        if not each.is_known:
            continue
        known += 1
        if each.difference > tolerance + each.rounding:
            place = ", ".join(f"{key} = {literal(value)}" for key, value in point.items())
            figures = f"{literal(each.exact)}, and {literal(each.by_hand)} by hand"
            return answer("fail", f"at {place} the derivative is {figures}")
    if not here.is_known:
        return answer("inconclusive", "a figure is not finite, or has no right digits, at the point")
    return answer("pass", f"equal at the point and at {known - 1} points around it")


def comparison(script: Script, by_hand: Script, values: Mapping[str, float], name: str) -> PointComparison:
    """Return both derivatives at a point, with their accuracy."""
    graph = evaluate(script, values)
    graph.output.backward()
    leaf = graph.inputs[name]
    exact = float(leaf.grad)
    known = set(by_hand.names) & set(values)
    other = evaluate(by_hand, {key: values[key] for key in known})
    digits = min(accuracy(graph.output).grads.get(leaf, 16.0), accuracy(other.output).value)
    return PointComparison(exact, other.output.data, 10**-digits)


def points_around(values: Mapping[str, float]) -> list[dict[str, float]]:
    """Return points around a point, the same in every run."""
    chance = random.Random(0)  # noqa: S311
    return [
        {name: x + chance.uniform(-SPREAD, SPREAD) * (abs(x) or 1.0) for name, x in values.items()}
        for _ in range(POINTS)
    ]


def are_equal_formulas(script: Script, by_hand: Script, inputs: list[str], name: str) -> bool:
    """Return whether the difference of the derivative and the formula is 0 in normal form."""
    budget = Budget(MAX_TERMS)
    try:
        found = derivatives(script, inputs, [name], budget=budget).program
        named_in_text = (*unbound_constants(script, inputs), *unbound_constants(by_hand, inputs))
        constants = [each for each in dict.fromkeys([*named_in_text, *found.inputs]) if each not in inputs]
        formula = trace(by_hand, [*inputs, *constants])
        simplifier = Simplifier(constants, named_numbers(name_of_pi(inputs)), budget)
        tracer = TermTracer(simplifier, [*found.operations, *formula.operations])
        named = {each: tracer.input(each) for each in dict.fromkeys([*inputs, *constants, *found.inputs])}
        derivative = replay(found, {each: named[each] for each in found.inputs}, tracer.constant)[found.outputs[0]]
        written = replay(formula, named, tracer.constant)[formula.outputs[0]]
        program = tracer.algebra.program([(derivative - written).term])
    except LimitError:
        return False
    node = program.nodes[program.outputs[0]]
    return isinstance(node, ConstantNode) and node.number == 0
