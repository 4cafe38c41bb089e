"""The values and the Jacobian of several outputs as rows, whatever the format: a row for each output."""

from collections.abc import Iterator, Mapping
from typing import Any

from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View
from mgrad_cli.renderers.rows import RowPreview

MAX_OUTPUTS = 200
UNCERTAINTY_COLUMNS = ("standard", "uncertainty", "contribution", "share")


def jacobian(result: Result, view: View) -> RowPreview:
    """Return a row for each output: its name, its value and its derivative by each variable."""
    names = list(result.grads or {})
    shown = result.outputs if view.all_nodes else result.outputs[:MAX_OUTPUTS]
    rows: list[list[Any]] = [[part.name, part.value, *(part.grads or {}).values()] for part in shown]
    columns = ["output", "value", *(f"d/d{name}" for name in names)]
    return RowPreview(columns, rows, len(result.outputs) - len(rows), "--wrt")


def entries(result: Result, view: View) -> Iterator[list[Any]]:
    """Yield a row for each output and variable: the names, the value of the output and its derivative.

    An error, or an output of an expression without variables, has a row without a derivative. With uncertainties, the
    row ends with that of the output, and that of the variable with its contribution and its share.
    """
    for index, part in enumerate(result.parts):
        value = "" if part.value is None else repr(part.value)
        right = part.accuracy
        grads: Mapping[str, float | None] = part.grads or {"": None}
        for name, grad in grads.items():
            digits = ["", ""] if right is None else [right.value, right.grads.get(name, "")]
            widths = uncertainty_cells(result, index, name) if view.uncertainty else []
            cells = [*(digits if view.accuracy else []), *widths]
            yield [part.name, value, name, "" if grad is None else repr(grad), *cells]


def uncertainty_cells(result: Result, index: int, name: str) -> list[str]:
    """Return the uncertainty of an output, and the uncertainty, the contribution and the share of a variable."""
    if result.uncertainty is None:
        return [""] * len(UNCERTAINTY_COLUMNS)
    from mgrad_cli.renderers.uncertainties import propagation_of

    output = propagation_of(result).outputs[index]
    line = next((line for line in output.budget if line.name == name), None)
    figures = () if line is None else (line.uncertainty, line.contribution, line.share)
    return [repr(output.standard), *(map(repr, figures) if figures else ["", "", ""])]
