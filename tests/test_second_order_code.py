"""Functions in other languages that return the value, the gradient and the Hessian, against those of evaluation."""

import ctypes
import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from mgrad_cli.errors import UsageError
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.evaluation.second_order import hessians
from mgrad_cli.language.lowering import read
from mgrad_cli.library.expression import Expression
from mgrad_cli.program import trace
from tests.conftest import Run
from tests.generated_code import c_functions, javascript_results, python_function
from tests.test_diff import CODED, assert_same, code_of, points, python_order
from tests.test_second_order import scale_of

KINKED = ("where(x > 1, x**y, log(y)*x)", "x_y*x*y", "x**y*exp(-z)", "max(x, y*y)*x")
TEXTS = (*CODED, *KINKED)


def assert_second(text: str, point: dict[str, float], rows: Mapping[str, Mapping[str, float]]) -> None:
    script = read(text)
    (want,) = hessians(script, point, list(point))
    assert list(rows) == list(point)
    scale = None
    for row, members in want.items():
        for column, number in members.items():
            got = rows[row][column]
            if got == number or (math.isnan(got) and math.isnan(number)):
                continue
            scale = scale or scale_of(trace(script, list(point)), point)
            assert abs(got - number) <= max(1e-10 * abs(number), 1e-13 * scale), (text, point, row, column, got, number)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", TEXTS)
def test_python_code_gives_the_hessian(text: str) -> None:
    if any(name in text for name in ("gamma", "psi")):
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    for language in ("python", "numpy"):
        function = python_function(code_of(text, language, 2))
        for point in points(text):
            value, grads, rows = function(*(point[name] for name in python_order(text)))
            assert_same(text, point, float(value), {name: float(grad) for name, grad in grads.items()})
            assert_second(text, point, {name: {k: float(v) for k, v in row.items()} for name, row in rows.items()})


def test_numpy_hessians_broadcast() -> None:
    import numpy

    function = python_function(code_of("a*sin(x) + 3*y", "numpy", 2))
    _, _, rows = function(2.0, numpy.linspace(0, 1, 4), numpy.ones((3, 1)))
    assert {entry.shape for row in rows.values() for entry in row.values()} == {(3, 4)}
    assert (rows["y"]["y"] == 0).all()


@pytest.mark.slow
def test_c_code_gives_the_hessian(tmp_path: Path) -> None:
    functions = c_functions([code_of(text, "c", 2) for text in TEXTS], tmp_path)
    for text, function in zip(TEXTS, functions, strict=True):
        function.restype = ctypes.c_double
        names, _ = input_names(read(text), ())
        count = len(names)
        for point in points(text):
            gradient, matrix = (ctypes.c_double * count)(), (ctypes.c_double * count**2)()
            value = function(*(ctypes.c_double(point[name]) for name in names), gradient, matrix)
            assert_same(text, point, value, dict(zip(names, gradient, strict=True)))
            rows = [matrix[start : start + count] for start in range(0, count**2, count)]
            assert_second(
                text, point, {name: dict(zip(names, row, strict=True)) for name, row in zip(names, rows, strict=True)}
            )


def test_javascript_code_gives_the_hessian(tmp_path: Path) -> None:
    codes = [(code_of(text, "js", 2), [list(point.values()) for point in points(text)]) for text in TEXTS]
    for text, results in zip(TEXTS, javascript_results(codes, tmp_path), strict=True):
        for point, result in zip(points(text), results, strict=True):
            assert_same(text, point, float(result["value"]), {k: float(v) for k, v in result["gradient"].items()})
            rows = {name: {k: float(v) for k, v in row.items()} for name, row in result["hessian"].items()}
            assert_second(text, point, rows)


def test_latex_has_every_derivative() -> None:
    lines = Expression("x**2*y").code("latex", order=2).splitlines()
    assert lines[1:] == [
        r"\frac{\partial f}{\partial x} = 2 \, x \, y",
        r"\frac{\partial f}{\partial y} = x^{2}",
        r"\frac{\partial^{2} f}{\partial x^{2}} = 2 \, y",
        r"\frac{\partial^{2} f}{\partial x \partial y} = 2 \, x",
        r"\frac{\partial^{2} f}{\partial y^{2}} = 0",
    ]


def test_wrt_restricts_the_hessian(mgrad: Run) -> None:
    ran = mgrad("diff", "x**2*y", "--order", "2", "--wrt", "x", "--code", "python")
    assert ran.stdout.endswith('    return value, {"x": d_x}, {"x": {"x": d_x_x}}\n')


def test_an_order_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="the order of derivatives is at least 1, not -1"):
        Expression("x").code(order=-1)


@pytest.mark.parametrize("text", ["x**y", "where(x > 0, sqrt(x)*y, y)", "max(x, y)*x"])
def test_exact_formulas_of_the_second_order_are_those_of_evaluation(text: str) -> None:
    formulas = Expression(text).derivatives(order=2, is_exact=True)
    for point in ({"x": 0.0, "y": 2.0}, {"x": 1.0, "y": 1.0}, {"x": 2.5, "y": -0.5}):
        (want,) = hessians(read(text), point, ["x", "y"])
        for index, (row, column) in enumerate(formulas.derivatives.by):
            formula = read("; ".join(formulas.program(index)))
            got = Expression.of_script(formula)({name: point[name] for name in formula.names if name in point}).value
            assert got == want[row][column], (text, point, row, column)
