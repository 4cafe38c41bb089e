"""A fitted model of one column as a curve with its band, and the data around it."""

from dataclasses import dataclass
from typing import Any

from mgrad_cli.analysis.fit_problem import FitProblem, column_values
from mgrad_cli.analysis.fit_result import FitResult
from mgrad_cli.errors import UsageError
from mgrad_cli.plotting.scales import MAX_VALUE, joined_limits, widened
from mgrad_cli.text import name_list

SAMPLES = 401
MAX_POINTS = 2_000
"""The most rows that are drawn; of more, every n-th one is."""
MAX_NAMES = 10
MARGIN = 0.02
"""Relative to the extent of the data: the space beside it."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedCurve:
    """The data of a fit as points, and the model with its 95 % confidence band.

    variable, response      the names of the axes
    points                  places and responses of rows, of shape (2, rows), perhaps of some rows only
    errors                  the standard deviations of these rows, of shape (rows,), or `None`
    places                  where the curve is sampled, of shape (samples,)
    values, low, high       the model and the ends of its band there, nan where they are not finite
    across, upward          the limits of the axes
    """

    variable: str
    response: str
    points: Any
    errors: Any
    places: Any
    values: Any
    low: Any
    high: Any
    across: tuple[float, float]
    upward: tuple[float, float]


def fitted_curve(problem: FitProblem, fit: FitResult) -> FittedCurve:
    """Return what to draw of a fit. Raises: UsageError for a model of several variables."""
    import numpy

    variables = list(fit.band.variables)
    if len(variables) != 1:
        raise UsageError(
            f"--plot draws a model of one column; this one has {name_list(variables, MAX_NAMES) or 'none'}"
        )
    x = problem.columns[variables[0]]
    y = column_values(problem, problem.scripts.response)
    sigma = None if problem.scripts.sigma is None else column_values(problem, problem.scripts.sigma)
    chosen = slice(None, None, max(1, -(-problem.rows // MAX_POINTS)))
    low, high = widened(float(x.min()), float(x.max()))
    margin = MARGIN * (high - low)
    places = numpy.linspace(low - margin, high + margin, SAMPLES)
    places = places[(places >= x.min()) & (places <= x.max())] if x.min() < x.max() else places
    places = numpy.unique([float(x.min()), *places, float(x.max())])
    band = fit.band.over({variables[0]: places}, len(places))
    curves = [numpy.where(numpy.abs(each) < MAX_VALUE, each, numpy.nan) for each in band[:3]]
    reach = 0.0 if sigma is None else sigma
    upward = joined_limits([(float((y - reach).min()), float((y + reach).max())), middle(curves[0])])
    assert upward is not None
    return FittedCurve(
        variable=variables[0],
        response=fit.y,
        points=numpy.array([x[chosen], y[chosen]]),
        errors=None if sigma is None else sigma[chosen],
        places=places,
        values=curves[0],
        low=curves[1],
        high=curves[2],
        across=(low - margin, high + margin),
        upward=upward,
    )


def middle(values: Any) -> tuple[float, float] | None:
    """Return the extent of a curve without its extremes, which a pole between the data may have."""
    import numpy

    there = values[numpy.isfinite(values)]
    if not len(there):
        return None
    low, high = numpy.percentile(there, (1, 99))
    return float(low), float(high)
