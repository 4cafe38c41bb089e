"""`diff` of long and hostile formulas: a result, or a limit that says what to use instead."""

from collections.abc import Callable

import pytest

from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.language.lowering import read
from mgrad_cli.program.budget import Budget
from mgrad_cli.symbolic.derivatives import derivatives
from tests.conftest import Run
from tests.test_diff import derivative, formulas, value_of


def nested(start: str, step: str, count: int) -> str:
    text = start
    for index in range(count):
        text = step.format(text, index)
    return text


def joined(sign: str, term: str, count: int) -> str:
    return sign.join(term.format(index) for index in range(count))


LONG: dict[str, str] = {
    "choices in the second branch": nested("x", "where(x > {1}, x*{1}, {0})", 2000),
    "choices in the first branch": nested("x", "where(x > {1}, {0}, x*{1})", 2000),
    "choices of other variables": nested("z", "where(c{1} > 0, x, {0})", 500),
    "choices in conditions": nested("x", "where({0}, x, y)", 800),
    "comparisons in conditions": nested("x", "where({0} > {1}, x*y, y)", 800),
    "a product of sums of choices": joined("*", "(where(c{0} > 0, x, y) + where(x > 0, x*y, {0}))", 60),
    "a sum of many variables": joined("+", "x{}", 1000),
    "largest of largest": nested("x", "max({0}, x*{1})", 500),
    "a tower of powers": joined("**", "x", 300),
    "negations": f"where({'not ' * 3000}x, x, y)",
    "conjunctions": f"where({joined(' and ', 'x > {}', 1000)}, x, y)",
    "statements": "t0 = x; " + "".join(f"t{k + 1} = t{k}*t{k} + x; " for k in range(300)) + "t300",
    "clips": nested("x", "clip({0}, y, z)*y", 100),
    "remainders": nested("x", "mod({0} + y, {1} + 1)", 300),
}


@pytest.mark.slow
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_formulas_have_derivatives_in_proportion(text: str) -> None:
    found = formulas(text, ["x"] if "x" in read(text).names else None)
    written = sum(len("\n".join(found.program(index))) for index in range(len(found.derivatives.by)))
    assert written < 100 * len(text)


@pytest.mark.slow
@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_formulas_are_typeset_in_proportion(mgrad: Run, text: str) -> None:
    name = "x" if "x" in read(text).names else "x0"
    ran = mgrad("diff", "-", "--wrt", name, "--json", stdin=text)
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout) < 400 * len(text)


@pytest.mark.parametrize("count", [5, 18, 60])
@pytest.mark.parametrize("options", [["--latex"], ["--json"], ["--code", "latex"]], ids=" ".join)
@pytest.mark.parametrize("step", ["where({0}, x, y)", "where({0} > {1}, x*y, y)", "where(not {0}, y, x) + 1"])
def test_choices_in_conditions_are_typeset_once(mgrad: Run, step: str, options: list[str], count: int) -> None:
    text = nested("x", step, count)
    ran = mgrad("diff", text, "--wrt", "x", *options)
    assert ran.returncode == 0
    assert len(ran.stdout) < 1500 + 200 * len(text)


HOSTILE: dict[str, str] = {
    "powers of one base": joined("*", "x**y{}", 5000),
    "a product of sums": joined("*", "(x{0} + y{0})", 3000),
    "a product of variables": joined("*", "x{}", 7500),
}


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--exact"], ["--json"], ["--latex"], ["--order", "2"]], ids=" ".join)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_takes_too_many_terms_is_told_with_what_takes_fewer(mgrad: Run, text: str, options: list[str]) -> None:
    ran = mgrad("diff", "-", "--max-terms", "100000", *options, stdin=text)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "more than 100,000 terms (--max-terms)" in ran.stderr
    assert "--wrt" in ran.stderr
    assert "--exact for" not in ran.stderr  # which takes as many
    one = mgrad("diff", "-", "--wrt", "y7" if "y7" in text else "x7", stdin=text)
    assert one.returncode == 0, one.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "most", "options"),
    [
        (nested("x", "sqrt({0} + x)", 1500), "60000", []),
        (nested("x", "sqrt({0} + x)", 1500), "200000", ["--order", "2"]),
        (nested("x", "sqrt({0}*a + x)", 500), "56000", []),
    ],
)
def test_where_formulas_that_are_not_simplified_take_fewer_terms_this_is_told(
    mgrad: Run, text: str, most: str, options: list[str]
) -> None:
    ran = mgrad("diff", text, "--max-terms", most, *options)
    assert ran.returncode == 3
    assert ("--exact for" in ran.stderr, "--wrt" in ran.stderr) == (True, "a" in text)
    assert mgrad("diff", text, "--max-terms", most, "--exact", *options).returncode == 0


def test_a_hessian_of_too_many_variables_is_refused_before_it_is_made(mgrad: Run) -> None:
    for options in ([], ["--exact"]):
        ran = mgrad("diff", "-", "--order", "2", *options, stdin=joined("+", "x{}", 3000))
        assert ran.returncode == 3
        assert "--wrt for fewer variables" in ran.stderr


def test_one_function_of_all_derivatives_is_in_proportion(mgrad: Run) -> None:
    text = joined("*", "x{}", 400)
    refused = mgrad("diff", text, "--max-terms", "20000")
    assert "--code for one function of all of them" in refused.stderr
    assert mgrad("diff", text, "--max-terms", "20000", "--code", "python").returncode == 0


def test_the_budget_tells_how_far_it_is() -> None:
    told: list[int] = []
    budget = Budget(notice=told.append)
    unit = read(joined("+", "sin(x{0})*x{0}", 800))
    names, _ = input_names(unit, ())
    derivatives(unit, names, names, budget=budget)
    assert told
    assert sum(told) <= budget.spent


@pytest.mark.parametrize("count", [40, 80])
@pytest.mark.parametrize(
    "make",
    [
        lambda count: joined("+", "x{}", count),
        lambda count: joined("+", "x{0}*sin(y)", count),
        lambda count: nested("x0", "where(x{1} > 0, {0}, x{1})", count),
        lambda count: nested("x0", "tanh({0}*w{1} + b{1})", count),
    ],
)
def test_work_is_in_proportion_to_the_formula(make: Callable[[int], str], count: int) -> None:
    def spent(size: int) -> int:
        budget = Budget()
        unit = read(make(size))
        names, _ = input_names(unit, ())
        derivatives(unit, names, names, budget=budget)
        return budget.spent

    assert spent(4 * count) < 7 * spent(count)


def test_a_deep_choice_evaluates_to_its_derivative() -> None:
    text = nested("x", "where(x > {1}, x*{1}, {0})", 700)
    assert value_of(derivative(text), {"x": 5.5}) == 5
    assert value_of(derivative(nested("x", "where(x > {1}, {0}, x*{1})", 3)), {"x": 1.5}) == 2
