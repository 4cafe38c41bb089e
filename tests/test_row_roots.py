"""Roots in every row of columns: the quick pass, the careful search, and rows without a root."""

from collections.abc import Callable
from typing import Any

import numpy
import pytest

from mgrad_cli.analysis.row_roots import BLOCK_ROWS, RowRoots, find_roots
from mgrad_cli.analysis.row_search import Ending
from mgrad_cli.kernels import kernel_for
from mgrad_cli.language.lowering import read
from mgrad_cli.program import differentiate, trace


def solved(text: str, start: Any, bracket: tuple[float, float] | None = None, **columns: Any) -> RowRoots:
    """Return the roots of an expression in x over columns, by the kernels."""
    program = differentiate(trace(read(text), [*columns, "x"]), ["x"])
    kernel = kernel_for(program, "numpy")
    arrays = [numpy.asarray(column, dtype=float) for column in columns.values()]
    rows = len(arrays[0]) if arrays else 1

    def equation(x: Any, others: Any) -> Any:
        found = numpy.empty((2, len(x)))
        kernel([*others, x], list(found))
        return found

    ends = () if bracket is None else tuple(numpy.full(rows, end) for end in bracket)
    return find_roots(equation, arrays, numpy.full(rows, float(start)), *ends)


@pytest.mark.parametrize(
    ("text", "start", "bracket", "root"),
    [
        ("x**2 - p", 1, None, numpy.sqrt),
        ("x**2 - p", 1, (0, 1e3), numpy.sqrt),
        ("exp(x) - p", 0, None, numpy.log),
        ("log(x) - p", 1, None, numpy.exp),
        ("log(x) - p", 1, (1e-9, 1e9), numpy.exp),
        ("atan(x)*20 - p", 50, None, lambda p: numpy.tan(p / 20)),  # plain Newton steps diverge
        ("x**3 - p", 0, None, numpy.cbrt),  # the slope is 0 at the start
        ("x/(1 + abs(x))*20 - p", 1e3, None, lambda p: p / 20 / (1 - p / 20)),
        ("sqrt(x) - p", 1e-6, None, numpy.square),
        ("p*x - 1", 1e-3, (1e-300, 1e300), numpy.reciprocal),
    ],
)
def test_every_row_has_its_root(
    text: str, start: float, bracket: tuple[float, float] | None, root: Callable[[Any], Any]
) -> None:
    p = numpy.linspace(0.5, 15, 2 * BLOCK_ROWS + 17)
    found = solved(text, start, bracket, p=p)
    assert not found.endings.any()
    numpy.testing.assert_allclose(found.roots, root(p), rtol=1e-7)


@pytest.mark.parametrize(
    ("text", "start", "bracket", "ending"),
    [
        ("x**2 + p", 1, None, Ending.NO_ROOT),
        ("exp(-x) + p", 1, None, Ending.NO_ROOT),
        ("p + 0*x", 1, None, Ending.NO_ROOT),
        ("x**2 + p", 1, (-2, 3), Ending.NO_SIGN_CHANGE),
        ("p/(x - 1)", 1, (-1, 2), Ending.JUMP),
        ("tan(p*x)", 1, (1, 2), Ending.JUMP),
        ("sign(x - 0.3) + p*0", 1, (-1, 2), Ending.JUMP),
        ("log(x)*p", -1, None, Ending.NOT_A_NUMBER),
        ("log(x)*p", -1, (-2, 3), Ending.NOT_A_NUMBER),
        ("x + p", numpy.nan, None, Ending.NOT_A_NUMBER),
    ],
)
def test_rows_without_a_root_say_how_the_search_ended(
    text: str, start: float, bracket: tuple[float, float] | None, ending: Ending
) -> None:
    found = solved(text, start, bracket, p=[1.0, 1.0])
    assert found.endings.tolist() == [ending, ending]
    assert numpy.isnan(found.roots).all()


def test_a_row_does_not_depend_on_the_others() -> None:
    p = numpy.linspace(-3, 30, 301)
    together = solved("x**3 - 2*x - p", 1, p=p)
    for index in range(0, len(p), 25):
        alone = solved("x**3 - 2*x - p", 1, p=p[index : index + 1])
        assert alone.roots[0] == together.roots[index] or numpy.isnan(together.roots[index])
        assert alone.endings[0] == together.endings[index]


def test_roots_stay_in_their_brackets() -> None:
    p = numpy.linspace(0.1, 0.9, 500)
    found = solved("sin(x) - p", 0.1, (-0.5, 1.6), p=p)
    assert not found.endings.any()
    numpy.testing.assert_allclose(found.roots, numpy.arcsin(p), rtol=1e-7)


def test_an_end_of_a_bracket_may_be_the_root() -> None:
    found = solved("x - p", 0.3, (0.0, 1.0), p=[0.0, 1.0])
    assert found.roots.tolist() == [0.0, 1.0]
