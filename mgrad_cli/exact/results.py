"""Records of proven evaluations, for renderers."""

import math
from collections.abc import Mapping, Sequence

from mgrad_cli.evaluation.gradients import check_wrt, differentiate
from mgrad_cli.evaluation.graph import input_values
from mgrad_cli.evaluation.hessian import Hessian
from mgrad_cli.evaluation.jacobian import joined
from mgrad_cli.evaluation.results import Figures, Result
from mgrad_cli.evaluation.second_results import add_second_order
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.exact.certifying import certified
from mgrad_cli.exact.decimals import digits_of
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import one_output
from mgrad_cli.language.parser import Limits
from mgrad_cli.operations.rounding import MAX_DIGITS, right_digits

NONFINITE = frozenset({"nan", "inf", "-inf"})
"""The texts of figures without digits."""


def certify_result(
    script: Script, bindings: Mapping[str, float], wrt: Sequence[str] = (), explain: bool = True, order: int = 1
) -> Result:
    """Return the proven value and gradients of each output, with those computed in doubles beside them.

    For order 2, prove the Hessian too.

    Raises: what `differentiate` raises, and UndecidedError.
    """
    result = differentiate(script, bindings, wrt, explain=explain)
    if order > 1:
        add_second_order(result, script, order, None, explain)
        result.check_size()
    for index, part in enumerate(result.parts):
        prove(part, one_output(script, index), bindings, wrt, order)
    return joined(result.outputs) if result.outputs else result


def prove(result: Result, script: Script, bindings: Mapping[str, float], wrt: Sequence[str], order: int) -> None:
    """Replace the figures of one output with proven ones, and keep those in doubles beside them."""
    proven = certified(script, bindings, wrt, order)
    assert result.value is not None
    assert result.grads is not None
    second = None if result.hessian is None else {(a, b): entry for a, b, entry in result.hessian.triangle()}
    result.doubles = Figures(result.value, result.grads, second)
    result.accuracy = Figures(
        digits_in_common(result.value, proven.value),
        {name: digits_in_common(grad, proven.grads[name]) for name, grad in result.grads.items()},
    )
    if second is not None and proven.second is not None:
        common = {pair: digits_in_common(entry, proven.second[pair]) for pair, entry in second.items()}
        result.accuracy = result.accuracy._replace(second=common)
        result.hessian = Hessian.of_pairs(list(result.grads), proven.second)
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
    script: Script,
    bindings: Mapping[str, str],
    count: int,
    wrt: Sequence[str],
    limits: Limits,
    order: int,
) -> Result:
    """Return the value and the gradients of each output to this many digits, for order 2 also the Hessian.

    Decimals in `bindings` are exact.

    Raises: what `digits_of` raises.
    """
    doubles = input_values(script, {name: parse_value(text, limits) for name, text in bindings.items()})
    check_wrt(wrt, doubles)
    results = []
    for index, name in enumerate(script.outputs):
        single = one_output(script, index)
        value, grads, second = digits_of(single, bindings, count, wrt, limits, order)
        is_finite = not any(figure.text in NONFINITE for figure in (value, *grads.values()))
        results.append(
            Result(
                script.text,
                value.double,
                {name: grad.double for name, grad in grads.items()},
                doubles,
                digits=Figures(
                    value.text,
                    {name: grad.text for name, grad in grads.items()},
                    None if second is None else {pair: entry.text for pair, entry in second.items()},
                ),
                hessian=None
                if second is None
                else Hessian.of_pairs(list(grads), {pair: entry.double for pair, entry in second.items()}),
                findings=[] if is_finite else differentiate(single, doubles, wrt).findings,
                name=name if len(script.outputs) > 1 else "",
            )
        )
    return joined(results) if len(results) > 1 else results[0]
