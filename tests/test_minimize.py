"""Minima and maxima: the classic problems, what a point is, and how it moves with the parameters."""

import csv
import json
import math
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from mgrad_cli import Expression
from mgrad_cli.errors import BindingError, ExpressionError, MissingExtraError, UsageError
from tests.conftest import Run
from tests.problems import PROBLEMS, Problem, rosenbrock

ROSENBROCK = "(1-x)**2 + 100*(y-x**2)**2"
HIMMELBLAU = "(x**2+y-11)**2 + (x+y**2-7)**2"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_classic_problems_converge_to_published_minima(problem: Problem) -> None:
    found = Expression(problem.text).minimize(problem.starts)
    assert found.is_found
    assert any(math.isclose(found.value, minimum, rel_tol=2e-6, abs_tol=1e-15) for minimum in problem.minima)


@pytest.mark.parametrize("name", ["Powell singular", "Powell singular, n = 12"])
def test_a_singular_hessian_is_said(name: str) -> None:
    problem = next(each for each in PROBLEMS if each.name.startswith(name))
    found = Expression(problem.text).minimize(problem.starts)
    assert found.kind == "degenerate"
    assert found.order == pytest.approx(4, abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("n", [2, 10, 100, 1000])
def test_rosenbrock_of_many_variables(n: int) -> None:
    problem = rosenbrock(n)
    found = Expression(problem.text).minimize(problem.starts)
    assert found.kind == "minimum"
    assert set(found.point.values()) == {1.0}
    assert len(found.eigenvalues) == n


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((3, 2.5), (3, 2)),
        ((-3, 3), (-2.805118086952745, 3.131312518250573)),
        ((-4, -3), (-3.779310253377747, -3.283185991286170)),
        ((3.5, -2), (3.584428340330492, -1.848126526964404)),
    ],
)
def test_himmelblau_has_four_minima(start: tuple[float, float], end: tuple[float, float]) -> None:
    found = Expression(HIMMELBLAU).minimize(x=start[0], y=start[1])
    assert found.kind == "minimum"
    assert tuple(found.point.values()) == pytest.approx(end, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "starts", "bounds", "point", "value"),
    [
        ("(x + 2*y - 7)**2 + (2*x + y - 5)**2", {"x": 0, "y": 0}, {}, (1, 3), 0),
        ("sin(x+y) + (x-y)**2 - 1.5*x + 2.5*y + 1", {"x": 0, "y": 0}, {"x": (-1.5, 4), "y": (-3, 4)},
         (-0.5471975511965976, -1.5471975511965976), -1.9132229549810367),
        ("x - 0.1*log(x)", {"x": 2}, {}, (0.1,), 0.33025850929940455),
        ("cosh(x-1) + 1000*cosh(y/7-3)", {"x": 5, "y": -40}, {}, (1, 21), 1001),
        ("exp(x) - p*x; p = 2", {"x": 9}, {}, (math.log(2),), 2 - 2 * math.log(2)),
        ("log(x)**2/x", {"x": 5}, {}, (1,), 0),
        ("(x - 2)**2 + 1e18", {"x": 5}, {}, (2,), 1e18),
        ("(x + 1e9)**2 - 1e12", {"x": 0}, {}, (-1e9,), -1e12),
    ],
)  # fmt: skip
def test_minima_to_the_last_bits(
    text: str,
    starts: dict[str, float],
    bounds: dict[str, tuple[float, float]],
    point: tuple[float, ...],
    value: float,
) -> None:
    if "p = 2" in text:
        text = "p = 2; exp(x) - p*x"
    found = Expression(text).minimize(starts, bounds=bounds)
    assert found.kind == "minimum"
    assert tuple(found.point.values()) == pytest.approx(point, rel=5e-16)
    assert found.value == pytest.approx(value, rel=1e-15, abs=1e-300)


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("text", "starts", "kind"),
    [
        ("x**4", {"x": 1}, "degenerate"),
        ("1 + x**4", {"x": 1}, "degenerate"),
        ("x**6 + y**2", {"x": 1, "y": 1}, "degenerate"),
        ("(x-y)**2", {"x": 0, "y": 1}, "flat"),
        ("floor(x)", {"x": 2.5}, "flat"),
        ("3 + 0*x", {"x": 20}, "flat"),
        ("abs(x)", {"x": 3}, "kink"),
        ("abs(x - 1/3)", {"x": 3}, "kink"),
        ("max(abs(x-1), abs(y+2)*3)", {"x": 3, "y": 2}, "kink"),
        ("abs(x-y) + 0.1*(x+y)**2", {"x": 3, "y": 1}, "kink"),
        ("abs(x-y) + abs(x+y-1) + 0.1*x", {"x": 3, "y": 1.3}, "kink"),
        ("relu(x)", {"x": 3}, "kink"),
        ("mod(x, 1)", {"x": 0.5}, "jump"),
        ("where(x > 1, x**2, 5)", {"x": 3}, "jump"),
        ("floor(x)**2 + x**2", {"x": 3.3}, "jump"),
        ("x**1000", {"x": 0.9}, "flat"),
        ("x", {"x": 1}, "unbounded"),
        ("tan(x)", {"x": 1}, "unbounded"),
        ("1/(x - 1)", {"x": 0}, "unbounded"),
        ("1/(x - y)", {"x": 0, "y": 1}, "unbounded"),
        ("log(abs(x - 1))", {"x": 0.3}, "unbounded"),
        ("x**3", {"x": 1}, "unbounded"),
        ("x*y", {"x": 1, "y": 1}, "unbounded"),
        ("log(x)", {"x": 3}, "unbounded"),
        ("exp(-x)", {"x": 1}, "vanishing"),
        ("1 + exp(-x) + y**2", {"x": 1, "y": 3}, "vanishing"),
        ("1/x", {"x": 1}, "vanishing"),
        ("sigmoid(x)", {"x": 7}, "vanishing"),
        ("atan(x)", {"x": 2}, "vanishing"),
        ("sqrt(x)", {"x": 1}, "edge"),
        ("x**1.5", {"x": 3}, "edge"),
        ("sqrt(exp(x)/39)", {"x": -0.8}, "edge"),
        ("relu(x**4)/gamma(x**4)", {"x": -1.28}, "vanishing"),
        ("sigmoid(x)/(x + y)", {"x": -0.74, "y": -2.03}, "unbounded"),
        ("sqrt(x)", {"x": -5}, "undefined"),
        ("nan*x", {"x": 1}, "undefined"),
        ("x**2", {"x": math.nan}, "undefined"),
        ("x**2", {"x": math.inf}, "undefined"),
        ("x**2", {"x": 1e200}, "undefined"),
    ],
)
def test_what_a_point_is(text: str, starts: dict[str, float], kind: str) -> None:
    found = Expression(text).minimize(starts)
    assert found.kind == kind
    assert found.is_found is (kind in {"degenerate", "flat", "kink", "jump"})


@pytest.mark.parametrize(
    ("text", "point", "kind"),
    [
        ("x**2 - y**2", {"x": 0, "y": 0}, "saddle"),
        ("x**3 - 3*x*y**2", {"x": 0, "y": 0}, "saddle"),
        ("x*y + x**4 + y**4", {"x": 0, "y": 0}, "saddle"),
        ("x**3", {"x": 0}, "inflection"),
        ("x**4 - x**2", {"x": 0}, "maximum"),
    ],
)
def test_a_start_on_a_stationary_point_is_told_and_left(text: str, point: dict[str, float], kind: str) -> None:
    found = Expression(text).minimize(point)
    assert [(each.kind, each.point) for each in found.passed] == [(kind, point)]
    assert found.value < Expression(text)(point).value


def test_a_maximum_is_the_minimum_of_the_negative() -> None:
    found = Expression("-(x-2)**2*(1 + y**2) - y**2 + p").minimize({"x": 0, "y": 3}, p=7, maximize=True)
    assert (found.goal, found.kind, found.value) == ("maximum", "maximum", 7)
    assert found.eigenvalues == [-2, -2]
    assert found.value_by == {"p": 1}
    assert Expression("x").minimize(x=1, maximize=True).kind == "unbounded"
    assert Expression("x**2").minimize(x=0, maximize=True).passed[0].kind == "minimum"


def test_active_bounds_hold_and_their_gradient_stays() -> None:
    found = Expression("(a-x)**2 + 100*(y-x**2)**2").minimize({"x": -1, "y": 1}, a=1, bounds={"x": (-2, 0.5)})
    assert found.kind == "minimum"
    assert found.point == {"x": 0.5, "y": 0.25}
    assert found.active == {"x": "upper"}
    assert found.gradient == {"x": -1, "y": 0}
    assert found.gradient_norm == 0
    assert found.point_by == {"x": {"a": 0}, "y": {"a": 0}}
    assert found.value_by == {"a": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "start", "bound", "end"),
    [
        ("x", 1, (0, math.inf), 0),
        ("x", 1, (-math.inf, 5), None),
        ("-x**2", 0, (0, 5), 5),
        ("sqrt(x)", 1, (0, math.inf), 0),
        ("x**1.5", 1, (0, math.inf), 0),
        ("exp(-x)", 1, (-3, 20), 20),
        ("(x-1)**2", 3, (2, 4), 2),
        ("(x-1)**2", 4, (-4, 4), 1),
    ],
)
def test_bounds_on_either_side(text: str, start: float, bound: tuple[float, float], end: float | None) -> None:
    found = Expression(text).minimize(x=start, bounds={"x": bound})
    assert found.is_found is (end is not None)
    assert found.point["x"] == end or end is None


def test_the_minimum_moves_with_the_parameters_as_differences_say() -> None:
    expression = Expression("(x - a)**2 + b*(y - sin(x))**4 + (y - a*b)**2 + cosh(x*y)")
    values = {"a": 0.7, "b": 1.3}
    found = expression.minimize({"x": 1, "y": 1}, values)
    assert found.kind == "minimum"
    step = 1e-5
    for name in values:
        above, below = (
            expression.minimize(found.point, values | {name: values[name] + sign * step}) for sign in (1, -1)
        )
        assert found.value_by[name] == pytest.approx((above.value - below.value) / (2 * step), rel=1e-8)
        for unknown in "xy":
            slope = (above.point[unknown] - below.point[unknown]) / (2 * step)
            assert found.point_by[unknown][name] == pytest.approx(slope, rel=1e-6)


def test_defaults_and_bound_variables_that_are_not_named_are_parameters() -> None:
    found = Expression("p = 3; (x - p*q)**2").minimize({"x": 0}, q=2)
    assert found.parameters == {"p": 3, "q": 2}
    assert found.point == {"x": 6}
    assert found.point_by == {"x": {"p": 2, "q": 3}}


def test_a_variable_with_a_default_starts_there(mgrad: Run) -> None:
    ran = mgrad("minimize", "x = 3; (x - p)**2", "--for", "x", "--p", "5", "--trace")
    assert json.loads(ran.stdout.splitlines()[0])["at"] == {"x": 3}
    assert json.loads(ran.stdout.splitlines()[-1])["at"] == {"x": 5}


def test_a_start_in_for_wins_over_a_default_and_is_no_range(mgrad: Run) -> None:
    ran = mgrad("minimize", "x = 3; (x - p)**2", "--for", "x=2", "--p", "5", "--trace")
    assert json.loads(ran.stdout.splitlines()[0])["at"] == {"x": 2}
    ran = mgrad("minimize", "(x - 5)**2", "--for", "x=0:2")
    assert ran.returncode == 2
    assert ran.stderr == "error: 'x' starts at a number, not 0:2; --bound x=0:2 bounds it\n"


def test_too_many_variables_are_refused_at_once() -> None:
    names = [f"x{index}" for index in range(3001)]
    with pytest.raises(UsageError, match="3,001 variables are too many"):
        Expression(" + ".join(names)).minimize(dict.fromkeys(names, 1.0))


def test_a_singular_hessian_leaves_no_movement() -> None:
    found = Expression("(x - p)**4").minimize({"x": 0}, p=1)
    assert found.kind == "degenerate"
    assert found.point_by == {}


def test_the_trace_starts_at_the_start_and_ends_at_the_point() -> None:
    found = Expression(ROSENBROCK).minimize(x=-1, y=1)
    assert found.path[0].point.tolist() == [-1, 1]
    assert found.path[-1].point.tolist() == [1, 1]
    assert found.iterations == len(found.path) - 1


def test_a_search_that_is_cut_short_says_so() -> None:
    found = Expression(ROSENBROCK).minimize(x=-1, y=1, max_iterations=3)
    assert found.kind == "slope"
    assert found.value < 4


@pytest.mark.parametrize(
    ("text", "arguments", "message", "error"),
    [
        ("x**2", {"x": 1, "bounds": {"x": (2, 3)}}, "the start of 'x', 1.0, is outside its bounds 2:3", UsageError),
        ("x**2", {"x": 1, "bounds": {"x": (3, 2)}}, "the bounds of 'x', 3:2, contain no number", UsageError),
        ("x**2", {"x": 1, "bounds": {"z": (2, 3)}}, "'z', which has a bound, is not a variable", UsageError),
        ("x**2 + y", {"x": 1}, "missing value for 'y'", BindingError),
        ("x**2", {"x": 1, "y": 1}, "no variable 'y'", BindingError),
        ("2", {}, "no variable to minimize over", UsageError),
        ("x, x**2", {"x": 1}, "takes one output", ExpressionError),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    text: str, arguments: dict[str, object], message: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match=message):
        Expression(text).minimize(**arguments)  # type: ignore[arg-type]


def test_without_scipy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mgrad_cli.analysis.requirements.is_installed", lambda library: False)
    with pytest.raises(MissingExtraError, match=r"minimize needs scipy: pip install 'mgrad-cli\[optimize\]'"):
        Expression("x**2").minimize(x=1)


def test_html_shows_the_point_and_the_verdict() -> None:
    html = Expression("(x - p)**2").minimize({"x": 0}, p=3)._repr_html_()
    assert "minimum: the gradient is zero" in html
    assert "d/dp" in html


def test_the_example_of_the_issue(mgrad: Run) -> None:
    ran = mgrad("minimize", ROSENBROCK, "--x", "-1", "--y", "1")
    assert ran.returncode == 0
    assert ran.stderr == ""
    assert "minimum: the gradient is zero and the Hessian positive definite" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_no_number_of_a_table_is_truncated(mgrad: Run) -> None:
    words = ("minimize", "(variable_with_a_name - p*1.1)**2 + (y - 1e-7)**4", "--bound", "y=-1.23456789e-100:1e300")
    ran = mgrad(*words, "--for", "variable_with_a_name=0.123456789,y=1.23456789e10", "--p", "1.23456789")
    assert "1.358024679" in ran.stdout
    assert "-1.23457e-100:1e+300" in ran.stdout
    assert "p = 1.23457" in ran.stdout


def test_json_is_whole_and_strict(mgrad: Run) -> None:
    words = ("minimize", "(a-x)**2 + b*(y-x**2)**2", "--for", "x=-1,y=1", "--a", "1", "--b", "100", "--bound", "x=0.5:")
    ran = mgrad(*words[:-1], "x=-2:0.5", "--json")
    record = json.loads(ran.stdout, parse_constant=lambda text: pytest.fail(text))
    assert record["kind"] == "minimum"
    assert record["at"] == {"x": 0.5, "y": 0.25}
    assert record["active"] == {"x": "upper"}
    assert record["sensitivity"] == {"value": {"a": 1, "b": 0}, "at": {"x": {"a": 0, "b": 0}, "y": {"a": 0, "b": 0}}}
    assert "trace" not in record
    assert mgrad(*words).returncode == 2


def test_infinite_figures_in_json_have_their_places(mgrad: Run) -> None:
    ran = mgrad("minimize", "log(x)", "--x", "3", "--json", "--bound", "x=0:")
    record = json.loads(ran.stdout, parse_constant=lambda text: pytest.fail(text))
    assert ran.returncode == 1
    assert record["status"] == "failed"
    assert record["nonfinite"]["/value"] == "-inf"
    assert record["nonfinite"]["/bounds/x/1"] == "inf"


@pytest.mark.parametrize("output_format", ["csv", "tsv"])
def test_csv_has_a_row_for_the_value_and_each_variable(output_format: str, mgrad: Run) -> None:
    ran = mgrad("minimize", "(x-a)**2 + y**2", "--for", "x=0,y=2", "--a", "3", "--format", output_format)
    rows = list(csv.DictReader(StringIO(ran.stdout), delimiter="," if output_format == "csv" else "\t"))
    assert [row["name"] for row in rows] == ["minimum", "x", "y"]
    assert [row["d_a"] for row in rows] == ["0.0", "1.0", "0.0"]


def test_trace_is_json_lines(mgrad: Run) -> None:
    steps = [
        json.loads(line) for line in mgrad("minimize", ROSENBROCK, "--x=-1", "--y=1", "--trace").stdout.splitlines()
    ]
    assert [step["i"] for step in steps] == list(range(len(steps)))
    assert steps[0]["at"] == {"x": -1, "y": 1}
    assert steps[-1]["value"] == 0
    record = json.loads(mgrad("minimize", ROSENBROCK, "--x=-1", "--y=1", "--trace", "--json").stdout)
    assert record["trace"] == steps


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x**2", "--x", "1", "--bound", "x=2:5"], "the start of 'x', 1.0, is outside its bounds 2:5"),
        (["x**2", "--x", "1", "--bound", "x"], "--bound needs NAME=LOW:HIGH, not 'x'"),
        (["x**2", "--x", "1", "--bound", "x=5"], "the bound of 'x', '5', is not LOW:HIGH"),
        (["x**2", "--x", "1", "--bound", "x=5:2"], "the bound of 'x', '5:2', is empty"),
        (["x**2", "--x", "1", "--bound", "x=0:max(2"], "the bound of 'x', 'max(2', is not a number"),
        (["x**2", "--x", "1", "--bound", "y=0:1"], "'y', which has a bound, is not a variable"),
        (["x**2", "--x", "1", "--bound", "x=0:2", "--bound", "x=0:3"], "'x' has two bounds"),
        (["x**2*p", "--for", "x=1", "--p", "2", "--bound", "p=0:3"], "'p', which has a bound, is a parameter"),
        (["x**2", "--x", "1", "--for", "x=2"], "'x' has two starts"),
        (["x**2", "--for", "x,x"], "--for gives 'x' twice"),
        (["x**2", "--for", "x="], "--for needs NAME or NAME=START, not 'x='"),
        (["x**2", "--for", "x"], "'x', in --for, has no start; write --for x=START"),
        (["x**2", "--for", "z=1"], "no variable 'z'"),
        (["x**2", "--for", "x=1:2"], "'x' starts at a number, not 1:2; --bound x=1:2 bounds it"),
        (["x**2"], "missing value for 'x'; bind it with --x VALUE"),
        (["x**2", "--x", "1", "--plot", "--json"], "with --format json, --plot needs a file"),
        (["x**2", "--x", "1", "--output", "a.pdf"], "cannot tell the format"),
        (["x**2+y**2+z**2", "--x", "1", "--y=1", "--z=1", "--plot"], "a drawing takes one or two variables, not 3"),
        (["x**2", "--x", "1", "--trace", "--format", "csv"], "--trace and --format csv cannot be combined"),
        (["x**2", "--x", "1", "--maximise"], "did you mean '--maximize'?"),
    ],
)
def test_a_wrong_command_line_is_one_line(words: list[str], message: str, mgrad: Run) -> None:
    ran = mgrad("minimize", *words)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x", "--x", "1"], "error: no minimum: the function is not bounded below"),
        (["exp(-x)", "--x", "1"], "error: no minimum: the function still falls as x runs to infinity"),
        (["(2*a-3*x)**2 + x", "--x=1", "--a=2"], "error: no minimum: the function is not bounded below"),
        (["(a-x)**2 + x", "--x=1", "--a=2"], "error: no minimum: the function is not bounded below"),
        (
            ["(a+b-3*x)**2 + 1e-3*x - a", "--x=1", "--a=2", "--b=0"],
            "error: no minimum: the function is not bounded below",
        ),
        (["sqrt(x)", "--x=-1"], "error: no search: the function or a derivative is not finite at the start"),
        ([ROSENBROCK, "--x=-1", "--y=1", "--max-iterations", "3"], "error: no convergence after"),
        (["x**2 - y**2", "--x=0", "--y=0"], "error: no minimum: the function is not bounded below"),
    ],
)
def test_what_is_no_minimum_ends_with_exit_code_1(words: list[str], message: str, mgrad: Run) -> None:
    ran = mgrad("minimize", *words)
    assert ran.returncode == 1
    assert ran.stderr.startswith(message)
    assert "best point" in ran.stdout


@pytest.mark.slow
def test_a_search_is_drawn(mgrad: Run, tmp_path: Path) -> None:
    ran = mgrad("minimize", ROSENBROCK, "--x=-1", "--y=1", "--plot")
    assert ran.stdout.count("o") > 5
    assert "X" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80
    one = mgrad("minimize", "(x-2)**2*(1+x**2)", "--x=5", "--plot")
    assert "X" in one.stdout
    for name in ("path.svg", "path.png"):
        ran = mgrad("minimize", ROSENBROCK, "--x=-1", "--y=1", "-o", name, cwd=tmp_path)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert "minimum" in ran.stdout
        assert (tmp_path / name).stat().st_size > 5000


@pytest.mark.parametrize("bound", [(1,), (1, 2, 3), "ab", None, 5, ("a", "b"), (1j, None)])
def test_a_bound_is_a_pair_of_numbers(bound: Any) -> None:
    with pytest.raises(UsageError, match="the bound of 'x' is a pair of numbers"):
        Expression("x**2").minimize(x=1, bounds={"x": bound})


def test_a_side_of_a_bound_may_be_open() -> None:
    assert Expression("x**2").minimize(x=3, bounds={"x": (2, None)}).point == {"x": 2.0}
    with pytest.raises(UsageError, match="bounds are a mapping"):
        Expression("x**2").minimize(x=1, bounds=[(0, 1)])  # type: ignore[arg-type]
