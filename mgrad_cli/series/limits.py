"""Limits of a program's value and slope along a path into a point: from its series, checked against its values."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mgrad_cli.language.lowering import Script
from mgrad_cli.operations import Operation
from mgrad_cli.program import Program, replay, trace
from mgrad_cli.program.recorder import Recorder, Register
from mgrad_cli.series.chain import constant
from mgrad_cli.series.coefficients import Coefficient, as_inexact
from mgrad_cli.series.confirmation import Path, confirms_slope, confirms_value, sampled
from mgrad_cli.series.exponents import CONSTANT, EXACT, LINEAR
from mgrad_cli.series.germs import Expansion, Germ, Unbounded, Unknown, UnresolvedError
from mgrad_cli.series.power_log import Series

ORDERS = (4, 8, 16, 24)
"""The orders of series to try. Higher ones are computed only if fewer terms do not decide."""
BUDGET = 20_000
"""The most products of terms in the series of one path."""
MAX_OPERATIONS = 2_000
EXACT_ENOUGH = 1e-9
"""The largest relative error of a limit."""


class Limit(NamedTuple):
    """The limits of value and slope along a path, `None` where they are not known.

    value        nan if the function has no real value there
    slope        the derivative in t at the point, or `None` if the value is not finite
    reason       why something is not known, or the value is nan
    is_assumed   whether it rests on a coefficient that is zero within rounding
    """

    value: float | None
    slope: float | None = None
    reason: str = ""
    is_assumed: bool = False

    @property
    def has_value(self) -> bool:
        return self.value is not None and not math.isnan(self.value)


class Verbatim(Recorder):
    """Records operations on numbers too, since series compute them exactly."""

    def apply(self, operation: Operation, *operands: Any) -> Register:
        return self.perform(operation, [self.register(operand) for operand in operands])


def as_written(script: Script, names: Sequence[str]) -> Program:
    """Return the program of a script with nothing computed in advance, as `limit` requires."""
    return trace(script, names, recorder=Verbatim())


def limit(program: Program, point: Mapping[str, float], path: Path) -> Limit:
    """Return the limit of a program's output as t goes down to zero; its other variables stay at the point.

    >>> from mgrad_cli.language.lowering import read
    >>> limit(as_written(read("sin(x)/x"), ["x"]), {"x": 0.0}, {"x": (1.0, 1)})
    Limit(value=1.0, slope=0.0, reason='', is_assumed=False)
    """
    if len(program) > MAX_OPERATIONS:
        return Limit(None, reason=f"a series takes at most {MAX_OPERATIONS:,} operations")
    budget = BUDGET
    found = Limit(None)
    for order in ORDERS:
        expansion = Expansion(order, budget)
        germ = along(program, point, path, expansion)
        budget = expansion.budget
        found = read_off(germ)
        if not needs_order(germ, found):
            return checked(found, germ, program, point, path)
    return found if found.value is None else checked(found, germ, program, point, path)


def checked(found: Limit, germ: Germ, program: Program, point: Mapping[str, float], path: Path) -> Limit:
    """Return the limit without what values near the point do not confirm."""
    if found.value is None:
        return found
    samples = list(sampled(germ, program, point, path))
    if not confirms_value(samples, found.value):
        return Limit(None, reason="values near the point do not confirm the limit")
    if found.slope is not None and not confirms_slope(samples, found.value, found.slope):
        return found._replace(slope=None, reason="values near the point do not confirm the slope")
    return found


def along(program: Program, point: Mapping[str, float], path: Path, expansion: Expansion) -> Germ:
    """Return the germ of the output along a path."""
    inputs = {name: constant(expansion, value) for name, value in point.items()}
    for name, (factor, power) in path.items():
        start = inputs[name] if power > 0 else constant(expansion, 0.0)
        inputs[name] = start + Series(expansion, (((power, 0), int(factor)),), EXACT)
    (output,) = program.outputs
    germ: Germ = replay(program, inputs, lambda number: constant(expansion, number))[output]
    return germ


def needs_order(germ: Germ, found: Limit) -> bool:
    """Return whether more terms may decide what is not known."""
    if isinstance(germ, Unknown):
        return germ.reason.needs_order
    return found.value is None or (math.isfinite(found.value) and found.slope is None)


def read_off(germ: Germ) -> Limit:
    """Return the limits of a germ."""
    try:
        if isinstance(germ, Unknown):
            raise germ.reason
        if isinstance(germ, Unbounded):
            return Limit(math.copysign(math.inf, germ.sign))
        assert isinstance(germ, Series)
        if germ.valuation < CONSTANT and germ.terms:
            return Limit(math.copysign(math.inf, germ.sign), is_assumed=germ.expansion.is_assumed)
        if germ.error <= CONSTANT:
            raise UnresolvedError("no limit found")
        is_assumed = germ.expansion.is_assumed or any(at < LINEAR and at != CONSTANT for at, _ in germ.noise)
        return Limit(settled(germ.coefficient(CONSTANT)), *slope_of(germ), is_assumed)
    except UnresolvedError as reason:
        return Limit(math.nan if reason.is_undefined else None, reason=reason.reason)


def slope_of(germ: Series) -> tuple[float | None, str]:
    """Return the coefficient of t, infinite if smaller powers precede it, or the reason why it is not known."""
    rest = Series(germ.expansion, tuple([term for term in germ.terms if term[0] > CONSTANT]), germ.error)
    try:
        if rest.terms and rest.valuation < LINEAR:
            return math.copysign(math.inf, rest.sign), ""
        if germ.error <= LINEAR:
            return None, "no slope found"
        return settled(germ.coefficient(LINEAR)), ""
    except UnresolvedError as reason:
        return None, reason.reason


def settled(number: Coefficient) -> float:
    """Return a coefficient as a float.

    Raises: UnresolvedError if its rounding error is too large, or no double is near it.
    """
    try:
        around = as_inexact(number)
    except OverflowError:
        raise UnresolvedError("beyond the range of doubles") from None
    if not around.radius <= EXACT_ENOUGH * max(abs(around.mid), 1e-3):
        raise UnresolvedError("lost in rounding")
    return float(number) + 0.0
