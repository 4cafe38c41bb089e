"""Warnings about lost digits: which figures they name, where the caret stands, and how many there are."""

import json
import re

import pytest

from mgrad_cli.evaluation.accuracy import MAX_EFFORT
from mgrad_cli.evaluation.losses import MAX_WARNINGS, right_digits
from tests.conftest import Run

RUMP = "333.75*b**6+a**2*(11*a**2*b**2-b**6-121*b**4-2)+5.5*b**8+a/(2*b)"
CASES = [
    ("1-cos(x)", {"x": "1e-9"}, "value", "no right digits", "cancellation in 1-cos(x)", "1-cos(x)"),
    ("1-cos(x)", {"x": "1e-4"}, "value", "about 7 right digits", "cancellation in 1-cos(x)", "1-cos(x)"),
    ("log(1+x)", {"x": "1e-20"}, "value", "no right digits", "log(1+x) magnifies the rounding of 1+x", "1+x"),
    ("exp(x)-1", {"x": "1e-20"}, "value", "no right digits", "cancellation in exp(x)-1", "exp(x)-1"),
    (
        RUMP,
        {"a": "77617", "b": "33096"},
        "value",
        "no right digits",
        f"cancellation in {RUMP.removesuffix('+a/(2*b)')}",
        RUMP.removesuffix("+a/(2*b)"),
    ),
    (
        "x/(x+y)",
        {"x": "28939328.677188694", "y": "-2.2003914538032663e-06"},
        "d_x",
        "about 2 right digits",
        "cancellation in the derivative magnifies the rounding of x+y",
        "x+y",
    ),
    (
        "cosh(x)*(sin(y)/y)",
        {"x": "120.74319474026302", "y": "1.2880234742951892e-08"},
        "d_y",
        "no right digits",
        "cancellation in the derivative magnifies the rounding of sin(y)",
        "sin(y)",
    ),
    ("cos(3*x)", {"x": "1.0471975511965976"}, "d_x", "", "the gradient of 3*x magnifies the rounding of 3*x", "3*x"),
    ("sin(1e22*x)", {"x": "1.1"}, "value", "", "sin(1e22*x) magnifies the rounding of 1e22*x", "1e22*x"),
    ("sin(pi)", {}, "value", "no right digits", "sin(pi) magnifies the rounding of pi", "pi"),
    ("exp(-x)*1e300", {"x": "800"}, "value", "no right digits", "underflow in exp(-x)", "exp(-x)"),
    ("1/(x*x)", {"x": "1e160"}, "value", "no right digits", "overflow in x*x", "x*x"),
    ("sqrt(x*x+y*y)", {"x": "3e200", "y": "4e200"}, "d_x", "no right digits", "overflow in x*x", "x*x"),
    (
        "where((x+1e17)-1e17 > 0, x, y)",
        {"x": "3", "y": "2"},
        "d_y",
        "no right digits",
        "rounding decides the outcome of where((x+1e17)-1e17 > 0, x, y)",
        "where((x+1e17)-1e17 > 0, x, y)",
    ),
    ("((x+1e17)-1e17)**3", {"x": "3"}, "d_x", "no right digits", "cancellation in (x+1e17)-1e17", "(x+1e17)-1e17"),
    (
        "where(x > 0, 1-cos(x), cos(x)*1e300*1e10+1)",
        {"x": "1e-9"},
        "value",
        "no right digits",
        "cancellation in 1-cos(x)",
        "1-cos(x)",
    ),
    ("d = (x + 0.1) - x; d*y", {"x": "1e9", "y": "3"}, "value", "", "cancellation in d", "(x + 0.1) - x"),
]


def bound(point: dict[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in point.items()]


@pytest.mark.parametrize(
    ("expr", "point", "figure", "count", "reason", "place"), CASES, ids=[case[0] for case in CASES]
)
def test_a_warning_names_the_figure_the_reason_and_the_place(
    mgrad: Run, expr: str, point: dict[str, str], figure: str, count: str, reason: str, place: str
) -> None:
    ran = mgrad("eval", expr, *bound(point), "--json")
    assert ran.returncode == 0
    warnings = re.split(r"^warning: ", ran.stderr, flags=re.MULTILINE)
    (warning,) = [one for one in warnings if one.startswith(f"{figure} has {count}")]
    sentence, line, carets = warning.rstrip().split("\n")
    assert sentence.endswith(f" digits: {reason}; --certify computes it exactly")
    assert line[carets.index("^") : carets.rindex("^") + 1] == place


def test_what_keeps_its_digits_is_not_warned_of(mgrad: Run) -> None:
    for words in (["a*b*(a+b)", "--a", "2", "--b", "3"], ["(x + 1) - x", "--x", "4"], ["log1p(x)", "--x", "1e-20"]):
        ran = mgrad("eval", *words, "--json")
        assert (ran.returncode, ran.stderr) == (0, "")


def test_many_figures_are_counted(mgrad: Run) -> None:
    names = [f"x{index}" for index in range(9)]
    expr = f"(({'+'.join(names)}) - 1e9)*({'*'.join(names)})"
    ran = mgrad("eval", expr, "--x0=1e9", *[f"--{name}=1e-9" for name in names[1:]], "--json")
    assert ran.stderr.count("warning: ") == MAX_WARNINGS + 1
    assert "6 more figures have fewer than 8 right digits; --accuracy shows them all" in ran.stderr


def test_only_the_gradients_asked_for_are_warned_of(mgrad: Run) -> None:
    words = ["eval", "x/(x+y)", "--x", "28939328.677188694", "--y=-2.2003914538032663e-06", "--json"]
    assert "d_x" in mgrad(*words, "--wrt", "x,y").stderr
    assert mgrad(*words, "--wrt", "y").stderr == ""


def test_a_long_formula_is_not_estimated_unasked(mgrad: Run) -> None:
    long = "+".join(["x"] * MAX_EFFORT)
    assert mgrad("eval", "-", "--x", "3", "--json", stdin=f"(x+1e20)-1e20+{long}").stderr == ""


def test_check_explain_and_the_prompt_warn_too(mgrad: Run) -> None:
    point = ["--x", "1e-5"]
    warning = "warning: value has about 5 right digits: cancellation in 1-cos(x)"
    assert mgrad("check", "1-cos(x)", *point).stderr.startswith(warning)
    assert mgrad("explain", "1-cos(x)", *point).stderr.startswith(warning)
    ran = mgrad("repl", *point, stdin="1-cos(x)\n:check 1-cos(x)\n:explain 1-cos(x)\n")
    assert (ran.returncode, ran.stderr.count(warning)) == (0, 3)


def test_explain_shows_the_step_at_which_digits_are_lost(mgrad: Run) -> None:
    lines = mgrad("explain", "(1-cos(x))/x", "--x", "1e-5").stdout.splitlines()
    at = next(index for index, line in enumerate(lines) if "! value has about 5 right digits" in line)
    assert lines[at - 1].startswith("  v2 = 1 - v1")
    lines = mgrad("explain", "x/(x+y)", "--x", "28939328.677188694", "--y=-2.2003914538032663e-06").stdout.splitlines()
    at = next(index for index, line in enumerate(lines) if "! d_x has about 2 right digits" in line)
    assert any("dL/dx = 3.45551e-8 + -3.45551e-8" in line for line in lines[:at])
    assert lines.index("backward pass") < at < lines.index("result")


def test_explain_as_markdown_lists_them(mgrad: Run) -> None:
    text = mgrad("explain", "1-cos(x)", "--x", "1e-5", "--markdown").stdout
    assert "Lost digits: value has about 5 right digits: cancellation in 1\\-cos\\(x\\)" in text


def test_output_is_the_same_with_and_without_lost_digits(mgrad: Run) -> None:
    record = json.loads(mgrad("eval", "1-cos(x)", "--x", "1e-5", "--json").stdout)
    assert list(record) == ["v", "i", "expr", "vars", "status", "value", "grads"]


@pytest.mark.parametrize(
    ("digits", "words"),
    [(0.0, "no right digits"), (0.9, "no right digits"), (1.0, "about 1 right digit"), (7.9, "about 7 right digits")],
)
def test_digits_are_counted_whole(digits: float, words: str) -> None:
    assert right_digits(digits) == words


def test_proven_figures_are_not_warned_of(mgrad: Run) -> None:
    pytest.importorskip("flint", reason="--certify needs python-flint (extra `exact`)")
    ran = mgrad("eval", "1-cos(x)", "--x", "1e-9", "--certify", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
