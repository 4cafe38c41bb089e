"""Taylor polynomials: every row to order 20 against mpmath, textbook series, and what is said where there is none."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf

from mgrad_cli import Expression
from mgrad_cli.analysis import homogeneous
from mgrad_cli.analysis import taylor as analysis
from mgrad_cli.analysis.decimal_scalars import DecimalScalars, precision
from mgrad_cli.analysis.homogeneous import Scalars
from mgrad_cli.analysis.polynomials import polynomial_text
from mgrad_cli.analysis.power_series import PowerSeries, SeriesAlgebra
from mgrad_cli.analysis.taylor import exponents
from mgrad_cli.errors import BindingError, LimitError, SeriesError, UndecidedError, UsageError
from mgrad_cli.exact.scalars import BallScalars, at_precision
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import Operation, rows
from tests.conftest import Run
from tests.reference import REFERENCES

ORDER = 20
EXACT = 1e-14
Line = tuple[tuple[float, ...], tuple[float, ...]]
"""A point and a direction: the operands are point + direction*t."""


def lines_of(row: Operation) -> Iterator[Line]:
    """Yield the lines through a row's samples: along each operand, and one along which all of them move."""
    for sample in (*row.samples, *row.ill_conditioned):
        point = sample if isinstance(sample, tuple) else (sample,)
        yield from ((point, tuple(float(index == other) for other in range(len(point)))) for index in range(len(point)))
        if len(point) > 1:
            yield point, tuple(1 + index / 2 for index in range(len(point)))


def is_smooth(row: Operation, line: Line) -> bool:
    """Return whether a row has a series along a line, which steps and conditions may not have."""
    moves_order = row.name in {"polygamma", "gammainc", "gammaincc"} and line[1][0] != 0
    return row.group != "logic" and not moves_order and (row.name, line[0]) != ("round", (-2.5,))


LINES = [
    pytest.param(row, line, id=f"{row.name}-{','.join(map(str, line[0]))}-{','.join(map(str, line[1]))}")
    for group in rows().values()
    for row in group
    for line in dict.fromkeys(lines_of(row))
    if is_smooth(row, line)
]


def along(row: Operation, line: Line, scalars: Scalars, order: int = ORDER) -> list[Any]:
    """Return the coefficients of a row in t along a line."""
    algebra = SeriesAlgebra(scalars)
    t = algebra.variable(0.0)
    operands = [algebra.constant(start) + t * slope if slope else start for start, slope in zip(*line, strict=True)]
    series = PowerSeries.apply(row, *operands).regular()
    algebra.extend(series, order)
    return [series.at(degree).get(degree, algebra.zero) for degree in range(order + 1)]


def proven_along(row: Operation, line: Line) -> list[float]:
    def compute() -> list[float] | None:
        scalars = BallScalars(assumes=True)
        rounded = list(map(scalars.rounded, along(row, line, scalars)))
        return None if None in rounded else [number for number in rounded if number is not None]

    return at_precision(compute, 64)[0]


def polygamma_terms(order: int, x: Any) -> list[Any]:
    """Return the coefficients of a derivative of digamma."""
    return [mpmath.psi(order + k, x) / mpmath.factorial(k) for k in range(ORDER + 1)]


def lgamma_terms(x: Any) -> list[Any]:
    return [mpmath.loggamma(x), *(mpmath.psi(k - 1, x) / mpmath.factorial(k) for k in range(1, ORDER + 1))]


def gamma_terms(x: Any) -> list[Any]:
    """Return the coefficients of gamma = y, from y' = y*digamma."""
    slopes, terms = polygamma_terms(0, x), [mpmath.gamma(x)]
    for k in range(1, ORDER + 1):
        terms.append(sum(terms[j] * slopes[k - 1 - j] for j in range(k)) / k)
    return terms


GAMMA_FAMILY: dict[str, Callable[..., list[Any]]] = {
    "gamma": gamma_terms,
    "lgamma": lgamma_terms,
    "digamma": lambda x: polygamma_terms(0, x),
    "polygamma": lambda n, x: polygamma_terms(int(n), x),
}
"""The functions of which differences take long at many digits."""


def difference_terms(order: int, line: Line) -> list[Any]:
    """Return the coefficients of polygamma(order, a) - polygamma(order, a + b) along a line."""
    (a, b), (da, db) = ([mpf(each) for each in part] for part in line)
    first, second = polygamma_terms(order, a), polygamma_terms(order, a + b)
    return [x * da**k - y * (da + db) ** k for k, (x, y) in enumerate(zip(first, second, strict=True))]


DIFFERENCES = {"digamma_difference": (0, -1), "trigamma_difference": (1, 1)}
"""The order and the sign of rows that are such differences."""


def reference(row: Operation, line: Line) -> list[Any]:
    """Return the coefficients by mpmath, from differences at many digits."""
    function = REFERENCES[row.name]
    with mpmath.workdps(60):
        if row.name in GAMMA_FAMILY:
            return GAMMA_FAMILY[row.name](*map(mpf, line[0]))
        if row.name in DIFFERENCES:
            order, sign = DIFFERENCES[row.name]
            return [sign * term for term in difference_terms(order, line)]
        differences = mpmath.taylor(
            lambda t: function(*(mpf(a) + mpf(b) * t for a, b in zip(*line, strict=True))), 0, ORDER, chop=False
        )
        return list(differences)


def is_close(number: Any, true: Any, tolerance: float, size: Any) -> bool:
    """Return whether a number is close to a true one, which is 0 if differences of this size may have left it."""
    if abs(true) <= size * mpf(10) ** -40:
        return bool(abs(number) <= size * mpf(10) ** -40)
    return bool(abs(mpf(number) - true) <= max(tolerance * abs(true), mpf("1e-300")))


@pytest.mark.slow
@pytest.mark.parametrize(("row", "line"), LINES)
def test_every_row_to_order_20(row: Operation, line: Line) -> None:
    true = reference(row, line)
    size = max(map(abs, true))
    found = proven_along(row, line)
    wrong = [(k, a, b) for k, (a, b) in enumerate(zip(found, true, strict=True)) if not is_close(a, b, EXACT, size)]
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize(("row", "line"), LINES)
def test_without_balls_lost_digits_are_noticed(row: Operation, line: Line) -> None:
    with precision():
        found, moved = (along(row, line, DecimalScalars(moves), 8) for moves in (0.0, 4.0))
        for number, other, true in zip(found, moved, proven_along(row, line), strict=False):
            got, spread = mpf(str(number)), abs(mpf(str(number)) - mpf(str(other)))
            assert abs(got - true) <= 16 * spread + 64 * 2.0**-52 * abs(true) + 5e-324


TEXTBOOK: list[tuple[str, float, list[float]]] = [
    ("j0(x)", 0, [1, 0, -1 / 4, 0, 1 / 64]),
    ("j1(x)", 0, [0, 1 / 2, 0, -1 / 16, 0]),
    ("j0(sin(x))", 0, [1, 0, -1 / 4, 0, 19 / 192]),
    ("sin(x)/x", 0, [1, 0, -1 / 6, 0, 1 / 120]),
    ("sinc(x)", 0, [1, 0, -1 / 6, 0, 1 / 120]),
    ("(1 - cos(x))/x**2", 0, [1 / 2, 0, -1 / 24, 0, 1 / 720]),
    ("x/(exp(x) - 1)", 0, [1, -1 / 2, 1 / 12, 0, -1 / 720]),
    ("log(1 + x)/x", 0, [1, -1 / 2, 1 / 3, -1 / 4, 1 / 5]),
    ("log(x)/(x - 1)", 1, [1, -1 / 2, 1 / 3, -1 / 4, 1 / 5]),
    ("(sin(x) - x + x**3/6)/x**5", 0, [1 / 120, 0, -1 / 5040, 0, 1 / 362880]),
    ("cot(x) - 1/x", 0, [0, -1 / 3, 0, -1 / 45, 0]),
    ("1/sin(x)**2 - 1/x**2", 0, [1 / 3, 0, 1 / 15, 0, 2 / 189]),
    ("(exp(x) - e)/(x - 1)", 1, [math.e / math.factorial(k + 1) for k in range(5)]),
    ("sin(pi*x)/(x - 1)", 1, [-math.pi, 0, math.pi**3 / 6, 0, -(math.pi**5) / 120]),
    ("(1 + x)**(1/x)", 0, [math.e, -math.e / 2, 11 * math.e / 24, -7 * math.e / 16, 2447 * math.e / 5760]),
    ("(x**2 - 1)/(x - 1)", 1, [2, 1, 0, 0, 0]),
    ("x**1000000 + x", 0, [0, 1, 0, 0, 0]),
    ("1/(1 - x)", 0, [1, 1, 1, 1, 1]),
    ("tan(x)", 0, [0, 1, 0, 1 / 3, 0]),
    ("sigmoid(x)", 0, [1 / 2, 1 / 4, 0, -1 / 48, 0]),
    ("mish(x)", 0, [0, 0.6, 0.32, -0.016, -0.04586666666666667]),
    ("sin(x)**2 + cos(x)**2", 0.5, [1, 0, 0, 0, 0]),
    ("x*gamma(x)", 0, [1, -0.5772156649015329, 0.9890559953279725, -0.9074790760808863, 0.9817280868344002]),
    ("relu(x)**2", 1, [1, 2, 1, 0, 0]),
    ("abs(x)*x", -1, [-1, 2, -1, 0, 0]),
    ("max(x, x)", 1, [1, 1, 0, 0, 0]),
    ("where(x > 0, log(x), x**2)", -2, [4, -4, 1, 0, 0]),
    ("where(x == 0, 1, sin(x)/x)", 0, [1, 0, -1 / 6, 0, 1 / 120]),
    ("a = x**2; a*a", 0, [0, 0, 0, 0, 1]),
    ("clip(x, 0, inf)", 1, [1, 1, 0, 0, 0]),
    ("7", 0, [7, 0, 0, 0, 0]),
]


@pytest.mark.parametrize(("text", "x", "expected"), TEXTBOOK, ids=[f"{text} at {x}" for text, x, _ in TEXTBOOK])
@pytest.mark.parametrize("has_flint", [True, False], ids=["proven", "decimals"])
def test_textbook_series(
    text: str, x: float, expected: list[float], has_flint: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_flint:
        if "pi" in text or text == "7":
            return
        monkeypatch.setattr(analysis, "is_installed", lambda library: False)
    script = read(text if "x" in text else f"{text} + 0*x")
    found = analysis.taylor(script, {"x": float(x)}, order=4)
    assert list(found.outputs["f"].values()) == pytest.approx(expected, rel=1e-14, abs=1e-16)
    assert bool(found.bits) == has_flint


NONE = [
    ("sqrt(x)", 0, "sqrt(x)", "a kink, a jump or a branch point"),
    ("1 + cbrt(x)", 0, "cbrt(x)", "a kink, a jump or a branch point"),
    ("2*abs(x)", 0, "abs(x)", "a kink, a jump or a branch point"),
    ("floor(x)", 2, "floor(x)", "a kink, a jump or a branch point"),
    ("mod(x, 2)", 4, "mod(x, 2)", "a kink, a jump or a branch point"),
    ("atan2(x, -1)", 0, "atan2(x, -1)", "a kink, a jump or a branch point"),
    ("x**2.5", 0, "x**2.5", "a kink, a jump or a branch point"),
    ("sqrt(x**2)", 0, "sqrt(x**2)", "a kink, a jump or a branch point"),
    ("where(x > 0, x, sin(x))", 0, "x > 0", "a condition changes"),
    ("where(x == 0, 2, sin(x)/x)", 0, "where(x == 0, 2, sin(x)/x)", "a jump"),
    ("where(x != 0 and 1 > 0, x, 7)", 0, "where(x != 0 and 1 > 0, x, 7)", "a jump"),
    ("where(not (x == 0), x, 7)", 0, "where(not (x == 0), x, 7)", "a jump"),
    ("x + (x == 0)", 0, "x + (x == 0)", "a jump"),
    ("exp(x)*(x != 0)", 0, "exp(x)*(x != 0)", "a jump"),
    ("max(x == 0, 0)", 0, "max(x == 0, 0)", "a jump"),
    ("x**(x == 1)", 1, "x**(x == 1)", "a jump"),
    ("x == 0", 0, "x == 0", "a jump"),
    ("where(1 > 0, not (x == 0), x)", 0, "not (x == 0)", "a jump"),
    ("polygamma(x, 2)", 1, "polygamma(x, 2)", "polygamma(n, x) is differentiable by x only"),
    ("round(x)", 2.5, "round(x)", "a kink, a jump or a branch point"),
    ("x*(x and 1)", 0, "x and 1", "a condition changes"),
    ("where(x, 1, 2)", 0, "where(x, 1, 2)", "a condition changes"),
    ("max(x, 0)", 0, "max(x, 0)", "a kink"),
    ("relu(x)", 0, "relu(x)", "a kink"),
    ("softsign(x)", 0, "softsign(x)", "a kink, a jump or a branch point"),
    ("1/x", 0, "1/x", "a pole of order 1"),
    ("sin(x)/x**3", 0, "sin(x)/x**3", "a pole of order 2"),
    ("exp(1/x)", 0, "exp(1/x)", "a pole of order 1"),
    ("log(x)", 0, "log(x)", "log of zero"),
    ("log(x)", -1, "log(x)", "outside the domain of log, x > 0"),
    ("gamma(x)", -2, "gamma(x)", "a pole of order 1"),
    ("x/(x - x)", 1, "x/(x - x)", "division by zero"),
    ("x + inf", 1, "x + inf", "a term is inf"),
]


@pytest.mark.parametrize(("text", "x", "place", "reason"), NONE, ids=[f"{text} at {x}" for text, x, *_ in NONE])
def test_where_there_is_no_series_the_place_is_named(text: str, x: float, place: str, reason: str) -> None:
    with pytest.raises(SeriesError) as caught:
        Expression(text).taylor(x=x)
    assert caught.value.message == f"{place} has no Taylor series at x = {x}: {reason}"
    span = caught.value.span
    assert span is not None
    assert text[span.start : span.end] == place


@pytest.mark.parametrize(
    ("text", "reason"),
    [("x*y/(x**2 + y**2)", "the limit depends on the direction"), ("1/(x*y)", "a pole"), ("y/x", "the limit depends")],
)
def test_quotients_in_several_variables_that_are_no_series(text: str, reason: str) -> None:
    with pytest.raises(SeriesError, match=reason):
        Expression(text).taylor(x=0, y=0)


def test_quotients_in_several_variables_that_are_series() -> None:
    assert str(Expression("(x**2 - y**2)/(x - y)").taylor(x=0, y=0)) == "x + y"
    assert str(Expression("sin(x*y)/(x*y)").taylor(x=0, y=0, order=4)) == "1 - x**2*y**2/6"
    assert str(Expression("(exp(x + y) - 1)/(x + y)").taylor(x=0, y=0, order=1)) == "1 + x/2 + y/2"


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("where(not (x == 0), sin(x)/x, 1)", "1 - x**2/6"),
        ("where(x != 0 and 1 > 0, x**2, 0)", "x**2"),
        ("where(x != 0 or 1 > 0, x, 7)", "x"),
        ("where(x == 0 and x != 0, 7, x)", "x"),
        ("where(x == 0 and 1 < 0, 7, x)", "x"),
    ],
)
def test_conditions_of_equality_hold_at_the_point_and_nearby(text: str, series: str) -> None:
    assert str(Expression(text).taylor(x=0, order=2)) == series


def test_a_branch_that_is_not_taken_needs_no_series() -> None:
    assert str(Expression("where(x > 0, x, sqrt(x)/0)").taylor(x=1, order=2)) == "1 + (x - 1)"


SMOOTH = ["exp(sin(x)*y)", "x**y", "hypot(x, y)*log(x + y)", "atan2(y, x)", "tanh(x*y)/(1 + x)", "erf(x - y)*sqrt(x)"]


@pytest.mark.parametrize("text", SMOOTH)
def test_the_derivative_of_the_series_is_the_series_of_the_derivative(text: str) -> None:
    point = {"x": 1.25, "y": 0.75}
    series = Expression(text).taylor(point, order=7).coefficients
    slope = Expression(text).diff("x").taylor(point, order=6).coefficients
    for (j, k), number in slope.items():
        assert number == pytest.approx((j + 1) * series[j + 1, k], rel=1e-14)


@pytest.mark.parametrize("text", SMOOTH)
def test_first_and_second_derivatives_are_the_coefficients(text: str) -> None:
    point = {"x": 1.25, "y": 0.75}
    series = Expression(text).taylor(point, order=2).coefficients
    result = Expression(text)(point)
    assert series[0, 0] == pytest.approx(result.value, rel=1e-14)
    assert [series[1, 0], series[0, 1]] == pytest.approx([result.grads["x"], result.grads["y"]], rel=1e-13)
    assert series[1, 1] == pytest.approx(Expression(text).diff("x", "y")(point).value, rel=1e-13)


@pytest.mark.parametrize("text", SMOOTH)
def test_several_variables_along_a_line_are_one_variable(text: str) -> None:
    surface = Expression(text).taylor(x=1.25, y=0.75, order=8).coefficients
    line = Expression(f"x = 1.25 + t*0.5; y = 0.75 - t*0.25; {text}").taylor(t=0, order=8).coefficients
    for degree in range(9):
        terms = [number * 0.5**j * (-0.25) ** k for (j, k), number in surface.items() if j + k == degree]
        assert line[degree,] == pytest.approx(math.fsum(terms), abs=1e-14 * sum(map(abs, terms)))


def test_near_the_point_the_polynomial_is_the_function() -> None:
    function = Expression("exp(a*x)*cos(y)")
    series = function.taylor(around={"x": 0.5, "y": 1}, a=2, order=8)
    assert series.result.parameters == {"a": 2.0}
    assert series(x=0.51, y=0.99) == pytest.approx(function(x=0.51, y=0.99, a=2).value, rel=1e-15)
    assert series.polynomial.variables == ("x", "y")


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(exponents(2, 3)),
        st.one_of(st.floats(-1e100, 1e100), st.integers(-20, 20).map(lambda n: n / 15)),
    ),
    st.floats(-1e3, 1e3),
)
def test_a_polynomial_reads_back(coefficients: dict[tuple[int, ...], float], centre: float) -> None:
    text = polynomial_text({"x": centre, "y": 0.0}, coefficients)
    point = {"x": centre + 0.5, "y": 2.0}
    value = Expression(f"0*x + 0*y + ({text})")(point).value
    terms = [number * (point["x"] - centre) ** j * 2.0**k for (j, k), number in coefficients.items()]
    assert value == pytest.approx(math.fsum(terms), abs=1e-13 * max(map(abs, terms), default=0))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sin(x)", "x - x**3/6 + x**5/120"),
        ("tan(x)", "x + x**3/3 + 2*x**5/15"),
        ("-exp(x)", "-1 - x - x**2/2 - x**3/6 - x**4/24 - x**5/120"),
        ("0.3*x - 2.718281828459045*x**2", "0.3*x - 2.718281828459045*x**2"),
        ("x - x", "0"),
    ],
)
def test_how_a_polynomial_is_written(text: str, written: str) -> None:
    series = Expression(text).taylor(x=0, order=5)
    assert str(series) == written
    assert str(series.polynomial.taylor(x=0, order=5) if series.polynomial.script.names else written) == written


def test_powers_are_of_the_difference_from_the_point() -> None:
    assert str(Expression("log(x)").taylor(x=1, order=3)) == "x - 1 - (x - 1)**2/2 + (x - 1)**3/3"
    assert str(Expression("x**2").taylor(x=-3)) == "9 - 6*(x + 3) + (x + 3)**2"
    assert Expression("exp(x)").taylor(x=0, order=2)._repr_latex_() == "$\\displaystyle 1 + x + \\frac{x^{2}}{2}$"
    assert "<td>(x - 1)**2</td>" in Expression("x**2").taylor(x=1)._repr_html_()


def test_several_outputs(mgrad: Run) -> None:
    ran = mgrad("taylor", "r*cos(t), r*sin(t)", "--around", "t=0", "--r", "2", "--order", "3", "--json")
    record = json.loads(ran.stdout)
    assert [(each["name"], each["polynomial"]) for each in record["outputs"]] == [
        ("f1", "2 - t**2"),
        ("f2", "2*t - t**3/3"),
    ]
    assert record["coefficients"] == record["outputs"][0]["coefficients"]
    text = mgrad("taylor", "r*cos(t), r*sin(t)", "--around", "t=0", "--r", "2", "--order", "3", "--format", "text")
    assert text.stdout == "2 - t**2, 2*t - t**3/3\n"
    assert list(Expression("x, x**2").taylor(x=0).outputs) == ["x", "f2"]


@pytest.mark.parametrize("order", [0, 1, 500])
def test_orders_that_are_possible(order: int) -> None:
    series = Expression("exp(x)*sin(x)").taylor(x=0.5, order=order)
    assert len(series.coefficients) == order + 1
    assert series.coefficients[0,] == pytest.approx(math.exp(0.5) * math.sin(0.5), rel=1e-15)


@pytest.mark.parametrize(
    ("order", "error"), [(-1, UsageError), (1.5, UsageError), (501, LimitError), (10**9, LimitError)]
)
def test_orders_that_are_not(order: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="order"):
        Expression("sin(x)").taylor(x=0, order=order)


def test_too_many_coefficients_are_a_limit() -> None:
    with pytest.raises(LimitError, match=r"order 100 in 3 variables has 176,851 coefficients"):
        Expression("x*y*z").taylor(x=0, y=0, z=0, order=100)


def test_work_without_end_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homogeneous, "MAX_PRODUCTS", 1000)
    assert Expression("exp(sin(x))").taylor(x=1, order=5)
    with pytest.raises(LimitError, match="takes too long"):
        Expression("exp(sin(x))").taylor(x=1, order=50)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_points_that_are_none(value: float) -> None:
    with pytest.raises(BindingError, match="the point must be finite"):
        Expression("sin(x)").taylor(x=value)


def test_names_that_are_none() -> None:
    with pytest.raises(BindingError, match="no variable 'z' in the expression"):
        Expression("x*y").taylor(x=1, y=2, around="z")
    with pytest.raises(BindingError, match="missing value for 'y'"):
        Expression("x*y").taylor(around={"x": 0})
    with pytest.raises(BindingError, match="no variable has a value"):
        Expression("1 + 2").taylor()


def test_certified_zeros_are_not_assumed() -> None:
    assert Expression("sin(x)**2 + cos(x)**2").taylor(x=0.5, order=2).result.assumed
    with pytest.raises(UndecidedError):
        Expression("sin(x)**2 + cos(x)**2").taylor(x=0.5, order=2, certify=True)
    assert Expression("sin(x)/x").taylor(x=0, certify=True).result.bits > 0


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "text",
    ["+".join(["sin(x)"] * 12_000), "x" + "*x" * 20_000, "sqrt(1 + " * 3_000 + "x" + ")" * 3_000, "-" * 9_000 + "x"],
    ids=["long sum", "long product", "deep", "signs"],
)
def test_long_formulas(text: str, mgrad: Run) -> None:
    ran = mgrad("taylor", "-", "--x", "0.5", "--order", "4", "--json", stdin=text)
    assert ran.returncode == 0, ran.stderr[-300:]
    assert len(json.loads(ran.stdout)["coefficients"]) == 5


def test_the_table(mgrad: Run) -> None:
    ran = mgrad("taylor", "sin(x)/x", "--x", "0", "--order", "4")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        "╭──────┬──────────────────────╮\n"
        "│ term │          coefficient │\n"
        "├──────┼──────────────────────┤\n"
        "│ 1    │                    1 │\n"
        "│ x**2 │ -0.16666666666666666 │\n"
        "│ x**4 │ 0.008333333333333333 │\n"
        "╰──────┴──────────────────────╯\n"
        "f ≈ 1 - x**2/6 + x**4/120\n"
    )


@pytest.mark.parametrize(
    ("text", "order"), [("x", "0"), ("floor(x)", "6"), ("x - x", "3"), ("sin(x), x - x", "3")], ids=lambda value: value
)
def test_a_polynomial_without_terms_is_0(text: str, order: str, mgrad: Run) -> None:
    ran = mgrad("taylor", text, "--x", "0" if text == "x" else "0.5", "--order", order)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith(" ≈ 0\n")


def test_coefficients_that_are_not_finite_are_marked_and_warned_of(mgrad: Run) -> None:
    ran = mgrad("taylor", "exp(1000*x), exp(x)", "--x", "1", "--order", "2")
    assert (ran.returncode, ran.stderr) == (0, "warning: beyond the range of doubles: 3 coefficients\n")
    assert ran.stdout.count("! inf") == 3


def test_json_is_strict(mgrad: Run) -> None:
    ran = mgrad("taylor", "exp(300*x)*a", "--around", "x=2", "--a", "1e50", "--order", "1", "--json")
    record = json.loads(ran.stdout, parse_constant=pytest.fail)
    assert record["status"] == "nonfinite"
    assert record["nonfinite"] == {"/coefficients/0/coefficient": "inf", "/coefficients/1/coefficient": "inf"}
    assert record["coefficients"][1] == {"powers": {"x": 1}, "coefficient": None}
    assert record["vars"] == {"a": 1e50}


def test_other_formats(mgrad: Run) -> None:
    words = ("taylor", "exp(x*y)", "--around", "x=0,y=1", "--order", "1")
    assert mgrad(*words, "--format", "csv").stdout == "power_x,power_y,coefficient\n0,0,1.0\n1,0,1.0\n0,1,0.0\n"
    assert mgrad(*words, "--format", "latex").stdout == "f\\left(x, y\\right) \\approx 1 + x\n"
    assert mgrad(*words, "--format", "text").stdout == "1 + x\n"


@pytest.mark.parametrize(
    ("text", "around", "want"),
    [
        ("x*y", "x=max(1, 2),y=1", "2 + (x - 2) + 2*(y - 1) + (x - 2)*(y - 1)"),
        ("x*y", " y = 1 , x = max(1, max(2, 3)) ", "3 + 3*(y - 1) + (x - 3) + (y - 1)*(x - 3)"),
        ("\u00e9**2", "e\u0301=0", "\u00e9**2"),
    ],
    ids=["a function", "functions and blanks", "a name in another normal form"],
)
def test_points_are_read_as_other_values(text: str, around: str, want: str, mgrad: Run) -> None:
    ran = mgrad("taylor", text, "--around", around, "--order", "2", "--format", "text")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{want}\n", "")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["sqrt(x)", "--x", "0"], 1, "sqrt(x) has no Taylor series at x = 0"),
        (["x*y", "--around", "x=0,y"], 2, "missing value for 'y'"),
        (["x*y", "--around", "x=0", "--x", "1", "--y", "2"], 2, "'x' has a value in --around and another one"),
        (["x", "--around", "x="], 2, "--around takes names or points"),
        (["x", "--around", ","], 2, "--around takes names or points"),
        (["x", "--around", "x=cat"], 2, "the value of 'x', 'cat', is not a number"),
        (["x", "--around", "z=1", "--x", "1"], 2, "no variable 'z' in the expression"),
        (["x", "--x", "0", "--order", "-1"], 2, "--order"),
        (["x", "--x", "0", "--order", "1000000000"], 3, "above the limit of 500"),
        (["x", "--x", "nan"], 2, "the point must be finite"),
        (["x"], 2, "missing value for 'x'; bind it with --x VALUE"),
        (["2*3"], 2, "no variable has a value to expand around"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_wrong_words_are_one_line(words: list[str], code: int, message: str, mgrad: Run) -> None:
    ran = mgrad("taylor", *words)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert message in ran.stderr.splitlines()[0]
