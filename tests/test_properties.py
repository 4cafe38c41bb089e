"""Properties of random programs with shared nodes: reverse mode against forward mode, complex steps and differences."""

import cmath
import math
from collections.abc import Callable
from typing import Any

import numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mgrad_cli.evaluation.gradients import differentiate
from mgrad_cli.evaluation.graph import evaluate
from mgrad_cli.evaluation.sampling import check_script
from mgrad_cli.language.lowering import CONSTANTS, Script, read
from mgrad_cli.language.parser import parse
from mgrad_cli.language.printing import unparse
from mgrad_cli.language.syntax import parts_of
from mgrad_cli.operations import Operation
from mgrad_cli.operations.operation import at

SMOOTH = ["sin", "cos", "tanh", "exp", "atan", "sigmoid", "softplus", "erf", "sqrt", "log", "asinh", "gelu", "normpdf"]
ANALYTIC: dict[str, Callable[..., complex]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tanh": cmath.tanh,
    "exp": cmath.exp,
    "atan": cmath.atan,
    "asinh": cmath.asinh,
    "sqrt": cmath.sqrt,
    "log": cmath.log,
}
KINKED = ["abs", "relu", "floor", "sign"]


@st.composite
def programs(draw: st.DrawFn, functions: tuple[str, ...]) -> str:
    """A program in x and y whose statements use each other's names and functions, some of them more than once."""
    names = ["x", "y"]
    own: tuple[str, ...] = ()
    statements = []
    for index in range(draw(st.integers(1, 5))):
        name = draw(st.sampled_from([f"t{index}", f"`t {index}`"]))
        if draw(st.integers(0, 3)) == 0:
            body = draw(expressions([*names, "u", "v"], functions, draw(st.integers(1, 2)), own))
            statements.append(f"g{index}(u, v) = {body}")
            own = (*own, f"g{index}")
        else:
            expression = draw(expressions(names, functions, draw(st.integers(1, 3)), own))
            statements.append(f"{name} = {expression}")
            names.append(name)
    return "; ".join([*statements, draw(expressions(names, functions, 2, own))])


@st.composite
def expressions(
    draw: st.DrawFn, names: list[str], functions: tuple[str, ...], depth: int, own: tuple[str, ...] = ()
) -> str:
    if depth == 0:
        return draw(st.sampled_from(names) | st.sampled_from(["0.5", "2", "1.25"]))
    inner = expressions(names, functions, depth - 1, own)
    kind = draw(st.integers(-3, 3))
    if kind == -3 and own:
        return f"{draw(st.sampled_from(own))}({draw(inner)}, {draw(inner)})"
    if kind == -2:
        term = draw(expressions([*names, "k"], functions, depth - 1, own))
        return f"{draw(st.sampled_from(['sum', 'prod']))}(k, 1, {draw(st.integers(0, 3))}, {term})"
    if kind == 0:
        return f"{draw(st.sampled_from(functions))}({draw(inner)})"
    if kind == 1:
        return f"-({draw(inner)})"
    return f"({draw(inner)} {draw(st.sampled_from(['+', '-', '*', '/']))} {draw(inner)})"


POINTS = st.floats(0.1, 2.0)
QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def close(a: float, b: float, scale: float, tolerance: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance * max(abs(a), abs(b), scale)


def forward(unit: Script, point: dict[str, float], direction: str) -> tuple[float, float]:
    """The value and its derivative by forward mode: tangents carried along the steps, by the same rules."""
    named = {name: (x, 1.0 if name == direction else 0.0) for name, x in point.items()}
    registers: list[tuple[float, float]] = []
    for block in unit.blocks:
        if block.name in point:
            continue
        registers = []
        for step in block.steps:
            if step.operation is None:
                number = CONSTANTS.get(step.name, step.number)
                registers.append(named.get(step.name, (number or 0.0, 0.0)))
                continue
            operands = [registers[index] for index in step.operands]
            values = [value for value, _ in operands]
            result = step.operation(*values)
            registers.append((result, tangent(step.operation, values, result, [t for _, t in operands])))
        if block.name is not None:
            named[block.name] = registers[-1]
    return registers[-1]


def tangent(operation: Operation, values: list[float], result: float, tangents: list[float]) -> float:
    total = 0.0
    rules = zip(tangents, operation.partials, operation.masks, strict=True)
    for slope, partial, mask in rules:
        if partial is not None and slope and (mask is None or mask(*values, result)):
            total += slope * float(at(partial, *values, result) if callable(partial) else partial)
    return total


def magnitude(unit: Script, point: dict[str, float]) -> float:
    """The largest gradient of any node: what rounding errors of the sums are relative to."""
    graph = evaluate(unit, point)
    graph.output.backward()
    sizes = [abs(node.grad) * max(1.0, abs(node.data)) for node in graph.nodes if math.isfinite(node.grad)]
    largest: float = max([1e-300, *(size for size in sizes if math.isfinite(size))])
    return largest


@QUIET
@given(programs((*SMOOTH, *KINKED)), POINTS, POINTS)
def test_reverse_mode_is_forward_mode(text: str, x: float, y: float) -> None:
    unit = read(text)
    result = differentiate(unit, {name: value for name, value in (("x", x), ("y", y)) if name in unit.names})
    point = result.vars
    if result.value is None or not result.is_finite:
        return
    for name, grad in (result.grads or {}).items():
        value, slope = forward(unit, point, name)
        assert value == result.value
        assert close(grad, slope, magnitude(unit, point), 1e-9), text


@QUIET
@given(programs(tuple(name for name in SMOOTH if name in ANALYTIC)), POINTS, POINTS)
def test_reverse_mode_is_the_complex_step_where_the_program_is_analytic(text: str, x: float, y: float) -> None:
    unit = read(text)
    result = differentiate(unit, {name: value for name, value in (("x", x), ("y", y)) if name in unit.names})
    point = result.vars
    if not result.is_finite:
        return
    for name, grad in (result.grads or {}).items():
        named: dict[str, complex] = {n: complex(v, 1e-200 if n == name else 0.0) for n, v in point.items()}
        try:
            for block in unit.blocks:
                if block.name in point:
                    continue
                registers: list[complex] = []
                for step in block.steps:
                    if step.operation is None:
                        registers.append(named[step.name] if step.name else complex(step.number or 0.0))
                    else:
                        registers.append(ANALYTIC[step.operation.name](*(registers[i] for i in step.operands)))
                named[block.name or ""] = registers[-1]
        except (ArithmeticError, ValueError):
            return
        assert close(grad, named[""].imag / 1e-200, magnitude(unit, point), 1e-9), text


@QUIET
@given(programs((*SMOOTH, *KINKED)), POINTS, POINTS)
def test_no_numerical_derivative_contradicts_reverse_mode(text: str, x: float, y: float) -> None:
    unit = read(text)
    result = differentiate(unit, {name: value for name, value in (("x", x), ("y", y)) if name in unit.names})
    point = result.vars
    if not result.is_finite:
        return
    checks = check_script(unit, point, result.grads or {})
    for check in checks:
        assert check.verdict != "fail" or close(check.grad, check.numeric, magnitude(unit, point), 1e-6), (text, check)


@QUIET
@given(programs((*SMOOTH, *KINKED)), st.lists(POINTS, min_size=1, max_size=5))
def test_floats_are_arrays_and_a_second_run_is_the_first(text: str, xs: list[float]) -> None:
    unit = read(text)
    columns: dict[str, Any] = {"x": numpy.array(xs), "y": numpy.array(xs[::-1])}
    for block in unit.blocks:
        registers: list[Any] = []
        for step in block.steps:
            if step.operation is None:
                registers.append(columns[step.name] if step.name else numpy.float64(step.number or 0.0))
            else:
                registers.append(step.operation(*(registers[index] for index in step.operands)))
        columns[block.name or ""] = registers[-1]
    got = numpy.broadcast_to(columns[""], len(xs)).tolist()
    for row, (x, y) in enumerate(zip(xs, xs[::-1], strict=True)):
        point = {name: value for name, value in (("x", x), ("y", y)) if name in unit.names}
        result, again = differentiate(unit, point), differentiate(unit, point)
        assert (repr(result.value), repr(result.grads)) == (repr(again.value), repr(again.grads))
        assert result.value is not None
        if math.isfinite(result.value):
            assert close(got[row], result.value, magnitude(unit, point), 1e-9), text


@QUIET
@given(programs((*SMOOTH, "f", "max")))
def test_print_and_parse_again_is_the_same_tree(text: str) -> None:
    for part in parts_of(parse(text)):
        (again,) = parse(unparse(part.expression)).statements
        assert again.expression == part.expression


@QUIET
@given(st.data())
def test_a_call_is_its_expression_with_the_arguments_in_place(data: st.DataObject) -> None:
    body = data.draw(expressions(["z2", "z0"], tuple(SMOOTH), 3))
    argument = data.draw(expressions(["z0", "z1"], tuple(SMOOTH), 2))
    point = {"z0": 0.75, "z1": 1.25}
    called, written = (
        read(f"g(z2) = {body}; g({argument} + 0*z0) + 0*(z0 + z1)"),
        read(f"w = {argument} + 0*z0; {body.replace('z2', 'w')} + 0*(z0 + z1)"),
    )
    result, want = differentiate(called, point), differentiate(written, point)
    assert repr(result.value) == repr(want.value)
    assert repr(result.grads) == repr(want.grads)
