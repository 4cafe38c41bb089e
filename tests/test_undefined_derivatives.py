"""Functions that are not differentiable by an argument: formulas have nan, and whoever writes them is told."""

import math

import pytest

from mgrad_cli import Expression
from mgrad_cli.operations import TABLE, Operation
from tests.conftest import Run

ROWS = {row.name: row for rows in TABLE.values() for row in rows if row.fixed_operands}
LATEX, CODE = ["--latex"], ["--code", "python"]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("words", [["diff"], ["diff", *LATEX], ["diff", *CODE], ["diff", "--exact"],
                                   ["explain", "--symbolic"]], ids=" ".join)  # fmt: skip
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_what_has_no_derivative_is_told(mgrad: Run, row: Operation, words: list[str]) -> None:
    verb, *options = words
    call = f"{row.name}({', '.join(row.operands)})"
    first, second = row.operands
    ran = mgrad(verb, call, *options)
    assert ran.returncode == 0
    assert (
        f"warning: {call} is differentiable by {second} only: '{call}' has no derivative through {first};" in ran.stderr
    )
    assert ran.stderr.count("warning") == 1
    assert "warning" not in mgrad(verb, call, "--wrt", second, *options).stderr


def test_a_function_of_the_text_and_a_named_part_lead_to_it(mgrad: Run) -> None:
    ran = mgrad("diff", "f(n) = polygamma(n, 2); k = m + 1; f(k)*y", "--wrt", "m")
    assert "polygamma(n, x) is differentiable by x only: 'f(k)' has no derivative through n" in ran.stderr
    assert "^^^^" in ran.stderr
    assert "warning" not in mgrad("diff", "f(n) = polygamma(n, 2); k = m + 1; f(k)*y", "--wrt", "y").stderr
    assert "warning" not in mgrad("diff", "polygamma(n, x)", "--n", "2").stderr


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_series_in_such_an_argument_says_which_one_is_differentiable(mgrad: Run, row: Operation) -> None:
    call = f"{row.name}({', '.join(row.operands)})"
    first, second = row.operands
    point = [f"--{first}", "2", f"--{second}", "1.5", "--order", "2"]
    ran = mgrad("taylor", call, *point, "--around", first)
    assert ran.returncode != 0
    assert ran.stderr.splitlines()[0].endswith(f": {call} is differentiable by {second} only")
    assert mgrad("taylor", call, *point, "--around", second).returncode == 0


def test_only_these_functions_are_so() -> None:
    assert set(ROWS) == {"polygamma", "gammainc", "gammaincc"}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("is_first", [True, False])
def test_mixed_derivatives_through_it_are_never_finite_by_accident(row: Operation, is_first: bool) -> None:
    """The partial by that argument is nan, and so is each of its derivatives: not 0, as of a constant nan."""
    pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    first, second = row.operands
    text = f"{row.name}({first}, {second})" if is_first else f"0*{second} + {row.name}({first}, {second})"
    hessian = Expression(text).hessian({first: 1.0, second: 0.5})
    mixed, by_second = hessian[first][second], hessian[second][second]
    assert math.isnan(hessian[first][first])
    assert math.isfinite(by_second)
    if is_first:
        assert math.isnan(mixed)
    else:
        step = 1e-6
        slope = [Expression(text).gradient({first: 1.0 + sign * step, second: 0.5})[second] for sign in (1, -1)]
        assert (
            mixed != mixed
            or row.name == "polygamma"
            or mixed == pytest.approx((slope[0] - slope[1]) / (2 * step), rel=1e-4)
        )
