"""`explain --symbolic`: the rules that lead to a derivative, each of which holds, up to the formula that `diff` writes."""

import json
import math
import re
from typing import Any

import pytest

from mgrad_cli import Expression
from mgrad_cli.evaluation.graph import evaluate, input_names
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import Operation, call_name, rows
from mgrad_cli.symbolic.rules import RuleStep, RuleSteps
from tests.conftest import Run
from tests.test_diff_fuzz import Generator

PUBLIC = [row for group in rows().values() for row in group if row.is_typed and row.samples]


def value(text: str, point: dict[str, float]) -> float:
    unit = read(text)
    return evaluate(unit, {name: point[name] for name in input_names(unit, ())[0]}).output.data


def rules_of(expression: Expression, wrt: str) -> RuleSteps:
    found = expression.rule_steps(wrt)
    assert "; ".join(expression.derivatives([wrt]).program(0)).endswith(found.derivative)
    return found


def assert_the_rule_holds(found: RuleSteps, step: RuleStep, point: dict[str, float]) -> None:
    """The right side of the rule, with what its letters stand for, is the derivative that the step has."""
    rule = step.rule.formula.split("' = ", 1)[1]
    if " where " in rule:
        return
    letters: dict[str, float] = {}
    for part in step.parts:
        letters[part.letter] = value(part.expression, point)
        letters[f"{part.letter}_prime"] = (
            value(found.steps[part.step - 1].derivative, point) if part.step else float(part.expression == found.wrt)
        )
    text = re.sub(r"(\w+)'", r"\1_prime", rule)
    got = value(text, {**point, **letters})
    want = value(step.derivative, point)
    if math.isfinite(got) and math.isfinite(want):
        assert got == pytest.approx(want, rel=1e-9, abs=1e-12), (step, point)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("row", PUBLIC, ids=lambda row: f"{row.name}-{len(row.operands)}")
def test_the_rule_of_every_function_holds(row: Operation) -> None:
    count = 3 if row.variadic else len(row.operands)
    samples = [sample for sample in row.samples if all(1e-3 < abs(number) < 1e3 for number in sample)]
    variables = [f"x{index}" for index in range(count)]
    text = f"{call_name(row)}({', '.join(f'{name}*h' for name in variables)})"
    for name in (*variables, "h"):
        found = rules_of(Expression(text), name)
        for sample in samples[:4]:
            apart = [number * (1 + 1e-3 * index) for index, number in enumerate(sample * count, 1)][:count]
            for step in found.steps:
                assert_the_rule_holds(found, step, dict(zip(variables, apart, strict=True)) | {"h": 1.0})
    assert samples


@pytest.mark.sampled(5)
@pytest.mark.parametrize("seed", range(150))
def test_the_rules_of_any_formula_hold(seed: int) -> None:
    generator = Generator(seed)
    expression = Expression(generator.program())
    for name in expression.variables:
        found = rules_of(expression, name)
        point = {each: generator.random.uniform(0.3, 2.0) for each in expression.variables}
        if not any(block.name for block in expression.script.blocks):
            for step in found.steps:
                assert_the_rule_holds(found, step, point)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("x**2*sin(3*x)", ["power rule", "constant multiple", "chain rule", "product rule"]),
        ("x/y", ["constant multiple"]),
        ("y/x", ["reciprocal rule"]),
        ("sin(x)/x", ["derivative of sin", "quotient rule"]),
        ("a*x**2 + b*x + c", ["power rule", "constant multiple", "constant multiple", "sum rule"]),
        ("x - 1", ["difference rule"]),
        ("2**x", ["exponential rule"]),
        ("x**x", ["logarithmic differentiation"]),
        ("where(x > 0, x**2, 1)", ["power rule", "choice rule"]),
        ("floor(x)", ["step function"]),
        ("x", []),
        ("u = x*x; u + sin(u)", ["product rule", "chain rule", "sum rule"]),
        ("exp(x)*sin(x) + exp(x)", ["derivative of exp", "derivative of sin", "product rule", "sum rule"]),
    ],
)
def test_steps_are_the_rules_of_a_course(text: str, rules: list[str]) -> None:
    found = Expression(text).rule_steps("x")
    assert [step.rule.name for step in found.steps] == rules


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("log(x)", "log(u)' = u'/u"),
        ("sqrt(x)", "sqrt(u)' = u'/(2*sqrt(u))"),
        ("acos(x)", "acos(u)' = -u'/sqrt(1 - u**2)"),
        ("acot(x)", "acot(u)' = -u'/(1 + u**2)"),
        ("softmax(x, y)", "softmax(u, c)' = softmax(u, c)*(1 - softmax(u, c))*u'"),
        ("tanh(x)", "tanh(u)' = (1 - tanh(u)**2)*u'"),
    ],
)
def test_rules_are_written_as_they_are_taught(text: str, formula: str) -> None:
    assert Expression(text).rule_steps("x").steps[0].rule.formula == formula


def test_the_steps_are_text_for_80_columns(mgrad: Run) -> None:
    ran = mgrad("explain", "x**2*sin(3*x)", "--symbolic")
    assert ran.stdout.splitlines()[:8] == [
        "derivative of x**2*sin(3*x) by x",
        "",
        "1. power rule: (u**n)' = n*u**(n - 1)*u'",
        "   u = x, n = 2",
        "   (x**2)' = 2*x",
        "",
        "2. constant multiple: (c*u)' = c*u'",
        "   c = 3, u = x",
    ]
    assert ran.stdout.endswith("\nd/dx = 2*x*sin(3*x) + 3*x**2*cos(3*x)\n")
    long = mgrad("explain", " + ".join(f"a{i}*sin(x*{i})" for i in range(30)), "--symbolic", "--wrt", "x").stdout
    assert max(map(len, long.splitlines())) <= 80


def test_json_has_the_steps_and_what_they_rest_on(mgrad: Run) -> None:
    ran = mgrad("explain", "y*sin(x*y)", "--symbolic", "--wrt", "x,y", "--json")
    by_x, by_y = map(json.loads, ran.stdout.splitlines())
    assert (by_x["wrt"], by_y["wrt"]) == ("x", "y")
    assert by_x["derivative"] == "y**2*cos(x*y)"
    last: dict[str, Any] = by_x["steps"][-1]
    assert (last["rule"], last["formula"]) == ("constant multiple", "(c*u)' = c*u'")
    assert last["parts"] == [{"letter": "c", "expr": "y"}, {"letter": "u", "expr": "sin(x*y)", "step": 2}]


def test_markdown_is_a_numbered_list(mgrad: Run) -> None:
    ran = mgrad("explain", "sin(x)", "--symbolic", "--markdown")
    assert ran.stdout == (
        "## `derivative of sin(x) by x`\n\n1. **derivative of sin**: `sin(u)' = cos(u)*u'`, `u = x`  \n"
        "   `sin(x)' = cos(x)`\n\nd/dx = `cos(x)`\n"
    )


def test_latex_is_an_equation_for_each_step(mgrad: Run) -> None:
    assert mgrad("explain", "y = k*x; sin(y)", "--symbolic", "--wrt", "x", "--latex").stdout.splitlines() == [
        r"y = k \, x",
        r"\frac{\partial y}{\partial x} = k \qquad \text{constant multiple}",
        r"\frac{\partial}{\partial x}\left(\sin\left(y\right)\right) = k \, \cos\left(k \, x\right) \qquad \text{chain rule}",
        r"\frac{\partial f}{\partial x} = k \, \cos\left(k \, x\right)",
    ]
    assert mgrad("explain", "x", "--symbolic", "--latex").stdout == "\\frac{d f}{d x} = 1\n"
    shared = "x**2*sin(3*x)*exp(x**2*sin(3*x))*cosh(x**2*sin(3*x))"
    lines = mgrad("explain", shared, "--symbolic", "--latex").stdout.splitlines()
    assert lines.count(r"v_{1} = x^{2} \, \sin\left(3 \, x\right)") == 2
    _, *derivative = mgrad("diff", shared, "--latex").stdout.splitlines()
    assert lines[-1:] == derivative


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--x", "3"], "takes no values (--x)"),
        (["--step", "2"], "cannot be combined with --step"),
        (["--sides"], "cannot be combined with --sides"),
        (["--order", "2"], "explains first derivatives"),
        (["--wrt", "z"], "no variable 'z'"),
        (["--latex", "--json"], "--latex and --json cannot be combined"),
    ],
)
def test_what_needs_values_is_refused(mgrad: Run, words: list[str], message: str) -> None:
    ran = mgrad("explain", "x*x", "--symbolic", *words)
    assert ran.returncode == 2
    assert message in ran.stderr


@pytest.mark.slow
def test_a_formula_of_too_many_steps_is_refused(mgrad: Run) -> None:
    text = "x"
    for _ in range(400):
        text = f"sin({text})"
    ran = mgrad("explain", "-", "--symbolic", stdin=text)
    assert ran.returncode == 3
    assert "more than 300 steps" in ran.stderr
