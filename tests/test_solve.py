"""`mgrad solve`: roots to the last bits, how they move, and what is no root."""

import json
import math
from typing import Any

import mpmath
import pytest

from mgrad_cli import Expression
from mgrad_cli.analysis.solutions import Solution
from mgrad_cli.errors import BindingError, ExpressionError, NoRootError, UndecidedError, UsageError
from tests.conftest import Run

COLEBROOK = "1/sqrt(f) + 2*log10(eps/3.7/D + 2.51/(Re*sqrt(f)))"
KEPLER = "E - ecc*sin(E) - M"
SYSTEM = "3*x - cos(y*z) - 0.5, x**2 - 81*(y + 0.1)**2 + sin(z) + 1.06, exp(-x*y) + 20*z + (10*pi - 3)/3"


def solve(text: str, start: Any, /, slope: bool = False, **values: float) -> Solution:
    starts = start if isinstance(start, dict) else {"x": start}
    return Expression(text).solve(starts, values, slope=slope)


SIMPLE: list[tuple[str, Any, float]] = [
    ("x**3 - 2*x - 5", 2, 2.0945514815423265),
    ("x**3 - 2*x - 5", (1, 3), 2.0945514815423265),
    ("x == cos(x)", 1, 0.7390851332151607),
    ("x**3 == 5", 1, 5 ** (1 / 3)),
    ("x - 0.5*sin(x) - 1", (0, 10), 1.4987011335178484),
    ("x**2 - 2", 0, 1.4142135623730951),  # the slope is 0 at the start
    ("log(x) - 1", -1, math.e),  # nan at the start
    ("log(x) - 1", 0, math.e),  # infinite at the start
    ("log(x)", (0, 3), 1.0),  # infinite at an end
    ("sqrt(x) - 3", -10, 9.0),
    ("log(x) - 1", 100, math.e),  # Newton's first step leaves the domain
    ("atan(x)", 3, 0.0),  # Newton's method alone diverges
    ("sin(x)", 0.5, 0.0),
    ("x", 5, 0.0),
    ("x - 1e-300", 1, 1e-300),
    ("x - 1e-300", (-1, 1), 1e-300),
    ("x**2 - 1e-300", 1, 1e-150),
    ("x - 1e300", 1, 1e300),
    ("x/1e300 - 1", 1, 1e300),
    ("tan(x)", (2, 4), math.pi),
    ("tan(x) - 1", 0.5, math.pi / 4),
    ("abs(x) - 1", 0.5, 1.0),
    ("cbrt(x)", (-1, 2), 0.0),
    ("cbrt(x)", 1, 0.0),
    ("exp(x) - 1e300", (0, 1000), 690.7755278982137),
]


@pytest.mark.parametrize(("text", "start", "root"), SIMPLE)
def test_simple_roots_are_found_to_the_last_bits(text: str, start: Any, root: float) -> None:
    found = solve(text, start)
    assert abs(found.root["x"] - root) <= 2 * math.ulp(root)
    assert found.multiplicity == 1
    assert not found.notes


def test_derivatives_are_those_of_the_implicit_function_theorem() -> None:
    found = solve("x**3 - p*x - q", 2, p=2, q=5)
    x = mpmath.findroot(lambda x: x**3 - 2 * x - 5, 2)
    slope = 3 * x**2 - 2
    assert found.derivatives["x"]["p"] == pytest.approx(float(x / slope), rel=1e-14)
    assert found.derivatives["x"]["q"] == pytest.approx(float(1 / slope), rel=1e-14)
    assert found.digits["x"] > 15
    assert found.method == "hybrid"


@pytest.mark.parametrize("mean", [0.5, 1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("start", [None, 3.0, (0.0, 4.0)])
def test_keplers_equation_near_eccentricity_1(mean: float, start: Any) -> None:
    found = solve(KEPLER, {"E": mean if start is None else start}, ecc=0.9999, M=mean)
    with mpmath.workdps(40):
        ecc = mpmath.mpf(0.9999)
        truth = mpmath.findroot(lambda anomaly: anomaly - ecc * mpmath.sin(anomaly) - mean, found.root["E"])
        moved = float(mpmath.sin(truth) / (1 - ecc * mpmath.cos(truth)))
        error = float(abs(truth - found.root["E"]) / truth)
    assert error <= found.condition * 2.0**-53
    assert error <= 10 ** -found.digits["E"] + 2.0**-53
    assert found.derivatives["E"]["ecc"] == pytest.approx(moved, rel=1e-8)


@pytest.mark.parametrize("start", [0.02, 1e-3, 5.0, (1e-3, 1.0)])
def test_colebrook(start: Any) -> None:
    found = solve(COLEBROOK, {"f": start}, eps=4.6e-5, D=0.1, Re=1e5)
    assert found.root["f"] == pytest.approx(0.020162032044414756, rel=2e-15)
    assert set(found.derivatives["f"]) == {"eps", "D", "Re"}


def test_systems() -> None:
    found = solve("x**2 + y**2 - r, x - y", {"x": 1, "y": 2}, r=1)
    half = math.sqrt(0.5)
    assert found.root == pytest.approx({"x": half, "y": half}, rel=1e-15)
    for name in "xy":
        assert found.derivatives[name]["r"] == pytest.approx(half / 2, rel=1e-15)
    three = solve(SYSTEM, {"x": 0.1, "y": 0.1, "z": -0.1})
    assert three.root == pytest.approx({"x": 0.5, "y": 0, "z": -math.pi / 6}, rel=1e-15, abs=1e-16)
    assert three.multiplicity == 1
    assert set(three.residual) == {"f1", "f2", "f3"}
    far = solve("log(x) + log(y) == 1, x == y", {"x": -1, "y": -1})
    assert far.root == pytest.approx({"x": math.exp(0.5), "y": math.exp(0.5)}, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "start", "root", "multiplicity"),
    [
        ("x**2", 3, 0.0, 2),
        ("(x - 1)**2", 3, 1.0, 2),
        ("x**2 - 2*x + 1", 3, 1.0, 2),
        ("cos(x) + 1", 3, math.pi, 2),
        ("exp(x) - 1 - x", 1, 0.0, 2),
        ("(x - 1)**3*(x + 2)", 3, 1.0, 3),
        ("x**3", 1, 0.0, 3),
        ("x - sin(x)", 1, 0.0, 3),
        ("(x - 2)**4*exp(x)", 3, 2.0, 4),
        ("x**7 + x**9", 0.5, 0.0, 7),
    ],
)
def test_multiple_roots_are_said_to_be_multiple(text: str, start: float, root: float, multiplicity: int) -> None:
    found = solve(f"{text} + p", start, p=0.0)
    assert found.multiplicity == multiplicity
    assert abs(found.root["x"] - root) <= 10.0 ** -found.digits["x"]
    assert math.isnan(found.derivatives["x"]["p"])
    kind = {2: "a double root", 3: "a triple root"}.get(multiplicity, f"a root of multiplicity {multiplicity}")
    assert kind in found.notes[0]


@pytest.mark.parametrize(("text", "note"), [("abs(x - 1)", "at a kink"), ("x**1.5", "order 1.5")])
def test_roots_where_the_derivative_is_not_defined_are_noted(text: str, note: str) -> None:
    found = solve(text, 3)
    assert note in found.notes[0]
    assert found.multiplicity == 0


def test_singular_systems_are_noted() -> None:
    found = solve("x + y - p, 2*x + 2*y - 2*p", {"x": 0, "y": 0}, p=1)
    assert found.root["x"] + found.root["y"] == pytest.approx(1)
    assert "singular" in found.notes[0]
    assert all(math.isnan(found.derivatives[name]["p"]) for name in "xy")


@pytest.mark.parametrize(
    ("text", "start", "message"),
    [
        ("x**2 + 1", 3, "the smallest value of |f| found is 1, at x = "),
        ("x**2 + 1e-20", 3, "the smallest value of |f| found is 1e-20, at x = 0"),
        ("exp(-x)", 3, "it underflows, or is constant there"),
        ("relu(x)", -3, "it underflows, or is constant there"),
        ("1/x", 1, "the smallest value of |f| found is "),
        ("x + nan", 1, "not a number wherever the search got"),
        ("(x - 1)*(x - 2)", (0, 3), "no sign change between x = 0 and 3, where f is 2 and 2"),
        ("1/x", (-1, 1), "by a pole"),
        ("1/(x - 1)", (0, 3), "by a pole"),
        ("tan(x)", (1, 2), "by a pole"),
        ("floor(x) - 0.5", (0, 3), "by a jump"),
        ("sign(x - 2)", (0, 3), "by a jump"),
        ("sqrt(x) - 1", (-3, 3), "not a number at x = -3"),
        ("where(x > 1, sqrt(x - 5), -1)", (0.0, 9.0), "not a number at x = "),
    ],
)
def test_what_is_no_root_is_said(text: str, start: Any, message: str) -> None:
    with pytest.raises(NoRootError) as caught:
        solve(text, start)
    assert message in caught.value.message


def test_no_root_names_the_least_residual_and_its_place() -> None:
    with pytest.raises(NoRootError) as caught:
        solve("x**2 + y**2 + 1, x - y", {"x": 1, "y": 1})
    assert caught.value.size == pytest.approx(1, rel=0.5)
    assert set(caught.value.point) == {"x", "y"}


@pytest.mark.parametrize(
    ("text", "start", "values", "error", "message"),
    [
        ("x + y", {"x": 1, "y": 1}, {}, UsageError, "1 equation and 2 unknowns (x, y)"),
        ("x, x - 1", {"x": 1}, {}, UsageError, "2 equations and 1 unknown (x)"),
        ("x - p", {"x": 1}, {}, BindingError, "missing value for 'p'"),
        ("x - p", {"x": 1, "p": 2}, {"p": 3}, UsageError, "'p' is an unknown and has a value as well"),
        ("x - p", {"z": 1}, {"p": 3}, BindingError, "no variable 'z'"),
        ("x - p", {}, {"p": 3}, UsageError, "there is no unknown"),
        ("a = 2*x; a - 1", {"a": 1}, {"x": 3}, BindingError, "a is computed"),
        ("x", {"x": math.nan}, {}, UsageError, "the start of 'x' must be finite"),
        ("x", {"x": (2.0, 1.0)}, {}, UsageError, "must have its lower end first"),
        ("x, y", {"x": (0.0, 1.0), "y": 1}, {}, UsageError, "a bracket is for one unknown"),
        ("x < 3", {"x": 1}, {}, ExpressionError, "an equation has two sides and '=='"),
        ("1 == x == 2", {"x": 1}, {}, ExpressionError, "an equation has two sides and '=='"),
    ],
)
def test_what_makes_no_sense_is_refused(
    text: str, start: dict[str, Any], values: dict[str, float], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        Expression(text).solve(start, values)
    assert message in str(caught.value)


def test_slopes_that_are_zero() -> None:
    found = solve("x**4 - p*x**2 + x", 1, slope=True, p=3)
    x = found.root["x"]
    assert abs(4 * x**3 - 6 * x + 1) < 1e-14
    assert found.residual.keys() == {"d/dx"}
    assert found.derivatives["x"]["p"] == pytest.approx(2 * x / (12 * x**2 - 6), rel=1e-13)
    rosenbrock = solve("(a - x)**2 + 100*(y - x**2)**2", {"x": -1, "y": 1}, slope=True, a=1)
    assert rosenbrock.root == {"x": 1.0, "y": 1.0}
    assert rosenbrock.derivatives == {"x": {"a": pytest.approx(1)}, "y": {"a": pytest.approx(2)}}


def test_declared_inputs_are_parameters_with_their_defaults() -> None:
    found = solve("p = 4; x**2 - p", 1)
    assert found.root["x"] == 2
    assert found.parameters == {"p": 4.0}
    assert found.derivatives["x"]["p"] == 0.25


def test_the_command_shows_the_root_and_its_derivatives(mgrad: Run) -> None:
    ran = mgrad("solve", "x**3 - p*x - q", "--for", "x=2", "--p", "2", "--q", "5")
    assert ran.stderr == ""
    assert all(part in ran.stdout for part in ("2.0945514815423265", "dx/dp", "0.18765964859263", "residual"))
    assert max(map(len, ran.stdout.splitlines())) <= 80
    record = json.loads(mgrad("solve", "x**3 - p*x - q", "--for", "x=2", "--p", "2", "--q", "5", "--json").stdout)
    assert record["root"] == {"x": 2.0945514815423265}
    assert record["derivatives"]["x"]["q"] == 0.0895941924781195
    assert {"residual", "iterations", "condition", "multiplicity", "digits", "method"} <= record.keys()
    rows = mgrad("solve", "x**3 - p*x - q", "--for", "x=2", "--p", "2", "--q", "5", "--format", "csv").stdout
    assert rows.splitlines()[0] == "unknown,by,value,digits"
    assert len(rows.splitlines()) == 4


def test_a_double_root_is_strict_json_with_a_warning(mgrad: Run) -> None:
    ran = mgrad("solve", "(x - a)**2", "--for", "x=1", "--a", "5", "--json")
    assert ran.returncode == 0
    record = json.loads(ran.stdout)
    assert record["derivatives"] == {"x": {"a": None}}
    assert record["nonfinite"]["/derivatives/x/a"] == "nan"
    assert "double root" in ran.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["x**2 + 1", "--for", "x=1"], 1, "no root found from x = 1"),
        (["x**2 - 1"], 2, "--for x=1"),
        (["x**2 - 1", "--for", "x"], 2, "NAME=START"),
        (["x**2 - 1", "--for", "x=1,x=2"], 2, "gives 'x' twice"),
        (["x**2 - 1", "--for", "x=1:k"], 2, "the bracket of 'x', 'k', is not a number"),
        (["x**2 - k", "--for", "x=1"], 2, "bind it with --k VALUE"),
        (["x**2 = 1", "--for", "x=1"], 3, "an equation has '==' between its sides"),
        (["x = cos(x)", "--for", "x=1"], 3, "an equation has '==' between its sides"),
        (["u = x**2; tahn(u)", "--for", "x=1"], 3, "unknown function 'tahn'; did you mean 'tanh'?"),
        (["x**2 + y", "--for", "x=1,y=1"], 2, "1 equation and 2 unknowns"),
    ],
)
def test_errors_are_one_line(mgrad: Run, words: list[str], code: int, message: str) -> None:
    ran = mgrad("solve", *words)
    assert ran.returncode == code
    assert message in ran.stderr.splitlines()[0]
    assert "tahn" not in ran.stderr or "between its sides" not in ran.stderr
    assert ran.stdout == ""


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("x=1,y=2", {"x": 1.0, "y": 2.0}),
        ("x,y=2", {"x": 2.0, "y": 2.0}),
        ("x=0:pi/2", {"x": (0.0, math.pi / 2)}),
        ("x=max(1, 2), y=-1e-3", {"x": 2.0, "y": -1e-3}),
    ],
)
def test_starts_are_numbers_constants_and_brackets(text: str, starts: dict[str, Any]) -> None:
    from mgrad_cli.cli.commands.solve import starts_of
    from mgrad_cli.language.parser import DEFAULT_LIMITS

    assert starts_of(text, DEFAULT_LIMITS) == starts


def test_a_solution_shows_itself_in_a_notebook() -> None:
    assert "2.0945514815423265" in solve("x**3 - 2*x - 5", 2)._repr_html_()  # type: ignore[attr-defined]


CERTIFIED: list[tuple[str, Any, dict[str, float], bool]] = [
    ("x**3 - p*x - q", {"x": 2}, {"p": 2, "q": 5}, False),
    ("x**2 + y**2 - r, x - y", {"x": 1, "y": 2}, {"r": 1}, False),
    (KEPLER, {"E": 3}, {"ecc": 0.9999, "M": 1e-6}, False),
    (KEPLER, {"E": 1e-9}, {"ecc": 0.9999, "M": 1e-9}, False),
    (COLEBROOK, {"f": 0.02}, {"eps": 4.6e-5, "D": 0.1, "Re": 1e5}, False),
    (SYSTEM, {"x": 0.1, "y": 0.1, "z": -0.1}, {}, False),
    ("x**4 - p*x**2 + x", {"x": 1}, {"p": 3}, True),
    ("normcdf(x) - p", {"x": 0}, {"p": 0.3}, False),
    ("x == tan(x)", {"x": 4.5}, {}, False),
    ("p = pi/4; sin(x) - p", {"x": 1}, {}, False),
]


@pytest.mark.parametrize(("text", "starts", "values", "slope"), CERTIFIED)
def test_certified_roots_are_the_nearest_doubles(
    text: str, starts: dict[str, Any], values: dict[str, float], slope: bool
) -> None:
    found = Expression(text).solve(starts, values, slope=slope, certify=True)
    assert found.proof is not None
    for name, root in found.root.items():
        low, high = found.proof.box[name]
        assert low < root < high
    plain = Expression(text).solve(starts, values, slope=slope)
    for name, root in plain.root.items():
        assert abs(root - found.root[name]) <= max(10.0 ** -plain.digits[name] * abs(found.root[name]), 1e-16)
    for name, by_parameter in found.derivatives.items():
        assert by_parameter == pytest.approx(plain.derivatives[name], rel=1e-8)


def test_certified_figures_against_mpmath() -> None:
    found = Expression(KEPLER).solve({"E": 3}, ecc=0.9999, M=1e-6, certify=True)
    with mpmath.workdps(60):
        ecc = mpmath.mpf(0.9999)
        truth = mpmath.findroot(lambda anomaly: anomaly - ecc * mpmath.sin(anomaly) - mpmath.mpf(1e-6), 0.0088)
        assert found.root["E"] == float(truth)
        assert found.derivatives["E"]["M"] == float(1 / (1 - ecc * mpmath.cos(truth)))
        assert found.derivatives["E"]["ecc"] == float(mpmath.sin(truth) / (1 - ecc * mpmath.cos(truth)))


@pytest.mark.parametrize(
    ("text", "start", "root"),
    [("x + y == 3, x - y == 1", {"x": 0, "y": 0}, {"x": 2, "y": 1}), ("sin(x)", {"x": 0.3}, {"x": 0})],
)
def test_exact_roots_are_certified_exactly(text: str, start: dict[str, Any], root: dict[str, float]) -> None:
    assert Expression(text).solve(start, certify=True).root == root


def test_the_box_holds_no_other_root() -> None:
    found = Expression("(x - 1)*(x - 1.25)").solve({"x": 0.5}, certify=True)
    assert found.proof is not None
    low, high = found.proof.box["x"]
    assert low < 1 < high < 1.25


@pytest.mark.parametrize(
    ("text", "start", "reason"),
    [
        ("(x - 1)**2", 3, "as at a multiple root"),
        ("x**2 - 2*x + 1", 3, "as near a multiple root"),
        ("abs(x)", 3, "at a kink of abs"),
        ("x + floor(x)", 0.0, "at a jump of floor"),
    ],
)
def test_what_cannot_be_proven_says_why(text: str, start: float, reason: str) -> None:
    with pytest.raises(UndecidedError) as caught:
        Expression(text).solve({"x": start}, certify=True)
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Q = C*sqrt(p)", True),
        ("g = 2; Q = C*sqrt(p) - g;", True),
        ("Q = C*sqrt(p) - 2; Q", False),
        ("C == 1/p", False),
    ],
)
def test_a_name_that_looks_like_an_equation_is_told(mgrad: Run, text: str, is_told: bool) -> None:
    ran = mgrad("solve", text, "--for", "C=1", "--p", "4")
    note = "warning: 'Q =' names the expression, and the root is where it is 0; an equation has '=='\n"
    assert (ran.returncode, ran.stderr) == (0, note if is_told else "")


def test_the_command_prints_the_box_of_a_certified_root(mgrad: Run) -> None:
    words = ["solve", KEPLER, "--for", "E=3", "--ecc", "0.9999", "--M", "1e-6", "--certify"]
    table = mgrad(*words)
    assert "0.008846308180180548" in table.stdout
    assert "the only root with E from " in table.stdout
    assert max(map(len, table.stdout.splitlines())) <= 80
    record = json.loads(mgrad(*words, "--json").stdout)
    low, high = record["certified"]["box"]["E"]
    assert low < record["root"]["E"] < high
    ran = mgrad("solve", "(x - 1)**2", "--for", "x=3", "--certify")
    assert ran.returncode == 1
    assert ran.stderr.startswith("error: cannot decide whether a root is at x = 1: ")


@pytest.mark.parametrize(
    ("text", "start", "slope"),
    [
        ("cosh(max(exp(x), x**2))", -0.5, True),  # a kink, where the slope jumps over 0
        ("p/((p - x) - p)", 1.0, False),
        ("sqrt(relu(x)/(x + p))", 2.0, True),  # the slope dies away far out
        ("x/x", 2.0, True),
        ("exp(x*expm1(y) - 800)", {"x": -1, "y": 1}, True),
        ("x**2*0 + 1e-300*(x - x)", (-1.0, 2.0), False),
    ],
)
def test_what_only_looks_like_a_root_is_none(text: str, start: Any, slope: bool) -> None:
    with pytest.raises(NoRootError):
        solve(text, start, slope, **({"p": 1.5} if "p" in text.replace("exp", "") else {}))


def test_zero_all_around_is_said() -> None:
    found = solve("softplus(1e-8/x + 0.9)", 2.05)  # exp(-800) is 0 in doubles
    assert "f is 0 all around x" in found.notes[0]
    assert found.multiplicity == 0


@pytest.mark.parametrize("start", ["a", None, 1j, (1,), (1, 2, 3), (0, "b"), []])
def test_a_start_that_is_no_number_and_no_pair_is_told(start: Any) -> None:
    with pytest.raises(BindingError, match=r"'x'.*number"):
        Expression("x - 1.5").solve({"x": start})


def test_a_bracket_is_a_tuple_or_a_list() -> None:
    ends: Any = [1, 2]  # as from JSON
    assert Expression("x - 1.5").solve({"x": ends}).root == Expression("x - 1.5").solve({"x": (1, 2)}).root
