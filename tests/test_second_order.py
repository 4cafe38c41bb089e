"""Second derivatives of programs, and forward mode: against references, against each other, and what they cost."""

import cmath
import math
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import mpmath
import pytest
from hypothesis import given

from mgrad_cli.evaluation.graph import evaluate, input_names
from mgrad_cli.kernels.compiled import compile as compiled
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import Operation
from mgrad_cli.program import (
    ApplyNode,
    ConstantNode,
    InputNode,
    Program,
    SecondPartial,
    differentiate,
    directional,
    hessian,
    hessian_vector,
    jacobian,
    replay,
    trace,
)
from tests import reference
from tests.test_operations import WELL, differentiable_operands, is_step, named, with_scipy
from tests.test_program import MASKS, RANDOM, outputs, point_of, row_program
from tests.test_properties import ANALYTIC, POINTS, QUIET, SMOOTH, programs


def traced(text: str) -> Program:
    script = read(text)
    return trace(script, input_names(script, ())[0])


def matrix(program: Program, point: Mapping[str, float], wrt: list[str] | None = None) -> list[list[float]]:
    """Return the Hessian of the first output at a point, as rows."""
    names = list(program.inputs) if wrt is None else wrt
    second = hessian(program, names, first=1)
    results = outputs(second.program, point)[len(program.outputs) + len(names) :]
    rows = [[0.0] * len(names) for _ in names]
    for (_, row, column), result in zip(second.entries, results, strict=True):
        rows[row][column] = rows[column][row] = result
    return rows


def twice(program: Program, point: Mapping[str, float]) -> list[list[float]]:
    """Return the Hessian of the first output by reverse mode over reverse mode."""
    names = program.inputs
    count = len(names)
    results = outputs(differentiate(differentiate(program, names), names), point)[1 + 2 * count :]
    return [results[index * count : (index + 1) * count] for index in range(count)]


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("row", "sample"), WELL, ids=named)
def test_the_hessian_of_every_row_is_right_to_its_stated_accuracy(row: Operation, sample: tuple[float, ...]) -> None:
    with_scipy(row)
    inputs, program = row_program(row, len(sample))
    point = dict(zip(inputs, sample, strict=True))
    rows = matrix(program, point)
    gradient = outputs(differentiate(program, inputs), point)[1:]
    indices = differentiable_operands(row, sample)
    for index, other in product(indices, indices):
        if is_step(row, index):
            continue
        orders = [int(at == index) + int(at == other) for at in range(len(sample))]
        got, want = rows[index][other], reference.derivative(row.name, sample, orders)
        if abs(want) < 1e-30:
            assert abs(got) < 1e-12 * max(1.0, abs(gradient[index])), (index, other, got, want)
        else:
            assert reference.ulps(got, want) <= row.ulp, (index, other, got, want)


def scale_of(program: Program, point: Mapping[str, float]) -> float:
    """Return a bound for the terms that second derivatives are sums of, which their rounding errors are relative to."""
    gradient = differentiate(program, program.inputs)
    registers = replay(differentiate(gradient, gradient.inputs), point)
    largest: float = max([1.0, *(abs(each) for each in registers if math.isfinite(each))])
    return largest


@QUIET
@given(RANDOM, POINTS, POINTS)
def test_forward_over_reverse_is_reverse_over_reverse(text: str, x: float, y: float) -> None:
    script = read(text)
    point = point_of(script, x, y)
    program = trace(script, point)
    got, want = matrix(program, point), twice(program, point)
    scale = scale_of(program, point)
    for index, other in product(range(len(got)), repeat=2):
        if math.isfinite(got[index][other]) and math.isfinite(want[index][other]):
            assert got[index][other] == pytest.approx(want[index][other], rel=1e-9, abs=1e-13 * scale), text


@QUIET
@given(programs(tuple(name for name in SMOOTH if name in ANALYTIC)), POINTS, POINTS)
def test_the_hessian_is_the_complex_step_of_the_gradient(text: str, x: float, y: float) -> None:
    script = read(text)
    point = point_of(script, x, y)
    program = trace(script, point)
    rows = matrix(program, point)
    gradient = differentiate(program, program.inputs)
    if not all(map(math.isfinite, outputs(gradient, point))):
        return  # the point is outside of the domain over the reals
    scale = scale_of(program, point)
    for column, name in enumerate(program.inputs):
        try:
            stepped = complex_outputs(gradient, point, name)
        except (ArithmeticError, ValueError):
            return  # Python raises where doubles become infinite
        for row, result in enumerate(stepped[1:]):
            want = result.imag / STEP
            if math.isfinite(rows[row][column]) and math.isfinite(want):
                assert rows[row][column] == pytest.approx(want, rel=1e-9, abs=1e-13 * scale), text


STEP = 1e-200
HOLOMORPHIC = ANALYTIC | {
    "sech": lambda x: 1 / cmath.cosh(x),
    "pow": lambda a, b: a**b,
    "lorentzian": lambda x: 1 / (1 + x * x),
    "hypot": lambda a, b: cmath.sqrt(a * a + b * b),
}
"""The operations of programs of analytic functions and their gradients, on complex numbers."""


def complex_outputs(program: Program, point: Mapping[str, float], name: str) -> list[complex]:
    """Return the outputs with a tiny imaginary step in one input."""
    registers: list[complex] = []
    for node in program.nodes:
        match node:
            case InputNode(each):
                registers.append(complex(point[each], STEP if each == name else 0.0))
            case ConstantNode(number):
                registers.append(complex(number))
            case ApplyNode(operation, operands):
                registers.append(HOLOMORPHIC[operation.name](*[registers[operand] for operand in operands]))
    return [registers[output] for output in program.outputs]


@QUIET
@given(RANDOM, POINTS, POINTS, POINTS)
def test_a_product_with_a_vector_is_that_of_the_matrix(text: str, x: float, y: float, u: float) -> None:
    script = read(text)
    point = point_of(script, x, y)
    program = trace(script, point)
    count = len(point)
    vector = dict(zip(point, (u, -0.5), strict=False))
    rows = matrix(program, point)
    scale = scale_of(program, point)
    for product_program, inputs in (
        (hessian_vector(program, program.inputs, vector), point),
        (
            hessian_vector(program, program.inputs, {name: f"v_{name}" for name in vector}),
            point | {f"v_{name}": each for name, each in vector.items()},
        ),
    ):
        got = outputs(product_program, inputs)
        assert len(got) == 1 + 2 * count
        for row, each in zip(rows, got[1 + count :], strict=True):
            want = sum(entry * vector[name] for entry, name in zip(row, program.inputs, strict=True))
            if math.isfinite(each) and math.isfinite(want):
                assert each == pytest.approx(want, rel=1e-9, abs=1e-13 * scale), text


@QUIET
@given(RANDOM, POINTS, POINTS)
def test_a_directional_derivative_is_the_product_with_the_gradient(text: str, x: float, y: float) -> None:
    script = read(text)
    point = point_of(script, x, y)
    program = trace(script, point)
    vector = dict(zip(point, (0.75, -2.0), strict=False))
    gradient = dict(zip(program.inputs, outputs(differentiate(program, program.inputs), point)[1:], strict=True))
    _, slope = outputs(directional(program, vector), point)
    want = sum(gradient[name] * each for name, each in vector.items())
    if math.isfinite(slope) and math.isfinite(want):
        assert slope == pytest.approx(want, rel=1e-9, abs=1e-13 * scale_of(program, point)), text


def several(*texts: str) -> Program:
    """Return one program of several formulas in x and y."""
    name = [f"f{index}" for index in range(len(texts))]
    text = "; ".join(f"{each} = {formula}" for each, formula in zip(name, texts, strict=True))
    program = trace(read(f"{text}; {name[0]} + 0"), ["x", "y"], name)
    return Program(program.nodes, program.outputs[1:])


FORMULAS = ("x*y", "sin(x)/y", "where(x > 1, x**y, log(y))", "hypot(x, y)", "7", "x")


@pytest.mark.parametrize("wrt", [["x"], ["y"], ["x", "y"], ["y", "x"], []])
def test_a_jacobian_by_columns_is_that_by_rows(wrt: list[str]) -> None:
    program = several(*FORMULAS)
    for point in ({"x": 2.0, "y": 3.0}, {"x": 0.5, "y": 0.25}):
        got = outputs(jacobian(program, wrt), point)
        assert got == pytest.approx(outputs(differentiate(program, wrt), point), rel=1e-15)


def test_every_output_has_a_hessian() -> None:
    program = several(*FORMULAS)
    second = hessian(program, ["x", "y"])
    point = {"x": 2.0, "y": 3.0}
    results = outputs(second.program, point)
    got = dict(zip(second.entries, results[3 * len(FORMULAS) :], strict=True))
    for number, formula in enumerate(FORMULAS):
        alone = trace(read(formula), ["x", "y"])
        rows = matrix(alone, point)
        for row, column in ((0, 0), (0, 1), (1, 1)):
            assert got.get(SecondPartial(number, row, column), 0.0) == rows[row][column], (formula, row, column)


EDGES: list[tuple[str, dict[str, float], list[list[float]]]] = [
    ("x**y", {"x": 0.0, "y": 2.0}, [[2.0, 0.0], [0.0, 0.0]]),
    ("x**y", {"x": 0.0, "y": 1.0}, [[0.0, 1.0], [1.0, 0.0]]),
    ("where(x > 0, sqrt(x)*y, y)", {"x": 0.0, "y": 2.0}, [[0.0, 0.0], [0.0, 0.0]]),
    ("where(x > 0, x*log(x), x*x*y)", {"x": 0.0, "y": 3.0}, [[6.0, 0.0], [0.0, 0.0]]),
    ("where(c, x*y, sqrt(x)/y)", {"c": 1.0, "x": 0.0, "y": 0.0}, [[0, 0, 0], [0, 0, 1.0], [0, 1.0, 0]]),
    ("max(x, y)*x", {"x": 1.0, "y": 1.0}, [[1.0, 0.5], [0.5, 0.0]]),
    ("max(x*x, 2*y*y)", {"x": 1.0, "y": 2.0}, [[0.0, 0.0], [0.0, 4.0]]),
    ("abs(x)*y", {"x": 0.0, "y": 2.0}, [[0.0, 0.0], [0.0, 0.0]]),
    ("relu(x)**2*y", {"x": -1.0, "y": 2.0}, [[0.0, 0.0], [0.0, 0.0]]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point", "want"), EDGES)
def test_masks_and_conventions_hold_in_the_second_order(
    text: str, point: dict[str, float], want: list[list[float]]
) -> None:
    assert matrix(traced(text), point) == want


@pytest.mark.parametrize(("text", "point"), [(text, point) for text, point, _ in (*EDGES, *MASKS)])
def test_the_order_of_variables_does_not_change_an_entry(text: str, point: dict[str, float]) -> None:
    program = trace(read(text), list(point))
    names = list(point)
    rows = matrix(program, point)
    other = matrix(program, point, names[::-1])
    assert repr([row[::-1] for row in other[::-1]]) == repr(rows)


def nodes_of_hessian(text: str) -> tuple[int, int]:
    """Return the number of registers and of entries."""
    program = traced(text)
    second = hessian(program, program.inputs)
    return len(second.program.nodes), len(second.entries)


@pytest.mark.parametrize(
    ("text", "joint", "entries"),
    [
        ("100*(x{1} - x{0}**2)**2 + (1 - x{0})**2", " + ", lambda count: 2 * count + 1),
        ("x{0}**3*sin(x{0})", " - ", lambda count: count),
        ("where(x{0} > 1, x{0}*x{1}, log(x{0}))", " + ", lambda count: 2 * count),
        ("3*x{0}", " + ", lambda count: 0),
    ],
)
def test_a_sparse_hessian_takes_linear_time(text: str, joint: str, entries: object) -> None:
    assert callable(entries)
    sizes = []
    for count in (50, 100, 200):
        nodes, found = nodes_of_hessian(joint.join(text.format(index, index + 1) for index in range(count)))
        assert found == entries(count)
        sizes.append(nodes)
    assert sizes[2] - sizes[1] == 2 * (sizes[1] - sizes[0])


@pytest.mark.parametrize(
    ("text", "function", "point"),
    [
        ("x**y", lambda x, y: x**y, {"x": 2.0, "y": 0.0}),
        ("x**y", lambda x, y: x**y, {"x": 2.0, "y": -0.0}),
        ("x**y", lambda x, y: x**y, {"x": 0.3, "y": 1.0}),
        ("x**y", lambda x, y: x**y, {"x": 1e-150, "y": 0.0}),
        ("x**y", lambda x, y: x**y, {"x": 1e30, "y": 0.0}),
        ("x**(x - y)", lambda x, y: x ** (x - y), {"x": 2.0, "y": 2.0}),
        ("(x*y)**(y - x)", lambda x, y: (x * y) ** (y - x), {"x": 1.5, "y": 1.5}),
        ("x**(y*(y - 1))", lambda x, y: x ** (y * (y - 1)), {"x": 3.0, "y": 1.0}),
    ],
)
def test_a_power_that_varies_keeps_its_mixed_derivative_where_the_exponent_is_zero(
    text: str, function: Callable[..., Any], point: dict[str, float]
) -> None:
    """The partial b*a**(b - 1) is 0 at b = 0, and a mask keeps it so; its own derivative by b is 1/a."""
    with mpmath.workdps(400):
        operands = tuple(map(mpmath.mpf, point.values()))
        xx, xy, yy = (
            float(mpmath.diff(function, operands, orders, h=operands[0] * mpmath.mpf(10) ** -60))
            for orders in ((2, 0), (1, 1), (0, 2))
        )
    program, expected = traced(text), [[xx, xy], [xy, yy]]
    columns = compiled(text, kernel="numpy").hessian(list(point.values())).tolist()
    for found in (matrix(program, point), twice(program, point), columns, by_values(text, point)):
        assert found == [pytest.approx(row, rel=1e-14, abs=1e-300) for row in expected]


def by_values(text: str, point: Mapping[str, float]) -> list[list[float]]:
    """Return the Hessian by two backward passes over the graph of Values."""
    graph = evaluate(read(text), point)
    graph.output.backward(create_graph=True)
    rows = []
    for first in [graph.inputs[name].grad for name in point]:
        for leaf in graph.inputs.values():
            leaf.grad = 0.0
        first.backward()
        rows.append([float(graph.inputs[name].grad) for name in point])
    return rows
