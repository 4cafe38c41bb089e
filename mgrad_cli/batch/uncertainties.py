"""Uncertainties of the values in records and on the command line, propagated to the result of each line."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mgrad_cli.errors import BindingError, ExpressionError, InputError
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.parser import Limits
from mgrad_cli.text import normalised

if TYPE_CHECKING:
    from mgrad_cli.analysis.budget import Propagation
    from mgrad_cli.analysis.propagation import PropagationOptions


def propagated(
    script: Script,
    values: Mapping[str, float],
    uncertainties: Mapping[str, float],
    correlations: Mapping[tuple[str, str], float],
    options: "PropagationOptions | None",
) -> "Propagation | None":
    """Return the outputs of a line with their uncertainties, or `None` if no value has one.

    `correlations` are those of the record, whose names must be variables with an uncertainty. Those of `options` are
    for every line, as far as they concern it.

    Raises: UsageError for correlations that cannot be, or an input with two uncertainties.
    """
    from mgrad_cli.analysis.propagation import PropagationOptions, check_known, check_uncertain, propagate_measurements
    from mgrad_cli.evaluation.measurements import Measurement

    options = options or PropagationOptions()
    widths = dict(uncertainties)
    known = {name: width for name, width in options.covariances.uncertainties.items() if name in script.names}
    if correlations:
        check_known(PropagationOptions(correlations), script.names)
        check_uncertain(correlations, known | widths)
    if not any(widths.values()) and not known:
        return None
    measurements = {name: Measurement(value, widths.get(name, 0.0)) for name, value in values.items()}
    options = options._replace(pairs={**options.pairs, **correlations})
    return propagate_measurements(script, measurements, options, drops_others=True)


def record_correlations(record: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """Return the correlations in a record, `"corr": {"a,b": 0.3}`. Raises: InputError for anything else there."""
    found = {}
    members = record.get("corr", {})
    if not isinstance(members, dict):
        raise InputError("'corr' of the record is not an object")
    for key, coefficient in members.items():
        one, comma, other = (part.strip() for part in normalised(key).partition(","))
        if not (comma and one and other) or "," in other:
            raise InputError(f"'corr' of the record has '{key}', which is not a pair of names, as in 'a,b'")
        if isinstance(coefficient, bool) or not isinstance(coefficient, int | float):
            raise InputError(f"the correlation of '{one}' and '{other}' in the record is not a number")
        found[one, other] = float(coefficient)
    return found


def record_uncertainties(variables: Mapping[str, Any], limits: Limits) -> tuple[dict[str, Any], dict[str, float]]:
    """Return the variables of a record with plain values, and the uncertainties of those that have one.

    Raises: BindingError for an uncertainty that cannot be read.
    """
    from mgrad_cli.evaluation.measurements import parse_measurement
    from mgrad_cli.evaluation.value_text import is_uncertain

    plain = dict(variables)
    uncertainties = {}
    for name, text in variables.items():
        if isinstance(text, str) and is_uncertain(text):
            try:
                plain[name], uncertainties[normalised(name)] = parse_measurement(text, limits)
            except ExpressionError as error:
                raise BindingError(f"the value of '{name}', '{text}', cannot be read: {error.message}") from None
    return plain, uncertainties
