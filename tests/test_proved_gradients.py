"""`check --certify` and `check --against`: gradients proven, and derivatives worked out by hand."""

import json
import math
from typing import Any

import pytest

from mgrad_cli.evaluation.gradcheck import Check
from mgrad_cli.exact.ball_series import CHOICES
from mgrad_cli.exact.certifying import exact_program
from mgrad_cli.exact.proof import prove_gradients
from mgrad_cli.exact.series_primitives import SERIES
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import Operation, rows
from mgrad_cli.program import ApplyNode, Program
from tests.conftest import Run

ROWS = [row for group in rows().values() for row in group]
INEXACT = {("polygamma", 0), ("gammainc", 0), ("gammaincc", 0)}
"""Operands that a row has no derivative by."""


def call(row: Operation, count: int) -> str:
    return f"{row.name}({', '.join('abc'[:count])})"


def test_every_primitive_has_a_power_series_or_kinks() -> None:
    assert [row.name for row in ROWS if row.mathematics is None and row.name not in {*SERIES, *CHOICES}] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_rules_of_a_row_are_proved_at_its_samples(row: Operation) -> None:
    for sample in (*row.samples, *row.ill_conditioned):
        point = dict(zip("abc", sample, strict=False))
        text = call(row, len(sample)) if not row.symbol or row.name == "pow" else f"{row.name}({', '.join(point)})"
        for index, one in enumerate(prove_gradients(read(text), point)):
            if (row.name, index) in INEXACT:
                assert one.verdict == "inconclusive"
            elif one.verdict == "inconclusive":
                is_edge = any(convention.applies(*sample) for convention in row.conventions)
                assert is_edge or 0.0 in sample, (text, point, one)
            else:
                assert one.verdict == "proved", (text, point, one)


def verdict(text: str, **point: float) -> tuple[str, str]:
    (one,) = prove_gradients(read(text), point)
    return one.verdict, one.reason


@pytest.mark.parametrize(
    ("text", "x", "reason"),
    [
        ("relu(x)", 0.0, "at a kink of max, as far as can be told"),
        ("abs(x)", 0.0, "at a kink of abs, as far as can be told"),
        ("floor(x)", 2.0, "at a jump of floor, as far as can be told"),
        ("mod(x, 2)", 4.0, "at a jump of mod, as far as can be told"),
        ("where(x == 1, 5, x)", 1.0, "at a jump, as far as can be told"),
        ("where(x > 1, x, x**2)", 1.0, "at a change of a condition (>), as far as can be told"),
        ("abs(sin(x)**2 + cos(x)**2 - 1)", 1.0, "at a kink of abs, as far as can be told"),
        ("log(x)", -1.0, "a figure is not finite here"),
        ("sqrt(x)", 0.0, "a figure is not finite here"),
    ],
)
def test_where_there_is_no_derivative_nothing_is_proved(text: str, x: float, reason: str) -> None:
    assert verdict(text, x=x) == ("inconclusive", reason)


def test_a_derivative_that_is_zero_is_proved() -> None:
    (one,) = prove_gradients(read("sin(x)**2 + cos(x)**2"), {"x": 1.0})
    assert (one.verdict, one.grad, one.difference) == ("proved", 0.0, 0.0)


def test_a_wrong_rule_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The derivative of sin taken for that of cos."""
    right = exact_program

    def wrong(*arguments: Any) -> Program:
        program = right(*arguments)
        swapped = {"cos": "sin"}
        rename = {row.name: row for row in ROWS}
        nodes = [
            ApplyNode(rename[swapped.get(node.operation.name, node.operation.name)], node.operands)
            if isinstance(node, ApplyNode)
            else node
            for node in program.nodes
        ]
        return Program(tuple(nodes), program.outputs)

    monkeypatch.setattr("mgrad_cli.exact.proof.exact_program", wrong)
    (one,) = prove_gradients(read("sin(x)"), {"x": 1.0})
    assert one.verdict == "fail"
    assert math.isclose(one.difference, 1 - math.cos(1) / math.sin(1), rel_tol=1e-9)


def checked(ran: Any) -> Check:
    return Check(**json.loads(ran.stdout)["checks"][0])


def test_the_command_proves(mgrad: Run) -> None:
    ran = mgrad("check", "1 - cos(x)", "--x", "1e-4", "--certify", "--json")
    assert ran.returncode == 0
    one = checked(ran)
    assert (one.verdict, one.grad) == ("proved", 9.999999983333334e-05)
    assert one.difference < 1e-17
    ran = mgrad("check", "relu(x)", "--x", "0", "--certify")
    assert ran.returncode == 7
    assert "power series" in ran.stdout


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["sin(x**2)", "--against", "2*x*cos(x**2)", "--x", "1.5"], 0, "equal as formulas"),
        (["degrees(x)", "--against", "57.29577951308232", "--x", "2"], 0, "equal as formulas"),
        (["erf(x)", "--against", "1.1283791670955126*exp(-x*x)", "--x", "1"], 0, "equal as formulas"),
        (["sin(x)**2", "--against", "sin(2*x)", "--x", "1.5"], 0, "equal at the point and at 8 points around it"),
        (["x**2*sin(x)", "--against", "2*x*cos(x)", "--x", "2"], 6,
         "at x = 2 the derivative is 1.9726023611141572, and -1.6645873461885696 by hand"),
        (["x*y", "--against", "y", "--wrt", "x", "--x", "1", "--y", "2"], 0, "equal as formulas"),
        (["x*y + x*0", "--against", "y + (x - 1)", "--wrt", "x", "--x", "1", "--y", "2"], 6, "at x = "),
        (["log(x)", "--against", "1/abs(x)", "--x", "2"], 0, "equal at the point and at 8 points around it"),
        (["sin(x)", "--against", "cos(x) + (sqrt(x - 9)*0)", "--x", "1"], 7,
         "a figure is not finite, or has no right digits, at the point"),
    ],
)  # fmt: skip
def test_a_derivative_by_hand_is_compared(mgrad: Run, words: list[str], code: int, reason: str) -> None:
    ran = mgrad("check", *words, "--json")
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert json.loads(ran.stdout)["checks"][0]["reason"].startswith(reason)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["x*y", "--against", "y", "--x", "1", "--y", "2"], "choose its variable with --wrt (x, y)"),
        (["x", "--against", "z", "--x", "1"], "no variable 'z' in the expression"),
        (["x", "--against", "1", "--x", "1", "--wrt", "y"], "no variable 'y' in the expression"),
        (["x", "--against", "1", "--certify", "--x", "1"], "--certify and --against cannot be combined"),
    ],
)
def test_what_cannot_be_compared(mgrad: Run, words: list[str], message: str) -> None:
    ran = mgrad("check", *words)
    assert ran.returncode == 2
    assert message in ran.stderr
