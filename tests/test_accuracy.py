"""Estimates of how many digits are right, held to proven figures and to 60-digit arithmetic."""

import json
import math
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

import numpy
import pytest
from mpmath import mpf

from mgrad_cli.evaluation.accuracy import accuracy
from mgrad_cli.evaluation.graph import constant_value, evaluate, input_names
from mgrad_cli.kernels import kernel_for
from mgrad_cli.language.lowering import CONSTANTS, read
from mgrad_cli.operations import Operation
from mgrad_cli.operations.rounding import rounding
from mgrad_cli.program import Program, differentiate, substitute, trace
from mgrad_cli.program.accuracy import with_digits
from mgrad_cli.value import Value
from tests import reference
from tests.conftest import shared
from tests.test_operations import SAMPLES, row_by_row

WARNED = 8.0
"""Fewer right digits than these are warned of."""
MAX_OPERATIONS = 400
"""Operations of the programs that the kernels are tested on."""


class Point(NamedTuple):
    """A formula at a point: its value and gradients as computed, how many digits they claim, and what they are."""

    expr: str
    computed: dict[str, float]
    digits: dict[str, float]
    exact: dict[str, float]

    def figures(self) -> Iterator[tuple[str, float, float]]:
        """Each figure: its name, how far it is off, relative to what it is, and the digits that it claims."""
        for name, exact in self.exact.items():
            computed = self.computed[name]
            error = 0.0 if computed == exact else abs(computed - exact) / abs(exact) if exact else math.inf
            yield name, error if math.isfinite(error) else math.inf, self.digits[name]


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in shared("accuracy.jsonl").read_text().splitlines()]


@cache
def points_of_values() -> list[Point]:
    points = []
    for case in cases():
        graph = evaluate(read(case["expr"]), case["vars"])
        graph.output.backward()
        found = accuracy(graph.output)
        computed = {name: graph.inputs[name].grad for name in case["grads"]}
        digits = {name: found.grads.get(graph.inputs[name], 16.0) for name in computed}
        points.append(
            Point(
                case["expr"],
                {"": graph.output.data, **computed},
                {"": found.value, **digits},
                {"": case["value"], **case["grads"]},
            )
        )
    return points


@cache
def points_of_kernels() -> list[Point]:
    points = []
    for expr, group in groupby(cases(), key=lambda case: str(case["expr"])):
        same = list(group)
        unit = read(expr)
        names, declared = input_names(unit, ())
        program = digits_program(expr)
        if program is None:
            continue
        columns = [
            numpy.array([float(case["vars"].get(name, 0.0)) for case in same])
            if name not in declared
            else numpy.full(len(same), constant_value(declared[name]))
            for name in names
        ]
        outputs = list(numpy.empty((len(program.outputs), len(same))))
        kernel_for(program, "numpy")(columns, outputs)
        labels = ["", *names]
        for index, case in enumerate(same):
            row = [float(column[index]) for column in outputs]
            computed = dict(zip(labels, row[: len(labels)], strict=True))
            digits = dict(zip(labels, row[len(labels) :], strict=True))
            points.append(Point(expr, computed, digits, {"": case["value"], **case["grads"]}))
    return points


def digits_program(expr: str) -> Program | None:
    """The program of a formula, its gradients, and the digits of all; `None` of a large one."""
    unit = read(expr)
    names, _ = input_names(unit, ())
    rounded = [name for name in unit.names if name in CONSTANTS and name not in names]
    program = differentiate(trace(unit, [*names, *rounded]), names)
    if len(program) > MAX_OPERATIONS:
        return None
    return substitute(with_digits(program, rounded), {name: CONSTANTS[name] for name in rounded})


@pytest.mark.slow
@pytest.mark.parametrize("points", [points_of_values, points_of_kernels])
def test_what_is_wrong_is_warned_of_and_what_is_right_is_not(points: Any) -> None:
    figures = [(point.expr[:80], *figure) for point in points() for figure in point.figures()]
    wrong = [figure for figure in figures if figure[2] > 1e-8]
    right = [figure for figure in figures if figure[2] <= 1e-12]
    missed = [figure for figure in wrong if figure[3] >= WARNED]
    false = [figure for figure in right if figure[3] < WARNED]
    assert (len(wrong) > 150, len(right) > 4000) == (True, True)
    assert len(missed) <= 0.001 * len(wrong), missed
    assert len(false) <= 0.003 * len(right), false


def test_no_figure_has_fewer_right_digits_than_it_claims() -> None:
    claims = [figure for point in points_of_values() for figure in point.figures() if figure[1] > 1e-14]
    exaggerated = [
        (name, error, digits) for name, error, digits in claims if max(0.0, -math.log10(error)) < digits - 0.5
    ]
    assert len(exaggerated) <= 0.001 * len(claims), exaggerated


@row_by_row(SAMPLES)
def test_the_rounding_of_a_row_is_no_more_than_its_rule_says(row: Operation, sample: tuple[float, ...]) -> None:
    got = row(*sample)
    error = abs(mpf(got) - reference.value(row.name, sample))
    assert error <= rounding(row, sample, got) * (1 + mpf(10) ** -9)


def digits_of(expr: str, **point: float) -> dict[str, float]:
    graph = evaluate(read(expr), point)
    found = accuracy(graph.output)
    return {"": found.value} | {name: found.grads[node] for name, node in graph.inputs.items()}


def digits_in_columns(expr: str, **point: float) -> dict[str, float]:
    program = digits_program(expr)
    assert program is not None
    outputs = list(numpy.empty((len(program.outputs), 1)))
    kernel_for(program, "numpy")([numpy.array([point[name]]) for name in program.inputs], outputs)
    digits = [float(column[0]) for column in outputs[len(outputs) // 2 :]]
    return dict(zip(["", *program.inputs], digits, strict=True))


RUMP = "333.75*b**6 + a**2*(11*a**2*b**2 - b**6 - 121*b**4 - 2) + 5.5*b**8 + a/(2*b)"
HARMFUL = [
    (RUMP, {"a": 77617.0, "b": 33096.0}, {""}),
    ("log(1 + x)", {"x": 1e-20}, {""}),
    ("exp(x) - 1", {"x": 1e-20}, {""}),
    ("1 - cos(x)", {"x": 1e-9}, {""}),
    ("x/(x + y)", {"x": 28939328.677188694, "y": -2.2003914538032663e-06}, {"x"}),
    ("cosh(x)*(sin(y)/y)", {"x": 120.74319474026302, "y": 1.2880234742951892e-08}, {"y"}),
    ("sin(pi)", {}, {""}),
    ("sin(2*pi*n)", {"n": 1e15}, {"", "n"}),
    ("exp(-x)*1e300", {"x": 800.0}, {"", "x"}),
    ("1/(x*x)", {"x": 1e160}, {""}),
    ("(x*x)**-0.5", {"x": 1e160}, {""}),
    ("1/(x*x)*1e300", {"x": 1e160}, {"", "x"}),
    ("sqrt(x*x + y*y)", {"x": 3e200, "y": 4e200}, {""}),
    ("where((x + 1e17) - 1e17 > 0, x, -x)", {"x": 3.0}, {"", "x"}),
    ("floor((x + 1e17) - 1e17)*y", {"x": 3.0, "y": 1.0}, {"", "y"}),
    ("abs((x + 1e17) - 1e17)*y", {"x": 3.0, "y": 1.0}, {"", "x", "y"}),
    ("max(-log(exp(-x) + exp(-y)), 1)", {"x": 800.0, "y": 900.0}, {""}),
]
HARMLESS = [
    ("sin(x)*y + exp(x)*y", {"x": 0.0, "y": 0.3}),
    ("(x - y)*1e20", {"x": 0.3, "y": 0.2}),
    ("(x + y) - x", {"x": 1e20, "y": 0.0}),
    ("x*0.5 - x/2", {"x": 0.3}),
    ("max(x*x, y*y, 0)", {"x": 0.3, "y": 0.7}),
    ("where(x**2 > 0.1, x, 3*x)", {"x": 0.4}),
    ("abs(sin(x))", {"x": 0.4}),
    ("1/x + log(y)", {"x": 2.0, "y": 1.0}),
    ("1/(1 + exp(-x))", {"x": 30.0}),
    ("exp(-x)", {"x": 800.0}),
    ("x*log(x)", {"x": 1.0}),
    ("0*x + x**0", {"x": 5.0}),
    ("a*b*(a + b)", {"a": 2.0, "b": 3.0}),
    ("log1p(x) + expm1(x)", {"x": 1e-20}),
    ("1/x", {"x": 0.0}),
    ("sqrt(x)", {"x": 0.0}),
    ("relu(x) + min(x, 3)", {"x": 0.0}),
]


@pytest.mark.parametrize(("expr", "point", "affected"), HARMFUL, ids=[case[0] for case in HARMFUL])
def test_lost_digits_are_seen(expr: str, point: dict[str, float], affected: set[str]) -> None:
    for count in [digits_of, *[digits_in_columns] * bool(point)]:  # without a variable there are no columns
        digits = count(expr, **point)
        assert affected <= {name for name, right in digits.items() if right < WARNED}, digits


@pytest.mark.parametrize("count", [digits_of, digits_in_columns])
@pytest.mark.parametrize(("expr", "point"), HARMLESS, ids=[case[0] for case in HARMLESS])
def test_what_is_exact_or_well_conditioned_keeps_its_digits(count: Any, expr: str, point: dict[str, float]) -> None:
    digits = count(expr, **point)
    assert min(digits.values()) >= 14, digits


@pytest.mark.parametrize(
    ("expr", "x", "is_right"),
    [
        ("1/(1 + exp(-x))", -800.0, True),  # the exact value rounds to 0
        ("1/(1 + exp(-x))", -730.0, False),  # it is subnormal
        ("1/(-(x*x))", 1e170, True),
        ("1/(-(x*x))", 1e160, False),
        ("1 - 1/(1 + x*x)", 1e170, True),
        ("(x*x)**-0.5", 1e170, False),
        ("1 + x/log1p(cosh(x))", 1000.0, False),
        ("exp(-(x*x))", 1e170, True),
        ("1/cosh(x)", 1000.0, True),
        ("sqrt(-(-(x*x)))", 1e170, False),
        ("1/x", math.inf, True),
    ],
)
def test_an_overflow_counts_where_the_figure_shows_it(expr: str, x: float, is_right: bool) -> None:
    assert (digits_of(expr, x=x)[""] >= WARNED) == is_right


@pytest.mark.parametrize(
    ("expr", "point", "affected"),
    [
        ("((x + 1e17) - 1e17)**2", {"x": 3.0}, {"", "x"}),
        ("((x + 1e17) - 1e17)**3 + y", {"x": 3.0, "y": 1e-9}, {"", "x"}),
        ("1 - cos((x + 1e17) - 1e17)", {"x": 3.0}, {"", "x"}),
        ("((x + 1e17) - 1e17)*((y + 1e17) - 1e17)", {"x": 3.0, "y": 2.0}, {"", "x", "y"}),
        ("(x - y)**2 + x*x*y", {"x": 0.0, "y": 0.0}, set()),
        ("cos(sin(x))*relu(-exp(x))**2", {"x": 0.0}, set()),
    ],
)
def test_errors_of_second_order_count_where_the_first_is_zero(
    expr: str, point: dict[str, float], affected: set[str]
) -> None:
    digits = digits_of(expr, **point)
    assert {name for name, right in digits.items() if right < WARNED} == affected, digits


@pytest.mark.parametrize(
    ("expr", "x", "affected"),
    [
        ("max(x, 1 - cosh(1000*x))", 3.0, set()),
        ("min(x, exp(1000*x))", 3.0, set()),
        ("max(1000*x, log(exp(999*x)))", 3.0, {"", "x"}),
        ("min(4000*x, log(exp(999*x)))", 3.0, {"", "x"}),
        ("where(cosh(1000*x) - cosh(999*x) > x, x, 1)", 3.0, {"", "x"}),
    ],
)
def test_a_selection_is_in_doubt_if_an_operand_overflowed_that_may_be_smaller(
    expr: str, x: float, affected: set[str]
) -> None:
    digits = digits_of(expr, x=x)
    assert {name for name, right in digits.items() if right < WARNED} == affected, digits


def test_the_estimate_leaves_the_gradients_of_the_nodes() -> None:
    x = Value(0.5, "x")
    y = (x * x).exp()
    y.backward()
    before = (x.grad, y.grad)
    assert accuracy(y).grads[x] > 14
    assert (x.grad, y.grad) == before


def test_a_value_without_inputs_has_digits_alone() -> None:
    assert accuracy(Value(2.0, "x").exp()).value > 15
    graph = evaluate(read("sqrt(2)"), {})
    assert accuracy(graph.output).grads == {}


@pytest.mark.parametrize("kernel", ["numpy", "native"])
def test_the_kernels_agree_on_the_digits(kernel: str) -> None:
    if kernel == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite (extra `native`)")
    program = digits_program("x/(x + y) + sin(x*y)*exp(-y)")
    assert program is not None
    columns = [numpy.array([28939328.677188694, 0.3, 1.0]), numpy.array([-2.2003914538032663e-06, 0.7, -1.0])]
    outputs = list(numpy.empty((len(program.outputs), 3)))
    kernel_for(program, kernel)(columns, outputs)
    for index, (x, y) in enumerate(zip(*columns, strict=True)):
        want = digits_of("x/(x + y) + sin(x*y)*exp(-y)", x=float(x), y=float(y))
        if all(math.isfinite(column[index]) for column in outputs):
            assert [column[index] for column in outputs[3:]] == pytest.approx(list(want.values()), abs=0.5)
