"""Prove gradients, for `check --certify`: compare the rules in balls with Arb's power series of the function."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import flint

from mgrad_cli.evaluation.gradcheck import Check
from mgrad_cli.evaluation.graph import input_values
from mgrad_cli.exact.ball import Ball, inputs_of, irrational_names
from mgrad_cli.exact.ball_series import BallSeries
from mgrad_cli.exact.certifying import MIN_BITS, exact_inputs, exact_program
from mgrad_cli.exact.nearest import nearest, point
from mgrad_cli.exact.recording import ExactRecorder
from mgrad_cli.exact.series_primitives import NotDifferentiableError
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.program import Program, replay, trace

MAX_BITS = 4096
SMALLEST = 1e-300
"""Derivatives that differ by less are equal, even if they are not equal relative to their size."""
TIGHT_BITS = 60
"""The bits to which both derivatives must agree."""


def prove_gradients(script: Script, bindings: Mapping[str, float], wrt: Sequence[str] = ()) -> list[Check]:
    """Compare the derivatives of a script by the rules with those of its power series, both as enclosures.

    The verdict is `proved` if the enclosures overlap and are tighter than doubles, and `fail` if they do not overlap.
    It is `inconclusive` at a kink or a jump, and if a derivative is not finite.
    """
    check_one_output(script, "a proof")
    values = input_values(script, bindings)
    function = trace(script, [*values, *irrational_names(script, values)], recorder=ExactRecorder())
    names = list(wrt or values)
    rules = exact_program(script, list(values), names)
    return [
        proof(script, bindings, values, function, rules, rules.outputs[1 + index], name)
        for index, name in enumerate(names)
    ]


def proof(
    script: Script,
    bindings: Mapping[str, float],
    values: Mapping[str, float],
    function: Program,
    rules: Program,
    partial: int,
    name: str,
) -> Check:
    """Compare one derivative, at a precision that is doubled until the enclosures are tight or apart."""
    reason = ""
    grad = slope = math.nan
    bits = MIN_BITS
    while bits <= MAX_BITS:
        with flint.ctx.workprec(bits):
            inputs = inputs_of(function, exact_inputs(script, bindings, values))
            by_rules = Ball.of(replay(rules, inputs_of(rules, inputs), Ball.of, last=partial)[partial])
            rounded = nearest(by_rules)
            grad = math.nan if rounded is None else rounded
            try:
                series = BallSeries.of(replay(function, as_series(inputs, name), BallSeries.of)[function.outputs[0]])
            except NotDifferentiableError as found:
                reason = str(found)
                bits *= 2
                continue
            reason = ""
            if by_rules.is_special or series.ball.is_special:
                reason = "a figure is not finite here"
                break
            if by_rules.is_known and series.slope.is_finite():
                slope = point(series.slope.mid())
                error, relative = bounds(by_rules.interval, series.slope)
                if not by_rules.interval.overlaps(series.slope):
                    return Check(name, values[name], grad, slope, error, relative, "fail", "")
                if rounded is not None and (error < SMALLEST or relative < 2.0**-TIGHT_BITS):
                    relative = 0.0 if error < SMALLEST else relative
                    return Check(name, values[name], grad, slope, error, relative, "proved", "")
        bits *= 2
    reason = reason or "the enclosures do not become tight"
    return Check(name, values[name], grad, slope, math.nan, math.nan, "inconclusive", reason)


def as_series(inputs: Mapping[str, Ball], name: str) -> dict[str, Any]:
    """Return the inputs as series in the input called `name`."""
    return {each: BallSeries.variable(ball) if each == name else BallSeries(ball) for each, ball in inputs.items()}


def bounds(rule: Any, series: Any) -> tuple[float, float]:
    """Return the largest possible difference of two derivatives, absolute and relative to the larger one."""
    apart = (rule - series).abs_upper()
    size = abs(rule).max(abs(series)).abs_upper()
    error = up(apart)
    return error, (0.0 if size.is_zero() else up(apart / size))


def up(bound: Any) -> float:
    return math.nextafter(point(bound.upper()), math.inf) if not bound.is_zero() else 0.0
