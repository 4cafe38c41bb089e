"""Derivatives that call functions of the text: the same as without calls, in text that can be read again."""

import json
import math

import pytest

from mgrad_cli.errors import LimitError
from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import constant_value
from mgrad_cli.evaluation.kept_values import kept_value
from mgrad_cli.language.lowering import read
from mgrad_cli.library.derivation import formulas, formulas_of, keeping, resolved
from mgrad_cli.library.expression import Expression
from mgrad_cli.renderers.formulas import Formulas
from tests.conftest import Run

VALUES = {"a": 0.75, "b": -1.25, "k": 0.5, "x": 1.5, "u": 0.3, "pi": 3.0, "e": 1.4, "f_u": 0.2, "d_a": 1.1, "a b": 0.6}
TEXTS = [
    "f(u) = u**2*sin(u); f(a)*f(b)",
    "f(u, v) = u**3*sin(u*v); f(a, b)*f(b, a) + f(a, a)",
    "g(x) = k*x*exp(-x); h(t) = g(t)/(1 + g(t)**2); h(a)*h(b) + g(a*b)",
    "g(x) = k*x*exp(-x); h(k) = g(k)*g(2*k)*k**2; h(a)*h(b)",
    "g(x) = x*k**2*sin(x*k); k*g(k)*g(a)",
    "c = a*b*exp(a); g(x) = c*sin(x*c); g(a)*g(c)",
    "c = 1.5; g(x) = c*sin(x*c)*x; g(a)*g(b)",
    "c = pi/4; g(x) = c*sin(x*c)*x; g(a)*g(b)",
    "c = e*a; g(x) = c*sin(x*c)*x; g(a)*g(b) + c",
    "f(x, n) = x**n*exp(x*n); f(a, 3)*f(b, 2)",
    "h(x, n) = sum(k, 1, n, x**k/k); f(x) = h(x, 3)*sin(x); f(a)*f(b) + h(k, 2)",
    "f(x) = sum(k, 1, 3, sin(k*x)*x); f(a)*f(b)",
    "f(x) = prod(j, 1, 3, x + sin(j*x)); sum(k, 1, 2, f(k*a))*f(b)",
    "n(x) = x + 1; f(x) = sum(k, n(0), n(1), sin(k*x)); f(a)*f(b)",
    "f(x) = where(x > 0, x**2*sin(x), exp(x)*x); f(a)*f(b) + f(a*b)",
    "f(x) = max(x*sin(x), x**2); where(f(a) > 0, f(a)*f(b), f(b)**2)",
    "f(x) = x**3*sin(x); g(x) = diff(f(x), x)*x; g(a)*g(b) + f(a)",
    "f(x) = x**3*sin(x); g(t) = diff(f(t)*k, k); g(a)*g(b)",
    "f(x) = x**3*sin(x); diff(f(a)*b, a)*f(b)",
    "f(pi) = degrees(pi)*exp(pi)*sin(pi); f(a)*f(b)",
    "f(x) = degrees(x)*sin(x)*exp(x); f(a)*f(b)*pi",
    "f(`a b`) = `a b`**2*sin(`a b`); f(a)*f(`a b`)*f(b)",
    "f(u) = u**2*sin(u); f_u*f(a)*f(b)*f(a + b)",
    "f(u) = u**2*sin(u); f_u(u) = u*exp(u)*cos(u); f_u(a)*f_u(b)*f(a)*f(b)",
    "d(a) = a**3*sin(a)*exp(a); d_a*d(a)*d(b)*d(a + b)",
    "leaky(relu) = relu**2*sin(relu)*exp(relu); leaky(a)*leaky(b)*leaky(a*b)",
    "f(x, y) = x**2*sin(x)*exp(x); f(a, 1/b)*f(b, 2)",
    "f(x, y) = x; g(x) = f(x, 2)*sin(x)*x; g(a)*g(b)",
    "f(u) = u**2*sin(u); f(a)*f(b), f(a + b)/f(a)",
    "f(x) = -x*sin(x); g(x) = f(-x)*f(x)**3; g(a)/g(b)",
    "f(x) = abs(x)*hypot(x, k)*x; f(a)*f(b)",
    "f(x) = 2*x; g(x) = f(f(x)) + 1; g(a)*g(b)",
    "f(x) = x*sin(x); f(2)*f(a)*f(k) + f(pi)",
    "f(x) = b*erf(k) + x; f(a*k)*f(2*b)",
    "f(x) = degrees(x) + k*x; g(x) = f(x)*f(2*x)*f(x**2); g(a)*g(b)",
    "f(pi) = b*erf(k) + pi*degrees(b); f(a*k)*f(2*b)",
]


def forced(text: str, order: int, values: dict[str, float] | None = None) -> Formulas:
    """Return derivatives that call functions, shorter or not."""
    kept = read(text, is_keeping=True)
    assert kept.kept
    return formulas(kept, resolved(kept, None, order, values or {}, False, None, False), None)


def numbers(text: str, values: dict[str, float]) -> list[float]:
    script = read(text)
    point = {name: values[name] for name in script.names if name in values and name not in script.assigned}
    return [part.value or 0.0 for part in differentiate(script, point, explain=False).parts]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("order", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("text", TEXTS)
def test_derivatives_with_calls_are_those_without(text: str, order: int) -> None:
    found = forced(text, order)
    values = {name: value for name, value in VALUES.items() if name in found.inputs}
    want = formulas_of(read(text), order=order, with_functions=False)
    assert numbers(found.text, values) == pytest.approx(numbers(want.text, values), rel=1e-11, abs=1e-11)


UNKEPT = "f(x, n) = sum(k, 1, n, x**k/k); f(a, 3)*f(b, 2)"


def test_a_function_with_a_limit_that_is_an_argument_is_written_out() -> None:
    assert keeping(read(UNKEPT)) is None
    assert Expression("f(n, x) = sum(k, 1, n, x**k); g(x) = f(2, x)*x; g(a)").diff().text == "2*a + 3*a**2"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", TEXTS)
def test_derivatives_that_call_functions_are_never_longer(text: str) -> None:
    script = read(text)
    found, want = formulas_of(script), formulas_of(script, with_functions=False)
    assert len(found.text) == min(len(want.text), len(forced(text, 1).text))


LONG = "f(u) = u**2*sin(u); f(a)*f(b)*f(a + b)"


def test_a_derivative_defines_the_functions_that_it_calls(mgrad: Run) -> None:
    found = mgrad("diff", LONG)
    assert found.stdout.splitlines() == [
        "f(u) = u**2*sin(u)",
        "f_u(u) = 2*u*sin(u) + u**2*cos(u)",
        "d_a = f(b)*(f(a + b)*f_u(a) + f(a)*f_u(a + b))",
        "d_b = f(a)*(f(a + b)*f_u(b) + f(b)*f_u(a + b))",
        "d_a, d_b",
    ]
    latex = mgrad("diff", LONG, "--latex").stdout.splitlines()
    assert latex[0] == r"f\left(u\right) = u^{2} \, \sin\left(u\right)"
    assert latex[1].startswith(r"f_{u}\left(u\right) = ")
    assert len(latex) == 4
    record = json.loads(mgrad("diff", LONG, "--json").stdout)
    assert record["derivatives"]["a"].split("; ") == [
        "f(u) = u**2*sin(u)",
        "f_u(u) = 2*u*sin(u) + u**2*cos(u)",
        "f(b)*(f(a + b)*f_u(a) + f(a)*f_u(a + b))",
    ]
    assert [len(lines) for lines in record["latex"].values()] == [3, 3]
    assert list(record["accuracy"]) == ["a", "b"]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("options", [(), ("--lines",), ("--order", "2"), ("--wrt", "k,a"), ("--k", "2")])
def test_what_is_written_is_read_by_other_commands(mgrad: Run, options: tuple[str, ...]) -> None:
    text = "g(x) = k*x*exp(-x); h(t) = g(t)/(1 + g(t)); h(a)*h(b) + g(a*b)"
    written = mgrad("diff", text, *options).stdout
    assert "h(t) = " in written
    point = [word for name in "abk" for word in (f"--{name}", str(VALUES[name])) if f"--{name}" not in options]
    exact = mgrad("diff", text, *options, "--exact").stdout
    pieces = [each.splitlines() if "--lines" in options else [each] for each in (written, exact)]
    for line, want in zip(*pieces, strict=True):
        ours, theirs = (json.loads(mgrad("eval", each, *point, "--json").stdout) for each in (line, want))
        outputs = [[each["value"] for each in found.get("outputs", [found])] for found in (ours, theirs)]
        assert outputs[0] == pytest.approx(outputs[1], rel=1e-12)


def test_exact_formulas_and_code_have_calls_written_out(mgrad: Run) -> None:
    assert "f_u" not in mgrad("diff", LONG, "--exact").stdout
    for language in ("python", "numpy", "c", "js"):
        assert "f_u" not in mgrad("diff", LONG, "--code", language).stdout
    assert mgrad("diff", LONG, "--code", "latex").stdout.startswith(r"f\left(u\right) = ")


def nested(body: str, count: int) -> str:
    """Return a chain of functions, each of which has `g` for the one before."""
    first = "f0(x) = x*sin(x); "
    return first + "; ".join(f"f{n}(x) = {body.replace('g', f'f{n - 1}')}" for n in range(1, count + 1))


def test_sums_of_equal_calls_are_multiples() -> None:
    found = forced(f"{nested('g(x) + g(x)', 40)}; f40(a)", 1)
    assert found.text == "f1_x(x) = 2*sin(x) + 2*x*cos(x)\n549755813888*f1_x(a)"
    assert numbers(found.text, {"a": 0.5}) == pytest.approx([2.0**40 * (math.sin(0.5) + 0.5 * math.cos(0.5))])


@pytest.mark.parametrize("body", ["g(x) + g(2*x)", "g(g(x))", "g(x)*g(x + 1)"])
def test_definitions_that_would_be_expanded_to_too_much_are_differentiated(mgrad: Run, body: str) -> None:
    text = f"{nested(body, 40)}; f40(a)"
    with pytest.raises(LimitError):
        read(text)
    found = mgrad("diff", text)
    assert found.returncode == 0
    assert found.stdout.count(";") == 0
    assert len(found.stdout) < 100 * len(text)
    assert formulas_of(read(found.stdout, is_keeping=True)).text
    refused = mgrad("diff", text, "--exact")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "more than 1,000,000 operations" in refused.stderr


TOO_LARGE = [
    f"{nested('g(x) + g(2*x)', 40)}; diff(f40(a), a)",
    "f(x) = sum(i, 1, 1000, sum(j, 1, 1000, x)); f(a)",
    f"f(x) = sum(i, 1, 50000, {'+'.join(['x'] * 100)}); f(a)",
]


@pytest.mark.parametrize("text", TOO_LARGE, ids=[text[-60:] for text in TOO_LARGE])
def test_what_no_definition_makes_shorter_is_a_limit_error(mgrad: Run, text: str) -> None:
    found = mgrad("diff", text)
    assert (found.returncode, found.stdout) == (3, "")


def test_only_derivatives_that_depend_on_the_variables_are_made() -> None:
    text = "g(p, q) = p*sin(q*p); f(p, q, r) = g(p, q)*exp(r); f(a, b, 2)*f(k, a, 3)"
    kept = read(text, is_keeping=True)
    found = formulas(kept, resolved(kept, ["b"], 2, {}, False, None, False), None)
    made = [operation.name for operation in found.derivatives.defined]
    assert made == ["g", "g_q", "g_q_q", "f", "f_q", "f_q_q"]


@pytest.mark.parametrize("argument", ["sqrt(a)", "log(a)", "b/(a - a)"])
@pytest.mark.parametrize("body", ["where(k > 0, u**2*sin(u)*exp(u), 1)", "where(k < 0, x*exp(x), x + sin(u)*u**2)"])
def test_what_is_not_chosen_passes_nothing_to_arguments(body: str, argument: str) -> None:
    text = f"f(u) = {body}; f({argument})*f(b)*f(b + 1)"
    point = {"a": -1.0, "b": 1.5, "k": -1.0, "x": 2.0}
    want = differentiate(read(text), {name: point[name] for name in read(text).names if name in point})
    written = read("; ".join(formulas_of(read(text), ["a"]).program(0)))
    found = differentiate(written, {name: point[name] for name in written.names if name in point})
    assert want.grads is not None
    assert found.value == want.grads["a"]


def test_a_default_that_calls_a_function_is_its_value(mgrad: Run) -> None:
    text = "f(u) = u**2*sin(u) + exp(-u); c = f(2); f(a)*f(b)*c"
    value = json.loads(mgrad("eval", "f(u) = u**2*sin(u) + exp(-u); f(2)", "--json").stdout)["value"]
    assert mgrad("diff", text).stdout.splitlines()[:2] == [f"c = {value!r}", "f(u) = u**2*sin(u) + exp(-u)"]


@pytest.mark.parametrize(
    "text",
    [
        "f(u) = u**2*sin(u) + exp(-u); g(u, v) = f(u)*f(v) - f(u); c = g(2, f(0.5)) + g(-0.0, 1/f(3)); f(a)*f(b)*c",
        "f(u) = pi*u; g(u) = f(u)*e + f(u*tau); c = g(pi); g(a)*g(b)*c",
        "f(u) = log(u)*u; g(u) = where(u > 0, f(u), f(-u)); c = g(-2)*f(-1) + f(-1); g(a)*g(b)*c",
        "s(n, u) = sum(k, 1, n, u**k); f(u) = s(3, u)*sin(u); c = f(2) + s(2, f(1)); f(a)*f(b)*c",
    ],
)
def test_a_default_is_the_value_that_its_expansion_has(text: str) -> None:
    kept, plain = read(text, is_keeping=True), read(text)
    blocks = [next(block for block in script.blocks if block.name == "c") for script in (kept, plain)]
    assert kept.kept
    assert kept_value(kept, blocks[0]).hex() == constant_value(blocks[1]).hex()


def test_a_default_may_expand_to_any_size(mgrad: Run) -> None:
    deep = "; ".join(f"f{index}(x) = f{index - 1}(x) + f{index - 1}(2*x)" for index in range(1, 41))
    run = mgrad("diff", f"f0(x) = sin(x); {deep}; c = f40(2); c*f40(a)", "--wrt", "c")
    assert run.stdout.splitlines()[-1] == "f40(a)"
    many = "; ".join(f"g{index}(x) = g{index - 1}(x*1.1) + g{index - 1}(cos(x) + {index})" for index in range(1, 41))
    run = mgrad("diff", f"g0(x) = sin(x); {many}; c = g40(0.1); c*g40(a)")
    assert run.returncode == 3
    assert "more than 1,000,000 operations" in run.stderr
