"""Second derivatives as rows, whatever the format: the matrix, a list of its entries, and products with a vector."""

from collections.abc import Iterator, Sequence
from typing import Any

from mgrad_cli.evaluation.hessian import Hessian
from mgrad_cli.evaluation.results import Figures, Result
from mgrad_cli.renderers import View
from mgrad_cli.renderers.node_rows import digits_text
from mgrad_cli.renderers.rows import RowPreview
from mgrad_cli.text import counted

MAX_MATRIX = 24
"""The most variables of a Hessian that is shown as a matrix. Of more, the pairs that are coupled are listed."""
MAX_PAIRS = 200
MAX_OUTPUTS = 20
"""The most outputs of which the second derivatives are shown to people."""
HEADING, PRODUCT = "hessian", "hvp"
UNLISTED = "second derivatives that are not listed are 0"


def matrix(hessian: Hessian) -> RowPreview:
    """Return a row for each variable: its name, and its second derivatives by every variable."""
    return RowPreview([HEADING, *hessian.names], [[name, *row.values()] for name, row in hessian.items()], 0)


def digits_matrix(hessian: Hessian, accuracy: Figures) -> RowPreview:
    """Return a row for each variable: its name, and how many digits of its second derivatives are right."""
    rows = [[a, *(digits_text(accuracy.of_pair(a, b)) for b in hessian.names)] for a in hessian.names]
    return RowPreview(["digits", *hessian.names], rows, 0)


def coupled_pairs(hessian: Hessian, view: View) -> RowPreview:
    """Return a row for each pair of variables that the output couples; of many the first ones."""
    pairs = [[f"d2/d{a} d{b}", entry] for a, b, entry in hessian.pairs()]
    shown = pairs if view.all_nodes else pairs[:MAX_PAIRS]
    return RowPreview([HEADING, "second derivative"], shown, len(pairs) - len(shown))


def product(part: Result) -> RowPreview:
    """Return a row for each variable, with the product of the Hessian and the vector."""
    return RowPreview(["", PRODUCT], [[name, entry] for name, entry in (part.hvp or {}).items()], 0)


def shown_parts(result: Result, view: View) -> Sequence[Result]:
    """Return the outputs whose second derivatives are shown: of many the first ones."""
    return result.parts if view.all_nodes else result.parts[:MAX_OUTPUTS]


def hidden_parts(result: Result, view: View) -> str:
    """Return the note on the outputs that are not shown; empty if all are."""
    more = len(result.parts) - len(shown_parts(result, view))
    return f"second derivatives of {counted(more, 'more output')} are left out; --all-nodes shows them" if more else ""


def previews(part: Result, view: View) -> Iterator[RowPreview]:
    """Yield the tables of the second derivatives of one output."""
    if part.hessian:
        is_matrix = len(part.hessian) <= MAX_MATRIX
        yield matrix(part.hessian) if is_matrix else coupled_pairs(part.hessian, view)
        if part.accuracy is not None and part.accuracy.second is not None:
            yield digits_matrix(part.hessian, part.accuracy)
    if part.hvp:
        yield product(part)


def notes(part: Result) -> Iterator[str]:
    """Yield what readers of the tables need to know."""
    if part.hessian is not None and len(part.hessian) > MAX_MATRIX:
        yield UNLISTED


def second_columns(view: View) -> list[str]:
    """Return the names of the columns that `second_cells` fills."""
    second = ["other", "second", *(["digits_second"] if view.accuracy else [])] if view.order > 1 else []
    return [*second, *([PRODUCT] if view.has_product else [])]


def second_cells(part: Result, name: str, view: View) -> Iterator[list[Any]]:
    """Yield the cells of a variable's second derivatives: one row for each other variable, or one without a Hessian."""
    product = [] if not view.has_product else [repr(part.hvp[name]) if part.hvp else ""]
    if view.order == 1:
        yield product
    elif part.hessian is None or not name:
        yield ["", "", *([""] if view.accuracy else []), *product]
    else:
        for other, entry in part.hessian[name].items():
            right = [part.accuracy.of_pair(name, other)] if view.accuracy and part.accuracy is not None else []
            yield [other, repr(entry), *right, *product]
