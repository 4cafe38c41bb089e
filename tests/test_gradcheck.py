"""`gradcheck` and `check`: verdicts that can be relied on."""

import json
import math

import pytest

from mgrad_cli.evaluation import evaluate
from mgrad_cli.lowering import read
from mgrad_cli.numerical import Check, check_partials
from mgrad_cli.results import differentiate
from tests.conftest import Run, shared


def check(text: str, grads: dict[str, float] | None = None, **bindings: float) -> dict[str, Check]:
    """The checks of an expression, with its own gradients or those given."""
    unit = read(text)
    result = differentiate(unit, bindings)
    checks = check_partials(lambda at: evaluate(unit, at).output.data, result.vars, grads or result.grads or {})
    return {one.name: one for one in checks}


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("log(x)", 1e-5),
        ("sin(x)", 1e6),
        ("1e-6*x", 1.0),
        ("sin(x)", math.pi / 2),
        ("cos(x)", 0.0),
        ("(x-1)**2", 1.0),
        ("x*0", 5.0),
        ("sin(1e8*x)", 0.0),
        ("sin(1e7*x)", 1.0),
        ("exp(x)", 700.0),
        ("exp(-x*x/2)", 10.0),
        ("floor(x)", 3.5),
        ("relu(x)", 1e-9),
        ("x**0.5", 1e-300),
        ("tanh(x)", 5.0),
        ("gelu(x)", -3.0),
        ("1/x", 1e150),
        ("x", 0.0),
        ("(1-x)**2 + 100*(1 - x**2)**2", 1.0),
        ("(x*x - 9)**2 + (x + 4 - 7)**2", 3.0),
    ],
)
def test_right_gradients_pass(text: str, x: float) -> None:
    assert check(text, x=x)["x"].verdict == "pass"


@pytest.mark.parametrize(
    ("text", "x", "wrong"),
    [
        ("1e-6*x", 1.0, 0.0),
        ("log(x)", 1e-5, 1.0001e5),
        ("sin(x)", 1e6, 0.93),
        ("x**2", 3.0, 6.0001),
        ("exp(x)", -30.0, 0.0),
        ("1/(1+exp(-x))", -1000.0, math.nan),
    ],
)
def test_wrong_gradients_fail(text: str, x: float, wrong: float) -> None:
    assert check(text, {"x": wrong}, x=x)["x"].verdict == "fail"


@pytest.mark.parametrize(
    ("text", "x", "reason"),
    [
        ("abs(x)", 0.0, "a kink: the slope is -1 from the left and 1 from the right"),
        ("relu(x)", 0.0, "a kink"),
        ("max(x, 1)", 1.0, "a kink"),
        ("sqrt(x)", 0.0, "at the edge of the domain"),
        ("log(x)", -1.0, "the value is not finite here"),
        ("floor(x)", 3.0, ""),
        ("sin(1e13*x)", 1.0, ""),
        ("cbrt(x)", 0.0, ""),
        ("1e6 + 1e-12*x", 1.0, "the numerical derivative is too rough"),
        ("tanh(x)", 25.0, "the numerical derivative is too rough"),
        ("sin(x)", math.inf, "the variable is not finite"),
    ],
)
def test_what_cannot_be_told_is_inconclusive(text: str, x: float, reason: str) -> None:
    found = check(text, x=x)["x"]
    assert found.verdict == "inconclusive"
    assert reason in found.reason
    assert found.reason


def test_the_physics_equations_pass() -> None:
    cases = [json.loads(line) for line in shared("feynman.jsonl").read_text().splitlines()]
    verdicts = [one.verdict for case in cases[::4] for one in check(case["expr"], **case["vars"]).values()]
    assert set(verdicts) == {"pass"}


@pytest.mark.parametrize(
    ("words", "code", "verdict"),
    [
        (["log(x)*sin(y)", "--x", "0.5", "--y", "2"], 0, "pass"),
        (["relu(x) + y", "--x", "0", "--y", "1"], 7, "inconclusive"),
        (["1/(1+exp(-x))", "--x", "-1000"], 6, "fail"),
        (["1/(1+exp(-x)) + relu(y)", "--x", "-1000", "--y", "0"], 6, "fail"),
        (["2 + 3"], 0, "pass"),
    ],
)
def test_exit_codes(mgrad: Run, words: list[str], code: int, verdict: str) -> None:
    ran = mgrad("check", *words, "--json")
    assert (ran.returncode, ran.stderr) == (code, "")
    assert json.loads(ran.stdout)["verdict"] == verdict


def test_the_table(mgrad: Run) -> None:
    assert mgrad("check", "x*abs(y)", "--x", "3", "--y", "0").stdout == (
        "╭──────┬──────────┬───────────┬───────────┬──────────────╮\n"
        "│ name │ gradient │ numerical │ rel. diff │ verdict      │\n"
        "├──────┼──────────┼───────────┼───────────┼──────────────┤\n"
        "│ x    │        0 │         0 │   0.0e+00 │ pass         │\n"
        "│ y    │        0 │         0 │   0.0e+00 │ inconclusive │\n"
        "╰──────┴──────────┴───────────┴───────────┴──────────────╯\n"
        "y: a kink: the slope is -3 from the left and 3 from the right\n"
    )
