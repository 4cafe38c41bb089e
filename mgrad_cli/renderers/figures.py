"""Proven figures as rows, one for the value and one for each gradient, and as CSV and TSV."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View
from mgrad_cli.renderers.delimited_text import delimited

HEADINGS = ("certified", "in doubles", "right digits")
"""The headings of figures in tables for people."""


class FigureRow(NamedTuple):
    """A proven figure, with its double and accuracy, or its digits.

    output      the name of its output where there are several
    name        `value` or, of a derivative, `d_x` or `d_x_y`
    """

    output: str
    name: str
    figure: float
    double: float | None
    accuracy: float | None
    digits: str

    @property
    def is_gradient(self) -> bool:
        return self.name != "value"

    @property
    def label(self) -> str:
        """The name of the figure, such as `d_x`; of one of several outputs, such as `u` and `d_u_x`."""
        if not self.output:
            return self.name
        return f"d_{self.output}{self.name.removeprefix('d')}" if self.is_gradient else self.output

    @property
    def right_digits(self) -> str:
        """How many digits of the double are right, for people."""
        return "all" if self.accuracy == 16 else f"{self.accuracy:g}"


def figure_rows(result: Result) -> Iterator[FigureRow]:
    """Yield the value, then each gradient, second derivative and product with a vector, of each output.

    Raises: LimitError for second derivatives that are too many to write.
    """
    result.check_size()
    if result.outputs:
        for part in result.outputs:
            yield from figure_rows(part)
        return
    assert result.value is not None
    doubles, accuracy, digits = result.doubles, result.accuracy, result.digits
    yield FigureRow(
        result.name,
        "value",
        result.value,
        doubles.value if doubles else None,
        accuracy.value if accuracy else None,
        digits.value if digits else "",
    )
    for name, grad in (result.grads or {}).items():
        yield FigureRow(
            result.name,
            f"d_{name}",
            grad,
            doubles.grads[name] if doubles else None,
            accuracy.grads[name] if accuracy else None,
            digits.grads[name] if digits else "",
        )
    if result.hessian is not None:
        for a, b, entry in result.hessian.triangle():
            yield FigureRow(
                result.name,
                f"d_{a}_{b}",
                entry,
                doubles.of_pair(a, b) if doubles else None,
                accuracy.of_pair(a, b) if accuracy else None,
                digits.of_pair(a, b) or "" if digits else "",
            )
    for name, entry in (result.hvp or {}).items():
        yield FigureRow(result.name, f"hvp_{name}", entry, None, None, "")


def cells(results: Iterable[Result], view: View) -> Iterator[Sequence[Any]]:
    for result in results:
        heading = ["output"] if result.outputs else []
        if result.digits is not None:
            yield [*heading, "name", "digits"]
        else:
            yield [*heading, "name", "certified", "double", "digits"]
        for row in figure_rows(result):
            start = [*([row.output] if result.outputs else []), row.name]
            if result.digits is not None:
                yield [*start, row.digits]
            else:
                yield [*start, repr(row.figure), repr(row.double), row.accuracy]


as_csv = delimited(cells, ",")
as_tsv = delimited(cells, "\t")
