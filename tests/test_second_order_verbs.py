"""Second derivatives in `check` and `explain`, and as methods of `Expression`."""

import json

import numpy
import pytest
from hypothesis import given

from mgrad_cli import Expression
from mgrad_cli.errors import BindingError, LimitError, UsageError
from mgrad_cli.evaluation.hessian import Hessian
from mgrad_cli.evaluation.second_check import check_hessian
from mgrad_cli.evaluation.second_order import hessians
from mgrad_cli.language.lowering import read
from tests.conftest import Run
from tests.test_program import point_of
from tests.test_properties import POINTS, QUIET, SMOOTH, programs


@pytest.mark.slow
@QUIET
@given(programs(tuple(SMOOTH)), POINTS, POINTS)
def test_no_check_fails(text: str, x: float, y: float) -> None:
    point = point_of(read(text), x, y)
    checks = Expression(text).check(point, order=2)
    assert all(check.verdict != "fail" for check in checks), (text, checks)


@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 1), (1, 1), (0, 2), (2, 2)])
def test_a_wrong_entry_fails(row: int, column: int) -> None:
    script, point = read("x**2*y + exp(y) + z"), {"x": 2.0, "y": 0.5, "z": 1.0}
    (right,) = hessians(script, point, list(point))
    wrong = Hessian(right.names, {**right.entries, (row, column): right.entry(row, column) + 0.01})
    checks = check_hessian(script, point, wrong)
    failed = [check.name for check in checks if check.verdict == "fail"]
    assert failed == [f"{right.names[row]}, {right.names[column]}"]


def test_check_says_what_it_compared(mgrad: Run) -> None:
    ran = mgrad("check", "x**2*y, exp(x)", "--x", "2", "--y", "3", "--order", "2", "--wrt", "y,x", "--json")
    record = json.loads(ran.stdout)
    assert [(check["output"], check["name"], check["grad"]) for check in record["checks"][:3]] == [
        ("f1", "y, y", 0.0), ("f1", "y, x", 4.0), ("f1", "x, x", 6.0),
    ]  # fmt: skip
    assert (ran.returncode, record["verdict"], len(record["checks"])) == (0, "pass", 6)
    assert "second derivative" in mgrad("check", "x**2", "--x", "2", "--order", "2").stdout


def test_a_kink_of_the_gradient_is_inconclusive(mgrad: Run) -> None:
    ran = mgrad("check", "relu(x)**2", "--x", "0", "--order", "2")
    assert ran.returncode == 7
    assert "x, x: a kink: the slope is 0 from the left and 2 from the right" in ran.stdout


@pytest.mark.parametrize("other", [["--certify"], ["--against", "2*x"]])
def test_only_first_derivatives_have_other_checks(mgrad: Run, other: list[str]) -> None:
    ran = mgrad("check", "x**2", "--x", "2", "--order", "2", *other)
    want = f"error: --order 2 cannot be combined with {other[0]}, which checks first derivatives\n"
    assert (ran.returncode, ran.stderr) == (2, want)


def test_too_many_pairs_are_refused_before_they_are_checked() -> None:
    names = [f"x{index}" for index in range(300)]
    with pytest.raises(LimitError, match="numerical second derivatives by 300 variables"):
        Expression(" + ".join(f"{name}**3" for name in names)).check(dict.fromkeys(names, 1.0), order=2)


# explain


def test_explain_shows_the_derivative_by_one_variable(mgrad: Run) -> None:
    ran = mgrad("explain", "x**2*y", "--x", "2", "--y", "3", "--order", "2", "--wrt", "x")
    lines = ran.stdout.splitlines()
    assert lines[0] == "derivative: 2*x*y"
    assert "  dL/dx = 6   numerically 6   pass" in lines
    assert "  dL/dy = 4   numerically 4   pass" in lines
    assert mgrad("explain", "x**3", "--x", "2", "--order", "2").stdout.startswith("derivative: 3*x**2\n")


@pytest.mark.parametrize(
    ("words", "want"),
    [
        (["--order", "2"], "--order 2 explains the derivative by one variable; choose it with --wrt (x, y)"),
        (["--wrt", "x"], "--wrt chooses the derivative that --order 2 explains"),
        (["--order", "2", "--wrt", "z"], "no variable 'z' in the expression"),
    ],
)
def test_explain_needs_to_know_which_derivative(mgrad: Run, words: list[str], want: str) -> None:
    ran = mgrad("explain", "x**2*y", "--x", "2", "--y", "3", *words)
    assert (ran.returncode, ran.stderr) == (2, f"error: {want}\n")


def test_explain_has_no_derivative_without_variables(mgrad: Run) -> None:
    ran = mgrad("explain", "3", "--order", "2")
    want = "error: --order 2 explains the derivative by a variable, and the expression has none\n"
    assert (ran.returncode, ran.stderr) == (2, want)


# The library


def test_value_gradient_hessian_and_product() -> None:
    f = Expression("x**2*y + sin(z)")
    point = {"x": 2.0, "y": 3.0, "z": 0.0}
    assert f.value(point) == 12.0
    assert f.gradient(point) == {"x": 12.0, "y": 4.0, "z": 1.0}
    found = f.hessian(point)
    assert found == {"x": {"x": 6, "y": 4, "z": 0}, "y": {"x": 4, "y": 0, "z": 0}, "z": {"x": 0, "y": 0, "z": 0}}
    assert found.matrix.dtype == numpy.float64
    assert f.hvp({"x": 1, "y": -2}, point) == {"x": -2.0, "y": 4.0, "z": 0.0}


def test_declared_inputs_keep_their_values() -> None:
    assert Expression("a = 3; a*x**2").hessian(x=1) == {"a": {"a": 0, "x": 2}, "x": {"a": 2, "x": 6}}
    assert Expression("a = 3; a*x**2").hessian(x=1, a=1)["x"]["x"] == 2


def test_variables_that_a_derivative_has_lost_have_zeros() -> None:
    f = Expression("z + y*x**3").diff("x")
    assert f.variables == ("z", "y", "x")
    rows = f.hessian(x=1, y=2, z=3)
    assert rows.matrix.tolist() == [[0, 0, 0], [0, 0, 6], [0, 6, 12]]
    assert f.hvp({"z": 5, "x": 1}, x=1, y=2, z=3) == {"z": 0.0, "y": 6.0, "x": 12.0}


@pytest.mark.parametrize("method", ["value", "gradient", "hessian", "hvp"])
def test_several_outputs_have_methods_of_their_own(method: str) -> None:
    f = Expression("u = x*y; u, x**2")
    arguments = [{"x": 1.0}] if method == "hvp" else []
    with pytest.raises(UsageError, match="takes one output, and the expression has 2"):
        getattr(f, method)(*arguments, x=1, y=2)
    assert f.hessians(x=1, y=2)["f2"]["x"]["x"] == 2.0


def test_a_vector_has_known_names() -> None:
    with pytest.raises(BindingError, match="no variable 'widht' in the expression; did you mean 'width'"):
        Expression("width*height").hvp({"widht": 1.0}, width=1, height=2)


def test_points_of_one_expression_share_a_program() -> None:
    from mgrad_cli.evaluation.second_order import hessian_function

    f = Expression("x**3*y + 1.2345")
    f.hessian(x=1, y=2)
    before = hessian_function.cache_info().hits
    assert f.hessian(x=2, y=2)["x"]["x"] == 24.0
    assert hessian_function.cache_info().hits == before + 1
