"""`diff --order N`: derivatives of any order, against 60-digit arithmetic, in every format; and its limits."""

import json
from itertools import combinations_with_replacement
from math import comb
from typing import Any

import mpmath
import pytest

from mgrad_cli import Expression
from mgrad_cli.errors import LimitError, UsageError
from mgrad_cli.language.lowering import read
from mgrad_cli.library.derivation import formulas_of
from mgrad_cli.program.budget import Budget
from tests.conftest import Run
from tests.test_diff import code_of

CASES = [
    ("sin(x)*exp(-x/2)", lambda x: mpmath.sin(x) * mpmath.exp(-x / 2)),
    ("x**4*y**3 + cos(x*y)", lambda x, y: x**4 * y**3 + mpmath.cos(x * y)),
    ("log(x + y**2)/z", lambda x, y, z: mpmath.log(x + y**2) / z),
    ("u = x*x; u*exp(u)", lambda x: x * x * mpmath.exp(x * x)),
]
POINT = {"x": 0.7, "y": 1.3, "z": 0.9}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("order", [3, 4, 5])
@pytest.mark.parametrize("is_exact", [False, True])
@pytest.mark.parametrize(("text", "function"), CASES, ids=[text for text, _ in CASES])
def test_derivatives_are_those_of_mpmath(text: str, function: object, is_exact: bool, order: int) -> None:
    formulas = formulas_of(read(text), order=order, is_exact=is_exact)
    names = formulas.inputs
    assert formulas.derivatives.by == tuple(combinations_with_replacement(names, order))
    for index, by in enumerate(formulas.derivatives.by):
        with mpmath.workdps(60):
            orders = tuple(by.count(name) for name in names)
            want = mpmath.diff(function, tuple(mpmath.mpf(POINT[name]) for name in names), orders)
        unit = Expression("; ".join(formulas.program(index)))
        got = unit({name: POINT[name] for name in unit.variables}).value
        assert got == pytest.approx(float(want), rel=1e-11), by


@pytest.mark.parametrize("language", ["python", "numpy"])
def test_code_returns_them_beside_the_gradient(language: str) -> None:
    scope: dict[str, Any] = {}
    exec(code_of("x**4*y**2", language, 3), scope)
    value, gradient, derivatives = scope["f"](2.0, 3.0)
    assert (value, gradient) == (144.0, {"x": 288.0, "y": 96.0})
    assert derivatives == {"x, x, x": 432.0, "x, x, y": 288.0, "x, y, y": 64.0, "y, y, y": 0.0}
    source = Expression("x**4*y**2").code(language, order=3)
    assert "and the derivatives of order 3." in source


@pytest.mark.parametrize("language", ["c", "js"])
def test_code_of_other_languages_has_them(language: str) -> None:
    source = Expression("u = x**3; u*y, u + y").code(language, order=4)
    assert "derivatives of order 4" in source
    assert "d_f1_x_x_x_y" in source


def test_json_lists_each_once(mgrad: Run) -> None:
    record = json.loads(mgrad("diff", "x**3*y", "--order", "3", "--json").stdout)
    assert record["order"] == 3
    assert [(each["by"], each["formula"]) for each in record["partials"]] == [
        (["x", "x", "x"], "6*y"),
        (["x", "x", "y"], "6*x"),
        (["x", "y", "y"], "0"),
        (["y", "y", "y"], "0"),
    ]
    assert record["partials"][1]["latex"] == [r"\frac{\partial^{3} f}{\partial x^{2} \partial y} = 6 \, x"]


def test_orders_far_out(mgrad: Run) -> None:
    assert mgrad("diff", "sin(x)", "--order", "100").stdout == "sin(x)\n"
    assert mgrad("diff", "x**3 + x", "--order", "1000").stdout == "0\n"
    assert mgrad("repl", stdin=":diff x**5 --order 5\n").stdout == "120\n"


@pytest.mark.parametrize("more", [[], ["--exact"], ["--code", "c"]])
def test_too_many_are_refused_before_any_is_computed(mgrad: Run, more: list[str]) -> None:
    ran = mgrad("diff", "a*b*c*d*e*f*g", "--order", "60", *more)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "the derivatives take more than 2,000,000 terms (--max-terms); --wrt for fewer variables" in ran.stderr
    budget = Budget(limit=1000)
    with pytest.raises(LimitError):
        formulas_of(read("sin(x*y*z*w)"), order=20, budget=budget)
    assert budget.spent == comb(4 + 20 - 1, 20)


def test_the_order_is_a_positive_number(mgrad: Run) -> None:
    assert mgrad("diff", "x", "--order", "0").returncode == 2
    with pytest.raises(UsageError, match="at least 1"):
        Expression("x").code(order=0)
