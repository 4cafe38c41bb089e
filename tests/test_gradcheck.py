"""`gradcheck` and `check`: verdicts that can be relied on."""

import json
import math

import pytest

from mgrad_cli.errors import LimitError
from mgrad_cli.evaluation.gradcheck import Check, gradcheck
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.sampling import check_script
from mgrad_cli.language.lowering import read
from mgrad_cli.value import Value
from tests.conftest import Run, shared


def check(text: str, grads: dict[str, float] | None = None, **bindings: float) -> dict[str, Check]:
    """The checks of an expression, with its own gradients or those given."""
    unit = read(text)
    result = differentiate(unit, bindings)
    checks = check_script(unit, result.vars, grads or result.grads or {})
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
        ("floor(x)*x**2", 2.5, 9.0),
        ("softplus(trunc(x))*x", 1e6 + 0.5, 2e6),
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
        ("softplus(trunc(x))", 1e15 + 0.5, "every difference crosses a step"),
        ("round((0.5 - x)*1e300)", -20.0, "every difference crosses a step"),
        ("floor(x**9)", 1e8, "every difference crosses a step"),
    ],
)
def test_what_cannot_be_told_is_inconclusive(text: str, x: float, reason: str) -> None:
    found = check(text, x=x)["x"]
    assert found.verdict == "inconclusive"
    assert reason in found.reason
    assert found.reason


CANCELLING = [
    "1-cos(x)",
    "log(1+x)",
    "sigmoid(x)-0.5",
    "x-sin(x)",
    "exp(x)-1",
    "tan(x)-x",
    "sqrt(1+x*x)-1",
    "atan(x)-x",
]


@pytest.mark.parametrize("text", CANCELLING)
@pytest.mark.parametrize("x", [10.0**-power for power in range(1, 13)])
def test_no_gradient_fails_where_terms_cancel(text: str, x: float) -> None:
    assert {check(text, x=side * x)["x"].verdict for side in (-1, 1)} <= {"pass", "inconclusive"}


@pytest.mark.parametrize(
    ("text", "x"),
    [
        *(("1-cos(x)", x) for x in (1e-2, 1e-4, 1e-6)),
        *((text, x) for text in ("log(1+x)", "sigmoid(x)-0.5", "exp(x)-1") for x in (1e-3, 1e-8, 1e-12)),
        ("x-sin(x)", 1e-3),
    ],
)
def test_right_gradients_pass_where_terms_cancel(text: str, x: float) -> None:
    assert check(text, x=x)["x"].verdict == "pass"


KINKS = [
    ("min(x, 1)", 1.0), ("max(x, 100)", 100.0), ("relu(x - 1)", 1.0), ("clip(x, 0, 1)", 0.0), ("abs(x - 2)", 2.0),
    ("relu6(x)", 6.0), ("hardtanh(x)", -1.0), ("where(x > 3, x**2, x)", 3.0), ("max(x, 0) + min(x, 3)", 3.0),
    ("floor(x) + x", 2.0), ("x*relu(x - 1)", 1.0),
]  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("text", "kink"), KINKS)
def test_right_gradients_beside_a_kink(text: str, kink: float) -> None:
    for power in range(1, 13):
        for step in (side * 10.0**-power * factor for side in (-1, 1) for factor in (1.0, 3.0, 7.7)):
            verdict = check(text, x=kink + step)["x"].verdict
            assert verdict == "pass" if power < 9 else verdict != "fail", step


@pytest.mark.parametrize(("text", "kink"), KINKS)
def test_wrong_gradients_beside_a_kink_fail(text: str, kink: float) -> None:
    for step in (side * 10.0**-power for side in (-1, 1) for power in (1, 3, 6)):
        found = check(text, x=kink + step)["x"]
        wrong = found.grad * 1.0001 if found.grad else 1e-3
        assert check(text, {"x": wrong}, x=kink + step)["x"].verdict == "fail", step


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("where(x == 0, 0, x)", 0.0),
        ("relu(x) - relu(-x)", 0.0),
        ("sin(x)", 1e22),
        ("tan(x)", math.pi / 2),
        ("x*1e-320", 1.0),
        ("1 + 1e-15*sin(x)", 9094306.98),
    ],
)
def test_what_only_rounding_or_a_convention_contradicts_does_not_fail(text: str, x: float) -> None:
    assert check(text, x=x)["x"].verdict != "fail"


def test_swings_at_many_scales_pass() -> None:
    text = "+".join(f"0.5**{power}*cos(7**{power}*x)" for power in range(9))
    assert {check(text, x=0.1 + 0.37 * index)["x"].verdict for index in range(8)} == {"pass"}


def test_gradients_that_are_off_by_a_factor_fail() -> None:
    verdicts = []
    for text in CANCELLING:
        for x in (0.1, 0.7, 1.3):
            grad = check(text, x=x)["x"].grad
            verdicts.append(check(text, {"x": grad * 1.0001}, x=x)["x"].verdict)
    assert set(verdicts) == {"fail"}


STEEP = [
    ("exp(x)", 75.0), ("exp(x)", 40.0), ("exp(-x)", -60.0), ("exp(x**4)", 2.5), ("normpdf(x)", 10.0), ("x**x", 24.0),
    ("gamma(x)", 30.0), ("cosh(x)", 40.0), ("2**x", 60.0), ("x**20", 100.0), ("exp(-x*x)", 6.0), ("exp(exp(x))", 5.0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "x"), STEEP)
@pytest.mark.parametrize("factor", [0.0, -1.0, 2.0, 1.0001])
def test_growth_elsewhere_hides_no_wrong_gradient(text: str, x: float, factor: float) -> None:
    right = check(text, x=x)["x"]
    assert right.verdict == "pass"
    assert check(text, {"x": factor * right.grad}, x=x)["x"].verdict == "fail"


def test_growth_elsewhere_hides_no_forgotten_term() -> None:
    (found,) = gradcheck(lambda x: Value(x.data).exp() + 0 * x, [75.0])
    assert (found.grad, found.verdict) == (0.0, "fail")


@pytest.mark.parametrize(
    ("text", "x", "reason"),
    [
        ("where(x == 3, 3**27, x**(x**3))", 3.0, "a convention"),
        ("where(x == 2.5, exp(2.5**4), exp(x**4))", 2.5, "a convention"),
        ("exp(x)*where(x >= 40, 1, 2)", 40.0, "a jump: the value is 2.35385e+17 here, and 4.70771e+17 right beside"),
        *((f"floor(x) + {size}*(x-1)**2", 1.0, "a jump: the value is 1 here") for size in ("1e6", "1e12", "1e18")),
        ("floor(x) + 1e9*(x-1)", 1.0, "a jump"),
        ("where(x == 1, 2, x)", 1.0, "a jump: the value is 2 here, and 1 right beside"),
        *((f"abs(x) + {size}*x**2", 0.0, "from the left and 1 from") for size in ("1e6", "3e6", "1e7", "1e12")),
        ("abs(x - 3) + 1e7*(x-3)**2", 3.0, "a kink: the slope is -1 from the left and 1 from the right"),
        ("exp(x + abs(x - 20))", 20.0, "a kink: the slope is 0 from the left and 9.7033e+08 from the right"),
        ("exp(x + abs(x - 40))", 40.0, "a kink"),
        ("relu(x - 2)*exp(x**4)", 2.0, "a kink"),
    ],
)
def test_growth_elsewhere_hides_neither_kink_nor_jump(text: str, x: float, reason: str) -> None:
    found = check(text, x=x)["x"]
    assert found.verdict == "inconclusive"
    assert reason in found.reason


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("(x*x - 2)**2", math.sqrt(2)),
        ("(x*x - 9)**2", 3.0),
        ("(exp(x) - 3)**2", math.log(3)),
        ("1e12*(x-1)**2", 1.0),
        ("100*(x*x - 1)**2 + (1-x)**2", 1.0),
        ("cosh(x - 5)", 5.0),
        ("gamma(x)", 1.4616321449683622),
        ("x**4 - x**2 + 1", math.sqrt(0.5)),
        ("x**x", math.exp(-1)),
    ],
)
def test_a_slope_of_zero_passes_and_one_that_is_none_does_not(text: str, x: float) -> None:
    assert check(text, x=x)["x"].verdict == "pass"
    assert check(text, {"x": 1e-4}, x=x)["x"].verdict == "fail"


def test_explain_ends_with_no_false_alarm(mgrad: Run) -> None:
    for text, x in (("1-cos(x)", "1e-4"), ("log(1+x)", "1e-8"), ("sigmoid(x)-0.5", "1e-8"), ("min(x,1)", "1.003")):
        shown = mgrad("explain", text, "--x", x).stdout
        assert "pass" in shown
        assert "fail" not in shown


@pytest.mark.parametrize("text", ["+".join(f"x{i}" for i in range(80)), "x0" + ".sin()" * 200])
def test_long_formulas_are_checked_as_short_ones(text: str) -> None:
    """Past some length the values come from arrays."""
    unit = read(text)
    point = dict.fromkeys(unit.names, 0.3)
    result = differentiate(unit, point)
    assert {one.verdict for one in check_script(unit, point, result.grads or {})} == {"pass"}


def test_the_harsh_points_do_not_fail() -> None:
    """Where the gradient itself is right, which is known of these."""
    for line in shared("accuracy.jsonl").read_text().splitlines()[::12]:
        case = json.loads(line)
        unit = read(case["expr"])
        result = differentiate(unit, case["vars"])
        right = {
            name: grad
            for name, grad in (result.grads or {}).items()
            if isinstance(want := case["grads"].get(name), float) and abs(grad - want) <= 1e-9 * abs(want)
        }
        failed = [one for one in check_script(unit, result.vars, right) if one.verdict == "fail"]
        assert not failed, (case["expr"], failed)


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


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "*".join(f"x**y{i}" for i in range(5000)),
        "*".join(f"(x{i} + y{i})" for i in range(3000)),
        "+".join(f"1/(x{i} + y)" for i in range(5000)),
        "*".join(f"x{i}" for i in range(7500)),
        f"max({', '.join(f'x{i}' for i in range(3000))})",
    ],
    ids=["factors", "sums", "reciprocals", "product", "max"],
)
def test_what_would_take_long_is_told_and_some_variables_can_be_chosen(text: str) -> None:
    unit = read(text)
    point = dict.fromkeys(unit.names, 1.0)
    with pytest.raises(LimitError, match="choose fewer variables with --wrt"):
        check_script(unit, point, point)
    name = unit.names[-1]
    (found,) = check_script(unit, point, {name: differentiate(unit, point, [name]).grads[name]})  # type: ignore[index]
    assert found.verdict != "fail"
