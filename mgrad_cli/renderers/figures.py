"""Proven figures as rows, one for the value and one for each gradient, and as CSV and TSV."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import NamedTuple

from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View

HEADINGS = ("certified", "in doubles", "right digits")
"""The headings of figures in tables for people."""


class FigureRow(NamedTuple):
    """A proven figure, with its double and accuracy, or its digits."""

    name: str
    figure: float
    double: float | None
    accuracy: float | None
    digits: str

    @property
    def right_digits(self) -> str:
        """How many digits of the double are right, for people."""
        return "all" if self.accuracy == 16 else f"{self.accuracy:g}"


def figure_rows(result: Result) -> Iterator[FigureRow]:
    """Yield the value, then each gradient."""
    assert result.value is not None
    doubles, accuracy, digits = result.doubles, result.accuracy, result.digits
    yield FigureRow(
        "value",
        result.value,
        doubles.value if doubles else None,
        accuracy.value if accuracy else None,
        digits.value if digits else "",
    )
    for name, grad in (result.grads or {}).items():
        yield FigureRow(
            f"d_{name}",
            grad,
            doubles.grads[name] if doubles else None,
            accuracy.grads[name] if accuracy else None,
            digits.grads[name] if digits else "",
        )


def delimited(results: Iterable[Result], delimiter: str) -> Iterator[str]:
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    for result in results:
        if result.digits is not None:
            writer.writerow(["name", "digits"])
            writer.writerows([row.name, row.digits] for row in figure_rows(result))
            continue
        writer.writerow(["name", "certified", "double", "digits"])
        writer.writerows([row.name, repr(row.figure), repr(row.double), row.accuracy] for row in figure_rows(result))
    yield buffer.getvalue()


def as_csv(results: Iterable[Result], view: View) -> Iterator[str]:
    return delimited(results, ",")


def as_tsv(results: Iterable[Result], view: View) -> Iterator[str]:
    return delimited(results, "\t")
