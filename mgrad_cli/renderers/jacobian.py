"""The values and the Jacobian of several outputs as rows, whatever the format: a row for each output."""

from collections.abc import Iterator, Mapping
from typing import Any

from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View
from mgrad_cli.renderers.rows import RowPreview

MAX_OUTPUTS = 200


def jacobian(result: Result, view: View) -> RowPreview:
    """Return a row for each output: its name, its value and its derivative by each variable."""
    names = list(result.grads or {})
    shown = result.outputs if view.all_nodes else result.outputs[:MAX_OUTPUTS]
    rows: list[list[Any]] = [[part.name, part.value, *(part.grads or {}).values()] for part in shown]
    columns = ["output", "value", *(f"d/d{name}" for name in names)]
    return RowPreview(columns, rows, len(result.outputs) - len(rows), "--wrt")


def entries(result: Result, view: View) -> Iterator[list[Any]]:
    """Yield a row for each output and variable: the names, the value of the output and its derivative.

    An error, or an output of an expression without variables, has a row without a derivative.
    """
    for part in result.parts:
        value = "" if part.value is None else repr(part.value)
        right = part.accuracy
        grads: Mapping[str, float | None] = part.grads or {"": None}
        for name, grad in grads.items():
            digits = ["", ""] if right is None else [right.value, right.grads.get(name, "")]
            yield [part.name, value, name, "" if grad is None else repr(grad), *(digits if view.accuracy else [])]
