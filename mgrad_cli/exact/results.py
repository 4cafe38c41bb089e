"""Records of proven evaluations, for renderers."""

import math
from collections.abc import Mapping, Sequence

from mgrad_cli.evaluation.graph import input_values, parse_value
from mgrad_cli.evaluation.jacobian import joined
from mgrad_cli.evaluation.results import Figures, Result, check_wrt, differentiate
from mgrad_cli.exact.certifying import certified
from mgrad_cli.exact.decimals import digits_of
from mgrad_cli.language.lowering import Script, one_output
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits
from mgrad_cli.operations.rounding import MAX_DIGITS, right_digits

NONFINITE = frozenset({"nan", "inf", "-inf"})
"""The texts of figures without digits."""


def certify_result(
    unit: Script, bindings: Mapping[str, float], wrt: Sequence[str] = (), explain: bool = True
) -> Result:
    """Return the proven value and gradients of each output, with those computed in doubles beside them.

    Raises: what `differentiate` raises, and UndecidedError.
    """
    result = differentiate(unit, bindings, wrt, explain=explain)
    for index, part in enumerate(result.parts):
        prove(part, one_output(unit, index), bindings, wrt)
    return joined(result.outputs) if result.outputs else result


def prove(result: Result, unit: Script, bindings: Mapping[str, float], wrt: Sequence[str]) -> None:
    """Replace the figures of one output with proven ones, and keep those in doubles beside them."""
    proven = certified(unit, bindings, wrt)
    assert result.value is not None
    assert result.grads is not None
    result.doubles = Figures(result.value, result.grads)
    result.accuracy = Figures(
        digits_in_common(result.value, proven.value),
        {name: digits_in_common(grad, proven.grads[name]) for name, grad in result.grads.items()},
    )
    result.value, result.bits = proven.value, proven.bits
    result.grads = {name: proven.grads[name] for name in result.grads}
    result.losses = ()  # the figures are proven now
    if result.is_finite:
        result.findings = []


def digits_in_common(double: float, true: float) -> float:
    """Return how many digits of a double are correct, from 0 to 16, given the true number."""
    if double == true or (math.isnan(double) and math.isnan(true)):
        return MAX_DIGITS
    if not (math.isfinite(double) and math.isfinite(true)):
        return 0.0
    return float(right_digits(true, abs(double - true)))


def digits_result(
    unit: Script, bindings: Mapping[str, str], count: int, wrt: Sequence[str] = (), limits: Limits = DEFAULT_LIMITS
) -> Result:
    """Return the value and the gradients of each output to this many digits. Decimals in `bindings` are exact.

    Raises: what `digits_of` raises.
    """
    doubles = input_values(unit, {name: parse_value(text, limits) for name, text in bindings.items()})
    check_wrt(wrt, doubles)
    results = []
    for index, name in enumerate(unit.outputs):
        single = one_output(unit, index)
        value, grads = digits_of(single, bindings, count, wrt, limits)
        is_finite = not any(figure.text in NONFINITE for figure in (value, *grads.values()))
        results.append(
            Result(
                unit.text,
                value.double,
                {name: grad.double for name, grad in grads.items()},
                doubles,
                digits=Figures(value.text, {name: grad.text for name, grad in grads.items()}),
                findings=[] if is_finite else differentiate(single, doubles, wrt).findings,
                name=name if len(unit.outputs) > 1 else "",
            )
        )
    return joined(results) if len(results) > 1 else results[0]
