"""Fit a model to data: nonlinear least squares with exact derivatives.

problem -> `minimum` -> covariance -> `refined` in exact arithmetic, if asked for or needed -> `FitResult`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from mgrad_cli.analysis.fit_problem import (
    FitOptions,
    FitProblem,
    check_problem,
    check_start,
    column_values,
    residual_function,
)
from mgrad_cli.analysis.fit_result import FitResult
from mgrad_cli.analysis.fit_statistics import ParameterCovariance, covariance
from mgrad_cli.analysis.fit_summary import FitSolution, summary
from mgrad_cli.analysis.least_squares import FitMinimum, minimum, run_off, stationarity
from mgrad_cli.analysis.losses import weighted
from mgrad_cli.analysis.newton import ILL
from mgrad_cli.analysis.requirements import require_scipy
from mgrad_cli.analysis.residuals import RowFunction, inputs_of
from mgrad_cli.analysis.solvers import SearchSettings
from mgrad_cli.errors import LimitError, UndecidedError, UndeterminedError, is_installed

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from mgrad_cli.exact.fits import FitProof

    Array: TypeAlias = NDArray[numpy.float64]

NEEDED_DIGITS = 7.0
"""If rounding leaves fewer digits of the residual deviation, the fit is refined in exact arithmetic where possible."""
MAX_REFINED = 300_000
"""The most operations on balls, for each pass, that are spent on that unasked."""
STATIONARY = 1e-6
"""The largest cosine between residuals and a column of the Jacobian that passes for a minimum."""
UNSETTLED = "the last digits of the estimates are uncertain: Newton steps do not settle at the minimum"


def fit(problem: FitProblem, options: FitOptions) -> FitResult:
    """Fit a model by least squares.

    Raises: UsageError and BindingError for options that do not fit together; InputError for data that do not suffice;
    UndeterminedError for parameters that the data do not determine, or a search without end; UndecidedError and
    LimitError for a proof that fails.
    """
    require_scipy("fit")
    check_problem(problem, options)
    import numpy

    with numpy.errstate(all="ignore"):
        return found_fit(problem, options)


def found_fit(problem: FitProblem, options: FitOptions) -> FitResult:
    """Return the result of a search from the start, with the errors of `fit`."""
    import numpy

    residuals = residual_function(problem)
    start = [problem.starts[name] for name in problem.free]
    check_start(problem, residuals, start)
    settings = SearchSettings(problem.bounds, options.loss, options.loss_scale)
    found = minimum(residuals, numpy.array(start, dtype=float), settings)
    free = [index for index in range(len(problem.free)) if index not in found.held]
    names = [problem.free[index] for index in free]
    unscaled = covariance(weighted_jacobian(residuals, found, settings)[free], names, found.point[free])
    check_convergence(residuals, found, settings, start)
    estimates = {**problem.starts, **dict(zip(problem.free, found.point.tolist(), strict=True))}
    digits = right_digits(problem, found)
    solution = FitSolution(
        free=tuple(names),
        estimates=estimates,
        rss=2 * found.cost,
        squares=float((residuals.values(found.point) ** 2).sum()),
        unscaled=unscaled,
        digits=digits if digits < NEEDED_DIGITS else None,
        method=found.method,
        evaluations=residuals.evaluations,
        proof=refined(problem, options, names, estimates, digits),
        notes=tuple(notes_of(found, unscaled)),
    )
    return summary(problem, options, solution)


def notes_of(found: FitMinimum, unscaled: ParameterCovariance) -> list[str]:
    """Return what makes the estimates doubtful."""
    if unscaled.condition >= ILL:
        return [f"the data hardly determine the parameters: changing {unscaled.weakest} changes almost nothing"]
    return [] if found.is_sound else [UNSETTLED]


def weighted_jacobian(residuals: RowFunction, found: FitMinimum, settings: SearchSettings) -> "Array":
    """Return the Jacobian at the minimum, of shape (p, n), each row of data with the root of its weight in the loss."""
    import numpy

    weights = weighted(residuals.values(found.point), settings.loss, settings.loss_scale).first
    jacobian: Array = residuals.jacobian(found.point) * numpy.sqrt(weights)
    return jacobian


def check_convergence(
    residuals: RowFunction, found: FitMinimum, settings: SearchSettings, start: Sequence[float]
) -> None:
    """Raise UndeterminedError if the search has not ended at a minimum."""
    for index in run_off(residuals, found.point, start):
        raise UndeterminedError(
            f"no convergence: '{residuals.names[index]}' ran to {found.point[index]:.3g}, where the model does not "
            "change with it; try other starts"
        )
    if found.is_sound or stationarity(residuals, found, settings) <= STATIONARY:
        return
    reached = ", ".join(f"{name}={value:.6g}" for name, value in zip(residuals.names, found.point, strict=True))
    raise UndeterminedError(
        f"no convergence after {residuals.evaluations:,} evaluations: the sum of squares still falls from "
        f"{2 * found.cost:.6g}, at {reached}; try other starts"
    )


def right_digits(problem: FitProblem, found: FitMinimum) -> float:
    """Return about how many digits of the residual deviation rounding leaves."""
    import numpy

    size = numpy.abs(column_values(problem, problem.scripts.response))
    if problem.scripts.sigma is not None:
        size = size / column_values(problem, problem.scripts.sigma)
    rounding = float(numpy.finfo(float).eps * size.max())
    deviation = math.sqrt(2 * found.cost / problem.rows)
    if deviation == 0 or rounding == 0:
        return 0.0 if deviation == 0 else math.inf
    return max(0.0, math.log10(deviation / rounding))


def refined(
    problem: FitProblem, options: FitOptions, free: Sequence[str], estimates: Mapping[str, float], digits: float
) -> "FitProof | None":
    """Return the proof of a solution, if it was asked for, or if rounding hides its residuals and it is little work.

    Raises: UndecidedError and LimitError if it was asked for and fails.
    """
    is_needed = digits < NEEDED_DIGITS and options.loss == "linear" and is_installed("flint")
    if not (options.certify or is_needed) or not free:
        return None
    from mgrad_cli.exact.fit_sums import ExactRows, exact_residual
    from mgrad_cli.exact.fits import MAX_OPERATIONS, proven_fit

    scripts = [(script, inputs_of(script, problem.known)) for script in problem.scripts if script is not None]
    program = exact_residual(scripts, free)
    used = program.program.inputs
    held = {name: value for name, value in {**problem.numbers, **estimates}.items() if name not in free}
    rows = ExactRows(
        program,
        {name: list(map(repr, values.tolist())) for name, values in problem.columns.items() if name in used},
        {name: repr(value) for name, value in held.items() if name in used},
        problem.rows,
    )
    start = [estimates[name] for name in free]
    try:
        return proven_fit(rows, start, MAX_OPERATIONS if options.certify else MAX_REFINED, options.on_pass)
    except (UndecidedError, LimitError):
        if options.certify:
            raise
        return None
