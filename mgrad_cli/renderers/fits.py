"""Fits as text: a table for people, JSON and CSV for programs; and estimates rounded to their errors."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from mgrad_cli.analysis.fit_result import FitResult
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.evaluation.json_record import Strict
from mgrad_cli.renderers import Renderers, View, from_module
from mgrad_cli.renderers.delimited_text import delimited
from mgrad_cli.renderers.json_lines import encode
from mgrad_cli.text import counted

LEAST, MOST = -4, 7
"""The powers of ten between which numbers are written without an exponent."""
VAGUE = 100.0
"""How many times larger than the estimate an error is with which they share no exponent."""
DIGITS = 6
"""The digits of an estimate without an error."""


def rounded(estimate: float, error: float) -> tuple[str, str]:
    """Return an estimate and its standard error, rounded to two digits of the error, with one exponent for both.

    >>> rounded(238.94212918, 2.7070075), rounded(0.00055015643, 7.2668e-06)
    (('238.9', '2.7'), ('5.502e-4', '0.073e-4'))
    """
    if not (math.isfinite(estimate) and math.isfinite(error) and error > 0):
        return f"{estimate:.{DIGITS}g}", number(error) if math.isfinite(error) else ""
    if 0 < VAGUE * abs(estimate) < error:
        return f"{estimate:.3g}", f"{error:.2g}"
    place = int(f"{error:.1e}".partition("e")[2]) - 1  # the power of ten of the last digit
    size = max(place + 1, int(f"{estimate:.15e}".partition("e")[2]) if estimate else place)
    exponent = 0 if LEAST < size < MOST else size
    decimals = max(0, exponent - place)
    suffix = f"e{exponent}" if exponent else ""
    scale = 10.0**-exponent if abs(exponent) < 300 else 1.0
    if scale == 1.0 and exponent:
        return f"{estimate:.{DIGITS}g}", f"{error:.2g}"
    if not exponent and place > 0:
        return f"{round(estimate, -place):.0f}", f"{round(error, -place):.0f}"
    return f"{estimate * scale:.{decimals}f}{suffix}", f"{error * scale:.{decimals}f}{suffix}"


def summary_lines(fit: FitResult) -> list[str]:
    """Return what a fit says beside its parameters, as lines."""
    parameters, freedom = counted(len(fit.free), "fitted parameter"), counted(fit.dof, "degree")
    lines = [f"{counted(fit.rows, 'row')}, {parameters}, {freedom} of freedom"]
    if fit.skipped:
        lines[0] += f"; {counted(fit.skipped, 'row')} left out"
    deviation = "reduced chi-square" if fit.sigma else "residual standard deviation"
    figure = fit.deviation**2 if fit.sigma else fit.deviation
    share = f", R² {fit.r2:.6g}" if math.isfinite(fit.r2) else ""
    lines.append(f"{deviation} {figure:.6g}{share}" if fit.dof else "no degrees of freedom: no standard errors")
    if fit.sigma:
        lines.append(
            f"standard errors rest on sigma alone ({fit.sigma})"
            if fit.is_absolute
            else f"sigma ({fit.sigma}) gives weights; standard errors are scaled by the residuals"
        )
    if fit.loss != "linear":
        lines.append(f"loss {fit.loss}: standard errors are approximate")
    evaluations = counted(fit.evaluations, "evaluation")
    lines.append(f"{fit.method}, {evaluations}; condition of the Jacobian {fit.condition:.3g}")
    if fit.proof is not None:
        lines.append(f"proven ({fit.proof.bits} bits): all digits right")
        if fit.deviation > 0:
            lines[-1] += f", no other minimum within {fit.proof.radius:g} std. errors"
    if fit.digits is not None:
        lines.append(f"the residuals are near rounding: standard errors have about {fit.digits:.0f} right digits")
    return [*lines, *fit.notes]


def record(fit: FitResult) -> dict[str, Any]:
    """Return a fit as a JSON object. Numbers that are not finite are null, and `nonfinite` holds their paths."""
    finite = Strict()
    parameters: dict[str, Any] = {}
    for each in fit.parameters:
        path = f"/params/{each.name}"
        figures = {"estimate": each.estimate}
        if not each.held:
            figures |= {"error": each.error, "t": each.t, "p": each.p, "low": each.low, "high": each.high}
        parameters[each.name] = {key: finite(value, f"{path}/{key}") for key, value in figures.items()}
        parameters[each.name] |= {"start": each.start} | ({"held": each.held} if each.held else {})
    result: dict[str, Any] = {"v": 1, "expr": fit.expr, "y": fit.y, "status": "ok", "params": parameters}
    for key in ("covariance", "correlation"):
        matrix = getattr(fit, key)
        result[key] = {
            row: {column: finite(value, f"/{key}/{row}/{column}") for column, value in entries.items()}
            for row, entries in matrix.items()
        }
    result |= {"rows": fit.rows, "dof": fit.dof, "skipped": fit.skipped}
    for key in ("rss", "deviation", "r2", "condition"):
        result[key] = finite(getattr(fit, key), f"/{key}")
    if fit.sigma:
        reduced = fit.deviation**2
        result |= {"sigma": fit.sigma, "absolute_sigma": fit.is_absolute}
        result["reduced_chi_square"] = finite(reduced, "/reduced_chi_square")
    result |= {"loss": fit.loss, "method": fit.method, "evaluations": fit.evaluations}
    if fit.digits is not None:
        result["digits"] = fit.digits
    if fit.proof is not None:
        result["certified"] = {"bits": fit.proof.bits, "digits": fit.proof.digits, "unique_within": fit.proof.radius}
    if fit.notes:
        result["notes"] = list(fit.notes)
    if finite.nonfinite:
        result["nonfinite"] = finite.nonfinite
    return result


def as_json(fit: FitResult, view: View) -> Iterator[str]:
    yield f"{encode(record(fit))}\n"


def rows(fit: FitResult, view: View) -> Iterator[Sequence[Any]]:
    """Yield a row for each parameter."""
    yield ["name", "estimate", "error", "t", "p", "low", "high", "start", "held"]
    for each in fit.parameters:
        figures = [each.error, each.t, each.p, each.low, each.high]
        cells = ["" if each.held else repr(figure) for figure in figures]
        yield [each.name, repr(each.estimate), *cells, repr(each.start), each.held]


def as_html(fit: FitResult) -> str:
    """Return the parameters as an HTML table, with the summary below it."""
    heads = "".join(f"<th>{head}</th>" for head in ("parameter", "estimate", "standard error", "t", "p"))
    rows = []
    for each in fit.parameters:
        estimate, error = rounded(each.estimate, each.error)
        figures = [each.held, "", ""] if each.held else [error, f"{each.t:.4g}", f"{each.p:.2g}"]
        cells = "".join(f'<td style="text-align:right">{escape(text)}</td>' for text in (estimate, *figures))
        rows.append(f"<tr><td>{escape(each.name)}</td>{cells}</tr>")
    notes = "<br>".join(escape(line) for line in summary_lines(fit))
    return f"<table><tr>{heads}</tr>{''.join(rows)}</table><p>{notes}</p>"


FIT_FORMATS: Renderers[FitResult] = {
    "table": from_module("tables.fits", "table"),
    "json": as_json,
    "jsonl": as_json,
    "csv": delimited(rows, ","),
    "tsv": delimited(rows, "\t"),
}
"""The formats of a fit; CSV has a row for each parameter."""
