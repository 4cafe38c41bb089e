"""NIST's reference sets for nonlinear regression (StRD, US Government work), as the tests and a benchmark read them."""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

from mgrad_cli.library.fits import Fit

MOST_DIGITS = 11.0
"""The digits of the certified figures."""


class NistSet(NamedTuple):
    """A set: its name, the model, the response, the columns, and the certified figures by parameter."""

    name: str
    model: str
    response: str
    columns: dict[str, list[float]]
    starts: tuple[dict[str, float], dict[str, float]]
    estimates: dict[str, float]
    errors: dict[str, float]
    rss: float
    dof: int

    @property
    def csv(self) -> str:
        """The data as CSV."""
        rows = zip(*self.columns.values(), strict=True)
        return "\n".join([",".join(self.columns), *(",".join(map(repr, row)) for row in rows)]) + "\n"

    def digits(self, fit: Fit) -> tuple[float, float]:
        """Return how many certified digits all estimates of a fit have, and all standard errors."""
        return (
            min(right_digits(fit.params[name], value) for name, value in self.estimates.items()),
            min(right_digits(fit.errors[name], value) for name, value in self.errors.items()),
        )


def nist_sets(path: Path) -> list[NistSet]:
    """Return the sets of a file with one JSON object a line."""
    return [nist_set(json.loads(line)) for line in path.read_text().splitlines()]


def nist_set(record: dict[str, Any]) -> NistSet:
    columns = dict(zip(record["columns"], map(list, zip(*record["rows"], strict=True)), strict=True))
    return NistSet(
        record["name"], record["model"], record["response"], columns, (record["start1"], record["start2"]),
        record["certified"], record["certified_sd"], record["rss"], record["dof"],
    )  # fmt: skip


def right_digits(figure: float, certified: float) -> float:
    """Return the number of right digits: the logarithm of the relative error, as NIST counts them."""
    if not math.isfinite(figure):
        return 0.0
    error = abs(figure - certified) / abs(certified)
    return min(MOST_DIGITS, -math.log10(error)) if error else MOST_DIGITS
