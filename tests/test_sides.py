"""One-sided limits of value and slope: textbook limits, and what is said where there is none."""

import json
import math
import re
import subprocess
import sys
from typing import Any

import pytest

from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.language.lowering import read
from mgrad_cli.series.limits import Limit, as_written, limit
from mgrad_cli.series.sides import sides as sides_of
from tests.conftest import Run, shared

INF, NAN, PI, E = math.inf, math.nan, math.pi, math.e
UNDEFINED = (NAN, None)
"""The sides where the function has no real value."""
EULER = 0.57721566490153286

TEXTBOOK: list[tuple[str, float, Any, Any]] = [
    # formula, point, (value, slope) from the left, from the right; one pair where both sides agree
    ("sin(x)/x", 0, (1, 0), None),
    ("(1 - cos(x))/x", 0, (0, 0.5), None),
    ("(1 - cos(x))/x**2", 0, (0.5, 0), None),
    ("tan(x)/x", 0, (1, 0), None),
    ("sin(3*x)/sin(5*x)", 0, (0.6, 0), None),
    ("(tan(x) - sin(x))/x**3", 0, (0.5, 0), None),
    ("(x - sin(x))/x**3", 0, (1 / 6, 0), None),
    ("asin(x)/x", 0, (1, 0), None),
    ("atan(x)/x", 0, (1, 0), None),
    ("(exp(x) - 1)/x", 0, (1, 0.5), None),
    ("x/(exp(x) - 1)", 0, (1, -0.5), None),
    ("(exp(x) - exp(-x))/sin(x)", 0, (2, 0), None),
    ("(exp(x) - 1 - x)/x**2", 0, (0.5, 1 / 6), None),
    ("(3**x - 1)/x", 0, (math.log(3), math.log(3) ** 2 / 2), None),
    ("log(1 + x)/x", 0, (1, -0.5), None),
    ("(1 + x)**(1/x)", 0, (E, -E / 2), None),
    ("(log(1 + x) - x)/x**2", 0, (-0.5, 1 / 3), None),
    ("(x**2 - 4)/(x - 2)", 2, (4, 1), None),
    ("(x**3 - 1)/(x**2 - 1)", 1, (1.5, 0.75), None),
    ("(sqrt(x) - 3)/(x - 9)", 9, (1 / 6, -1 / 216), None),
    ("(sqrt(1 + x) - 1)/x", 0, (0.5, -0.125), None),
    ("(cbrt(x) - 2)/(x - 8)", 8, (1 / 12, -1 / 288), None),
    ("(x**0.5 - 2**0.5)/(x - 2)", 2, (2**-1.5, -(2**-4.5)), None),
    ("(1/(3 + x) - 1/3)/x", 0, (-1 / 9, 1 / 27), None),
    ("sin(x)/(x - pi)", PI, (-1, 0), None),
    ("(1 + cos(x))/(x - pi)**2", PI, (0.5, 0), None),
    ("log(x)/(x - 1)", 1, (1, -0.5), None),
    ("x/(x - 1) - 1/log(x)", 1, (0.5, 1 / 12), None),
    ("1/x - 1/sin(x)", 0, (0, -1 / 6), None),
    ("cot(x) - 1/x", 0, (0, -1 / 3), None),
    ("1/x**2 - 1/sin(x)**2", 0, (-1 / 3, 0), None),
    ("coth(x) - 1/x", 0, (0, 1 / 3), None),
    ("log(cos(x))/x**2", 0, (-0.5, 0), None),
    ("log(sin(x)/x)/x**2", 0, (-1 / 6, 0), None),
    ("(sin(x)/x)**(1/x**2)", 0, (math.exp(-1 / 6), 0), None),
    ("cos(x)**(1/x**2)", 0, (math.exp(-0.5), 0), None),
    ("(exp(sin(x)) - exp(x))/x**3", 0, (-1 / 6, -1 / 6), None),
    ("erf(x)/x", 0, (2 / math.sqrt(PI), 0), None),
    ("x/tanh(x)", 0, (1, 0), None),
    ("relu(x) - relu(-x)", 0, (0, 1), None),
    ("sqrt(x**4)", 0, (0, 0), None),
    ("abs(x)", 0, (0, -1), (0, 1)),
    ("abs(sin(x))/x", 0, (-1, 0), (1, 0)),
    ("relu(x)", 0, (0, 0), (0, 1)),
    ("max(x, x**2)", 1, (1, 1), (1, 2)),
    ("clip(x, 0, 1)", 1, (1, 1), (1, 0)),
    ("elu(x)", 0, (0, 1), None),
    ("leaky_relu(x, 0.01)", 0, (0, 0.01), (0, 1)),
    ("floor(x)", 1, (0, 0), (1, 0)),
    ("ceil(x)", 1, (1, 0), (2, 0)),
    ("round(x)", 2.5, (2, 0), (3, 0)),
    ("mod(x, 1)", 2, (1, 1), (0, 1)),
    ("sign(x)", 0, (-1, 0), (1, 0)),
    ("where(x < 0, x**2, x + 1)", 0, (0, 0), (1, 1)),
    ("where(x == 0, 5, sin(x)/x)", 0, (1, 0), None),
    ("sqrt(x**2)", 0, (0, -1), (0, 1)),
    ("cbrt(x)", 0, (0, INF), (0, INF)),
    ("sqrt(x)", 0, UNDEFINED, (0, INF)),
    ("sqrt(1 - cos(x))/x", 0, (-(0.5**0.5), 0), (0.5**0.5, 0)),
    ("asin(x)", 1, (PI / 2, INF), UNDEFINED),
    ("acosh(x)", 1, UNDEFINED, (0, INF)),
    ("acos(x)**2", 1, (0, -2), UNDEFINED),
    ("x**x", 0, UNDEFINED, (1, -INF)),
    ("x*log(x)", 0, UNDEFINED, (0, -INF)),
    ("x**2*log(x)", 0, UNDEFINED, (0, 0)),
    ("sqrt(x)*log(x)", 0, UNDEFINED, (0, -INF)),
    ("x*log(abs(x))", 0, (0, -INF), (0, -INF)),
    ("log(x)", 0, UNDEFINED, (-INF, None)),
    ("1/log(x)", 0, UNDEFINED, (0, -INF)),
    ("1/x", 0, (-INF, None), (INF, None)),
    ("1/x**2", 0, (INF, None), None),
    ("tan(x)", PI / 2, (INF, None), (-INF, None)),
    ("sec(x)", PI / 2, (INF, None), (-INF, None)),
    ("exp(1/x)", 0, (0, 0), (INF, None)),
    ("exp(-1/x**2)", 0, (0, 0), None),
    ("exp(-1/x**2)/x**9", 0, (0, 0), None),
    ("1/(1 + exp(1/x))", 0, (1, 0), (0, 0)),
    ("tanh(1/x)", 0, (-1, 0), (1, 0)),
    ("atan(1/x)", 0, (-PI / 2, -1), (PI / 2, -1)),
    ("acot(x)", 0, (-PI / 2, -1), (PI / 2, -1)),
    ("sigmoid(1/x)", 0, (0, 0), (1, 0)),
    ("erf(1/x)", 0, (-1, 0), (1, 0)),
    ("softsign(1/x)", 0, (-1, -1), (1, -1)),
    ("x/(1 + exp(1/x))", 0, (0, 1), (0, 0)),
    ("x*atan(1/x)", 0, (0, -PI / 2), (0, PI / 2)),
    ("x**2*sin(1/x)", 0, (0, 0), None),
    ("x*sin(1/x)", 0, (0, None), None),
    ("gamma(x)*x", 0, (1, -EULER), None),
    ("digamma(x) + 1/x", 0, (-EULER, PI**2 / 6), None),
    ("gamma(x)", -2, (-INF, None), (INF, None)),
    ("atan2(x, -1)", 0, (-PI, -1), (PI, -1)),
]  # fmt: skip


def sides(text: str, x: float) -> list[Limit]:
    """The limits from the left and the right, slopes in x."""
    program = as_written(read(text), ["x"])
    found = []
    for side in (-1, 1):
        one = limit(program, {"x": float(x)}, {"x": (side, 1)})
        found.append(one if one.slope is None else one._replace(slope=side * one.slope))
    return found


def same(got: float | None, want: float | None) -> bool:
    if got is None or want is None:
        return got is want
    return got == want or (math.isnan(got) and math.isnan(want)) or abs(got - want) <= 1e-13 * max(1.0, abs(want))


@pytest.mark.parametrize(("text", "x", "left", "right"), TEXTBOOK, ids=[case[0] for case in TEXTBOOK])
def test_textbook_limits(text: str, x: float, left: Any, right: Any) -> None:
    if "gamma" in text:
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    for found, (value, slope) in zip(sides(text, x), (left, right or left), strict=True):
        assert same(found.value, value), found
        assert same(found.slope, slope), found


@pytest.mark.parametrize(
    "text", ["sin(1/x)", "abs(x)**sin(log(abs(x)))", "log(abs(log(abs(x))))", "exp(1/x)*exp(-1/x)/x"]
)
def test_where_there_is_no_limit_or_none_is_found_nothing_is_claimed(text: str) -> None:
    for found in sides(text, 0):
        assert found.value is None
        assert found.reason


def test_what_series_say_and_values_do_not_is_withheld() -> None:
    """10*0.3 is exactly less than 3, and 3 in doubles."""
    left, right = sides("floor(10*x)", 0.3)
    assert (left.value, right.value) == (2, None)
    assert right.reason == "values near the point do not confirm the limit"


def test_a_limit_says_where_it_rests_on_rounding() -> None:
    assert all(found.is_assumed for found in sides("(exp(x) - e)/(x - 1)", 1))
    assert not any(found.is_assumed for found in sides("sin(x)/x", 0))


def test_a_hint_costs_nothing_where_there_is_nothing_to_say() -> None:
    script = (
        "import sys; from mgrad_cli.cli.main import run; run(['eval', 'relu(x)/x', '--x', '1', '--json']); "
        "assert not any('series' in name for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("text", "x", "said"),
    [
        ("sin(x)/x", "0", "sin(x)/x is nan: 0 / 0; the limit is 1 (--sides)"),
        ("abs(x)/x", "0", "abs(x)/x is nan: 0 / 0; the limit is -1 from the left and 1 from the right (--sides)"),
        ("x*log(x)", "0", "x*log(x) is nan: 0 * inf; the limit is 0 from the right (--sides)"),
        (
            "relu(x) - relu(-x)",
            "0",
            "d/dx is 0 by convention: relu(x) at 0; the slope is 1 from both sides (--sides)",
        ),
        (
            "sqrt(x**4)",
            "0",
            "d/dx is nan: the derivative of sqrt(x**4) is not finite at x**4 = 0; "  # noqa: ISC004
            "the slope is 0 from both sides (--sides)",
        ),
        ("sin(1/x)", "0", "sin(1/x) is nan: the angle is infinite"),
    ],
)
def test_a_warning_says_what_limit_there_is(mgrad: Run, text: str, x: str, said: str) -> None:
    ran = mgrad("eval", text, "--x", x, "--json")
    assert ran.stderr.split("\n")[0] == f"warning: {said}"
    assert said.split(";")[0] in mgrad("eval", text, "--x", x, "--json", "--sides").stderr or "convention" in said


@pytest.mark.parametrize("text", ["abs(x)", "relu(x)", "floor(x)", "sign(x)", "max(x, 0)"])
def test_a_kink_has_no_warning(mgrad: Run, text: str) -> None:
    assert mgrad("eval", text, "--x", "0", "--json").stderr == ""


def test_sides_is_a_table_below_the_nodes(mgrad: Run) -> None:
    ran = mgrad("eval", "abs(x)", "--x", "0", "--sides")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith(
        "╭────────────────┬───────────────┬────────────────╮\n"
        "│ limit          │ from the left │ from the right │\n"
        "├────────────────┼───────────────┼────────────────┤\n"
        "│ value at x = 0 │             0 │              0 │\n"
        "│ d/dx           │            -1 │              1 │\n"
        "╰────────────────┴───────────────┴────────────────╯\n"
    )


@pytest.mark.parametrize(
    ("words", "want"),
    [
        (["sin(x)/x", "--x", "0"], {"left": {"value": 1.0, "slope": 0.0}, "right": {"value": 1.0, "slope": 0.0}}),
        (
            ["1/x", "--x", "0"],
            {
                "left": {"value": None, "slope": None, "nonfinite": {"value": "-inf"}},
                "right": {"value": None, "slope": None, "nonfinite": {"value": "inf"}},
            },
        ),
        (
            ["sqrt(x)", "--x", "0"],
            {
                "left": {
                    "value": None,
                    "slope": None,
                    "reason": "outside the domain of sqrt, x >= 0",
                    "nonfinite": {"value": "nan"},
                },
                "right": {"value": 0.0, "slope": None, "nonfinite": {"slope": "inf"}},
            },
        ),
        (
            ["(1 + 1/x)**x", "--x", "inf"],
            {
                "left": {"value": math.e, "slope": None},
                "right": {"value": None, "slope": None, "reason": "nothing lies beyond infinity"},
            },
        ),
    ],
)
def test_sides_is_a_member_of_json(mgrad: Run, words: list[str], want: Any) -> None:
    record = json.loads(mgrad("eval", *words, "--sides", "--json").stdout)
    assert record["sides"] == {"x": want}
    schema = json.loads(shared("result.schema.json").read_text())
    pytest.importorskip("jsonschema").validate(record, schema)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x*y/(x**2 + y**2)", "the value depends on the direction: 0 along x-t, 0.5 along x+t, y+t"),
        ("x**2*y/(x**4 + y**2)", "the value depends on the direction: 0 along x-t, 0.5 along x+t, y+t**2"),
        ("hypot(x, y)", "the slope depends on the direction: it is 1.41421 along x+t, y+t"),
        ("max(x, y)", "the slope depends on the direction: it is 1 along x+t, y+t"),
        ("sin(x*y)/(x*y)", "where several variables move at once, the limit is 1"),
        ("abs(x) + abs(y)", ""),
        ("sin(x + y)/(x + y)", ""),
        ("x**2*y/(x**2 + y**2)", "the slope depends on the direction: it is 0.5 along x+t, y+t"),
    ],
)
def test_what_depends_on_the_direction_is_said(text: str, said: str) -> None:
    report = sides_of(read(text), {"x": 0.0, "y": 0.0}, ["x", "y"])
    assert len(report.direction) == bool(said)
    assert "".join(report.direction).startswith(said)


def test_axes_of_several_variables_are_limits_of_each() -> None:
    report = sides_of(read("abs(x) + 2*abs(y)"), {"x": 0.0, "y": 0.0}, ["x", "y"])
    slopes = {name: (each.left.slope, each.right.slope) for name, each in report.variables.items()}
    assert slopes == {"x": (-1, 1), "y": (-2, 2)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["1 + 1"], "--sides needs a variable"),
        (["x", "--x", "1", "--format", "csv"], "--sides cannot be combined with --format csv"),
    ],
)
def test_where_sides_cannot_be_it_says_so(mgrad: Run, words: list[str], said: str) -> None:
    ran = mgrad("eval", *words, "--sides")
    assert ran.returncode == 2
    assert said in ran.stderr


def test_too_long_a_formula_is_told_at_once(mgrad: Run) -> None:
    ran = mgrad("eval", "+".join(f"sin(v{i})" for i in range(300)), *(f"--v{i}=0" for i in range(300)), "--sides")
    assert ran.returncode == 3
    assert "choose fewer variables with --wrt" in ran.stderr


@pytest.mark.parametrize("words", [[], ["--markdown"], ["--json"]])
def test_explain_shows_sides_too(mgrad: Run, words: list[str]) -> None:
    plain = mgrad("explain", "abs(x)", "--x", "0", *words).stdout
    ran = mgrad("explain", "abs(x)", "--x", "0", "--sides", *words)
    assert ran.returncode == 0
    if words == ["--json"]:
        assert json.loads(ran.stdout)["sides"]["x"]["left"] == {"value": 0.0, "slope": -1.0}
        return
    added = ran.stdout.removeprefix(plain)
    assert [line.split() for line in re.sub("[│|`]", " ", added).split("\n") if "d/d" in line] == [["d/dx", "-1", "1"]]


def test_the_prompt_has_sides_and_hints(mgrad: Run) -> None:
    ran = mgrad("repl", stdin="x = 0\nsin(x)/x\n:nodes --sides abs(x)\n")
    assert "the limit is 1 (--sides)" in ran.stdout + ran.stderr
    assert "│ d/dx           │            -1 │              1 │" in ran.stdout


EXTREMES = [0.0, -0.0, 5e-324, -5e-324, -1.2345678901234567e-300, 2.2250738585072014e-308, 1e-9, 1.0, 1e16, 1e300,
            -1.7976931348623157e308, INF, -INF, NAN]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("text", [*dict.fromkeys(text for text, *_ in TEXTBOOK), "x**9.12345678901234567*y", "y**x/x"])
def test_hints_and_estimates_never_fail(text: str) -> None:
    """Whatever the numbers are, what is looked up for a warning ends in a warning or in none."""
    script = read(text)
    for x in EXTREMES:
        for y in EXTREMES if "y" in script.names else [1.0]:
            point = {name: value for name, value in {"x": x, "y": y}.items() if name in script.names}
            assert differentiate(script, point, with_hints=True).value is not None
            if math.isfinite(x):
                sides_of(script, point, list(point))
