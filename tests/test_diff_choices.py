"""`diff` of formulas that choose: the derivative of what is chosen, everywhere but at single points."""

import math

import pytest

from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import TABLE
from mgrad_cli.symbolic.agreement import DISCRETE, MEROMORPHIC, SMOOTH, can_agree
from mgrad_cli.symbolic.derivatives import derivatives
from mgrad_cli.symbolic.simplifier import Simplifier
from mgrad_cli.symbolic.terms import Term
from tests.test_diff import derivative, formulas, value_of
from tests.test_diff_fuzz import are_close, numbers

VALUES = (-2.3, -0.7, 0.4, 1.6, 3.1)


def assert_is_the_derivative(text: str, order: int = 1) -> None:
    unit = read(text)
    inputs, _ = input_names(unit, ())
    found = derivatives(unit, inputs, inputs, order, {}, False)
    exact = derivatives(unit, inputs, inputs, order, {}, True)
    for shift in range(len(VALUES)):
        for step in (1, 2):
            point = {name: VALUES[(shift + step * index) % len(VALUES)] for index, name in enumerate(inputs)}
            got, want = numbers(found.program, point), numbers(exact.program, point)
            for index, by in enumerate(exact.by):
                if math.isfinite(want[index]):
                    assert are_close(got[index], want[index]), (text, by, point, got[index], want[index])


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    "text",
    [
        "where(v < 1, a*v, b*v)*v",
        "x**2/2 + where(c > 0, x + 1, x + 2)*x",
        "p = -u; max(v - u, p) + max(w - u, p)",
        "x/where(c > 0, x + 1, x + 2)",
        "mod(x, z)*where(x <= 1, z, x + z)",
        "where(c > 0, x, 2*x) + where(c > 0, 3*x, x**2) + where(c <= 0, x, x**3)",
        "t = x*y; where(c > 0, t, -t) + where(c > 1, t**2, t)*t",
        "where(a > 0, where(b > 0, x, x**2), where(b > 0, x**3, -x))*x",
        "where(where(a > 0, x, b) > 0, where(x > 1, x*a, b), a - x)*where(a > 0, x, 1)",
        "where(x, x*y, y)*where(not x, y, x*x)",
        "max(x, y, x) - min(x, y)*clip(x, y, c)",
        "where(x > 0 and y > 0, x*y, where(x > 0 or y > 0, x, y))",
        "-where(c > 0, x, y) - where(c > 0, -x, -y)*where(c > 0, 2, -1)",
    ],
)
def test_choices_that_come_up_twice_count_twice(text: str, order: int) -> None:
    assert_is_the_derivative(text, order)


AGREEING = [
    "max(abs(x), x)", "max(x, relu(x))", "max(clip(x, 0, 1), x)", "max(x, max(x, -1))", "max(sqrt(x**2), abs(x))",
    "min(abs(x), x)", "min(abs(x), -x)", "max(x, leaky_relu(x))", "min(floor(x), 1)*x", "max(mod(x, 2), x)",
    "max(where(x > 0, x, 1), x)", "max(x*sign(x), x)*y", "min(sqrt(x**4), x**2)", "max(relu6(x), x)",
    "max(x, hardtanh(x))", "max(elu(x), x)", "max(log(x**2), 2*log(abs(x)))", "max(max(x, y), min(x, 1))",
    "max(atan(1/x) + atan(x), pi/2)*x", "max(x, x + relu(y)*y)", "min(abs(x*y), x*y)", "max(0, relu(x)*x)",
    "relu(x)**y", "hypot(relu(x), max(y, 0))", "xlogy(relu(x), relu(y))", "sqrt(abs(relu(x)))*sign(relu(x)) + x",
    "relu(x)**3*relu(x)**(relu(x)**0.5)", "max(asin(sin(x)), x)", "max(x**2, abs(x)**2)", "max(round(x), floor(x))*x", "max(x, y, relu(x))",
]  # fmt: skip


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("text", AGREEING)
def test_shares_stay_where_operands_agree_on_an_interval(text: str, order: int) -> None:
    assert_is_the_derivative(text, order)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("where(v < 6, a*v, b*v)*v", "2*where(v < 6, a*v, b*v)"),
        ("x/where(c > 0, x + 1, x + 2)", "(1 - x/where(c > 0, x + 1, x + 2))/where(c > 0, x + 1, x + 2)"),
        ("where(x < 1, x**2, where(x < 2, x**3, 2*x))", "where(x < 1, 2*x, where(x < 2, 3*x**2, 2))"),
        ("where(c > 0, x, where(c > 0, x**2, x**3))", "where(c > 0, 1, 3*x**2)"),
        ("max(x - K, 0)", "x - K > 0"),
        ("max(0, 1 - x*y)", "-y*(x*y < 1)"),
        ("max(sqrt(x**2 + 1), 2)", "x*(sqrt(x**2 + 1) > 2)/sqrt(x**2 + 1)"),
        ("max(log(x), 0)", "(x > 1)/x"),
    ],
)
def test_choices_are_written_as_people_would(text: str, want: str) -> None:
    name = "v" if "v" in text else "x"
    got = derivative(text, name)
    point = dict(zip("abcvxyK", (0.3, 0.9, 1.0, 2.0, 0.7, 1.3, 0.2), strict=True))
    assert got == want or value_of(got, point) == pytest.approx(value_of(want, point))


def test_a_condition_that_asks_for_nan_stays() -> None:
    assert derivative("where(log(x) == log(x), x**2, x)") == "where(log(x) == log(x), 2*x, 1)"
    assert derivative("where(x*y == x*y, x**2, x)") == "2*x"
    assert derivative("where(max(x, 1) == x, x**2, x)") == "where(x >= 1, 2*x, 1)"


PARTIAL = (
    "log(x)", "sqrt(x)", "x**1.5", "asin(x)", "acosh(x)", "log(x - 1)", "floor(x)/floor(x)", "1/relu(x)", "(x*y)**0.5",
    "log(sqrt(x))", "log(x)*y + 1", "x/trunc(x)",
)  # fmt: skip
"""Formulas without a value on an interval."""

CANCELLING = (
    "{0} - {0}", "{0}/{0}", "0*({0})", "({0})**2", "exp({0})", "({0})**2/({0})", "({0})*({0})", "x + {0} - x - ({0})",
    "({0} - y) - ({0})", "(y*({0}))/({0})", "2*({0}) - ({0})", "sin(-({0})*0)", "where(x > 9, y, {0} - ({0}))",
    "max({0} - ({0}), -1)", "abs({0} - ({0})) + 1", "(({0})**2)**0.5", "({0} - ({0}))*y + 1", "where({0} - ({0}) == 0, 1, -1)",
    "exp(log(({0})**2))", "log(exp({0}))", "-({0}) + ({0})", "({0})**0.5*({0})**0.5",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("relation", ["{0} < 0.5", "{0} >= 0", "{0} == {0}", "not {0} > 0.25", "{0} == 0 or {0} != 1"])
@pytest.mark.parametrize("shape", CANCELLING)
def test_conditions_are_false_where_a_part_of_them_has_no_value(shape: str, relation: str, order: int) -> None:
    for partial in PARTIAL:
        condition = relation.format(f"({shape.format(partial)})")
        assert_is_the_derivative(f"where({condition}, x**2*y, 3*x**2) + y*x", order)


@pytest.mark.parametrize(
    "condition",
    [
        "log(x) - log(x) > -1", "sqrt(x)**2 < 4", "0*log(x) == 0", "exp(log(x)) < 1", "log(x)/log(x) > 0",
        "sqrt(x)*sqrt(x) > 1", "floor(x)**2/floor(x) >= 0", "0.1 + 0.2 == 0.3",
    ],
)  # fmt: skip
def test_a_condition_that_would_lose_a_part_stays_as_it_was_written(condition: str) -> None:
    assert derivative(f"where({condition}, x, 2*x)") == f"where({condition}, 1, 2)"


@pytest.mark.parametrize(
    ("condition", "want"),
    [
        ("abs(-2*x) < 1", "2*abs(x) < 1"), ("x/sqrt(2) + x > 1 + 1", "x/sqrt(2) + x > 2"), ("sqrt(x)**3 < 4", "x**1.5 < 4"),
        ("1 < x", "x > 1"), ("x*2 > 3*x*x", "2*x > 3*x**2"),
    ],
)  # fmt: skip
def test_a_condition_that_keeps_its_parts_is_simplified(condition: str, want: str) -> None:
    assert derivative(f"where({condition}, x, 2*x)") == f"where({want}, 1, 2)"


@pytest.mark.parametrize(
    ("a", "b", "want"),
    [
        ("x", "0", False), ("x", "y", False), ("x*y", "1", False), ("sin(x)", "cos(x)", False), ("log(x)", "0", False),
        ("abs(x)", "1", False), ("abs(x)", "y", False), ("w*abs(x) + b", "0", False), ("sqrt(x**2 + 1)", "2", False),
        ("log(x)", "sqrt(x)", False), ("x**y", "x", False), ("exp(x)/(1 + exp(y))", "z", False),
        ("abs(x)", "x", True), ("relu(x)", "0", True), ("floor(x)", "1", True), ("sin(x)**2 + cos(x)**2", "1", True),
        ("sqrt(x**2)", "x", True), ("x - x", "0", True), ("log(x**2)", "2*log(x)", True), ("w*relu(x)", "0", True),
        ("w*relu(x)", "w*x", True), ("atan(1/x) + atan(x)", "pi/2", True), ("cosh(x) + sinh(x)", "exp(x)", True),
    ],
)  # fmt: skip
def test_agreement_on_open_sets(a: str, b: str, want: bool) -> None:
    algebra = Simplifier(["pi"])
    one, other = (term_of(text, algebra) for text in (a, b))
    assert can_agree(one, other) is want


def term_of(text: str, algebra: Simplifier) -> Term:
    """The formula of a text, in an algebra."""
    (block,) = read(text).blocks
    terms: list[Term] = []
    for operation, operands, number, name, _ in block.steps:
        if operation is not None:
            terms.append(algebra.apply(operation, *[terms[index] for index in operands]))
        else:
            terms.append(algebra.input(name) if number is None else algebra.constant(number))
    return terms[-1]


def test_every_name_of_the_proofs_is_a_function() -> None:
    names = MEROMORPHIC | SMOOTH | DISCRETE
    assert names.issubset(TABLE)


def test_a_choice_of_many_cases_reads_as_it_was_written() -> None:
    text = "x"
    want = "1"
    for index in range(9, 0, -1):
        text = f"where(x < {index}, {index}*x, {text})"
        want = f"where(x < {index}, {index}, {want})"
    assert "".join(formulas(text, ["x"]).program(0)) == want
