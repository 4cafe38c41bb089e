"""Derivatives inside a formula, `diff(f, x)`: what they mean, at edges too, and the messages of those that are wrong."""

import csv
import json
import math
from pathlib import Path

import pytest

from mgrad_cli.errors import ExpressionError, LimitError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.language.inner_derivatives import MAX_ORDER
from mgrad_cli.language.lowering import read
from mgrad_cli.library.derivation import formulas_of
from mgrad_cli.library.expression import Expression
from mgrad_cli.operations import TABLE
from tests.conftest import Run

SAME = [
    ("diff(x**3, x)", "3*x**2"),
    ("diff(x**3, x, 2)", "6*x"),
    ("diff(x**3, x, 4)", "0*x"),
    ("a*diff(sin(a*x), x)", "a*a*cos(a*x)"),
    ("diff(diff(x**2*y**2, x), y)", "4*x*y"),
    ("c = x**2; diff(c*x, x)", "3*x**2"),
    ("c = x**2; d = c*a; u = a; diff(d*x + u, x)", "3*x**2*a"),
    ("c = 2; diff(c*x**2, x) + diff(c**2, c)", "c = 2; 2*c*x + 2*c"),
    ("x = 3; diff(x**2, x)", "x = 3; 2*x"),
    ("f(t) = diff(t**3, t); f(2*x)", "3*(2*x)**2"),
    ("f(t) = diff(t*x**2, x); f(x)", "2*x*x"),
    ("f(t) = diff(t*x**2, t); f(x)", "x**2"),
    ("f(t) = t**3; g(t) = diff(f(t), t); g(x) + diff(f(x), x)", "6*x**2"),
    ("f(t) = x*t; diff(f(x), x)", "2*x"),
    ("f(n, t) = diff(exp(2*t), t, n); f(3, x)", "8*exp(2*x)"),
    ("f(t) = diff(t**2, t); f(3)*x", "6*x"),
    ("sum(k, 1, 3, diff(x**k, x))", "1 + 2*x + 3*x**2"),
    ("diff(sum(k, 1, 3, x**k), x)", "1 + 2*x + 3*x**2"),
    ("diff(prod(k, 1, 3, x + k), x)", "(x + 2)*(x + 3) + (x + 1)*(x + 3) + (x + 1)*(x + 2)"),
    ("`x 1` = x; diff(x**2, x)*`x 1`", "2*x*x"),
    ("diff(pi*x**2, x)", "2*pi*x"),
    ("diff(where(x > 0, x**2, log(x - 100)), x)", "2*x"),
    ("diff(a, x) + x", "x"),
    ("f(x) = x; g(f) = diff(f, f); g(x)", "1 + 0*x"),
    ("f(x) = x; f = 2; diff(f, x) + x", "f = 2; x"),
    ("u = diff(x*y, x); u, diff(u*x, x)", "y, y"),
]
POINT = {"x": 0.75, "y": -1.25, "a": 1.5}


def values(text: str) -> dict[str, float]:
    script = read(text)
    return {name: value for name, value in POINT.items() if name in script.names and name not in script.assigned}


@pytest.mark.parametrize(("text", "same"), SAME)
def test_a_derivative_is_the_formula_that_it_stands_for(text: str, same: str) -> None:
    found, want = (differentiate(read(each), values(each)) for each in (text, same))
    for ours, theirs in zip(found.parts, want.parts, strict=True):
        assert ours.value == pytest.approx(theirs.value, rel=1e-14)
        for name, grad in (ours.grads or {}).items():
            assert grad == pytest.approx((theirs.grads or {}).get(name, 0.0), rel=1e-14, abs=1e-15), name


ROWS = [row for rows in TABLE.values() for row in rows if row.is_typed and len(row.operands) == 1 and not row.variadic]


@pytest.mark.parametrize("name", sorted({row.name for row in ROWS}))
def test_a_derivative_is_the_gradient_to_the_last_bit(name: str) -> None:
    """That of every function of one operand, at its samples and the points of its conventions."""
    pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    script, inner = read(f"{name}(x)"), read(f"diff({name}(x), x)")
    (row,) = [each for each in TABLE[name] if len(each.operands) == 1]
    for (point,) in [*row.samples, (0.0,), (1.0,), (-1.0,)]:
        want = (differentiate(script, {"x": float(point)}).grads or {})["x"]
        found = differentiate(inner, {"x": float(point)}).value
        assert found is not None
        assert repr(found) == repr(want) or found == pytest.approx(want, rel=1e-15), point


@pytest.mark.parametrize(
    ("text", "x", "want"),
    [
        ("diff(abs(x), x)", 0.0, 0.0),
        ("diff(max(x, 3), x)", 3.0, 0.5),
        ("diff(relu(x), x)", 0.0, 0.0),
        ("diff(floor(x), x)", 1.5, 0.0),
        ("diff(where(x > 0, x, 1/0*x), x)", 1.0, 1.0),
        ("diff(where(x > 0, x, log(x)), x)", 2.0, 1.0),
        ("diff(sqrt(x), x)", 0.0, math.inf),
        ("diff(x**2, x)", 0.0, 0.0),
    ],
)
def test_edges_are_those_of_gradients(text: str, x: float, want: float) -> None:
    assert differentiate(read(text), {"x": x}).value == want


MESSAGES = [
    ("diff(x)", "write diff(f, x) with the name of a variable, or diff(f, x, 2) for the second derivative"),
    ("diff(x, 2)", "write diff(f, x) with the name of a variable, or diff(f, x, 2) for the second derivative"),
    ("diff(x, x, 1, 2)", "write diff(f, x) with the name of a variable, or diff(f, x, 2) for the second derivative"),
    ("c = 2*x; diff(c**2, c)", "'c' is computed; diff takes a variable"),
    ("f(t) = diff(t*c, c); c = 2; f(x)", "'c' is used before its statement"),
    ("y = diff(y*x, x); y", "'y' is used in its own statement"),
    ("y = diff(y, x); y", "'y' is used in its own statement"),
    ("y = diff(c, x); c = 2; y", "'c' is used before its statement"),
    ("diff(inf*x, inf)", "'inf' is a constant; diff takes a variable"),
    ("sum(k, 1, 3, diff(k*x, k))", "'k' is the index of a sum; diff takes a variable"),
    ("diff(x, x, 2.5)", "the order of diff is a whole number, not 2.5"),
    ("diff(x, x, n)", "the order of diff is a whole number in the text, and 'n' is none"),
    ("diff(x, x, -1)", f"the order of a derivative is 1 to {MAX_ORDER}, not -1"),
    ("diff(x, x, 0)", f"the order of a derivative is 1 to {MAX_ORDER}, not 0"),
    ("f(n, t) = diff(t**3, t, n); f(0, x)", f"the order of a derivative is 1 to {MAX_ORDER}, not 0"),
    ("sum(k, 0, 3, diff(x**3, x, k))", f"the order of a derivative is 1 to {MAX_ORDER}, not 0"),
    ("f(x)=x**3; diff(f,x,2)", "f is a function; write diff(f(x), x, 2)"),
    ("f(x)=x**3; f.diff(t)", "f is a function; write diff(f(t), t)"),
    ("f(x, y)=x*y; 1 + diff((f), y)", "f is a function; write diff(f(x, y), y)"),
    ("f(x)=x**3; g(t)=diff(f,t,1 + 1); g(x)", "f is a function; write diff(f(t), t, 1 + 1)"),
    ("diff(tahn(x), x)", "unknown function 'tahn'; did you mean 'tanh'?"),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES)
def test_messages_have_a_place(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert caught.value.message == message
    assert caught.value.span is not None


BY_CONSTANTS = [
    ("diff(e**x, e)", "x*e**(x - 1)"),
    ("diff(sin(pi*x), pi, 2)", "-x**2*sin(pi*x)"),
    ("c = 2*e; diff(c**2*x, e)", "8*e*x"),
    ("f(t) = diff(t*tau**2, tau); f(x)", "2*x*tau"),
    ("f(t) = sum(k, 1, 2, diff(t*π**k, π)); f(x)", "x + 2*x*π"),
]
VALUES = {"e": 2.0, "pi": 3.0, "π": 3.0, "tau": 5.0}


@pytest.mark.parametrize(("text", "by_hand"), BY_CONSTANTS)
def test_a_constant_with_a_value_is_a_variable(mgrad: Run, tmp_path: Path, text: str, by_hand: str) -> None:
    (name,) = [name for name in VALUES if name in read(by_hand).names]
    value = VALUES[name]
    found, want = (differentiate(read(each), {"x": 3.0, name: value}) for each in (text, by_hand))
    assert found.value == pytest.approx(want.value, rel=1e-14)
    assert found.grads == pytest.approx(want.grads, rel=1e-14)
    assert differentiate(read(f"{name} = {value}; {text}"), {"x": 3.0}).value == found.value
    (tmp_path / "data.csv").write_text(f"x,{name}\n3,{value}\n", encoding="utf-8")
    rows = csv.DictReader(mgrad("map", text, str(tmp_path / "data.csv")).stdout.splitlines())
    assert [float(row["value"]) for row in rows] == [found.value]


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    "words",
    [
        ("eval", "--x", "3"), ("eval", "--x", "3", "--digits", "20"), ("graph", "--x", "3"), ("explain", "--x", "3"),
        ("check", "--x", "3"), ("diff",), ("taylor", "--x", "1"), ("plot", "--x", "0:1"),
        ("explain", "--symbolic"), ("diff", "--code", "python"), ("solve", "--for", "x=1"), ("minimize", "--for", "x=1"), ("map", "--x", "0:1:0.5"),
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("text", [text for text, _ in BY_CONSTANTS])
def test_a_constant_without_a_value_is_no_variable(mgrad: Run, words: tuple[str, ...], text: str) -> None:
    verb, *options = words
    found = mgrad(verb, text, *options)
    assert (found.returncode, found.stdout) == (3, "")
    assert "is a constant; diff takes a variable\n" in found.stderr
    assert "^" in found.stderr


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "text",
    [
        "diff(x, x, 1000000000)",
        "diff(exp(exp(exp(x**x))), x, 100)",
        "sum(k, 1, 100000, diff(x**k, x))",
        "f(t) = diff(exp(exp(t*t)), t, 30); f(x)",
    ],
)
def test_orders_that_are_too_large_are_limits(text: str) -> None:
    with pytest.raises(LimitError):
        read(text)


def test_numbers_stay_exact_for_proven_digits(mgrad: Run) -> None:
    pytest.importorskip("flint", reason="python-flint (extra `exact`)")
    found = [
        json.loads(mgrad("eval", text, "--x", "0.7", "--digits", "40", "--json").stdout)["digits"]
        for text in ("diff(0.1*x**3 + exp2(x), x)", "0.3*x**2 + exp2(x)*log(2)")
    ]
    assert found[0] == found[1]


def test_derivatives_are_written_in_latex() -> None:
    assert Expression("a*diff(x**2, x)").latex() == r"a \, \left(\frac{d}{d x}\left(x^{2}\right)\right)"
    assert Expression("diff(x**2, x, 3)").latex() == r"\frac{d^{3}}{d x^{3}}\left(x^{2}\right)"


OWN_PI = [
    "pi*diff(degrees(x)*x, x)",
    "pi*diff(radians(x)**2, x)",
    "pi*diff(erf(x)*erfinv(x/2), x)",
    "pi*diff(normcdf(x)*gelu(x), x)",
    "f(pi) = diff(erf(pi)*degrees(pi), pi); f(x)*pi",
]


@pytest.mark.parametrize("text", OWN_PI)
def test_a_variable_named_pi_is_not_the_pi_of_rules(text: str) -> None:
    renamed = text.replace("pi*diff", "a*diff").replace(")*pi", ")*a")
    want = differentiate(read(renamed), {"x": 0.5, "a": 3.0})
    found = differentiate(read(text), {"x": 0.5, "pi": 3.0})
    assert found.value == want.value
    assert (found.grads or {})["x"] == (want.grads or {})["x"]
    assert (found.grads or {})["pi"] == (want.grads or {})["a"]
    written = formulas_of(read(f"pi = 6*x; {text}")).text
    values = differentiate(read(written), {"x": 0.5}), differentiate(read(f"pi = 6*x; {text}"), {"x": 0.5})
    assert values[0].value == pytest.approx((values[1].grads or {})["x"], rel=1e-12)


def test_the_pi_of_rules_is_no_variable(mgrad: Run) -> None:
    assert read("diff(degrees(x), x)").names == ("x",)
    refused = mgrad("eval", "diff(degrees(x), x)", "--x", "2", "--pi", "3")
    assert refused.stderr == "error: no option or variable '--pi'; the variable is x\n"


def test_a_statement_of_constants_is_a_variable_until_one_has_a_value(mgrad: Run) -> None:
    text = "c = e*2; diff(c**2, c)"
    assert differentiate(read(text), {"c": 3.0}).value == 6.0
    assert differentiate(read(text), {}).value == pytest.approx(4 * math.e)
    refused = mgrad("eval", text, "--e", "3")
    assert refused.returncode == 3
    assert refused.stderr.startswith("error: 'c' is computed; diff takes a variable\n")
