"""Fits in Python: data given as arrays or tables, and results that show themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any

from mgrad_cli.analysis.bands import Prediction
from mgrad_cli.analysis.fit_problem import FitOptions, FitProblem
from mgrad_cli.analysis.fit_result import FitResult
from mgrad_cli.analysis.fit_table import FitTable, names_of
from mgrad_cli.analysis.fit_variables import logarithm, resolved, script_of
from mgrad_cli.analysis.fitting import fit
from mgrad_cli.analysis.residuals import ModelScripts
from mgrad_cli.errors import UsageError
from mgrad_cli.language.lowering import Script
from mgrad_cli.library.bounds import bound_pairs
from mgrad_cli.library.values import number_of
from mgrad_cli.text import counted


class Fit(FitResult):
    """A fitted model, as `Expression.fit` returns it: a `FitResult` that predicts and shows itself.

    >>> from mgrad_cli import Expression
    >>> fit = Expression("a*x + b").fit({"x": [0, 1, 2, 3], "y": [1.1, 2.9, 5.2, 6.8]}, y="y", params={"a": 1, "b": 0})
    >>> round(fit.params["a"], 3), round(fit.errors["a"], 3), fit.dof
    (1.94, 0.091, 2)
    """

    def predict(self, data: Any = None, /, **columns: Any) -> Prediction:
        """Return the model and its 95 % confidence band at new values of its variables.

        Give the variables by name, or as a mapping or table of columns, of shape (n,). The result has `value`, `low`,
        `high` and `error`, the standard error of the mean, each an array of that shape. The band is that of the mean,
        not of a new observation: the delta method, u = (J C J^T)^(1/2), times Student's t (JCGM 100, 5.1.2 and G.3).

        Raises: BindingError for a variable without values.

        >>> from mgrad_cli import Expression
        >>> fit = Expression("a*x").fit({"x": [1, 2, 3], "y": [2, 4.1, 5.9]}, y="y", params=["a"])
        >>> fit.predict(x=[4.0]).value.round(3).tolist()
        [7.971]
        """
        given = {} if data is None else {name: data[name] for name in names_of(data)}
        return self.band.at(given | columns)

    def __str__(self) -> str:
        from mgrad_cli.renderers import View
        from mgrad_cli.renderers.fits import FIT_FORMATS

        return "".join(FIT_FORMATS["table"](self, View())).rstrip("\n")

    def __repr__(self) -> str:
        estimates = ", ".join(f"{name}={value:.6g}" for name, value in self.params.items())
        return f"<Fit of {counted(self.rows, 'row')}: {estimates}>"

    def _repr_html_(self) -> str:
        from mgrad_cli.renderers.fits import as_html

        return as_html(self)


def fitted(
    model: Script,
    table: FitTable,
    response: tuple[str, bool, Any],
    params: Mapping[str, float] | Sequence[str],
    values: Mapping[str, float],
    fix: Collection[str],
    bounds: Mapping[str, tuple[float | None, float | None]] | None,
    options: FitOptions,
) -> Fit:
    """Return the fit of a model to a table. `response` is `y`, whether to take its logarithm, and sigma."""
    y, is_log, sigma = response
    table, sigma = table.with_sigma(sigma)
    there = table.columns
    described = script_of(y, there)
    scripts = ModelScripts(
        model, logarithm(described) if is_log else described, None if sigma is None else script_of(str(sigma), there)
    )
    if isinstance(params, str):
        raise UsageError("params is a mapping of names to starts, or a list of names")
    given = params if isinstance(params, Mapping) else dict.fromkeys(params, 1.0)
    starts = {name: number_of(name, value) for name, value in given.items()}
    found = resolved(scripts, starts, values, there, table.renamed)
    arrays, skipped = table.arrays(found.columns)
    problem = FitProblem(
        scripts=scripts,
        starts=starts,
        columns=arrays,
        rows=len(next(iter(arrays.values()), ())),
        fixed=[fix] if isinstance(fix, str) else fix,
        bounds=bound_pairs(bounds),
        numbers=found.numbers,
        skipped=skipped,
    )
    return of_result(fit(problem, options))


def of_result(result: FitResult) -> Fit:
    """Return a result as one that shows itself."""
    return Fit(**{each.name: getattr(result, each.name) for each in fields(FitResult)})
