"""The result of a fit, from its solution: standard errors, intervals, correlations, and the band of the prediction."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mgrad_cli.analysis.bands import Band
from mgrad_cli.analysis.fit_problem import FitOptions, FitProblem, column_values
from mgrad_cli.analysis.fit_result import FitParameter, FitResult
from mgrad_cli.analysis.fit_statistics import ParameterCovariance, explained_share, p_value, quantile
from mgrad_cli.analysis.residuals import inputs_of
from mgrad_cli.program import trace

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from mgrad_cli.exact.fits import FitProof

    Array: TypeAlias = NDArray[numpy.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FitSolution:
    """Where a search ended.

    free        the parameters that were fitted and are at no bound
    estimates   of all parameters
    rss         the sum of squares, or twice the cost of another loss; `squares` is the plain sum
    unscaled    the covariance of the free parameters for residuals of deviation 1
    digits      about how many digits of the residual deviation are right, if few
    """

    free: tuple[str, ...]
    estimates: Mapping[str, float]
    rss: float
    squares: float
    unscaled: ParameterCovariance
    digits: float | None
    method: str
    evaluations: int
    proof: "FitProof | None"
    notes: tuple[str, ...]


def summary(problem: FitProblem, options: FitOptions, solution: FitSolution) -> FitResult:
    """Return the result of a solution, with the figures of its proof where there is one."""
    import numpy

    free, proof = solution.free, solution.proof
    rss, estimates = solution.rss, dict(solution.estimates)
    if proof is not None:
        rss = proof.rss
        estimates |= zip(free, proof.estimates, strict=True)
    dof = problem.rows - len(free)
    variance = rss / dof if dof > 0 else math.nan
    spread = numpy.sqrt(numpy.diag(solution.unscaled.matrix))
    errors = spread * (1.0 if options.is_absolute else math.sqrt(variance))
    if proof is not None and not (math.isnan(variance) and not options.is_absolute):
        errors = numpy.array(proof.unscaled_errors if options.is_absolute else proof.errors)
    correlation = solution.unscaled.matrix / numpy.outer(spread, spread)
    numpy.fill_diagonal(correlation, 1.0)
    matrix = correlation * numpy.outer(errors, errors)
    scripts = problem.scripts
    sigma = 1.0 if scripts.sigma is None else column_values(problem, scripts.sigma)
    squares = rss if options.loss == "linear" else solution.squares
    return FitResult(
        expr=scripts.model.text,
        y=scripts.response.text,
        parameters=parameters_of(problem, free, estimates, errors, dof),
        free=free,
        covariance=named(matrix, free),
        correlation=named(correlation, free),
        rows=problem.rows,
        dof=dof,
        skipped=problem.skipped,
        rss=rss,
        deviation=math.sqrt(variance),
        r2=explained_share(column_values(problem, scripts.response), sigma, squares),
        condition=solution.unscaled.condition,
        method=solution.method,
        evaluations=solution.evaluations,
        sigma="" if scripts.sigma is None else scripts.sigma.text,
        is_absolute=options.is_absolute,
        loss=options.loss,
        digits=None if proof is not None else solution.digits,
        proof=proof,
        is_certified=options.certify,
        notes=solution.notes,
        band=band_of(problem, free, estimates, matrix, dof),
    )


def parameters_of(
    problem: FitProblem, free: Sequence[str], estimates: Mapping[str, float], errors: "Array", dof: int
) -> tuple[FitParameter, ...]:
    """Return every parameter with its estimate; those that were fitted have an error, t, p and an interval."""
    reach = quantile(dof)
    error_of = dict(zip(free, errors.tolist(), strict=True))
    found = []
    for name, start in problem.starts.items():
        estimate = estimates[name]
        error = error_of.get(name, math.nan)
        t = ratio(estimate, error)
        held = "" if name in error_of else "fixed" if name in problem.fixed else "at bound"
        found.append(
            FitParameter(
                name,
                estimate,
                error,
                t,
                p_value(t, dof),
                estimate - reach * error,
                estimate + reach * error,
                start,
                held,
            )
        )
    return tuple(found)


def ratio(estimate: float, error: float) -> float:
    """Return t, which is infinite for an estimate without error, and nan for 0/0 and for a parameter that is held."""
    if error == 0:
        return math.copysign(math.inf, estimate) if estimate else math.nan
    return estimate / error


def band_of(
    problem: FitProblem, free: tuple[str, ...], estimates: Mapping[str, float], matrix: "Array", dof: int
) -> Band:
    """Return the model at the estimates, with the covariance of the free parameters."""
    import numpy

    model = trace(problem.scripts.model, inputs_of(problem.scripts.model, problem.known))
    numbers = {name: value for name, value in {**problem.numbers, **estimates}.items() if name in model.inputs}
    return Band(
        model,
        free,
        numpy.array([estimates[name] for name in free]),
        matrix,
        quantile(dof),
        {name: value for name, value in numbers.items() if name not in free},
    )


def named(matrix: "Array", names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return a matrix by the names of its rows and columns."""
    return {name: dict(zip(names, row, strict=True)) for name, row in zip(names, matrix.tolist(), strict=True)}
