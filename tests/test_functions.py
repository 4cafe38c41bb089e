"""`mgrad functions`: the table for people, from the table that computes."""

import json

import pytest

from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.language.lowering import read
from mgrad_cli.language.printing import derivatives
from mgrad_cli.language.user_functions import FORMS
from mgrad_cli.operations import TABLE, Operation, find, rows
from mgrad_cli.renderers.reference import written
from tests.conftest import Run

ROWS = [row for group in rows().values() for row in group]


def test_one_function(mgrad: Run) -> None:
    ran = mgrad("functions", "log")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(
        "function     log(x)\n"
        "is           natural logarithm\n"
        "also         ln\n"
        "derivative   1/x\n"
        "domain       x > 0\n"
        "at the edge  log(x) at 0: inf\n"
    )
    assert "log(x, base)" in ran.stdout


def test_every_function_is_listed(mgrad: Run) -> None:
    listed = {entry["name"]: entry for entry in json.loads(mgrad("functions", "--json").stdout)}
    assert set(listed) == {row.name for row in ROWS if not row.is_internal} | FORMS
    assert listed["tanh"]["derivatives"] == ["sech(x)**2"]
    assert listed["pow"]["derivatives"] == ["d/da: b*a**(b - 1)", "d/db: a**b*log(a)"]
    shown = mgrad("functions").stdout
    for row in ROWS:
        assert row.is_internal or written(row).split("(")[0] in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("name", sorted(FORMS))
def test_functions_that_bind_a_name_are_described(name: str, mgrad: Run) -> None:
    ran = mgrad("functions", name)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"function  {name}(")


def test_conventions(mgrad: Run) -> None:
    edges = json.loads(mgrad("functions", "--conventions", "--json").stdout)
    assert {"function": "abs", "where": "abs(x) at 0", "gradient": "0"} in edges
    assert "atan2(0, 0)" in mgrad("functions", "--conventions").stdout


@pytest.mark.parametrize("row", [row for row in ROWS if not row.derivative_text], ids=lambda row: row.name)
def test_derivatives_shown_are_formulas_of_the_language_and_right(row: Operation) -> None:
    """The reading of the rules as text, evaluated, is the gradient."""
    if row.group == "special":
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    names = row.operands
    for sample in row.samples[:2]:
        bindings = dict(zip(names, sample, strict=True))
        call = f"{row.name}({', '.join(names)})"
        grads = differentiate(read(call), bindings).grads or {}
        for name, formula in zip(names, derivatives(row), strict=True):
            unit = read(formula)
            value = differentiate(unit, {n: x for n, x in bindings.items() if n in unit.names}).value
            assert value == pytest.approx(grads[name], rel=1e-12, abs=1e-300), formula


def test_names_with_several_rows_find_theirs_by_the_number_of_operands() -> None:
    assert [row.name for row in TABLE["log"]] == ["log", "log_base"]
    assert find("ln", 2).name == "log_base"
