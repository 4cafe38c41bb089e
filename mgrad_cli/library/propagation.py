"""Propagation of uncertainties for `Expression.propagate`: its arguments read, and its results in a notebook."""

import math
from collections.abc import Mapping
from typing import Any

from mgrad_cli.analysis.budget import Propagation
from mgrad_cli.analysis.covariances import Covariances, split_covariance
from mgrad_cli.analysis.propagation import PropagationOptions, propagate_measurements
from mgrad_cli.errors import BindingError, ExpressionError, UsageError
from mgrad_cli.evaluation.measurements import Measurement, checked_uncertainty, parse_measurement
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.names import read_names
from mgrad_cli.operations.operand import as_float
from mgrad_cli.renderers import uncertainties as texts


def propagation_of(
    script: Script,
    values: Mapping[str, Any],
    corr: Mapping[Any, float] | None,
    cov: Mapping[str, Mapping[str, float]] | None,
    coverage: float | None,
    second_order: bool,
    draws: int | None,
    seed: int,
    distributions: Mapping[str, str] | None,
) -> Propagation:
    """Return what `Expression.propagate` does, from its arguments."""
    if coverage is not None and not (coverage > 0 and math.isfinite(coverage)):
        raise UsageError(f"the coverage factor is a number above 0, not {coverage}")
    if draws is not None and draws < 1:
        raise UsageError(f"a simulation has at least one draw, not {draws}")
    measurements = {name: measurement_of(name, value) for name, value in values.items()}
    pairs = {pair_of(key): as_float(coefficient) for key, coefficient in (corr or {}).items()}
    options = PropagationOptions(pairs, covariances_of(cov), coverage, second_order, draws, seed, distributions or {})
    return propagate_measurements(script, measurements, options)


def measurement_of(name: str, value: Any) -> Measurement:
    """Return the value of a variable with its uncertainty. Raises: BindingError if it is not a number."""
    try:
        if isinstance(value, str):
            return parse_measurement(value)
        if isinstance(value, tuple | list):
            number, uncertainty = map(as_float, value)
            return Measurement(number, checked_uncertainty(uncertainty, repr(uncertainty)))
        return Measurement(as_float(value), 0.0)
    except ExpressionError as error:
        raise BindingError(f"the value of '{name}', {value!r}, cannot be read: {error.message}") from None
    except (TypeError, ValueError):
        raise BindingError(f"the value of '{name}' is a number, a pair of numbers or text, not {value!r}") from None


def pair_of(key: Any) -> tuple[str, str]:
    """Return a pair of names, from a tuple or a text. Raises: UsageError for anything else."""
    names = read_names(key) if isinstance(key, str) else list(key)
    if len(names) != 2 or not all(isinstance(name, str) and name for name in names):
        raise UsageError(f"a correlation has two names, as in ('a', 'b') or 'a,b', not {key!r}")
    return names[0], names[1]


def covariances_of(cov: Mapping[str, Mapping[str, float]] | None) -> Covariances:
    """Return the uncertainties and correlations of a matrix by names. Raises: UsageError if it is no covariance."""
    if cov is None:
        return Covariances({}, {})
    names = list(cov)
    for name in names:
        missing = [other for other in names if other not in cov[name]]
        if missing:
            raise UsageError(f"the row of '{name}' in the matrix lacks '{missing[0]}'")
    return split_covariance(names, [[as_float(cov[name][other]) for other in names] for name in names])


def as_html(propagation: Propagation) -> str:
    """Return outputs, budgets and matrices as HTML."""
    from html import escape

    parts = []
    for output in propagation.outputs:
        lines = [texts.measured(output)]
        if propagation.coverage is not None:
            lines.append(texts.expanded(output, propagation.coverage))
        parts += [f"<p><b>{escape(line)}</b></p>" for line in lines]
        cells = [(*middle, texts.percent(share)) for *middle, share in texts.budget_rows(output)]
        parts.append(html_table([list(texts.HEADINGS), *map(list, cells)]) if cells else "")
        parts += [f"<p>{escape(note.strip())}</p>" for note in texts.notes(output)]
    parts += [html_table(rows) for _, rows in texts.matrices(propagation)]
    return "".join(parts)


def html_table(rows: list[list[str]]) -> str:
    """Return a table; the first row is its heading, and all but the first column are aligned to the right."""
    from html import escape

    heading, *body = rows
    heads = "".join(f"<th>{escape(cell)}</th>" for cell in heading)
    lines = []
    for name, *figures in body:
        cells = "".join(f'<td style="text-align:right">{escape(figure)}</td>' for figure in figures)
        lines.append(f"<tr><td>{escape(name)}</td>{cells}</tr>")
    return f"<table><tr>{heads}</tr>{''.join(lines)}</table>"


setattr(Propagation, "_repr_html_", as_html)  # noqa: B010  records know no renderer, as `Value` does not
