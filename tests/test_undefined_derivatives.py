"""Functions that are not differentiable by an argument: formulas have nan, and whoever writes them is told."""

import pytest

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
