"""Derivatives of several outputs as formulas and as functions in other languages, against those of evaluation."""

import ctypes
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mgrad_cli import Expression
from mgrad_cli.errors import ExpressionError
from mgrad_cli.evaluation.second_order import hessians
from tests.conftest import Run
from tests.generated_code import c_functions, javascript_results, python_function

TEXTS = (
    "r*cos(t), r*sin(t)",
    "u = r*t; u, u*u + r, t",
    "r + 0*t, 7, r",
    "value = r*t; value, value*r",
    "where(r > 1, r*t, t), max(r, t)",
)
POINT = {"r": 1.25, "t": 0.5}


def wanted(text: str, order: int) -> tuple[Any, ...]:
    f = Expression(text)
    evaluation = f(POINT)
    found: tuple[Any, ...] = (evaluation.outputs, evaluation.jacobian)
    if order == 1:
        return found
    return *found, dict(zip(f.outputs, hessians(f.script, POINT, list(POINT)), strict=True))


def code(text: str, language: str, order: int) -> str:
    return Expression(text).code(language, order)


def numbers(figures: Any) -> Any:
    """Return the figures with every number rounded to twelve digits, whatever its type."""
    if isinstance(figures, Mapping):
        return {name: numbers(each) for name, each in figures.items()}
    return float(f"{float(figures):.12g}") + 0.0


def flat(figures: Any) -> list[Any]:
    return [number for each in figures.values() for number in flat(each)] if isinstance(figures, Mapping) else [figures]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("language", ["python", "numpy"])
@pytest.mark.parametrize("text", TEXTS)
def test_python_functions_return_values_and_derivatives_by_name(text: str, language: str, order: int) -> None:
    function = python_function(code(text, language, order))
    assert [*map(numbers, function(**POINT))] == [*map(numbers, wanted(text, order))]


def test_numpy_results_have_the_shape_of_all_inputs() -> None:
    import numpy

    function = python_function(code("r*t, 7, r", "numpy", 2))
    for results in function(numpy.ones((3, 1)), numpy.ones(4)):
        assert {array.shape for array in flat(results)} == {(3, 4)}


@pytest.mark.parametrize("order", [1, 2])
def test_c_functions_fill_arrays_output_by_output(tmp_path: Path, order: int) -> None:
    functions = c_functions([code(text, "c", order) for text in TEXTS], tmp_path)
    for text, function in zip(TEXTS, functions, strict=True):
        want = [flat(each) for each in wanted(text, order)]
        arrays = [(ctypes.c_double * len(each))() for each in want]
        names = Expression(text).variables
        function(*(ctypes.c_double(POINT[name]) for name in names), *arrays)
        assert [list(array) for array in arrays] == [pytest.approx(each, rel=1e-12) for each in want]


@pytest.mark.parametrize("order", [1, 2])
def test_javascript_functions_return_objects_by_name(tmp_path: Path, order: int) -> None:
    codes = [(code(text, "js", order), [[POINT[name] for name in Expression(text).variables]]) for text in TEXTS]
    for text, (got,) in zip(TEXTS, javascript_results(codes, tmp_path), strict=True):
        assert list(got) == ["values", "jacobian", "hessians"][: order + 1]
        assert [*map(numbers, got.values())] == [*map(numbers, wanted(text, order))]


@pytest.mark.parametrize("options", [[], ["--exact"], ["--order", "2"]])
@pytest.mark.parametrize("text", TEXTS)
def test_diff_writes_one_program_whose_outputs_are_all_derivatives(mgrad: Run, text: str, options: list[str]) -> None:
    program = mgrad("diff", text, *options).stdout
    f = Expression(program)
    got = f({name: value for name, value in POINT.items() if name in f.script.names}).outputs
    evaluation = wanted(text, 2)
    want = {f"d_{output}_{name}": number for output, grads in evaluation[1].items() for name, number in grads.items()}
    if "2" in options:
        want = {
            f"d_{output}_{row}_{column}": rows[row][column]
            for output, rows in evaluation[2].items()
            for row, column in (("r", "r"), ("r", "t"), ("t", "t"))
        }
        variables = Expression(text).variables
        want = want if list(variables) == ["r", "t"] else {}
    assert numbers(got) == numbers(want)


def test_diff_names_the_output_in_every_format(mgrad: Run) -> None:
    text = "u = r*cos(t); u, r**2"
    assert mgrad("diff", text, "--wrt", "r").stdout == "d_u_r = cos(t)\nd_f2_r = 2*r\nd_u_r, d_f2_r\n"
    assert mgrad("diff", text, "--wrt", "r", "--lines").stdout == "d_u_r = cos(t)\nd_f2_r = 2*r\n"
    latex = mgrad("diff", text, "--wrt", "r", "--latex").stdout.splitlines()
    assert [line.partition(" = ")[0] for line in latex] == [
        r"\frac{\partial u}{\partial r}",
        r"\frac{\partial f_{2}}{\partial r}",
    ]
    record = json.loads(mgrad("diff", text, "--json").stdout)
    assert [(each["output"], each["derivatives"]["r"]) for each in record["outputs"]] == [
        ("u", "cos(t)"),
        ("f2", "2*r"),
    ]
    assert (record["output"], record["derivatives"]) == ("u", record["outputs"][0]["derivatives"])


def test_equations_of_a_program_have_each_output_once() -> None:
    assert Expression("u = x*y; u, sin(u)").latex() == (
        "\\begin{aligned}\nu &= x \\, y \\\\\nf_{2} &= \\sin\\left(u\\right)\n\\end{aligned}"
    )


def test_an_expression_with_several_outputs_has_no_single_derivative() -> None:
    with pytest.raises(ExpressionError, match="diff takes one output, and the expression has 2"):
        Expression("x*y, x").diff("x")
