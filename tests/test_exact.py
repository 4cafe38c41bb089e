"""Balls contain what they stand for, and what is certified is the double nearest to the true figure."""

import json
import math
import random
import subprocess
import sys
from fractions import Fraction
from functools import partial
from typing import Any

import flint
import mpmath
import pytest
from flint import arb, fmpz
from mpmath import mp

import mgrad_cli
from mgrad_cli import Expression, UndecidedError, Value, certify
from mgrad_cli.exact.ball import PRIMITIVES, Ball, closed_form
from mgrad_cli.exact.certifying import certified, decided, exact_program
from mgrad_cli.exact.nearest import nearest
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import Operation, rows
from mgrad_cli.operations.operand import ClosedForm
from tests.conftest import shared
from tests.reference import REFERENCES

ROWS = [row for group in rows().values() for row in group]
DIGITS = 300
BITS = (64, 200)


def named(row: Operation) -> str:
    return row.name


def as_arb(number: Any) -> Any:
    """The interval of a number of mpmath, exactly."""
    with mp.workdps(1000):
        sign, mantissa, exponent, _ = mpmath.mpf(number)._mpf_
    with flint.ctx.workprec(2000):
        return arb(fmpz(-int(mantissa) if sign else int(mantissa))) * arb(2) ** int(exponent)


def points_of(row: Operation, per_sample: int = 6) -> list[tuple[float, ...]]:
    """The samples of a row, and points around them, the same at every run."""
    chance = random.Random(row.name)
    found = [*row.samples, *row.ill_conditioned]
    whole = row.name == "polygamma"
    for sample in row.samples:
        for _ in range(per_sample):
            moved = [x * chance.uniform(0.98, 1.0) if abs(x) <= 1 else x * chance.uniform(1.0, 1.3) for x in sample]
            found.append((sample[0], *moved[1:]) if whole else tuple(moved))
    return found


def truth(row: Operation, point: tuple[float, ...]) -> Any:
    with mp.workdps(DIGITS + 60):
        return REFERENCES[row.name](*map(mpmath.mpf, point))


def test_every_row_has_a_reading_as_balls() -> None:
    assert [row.name for row in ROWS if row.name not in PRIMITIVES and row.mathematics is None] == []
    assert set(PRIMITIVES) <= {row.name for row in ROWS}


@pytest.mark.sampled(5)
@pytest.mark.parametrize("row", ROWS, ids=named)
def test_the_ball_of_a_row_holds_its_value(row: Operation) -> None:
    for point in points_of(row):
        want = as_arb(truth(row, point))
        for bits in BITS:
            with flint.ctx.workprec(bits):
                ball = Ball.of(row(*map(Ball.of, point)))
                assert ball.interval.is_finite(), (row.name, point, bits)
                assert ball.interval.contains(want) or ball.interval.overlaps(want + arb(0, abs(want) * 1e-250)), point
                is_cancelling = row.name.startswith("sinc_") and abs(point[0]) < 1
                assert is_cancelling or ball.interval.rel_one_accuracy_bits() > bits / 4, (row.name, point, ball)


@pytest.mark.parametrize("row", [row for row in ROWS if row.name != "refined_exp"], ids=named)
def test_the_ball_of_intervals_holds_the_values_at_all_their_points(row: Operation) -> None:
    chance = random.Random(row.name)
    for point in points_of(row, per_sample=2):
        for width in (1e-12, 1e-3, 0.5, 3.0):
            spans = [abs(x) * width or width for x in point]
            balls = [Ball(arb(x, span)) for x, span in zip(point, spans, strict=True)]
            if row.name == "polygamma":
                balls[0] = Ball.of(point[0])
                spans[0] = 0.0
            with flint.ctx.workprec(64):
                ball = Ball.of(row(*balls))
            for _ in range(4):
                inner = tuple(x + chance.uniform(-1, 1) * span for x, span in zip(point, spans, strict=True))
                in_doubles = row.evaluate(*inner)
                if isinstance(ball.value, float):
                    same = in_doubles == ball.value or (math.isnan(in_doubles) and math.isnan(ball.value))
                    assert same, (row.name, point, width, inner, ball)
                elif ball.value.is_finite():
                    assert math.isfinite(in_doubles), (row.name, point, width, inner, ball)
                    error = abs(in_doubles) * 1e-12 + 1e-300
                    assert ball.value.overlaps(arb(in_doubles, error)), (row.name, point, width, inner, ball)


EDGES = (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, math.inf, -math.inf, math.nan)


@pytest.mark.parametrize("row", [row for row in ROWS if not row.is_internal], ids=named)
def test_edges_are_those_of_doubles(row: Operation) -> None:
    """What doubles answer at zeros, poles, infinities and outside the domain, to the sign of a zero."""
    count = len(row.operands) if not row.variadic else 2
    for point in {(a, b, c)[:count] for a in EDGES for b in EDGES for c in EDGES}:
        in_doubles = row.evaluate(*point)
        with flint.ctx.workprec(128):
            figure = nearest(Ball.of(row(*map(Ball.of, point))))
        assert figure is not None, (row.name, point)
        if math.isfinite(in_doubles) and in_doubles != 0:
            near = max(1e-14, row.ulp * sys.float_info.epsilon)
            assert math.isclose(figure, in_doubles, rel_tol=near, abs_tol=1e-15), (row.name, point)
        elif in_doubles == 0:
            assert figure == 0, (row.name, point)
            assert math.copysign(1, figure) == math.copysign(1, in_doubles), (row.name, point)
        else:
            assert figure == in_doubles or (math.isnan(figure) and math.isnan(in_doubles)), (row.name, point, figure)


def partials_of(row: Operation, point: tuple[float, ...], bits: int, order: int) -> list[Any]:
    """The partial derivatives of a row in balls, of the first order or the second by the same operand twice."""
    from mgrad_cli.exact.ball import inputs_of
    from mgrad_cli.exact.recording import ExactRecorder
    from mgrad_cli.program import differentiate, replay

    names = [f"x{index}" for index in range(len(point))]
    recorder = ExactRecorder()
    program = recorder.program([row(*map(recorder.input, names))])
    for _ in range(order):
        program = differentiate(program, names, recorder=ExactRecorder())
    with flint.ctx.workprec(bits):
        balls = dict(zip(names, map(Ball.of, point), strict=True))
        registers = replay(program, inputs_of(program, balls), Ball.of)
        outputs = [Ball.of(registers[output]) for output in program.outputs]
    return outputs[1 : 1 + len(names)]


UNDEFINED = {("polygamma", 0), ("gammainc", 0), ("gammaincc", 0), ("refined_exp", 1)}
"""Partials that are nan: of orders; and of an operand that only takes away rounding."""


@pytest.mark.sampled(3)
@pytest.mark.parametrize("row", [row for row in ROWS if any(row.partials) and not row.is_selection], ids=named)
def test_rules_read_on_balls_hold_the_derivatives(row: Operation) -> None:
    """Constants of rules are read as what they stand for, which no rounded constant passes."""
    for point in points_of(row, per_sample=1):
        for index, ball in enumerate(partials_of(row, point, 4000, order=1)):
            if (row.name, index) in UNDEFINED:
                continue
            orders = [int(each == index) for each in range(len(point))]
            with mp.workdps(140):
                want = mpmath.diff(
                    REFERENCES[row.name], tuple(map(mpmath.mpf, point)), tuple(orders), h=mpmath.mpf(10) ** -45
                )
            error = abs(as_arb(want)) * arb("1e-33") + arb("1e-33")
            assert ball.interval.overlaps(as_arb(want) + arb(0, error)), (row.name, point, index, ball, want)
            assert ball.interval.rel_one_accuracy_bits() > 100, (row.name, point, index, ball)


def closed_forms() -> list[ClosedForm]:
    from mgrad_cli.operations import activation, exponential, trigonometric

    modules = (activation, exponential, trigonometric)
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, ClosedForm) and value.formula != "0"
    ]


@pytest.mark.parametrize("number", closed_forms(), ids=lambda number: number.formula)
def test_a_closed_form_is_the_double_nearest_to_its_formula(number: ClosedForm) -> None:
    with flint.ctx.workprec(128):
        figure = nearest(closed_form(number.formula, 128))
    assert figure is not None
    assert abs(figure - number) <= math.ulp(number)


CASES: list[tuple[str, dict[str, float], float, dict[str, float]]] = [
    ("333.75*b**6+a**2*(11*a**2*b**2-b**6-121*b**4-2)+5.5*b**8+a/(2*b)", {"a": 77617.0, "b": 33096.0},
     -0.8273960599468214, {}),
    ("1-cos(x)", {"x": 1e-9}, 5e-19, {"x": 1e-9}),
    ("sqrt(x*x+y*y)", {"x": 3e200, "y": 4e200}, 4.9999999999999995e200, {"x": 0.6, "y": 0.8}),
    ("log(1+x)", {"x": 1e-20}, 1e-20, {"x": 1.0}),
    ("exp(x)-1", {"x": 1e-20}, 1e-20, {"x": 1.0}),
    ("x/(x+y)", {"x": 28939328.677188694, "y": -2.2003914538032663e-06}, 1.000000000000076,
     {"x": -2.6273809389550323e-21}),
    ("cosh(x)*(sin(y)/y)", {"x": 120.74319474026302, "y": 1.2880234742951892e-08}, 1.3711128700718514e52,
     {"y": -5.886751875202648e43}),
    ("sin(pi)", {}, 0.0, {}),
    ("x/3*3", {"x": 0.1}, 0.1, {"x": 1.0}),
    ("log(exp(x))", {"x": 1e300}, 1e300, {"x": 1.0}),
    ("exp(x)", {"x": 710.0}, math.inf, {"x": math.inf}),
    ("exp(-x)", {"x": 745.2}, 0.0, {"x": -0.0}),
    ("exp(-x)", {"x": 745.1}, 5e-324, {"x": -5e-324}),
    ("1/x", {"x": -0.0}, -math.inf, {"x": -math.inf}),
    ("log(x)", {"x": -2.0}, math.nan, {"x": -0.5}),
    ("sqrt(x)", {"x": 0.0}, 0.0, {"x": math.inf}),
    ("x**y", {"x": -2.0, "y": 3.0}, -8.0, {"x": 12.0, "y": math.nan}),
    ("relu(x) + abs(x) + max(x, 0)", {"x": 0.0}, 0.0, {"x": 0.5}),
    ("where(x > 0, x, 1/x*0)", {"x": 0.5}, 0.5, {"x": 1.0}),
    ("x + 1", {"x": 2.0**-53}, 1.0, {"x": 1.0}),
    ("x + 1 + 1e-30", {"x": 2.0**-53}, 1.0000000000000002, {"x": 1.0}),
    ("x/3*3 + 2**-53", {"x": 1.0}, 1.0, {"x": 1.0}),
    ("where(x/3*3 == x, 1, 2)*x", {"x": 0.1}, 0.1, {"x": 1.0}),
    ("where(hypot(x, 4) == 5, 1, 2)*x", {"x": 3.0}, 3.0, {"x": 1.0}),
    ("a = pi/4; x*sin(a)**2", {"x": 2.0}, 1.0, {"x": 0.5}),
    ("mod(x, 0.1)", {"x": 1.0}, 0.09999999999999995, {"x": 1.0}),
    ("atanh(sigmoid(100))*x", {"x": 2.0}, 100.69314718055995, {"x": 50.346573590279974}),
    ("acosh(1 + exp(-300))*x", {"x": 1.0}, 1.014711803657769e-65, {"x": 1.014711803657769e-65}),
    ("log1p(exp(-300) - 1)*x", {"x": 1.0}, -300.0, {"x": -300.0}),
    ("where(sin(x) - sin(x) == 0, x, 2)", {"x": 1.0}, 1.0, {"x": 1.0}),
    ("floor(sin(x)/sin(x))*x", {"x": 2.0}, 2.0, {"x": 1.0}),
    ("sinh(x)/sinh(x)", {"x": 0.0}, math.nan, {"x": math.nan}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point", "value", "grads"), CASES)
def test_a_certified_figure_is_the_double_nearest_to_the_true_one(
    text: str, point: dict[str, float], value: float, grads: dict[str, float]
) -> None:
    found = certified(read(text), point)
    assert repr(found.value) == repr(value)
    assert {name: repr(found.grads[name]) for name in grads} == {name: repr(grad) for name, grad in grads.items()}


@pytest.mark.parametrize(
    ("text", "point", "message"),
    [
        ("where(sin(x)**2 + cos(x)**2 == 1, x, 2*x)", 1.0, "whether sin(x)**2 + cos(x)**2 == 1 at 65536 bits"),
        ("abs(sin(x)**2 + cos(x)**2 - 1)", 1.0, "whether sin(x)**2 + cos(x)**2 - 1 is 0 at 65536 bits"),
        ("1/(sqrt(x)**2 - x)", 2.0, "whether sqrt(x)**2 - x is 0 at 65536 bits"),
        ("sqrt(x)**2 + 2**-52", 2.0, "the double nearest to sqrt(x)**2 + 2**-52 at 65536 bits"),
    ],
)
def test_what_no_precision_decides_is_said(text: str, point: float, message: str) -> None:
    with pytest.raises(UndecidedError) as caught:
        certified(read(text), {"x": point})
    assert caught.value.message == f"cannot decide {message}"
    assert caught.value.exit_code == 1


def test_a_formula_that_cannot_be_decided_is_shown_short() -> None:
    steps = "; ".join(f"a{i} = a{i - 1}*1.5 + sin(a{i - 1})" for i in range(1, 60))
    text = f"a0 = x + 1; {steps}; abs(sin(a59)**2 + cos(a59)**2 - 1)"
    with pytest.raises(UndecidedError) as caught:
        certified(read(text), {"x": 1.0})
    assert len(caught.value.message) < 200


def balls_of(point: dict[str, float]) -> dict[str, Ball]:
    return {name: Ball.of(x) for name, x in point.items()}


def test_figures_hold_at_twice_the_precision() -> None:
    """At random points of formulas that cancel: what 64 bits and more decide, 4,000 bits say too."""
    chance = random.Random(1788)
    formulas = [
        "(x + y)**3 - x**3 - y**3", "sin(x)*cos(y) - cos(x)*sin(y)", "exp(x) - exp(y)", "log(x)/log(y) - x/y",
        "sqrt(x + 1) - sqrt(x)", "tanh(x) - tanh(y) + erf(x*y)", "normcdf(x - y)/normpdf(x)", "logaddexp(x, y) - max(x, y)",
        "gelu(x) + mish(y) - silu(x*y)", "atan2(x, y) - atan(x/y)", "x**y - y**x", "sigmoid(x) - 0.5",
    ]  # fmt: skip
    for text in formulas:
        unit = read(text)
        program = exact_program(unit, unit.names, unit.names)
        for _ in range(8):
            point = {name: abs(chance.gauss(0, 3)) * 10 ** chance.uniform(-6, 2) for name in unit.names}
            found = certified(unit, point)
            again, bits = decided(program, partial(balls_of, point), nearest, bits=4000)
            assert bits > 4000
            assert [found.value, *found.grads.values()] == again, (text, point)


@pytest.mark.slow
def test_certified_figures_are_the_proven_ones_of_the_benchmarks() -> None:
    for line in shared("accuracy.jsonl").read_text().splitlines():
        case = json.loads(line)
        found = certified(read(case["expr"]), case["vars"])
        assert found.value == case["value"], case
        assert {name: found.grads[name] for name in case["grads"]} == case["grads"], case


@pytest.mark.parametrize("number", [0.1, 1 / 3, 5e-324, 2.0**-1074 * 3, 1.7976931348623157e308, -1e22, 1.0, 2.0**-1022])
def test_rounding_is_that_of_fractions(number: float) -> None:
    for numerator in (1, 3, 5, 7, 1023):
        exact = Fraction(number) * numerator / 4
        ball = Ball(arb(flint.fmpq(exact.numerator, exact.denominator)), flint.fmpq(exact.numerator, exact.denominator))
        try:
            want = exact.numerator / exact.denominator
        except OverflowError:
            want = math.inf if exact > 0 else -math.inf
        assert nearest(ball) == want


def test_a_graph_of_values_is_certified() -> None:
    x, y = Value(28939328.677188694, "x"), Value(-2.2003914538032663e-06)
    proven = certify(x / (x + y))
    assert proven == mgrad_cli.Certified(1.000000000000076, {x: -2.6273809389550323e-21, y: -3.455505174825973e-08}, 64)
    assert x.grad == 0.0


def test_the_gradient_of_a_variable_that_a_derivative_lost_is_zero() -> None:
    assert Expression("x*y").diff("x").certify(x=1, y=2).grads == {"x": 0.0, "y": 1.0}


@pytest.mark.slow
def test_a_long_chain_is_certified() -> None:
    text = "x" + " + x*1.0000001" * 20_000
    assert certified(read(text), {"x": 1.0}).value == float(1 + 20_000 * Fraction(1.0000001))


def test_without_the_library_one_line_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['flint'] = None\n"
        "from mgrad_cli import Expression, Value, certify, MissingExtraError\n"
        "for call in (lambda: certify(Value(1.0)), lambda: Expression('x').certify(x=1)):\n"
        "    try: call()\n"
        "    except MissingExtraError as error: print(error.message)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    line = "certify needs python-flint: pip install 'mgrad-cli[exact]' (in a checkout: pip install '.[exact]')"
    assert ran.stdout.splitlines() == [line, line]
