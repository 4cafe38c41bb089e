"""The forms of derivatives that a table of derivatives prints, and the identities that shorten them."""

import json
import math
import re
from dataclasses import replace

import pytest

from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import TABLE, Operation, call_name
from mgrad_cli.symbolic import arithmetic, fractions
from mgrad_cli.symbolic.derivatives import derivatives
from tests.conftest import Run
from tests.test_diff import derivative, formulas, value_of
from tests.test_diff_fuzz import Generator

ROWS = list({id(row): row for rows in TABLE.values() for row in rows}.values())

FIRST_AND_SECOND = {
    "tanh(x)": ("1 - tanh(x)**2", "-2*tanh(x)*(1 - tanh(x)**2)"),
    "sigmoid(x)": ("sigmoid(x)*(1 - sigmoid(x))", "sigmoid(x)*(1 - sigmoid(x))*(1 - 2*sigmoid(x))"),
    "tan(x)": ("1 + tan(x)**2", "2*tan(x)*(1 + tan(x)**2)"),
    "cot(x)": ("-csc(x)**2", "2*cot(x)*csc(x)**2"),
    "sec(x)": ("sec(x)*tan(x)", "sec(x)*(1 + 2*tan(x)**2)"),
    "csc(x)": ("-csc(x)*cot(x)", "csc(x)*(1 + 2*cot(x)**2)"),
    "coth(x)": ("-csch(x)**2", "2*coth(x)*csch(x)**2"),
    "sech(x)": ("-sech(x)*tanh(x)", "sech(x)*(2*tanh(x)**2 - 1)"),
    "csch(x)": ("-csch(x)*coth(x)", "csch(x)*(2*coth(x)**2 - 1)"),
    "asin(x)": ("1/sqrt(1 - x**2)", "x/(1 - x**2)**1.5"),
    "acos(x)": ("-1/sqrt(1 - x**2)", "-x/(1 - x**2)**1.5"),
    "atan(x)": ("1/(x**2 + 1)", "-2*x/(x**2 + 1)**2"),
    "acot(x)": ("-1/(x**2 + 1)", "2*x/(x**2 + 1)**2"),
    "asinh(x)": ("1/hypot(x, 1)", "-x/hypot(x, 1)**3"),
    "acosh(x)": ("1/sqrt(x**2 - 1)", "-x/(x**2 - 1)**1.5"),
    "atanh(x)": ("1/(1 - x**2)", "2*x/(1 - x**2)**2"),
    "acoth(x)": ("1/(1 - x**2)", "2*x/(1 - x**2)**2"),
    "acsch(x)": ("-1/(abs(x)*hypot(x, 1))", ""),
    "atan2(x, 3)": ("3/(x**2 + 9)", "-6*x/(x**2 + 9)**2"),
    "softplus(x)": ("sigmoid(x)", "sigmoid(x)*(1 - sigmoid(x))"),
    "logsigmoid(x)": ("sigmoid(-x)", "-sigmoid(-x)*(1 - sigmoid(-x))"),
    "-log(sigmoid(x))": ("sigmoid(x) - 1", ""),
    "silu(x)": ("sigmoid(x)*(x*sigmoid(-x) + 1)", "sigmoid(x)*(1 - sigmoid(x))*(x - 2*x*sigmoid(x) + 2)"),
    "normcdf(x)": ("normpdf(x)", "-x*normpdf(x)"),
    "erf(x)": ("2*exp(-x**2)/sqrt(pi)", "-4*x*exp(-x**2)/sqrt(pi)"),
    "gelu(x)": ("normcdf(x) + x*normpdf(x)", "(2 - x**2)*normpdf(x)"),
    "softsign(x)": ("1/(1 + abs(x))**2", "-2*sign(x)/(1 + abs(x))**3"),
    "x*exp(-x**2/2)": ("(1 - x**2)*exp(-x**2/2)", "x*(x**2 - 3)*exp(-x**2/2)"),
    "sin(x)*cos(x)": ("1 - 2*sin(x)**2", "-4*sin(x)*cos(x)"),
    "log(cosh(x))": ("sinh(x)/cosh(x)", "1/cosh(x)**2"),
}

OPTION = "S*normcdf(d1) - K*exp(-r*t)*normcdf(d2)"
D1 = "d1 = (log(S/K) + (r + vol**2/2)*t)/(vol*sqrt(t)); "
SPELLINGS = {
    "by the difference": f"{D1}d2 = d1 - vol*sqrt(t); {OPTION}",
    "by the numerator": f"{D1}d2 = (log(S/K) + (r - vol**2/2)*t)/(vol*sqrt(t)); {OPTION}",
    "by days": f"t = days/365; {D1}d2 = d1 - vol*sqrt(t); {OPTION}",
    "of logarithms": f"{D1.replace('log(S/K)', 'log(S) - log(K)')}d2 = d1 - vol*sqrt(t); {OPTION}",
}
POINT = {"S": 103.0, "K": 97.0, "r": 0.03, "t": 0.7, "days": 255.5, "vol": 0.25}


@pytest.mark.parametrize(("text", "first", "second"), [(text, *both) for text, both in FIRST_AND_SECOND.items()])
def test_derivatives_are_those_of_a_table(text: str, first: str, second: str) -> None:
    assert derivative(text) == first
    if second:
        assert derivative(text, order=2) == second


@pytest.mark.parametrize("row", [row for row in ROWS if row.textbook != row.partials], ids=repr)
def test_the_partials_of_textbooks_are_the_partials(row: Operation) -> None:
    for sample in row.samples:
        apart = [number * (1 + 1e-9 * index) for index, number in enumerate(sample, 1)]
        y = row(*apart)
        for textbook, partial in zip(row.textbook, row.partials, strict=True):
            if not callable(textbook):
                assert textbook == partial
                continue
            assert callable(partial)
            assert textbook(*apart, y) == pytest.approx(partial(*apart, y), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("row", [row for row in ROWS if row.square or row.exponent], ids=repr)
@pytest.mark.parametrize("x", [-3.5, -0.3, 0.25, 1.0, 2.5])
def test_the_identities_of_rows_hold(row: Operation, x: float) -> None:
    if row.square:
        name, a, b = row.square
        assert row(x) ** 2 == pytest.approx(a + b * TABLE[name][0](x) ** 2, rel=1e-12)
    if row.exponent:
        assert row(x) / row(0.0) == pytest.approx(math.exp(row.exponent(x)), rel=1e-12)
        assert row.exponent(0.0) == 0


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_the_densities_of_an_option_cancel(text: str) -> None:
    gamma = derivative(text, wrt="S", order=2)
    assert re.fullmatch(r"normpdf\(\(.*\)/\(vol\*sqrt\((t|days/365)\)\)\)/\(S\*vol\*sqrt\((t|days/365)\)\)", gamma)
    for name in input_names(read(text), ())[0]:
        for order in (1, 2):
            got = value_of(derivative(text, wrt=name, order=order), POINT)
            want = value_of("; ".join(formulas(text, [name], order, is_exact=True).program(0)), POINT)
            assert got == pytest.approx(want, rel=1e-10)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("x = r*cos(t); y = r*sin(t); x**2 + y**2", "2*r"),
        ("x = r*cosh(t); y = r*sinh(t); x**2 - y**2", "2*r"),
        ("a = r*sech(t); b = r*tanh(t); a**2 + b**2", "2*r"),
        ("r*exp(t) - exp(t + log(r))", "0"),
        ("exp(t)*r**2/2 - exp(t + log(r))*r", "-r*exp(t)"),
    ],
)
def test_identities_combine_what_the_chain_rule_brings_together(text: str, want: str) -> None:
    assert derivative(text, wrt="r") == want


@pytest.mark.sampled(12)
@pytest.mark.parametrize("seed", range(120))
def test_identities_never_lengthen_a_formula(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = Generator(
        seed, functions=("sin", "cos", "sinh", "cosh", "tanh", "sech", "tan", "sec", "exp", "normpdf")
    )
    text = generator.program()
    if "x" not in read(text).names:
        return
    short = [derivative(text, order=order) for order in (1, 2)]
    monkeypatch.setattr(arithmetic, "combine", lambda algebra, addends: None)
    monkeypatch.setattr(fractions, "with_squares_replaced", lambda term: ())
    for order, formula in enumerate(short, 1):
        assert len(formula) <= len(derivative(text, order=order)), text


ACCURACIES = {
    **{f"{name}(x)": ("reduced", "reduced")
       for name in ("tanh", "sigmoid", "asin", "acosh", "asec", "atanh", "erf", "sinc", "j1", "mish")},
    **{f"{name}(x)": ("full", "full") for name in ("sin", "tan", "exp", "exp2", "log1p", "normcdf", "cosh", "relu")},
    **{f"{name}(x)": ("full", "reduced") for name in ("atan", "asinh", "gelu", "sech", "silu", "sqrt", "acsch")},
    "x**3*sin(x)": ("full", "reduced"),
    "3*x**4 - 2*x": ("full", "full"),
    "log(sigmoid(x))": ("reduced", "reduced"),
    "x*tanh(1)": ("full", "full"),
    "sqrt(x**2 + y**2)": ("full", "reduced"),
    "max(x, y)": ("reduced", "full"),
    "clip(x, 0, y)": ("reduced", "full"),
    "hypot(3**0.5, sinh(x) + 2**4)": ("reduced", "reduced"),
    "where(x > y, x**2, -x)": ("full", "full"),
    "x*y*exp(x)": ("reduced", "reduced"),
    "1/(1 + exp(-x))": ("reduced", "reduced"),
    "x**y": ("reduced", "reduced"),
    "degrees(x)": ("full", "full"),
    "(900*x)**400": ("reduced", "reduced"),
    "x**inf": ("reduced", "reduced"),
}  # fmt: skip
"""The accuracy of the first and the second derivative by x."""


@pytest.mark.sampled(9)
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("text", "words"), ACCURACIES.items(), ids=ACCURACIES)
def test_json_says_where_a_formula_may_lose_digits(mgrad: Run, text: str, words: tuple[str, str], order: int) -> None:
    record = json.loads(mgrad("diff", text, "--json", "--order", str(order)).stdout)
    found = record["accuracy"]["x"]
    assert (found if order == 1 else found["x"]) == words[order - 1]
    exact = json.loads(mgrad("diff", text, "--json", "--exact", "--order", str(order)).stdout)["accuracy"]["x"]
    assert (exact if order == 1 else exact["x"]) == "full"


def test_formulas_too_large_to_compare_count_as_less_accurate(mgrad: Run) -> None:
    text = "x"
    for index in range(600):
        text = f"sin({text}*a{index})"
    record = json.loads(mgrad("diff", "-", "--json", "--wrt", "a3", stdin=text).stdout)
    assert record["accuracy"] == {"a3": "reduced"}


NAMED = 500
"""In formulas of so many characters, other parts may be named where outputs by both rules share them."""


def assert_never_longer(text: str, order: int) -> None:
    """Compare the formulas with those that the rules of evaluation lead to."""
    found, unit = formulas(text, order=order), read(text)
    inputs, _ = input_names(unit, ())
    other = replace(found, derivatives=derivatives(unit, inputs, inputs, order, is_textbook=False))
    is_tabled = found.derivatives.in_tables or [False] * len(found.derivatives.by)
    for index, by_table in enumerate(is_tabled):
        ours, theirs = ("; ".join(each.program(index)) for each in (found, other))
        assert len(ours) <= len(theirs) + len(theirs) // NAMED or by_table, (text, ours, theirs)


def test_the_derivatives_of_two_functions_are_those_of_a_table_whatever_their_length() -> None:
    assert {row.name for row in ROWS if row.is_tabled} == {"tanh", "sigmoid"}
    assert derivative("sigmoid(w*x + b)") == "w*sigmoid(w*x + b)*(1 - sigmoid(w*x + b))"
    assert derivative("x*tanh(x)") == "tanh(x) + x*sech(x)**2"


@pytest.mark.sampled(4)
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("row", [row for row in ROWS if row.is_typed and row.samples], ids=repr)
def test_the_forms_of_tables_are_never_longer(row: Operation, order: int) -> None:
    names = ("x", "y", "z")[: len(row.operands)]
    call = f"{call_name(row)}({', '.join(names)})"
    for text in (call, f"x*{call}", f"{call}**(-1)", f"cosh(x)*{call}"):
        assert_never_longer(text, order)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300))
def test_the_forms_of_random_formulas_are_never_longer(seed: int) -> None:
    chosen = ("tanh", "sigmoid", "silu", "tan", "acoth", "exp", "cosh", "sech")
    text = (Generator(seed, chosen) if seed % 2 else Generator(seed)).program()
    if input_names(read(text), ())[0]:
        assert_never_longer(text, 1 + seed % 2)


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("degrees(x)/(x*0.5)", "0", "0"),
        ("radians(2*x)/x", "0", "0"),
        ("x*degrees(x)", "degrees(x) + 180*x/pi", "360/pi"),
        ("sqrt(sqrt(x))", "1/(4*x**0.75)", "-0.1875/x**1.75"),
        ("log(sqrt(x))", "1/(2*x)", "-1/(2*x**2)"),
        ("tan(atan(x*y))", "y", "0"),
        ("cosh(acosh(x))**2", "2*x", "2"),
        ("(x - 0.5)**2", "2*x - 1", "2"),
        ("exp(x)**2", "2*exp(2*x)", "4*exp(2*x)"),
        ("1/exp(x)", "-exp(-x)", "exp(-x)"),
        ("j1(x)", "j0(x) - j1(x)/x", "2*j1(x)/x**2 - j1(x) - j0(x)/x"),
        ("sinc(x)", "(cos(x) - sinc(x))/x", ""),
        ("mod(x, y)*y", "y", "0"),
        ("logsumexp(x, y)", "softmax(x, y)", "softmax(x, y)*(1 - softmax(x, y))"),
    ],
)
def test_what_cancels_is_not_written(text: str, first: str, second: str) -> None:
    assert derivative(text) == first
    assert not second or derivative(text, order=2) == second


@pytest.mark.parametrize(
    ("text", "near"),
    [("(900*x)**400", 1 / 900), ("(0.001*x)**200", 1000), ("y/(1000*x)**150", 0.001), ("((900*x)**20)**20", 1 / 900)],
)
def test_powers_of_numbers_beyond_the_range_stay_in_the_power(text: str, near: float) -> None:
    for order in (1, 2):
        exact = "; ".join(formulas(text, ["x"], order, is_exact=True).program(0))
        for scale in (0.9, 1.01):
            point = {"x": near * scale, "y": 1.0}
            assert value_of(derivative(text, order=order), point) == pytest.approx(value_of(exact, point), rel=1e-9)


def test_pi_as_the_name_of_a_statement_is_not_the_constant() -> None:
    text, point = "pi = x*y + 1; pi*degrees(x*pi)", {"x": 0.5, "y": 0.4}
    exact = "; ".join(formulas(text, ["x"], is_exact=True).program(0))
    assert value_of(derivative(text), point) == pytest.approx(value_of(exact, point), rel=1e-12)
