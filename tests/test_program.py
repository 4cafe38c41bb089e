"""Straight-line programs against the graph of Values: the same numbers, the same derivatives, fewer registers."""

import math
import random
import sys
import time
from collections.abc import Callable, Mapping
from itertools import product

import pytest
from hypothesis import given, settings

from mgrad_cli.evaluation.graph import Graph, evaluate
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.program import (
    ApplyNode,
    ConstantNode,
    Program,
    booleans,
    differentiate,
    expand,
    replay,
    substitute,
    trace,
)
from mgrad_cli.program.identities import IDENTITIES
from mgrad_cli.program.recorder import Recorder, Register
from mgrad_cli.value import Value, topological_order
from tests.test_operations import ROWS, SAMPLES, WELL, row_by_row, with_scipy
from tests.test_properties import KINKED, POINTS, QUIET, SMOOTH, close, magnitude, programs

FEWER = settings(QUIET, max_examples=40)
EPSILON = sys.float_info.epsilon
EDGES = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 1e308, -1e308, 0.5, 2.0, -3.0]
FUNCTIONS = (*SMOOTH, *KINKED)
RANDOM = programs(FUNCTIONS)
SUMS = (*FUNCTIONS, "max", "min")


def bits(number: float) -> str:
    """A number by what it is exactly; any nan is like another."""
    return float(number).hex()


def outputs(program: Program, inputs: Mapping[str, float]) -> list[float]:
    registers = replay(program, inputs)
    return [registers[output] for output in program.outputs]


def traced(text: str) -> Program:
    unit = read(text)
    return trace(
        unit, [name for name in ("x", "y", "z", "c", *unit.names) if name in unit.names and is_input(name, unit)]
    )


def is_input(name: str, unit: Script) -> bool:
    return name not in unit.assigned and name not in {"inf", "nan", "pi"}


def names(program: Program) -> list[str]:
    """The operations of a program."""
    return [node.operation.name for node in program.nodes if isinstance(node, ApplyNode)]


def point_of(unit: Script, x: float, y: float) -> dict[str, float]:
    return {name: value for name, value in (("x", x), ("y", y)) if name in unit.names}


def with_derivatives(text: str) -> tuple[Script, Program]:
    unit = read(text)
    inputs = [name for name in unit.names if is_input(name, unit)]
    return unit, differentiate(trace(unit, inputs), inputs)


def operations_on_inputs(graph: Graph) -> list[str]:
    """The operations on something that depends on an input, sorted."""
    depends = set(graph.inputs.values())
    found = []
    for node in topological_order(graph.output):
        if node._operation is not None and not depends.isdisjoint(node._prev):
            depends.add(node)
            found.append(node._operation.name)
    return sorted(found)


@FEWER
@given(RANDOM, POINTS, POINTS)
def test_a_traced_program_comes_to_what_the_graph_does(text: str, x: float, y: float) -> None:
    unit = read(text)
    point = point_of(unit, x, y)
    (got,) = outputs(trace(unit, point), point)
    assert bits(got) == bits(evaluate(unit, point).output.data), text


@settings(QUIET, max_examples=80)
@given(RANDOM, POINTS, POINTS)
def test_derivatives_are_those_of_the_graph(text: str, x: float, y: float) -> None:
    unit = read(text)
    point = point_of(unit, x, y)
    graph = evaluate(unit, point)
    graph.output.backward()
    program = trace(unit, point)
    both = differentiate(program, list(point))
    value, *grads = outputs(both, point)
    want = [graph.inputs[name].grad for name in point]
    assert bits(value) == bits(graph.output.data)
    if sorted(names(program)) == operations_on_inputs(graph):  # nothing repeats, and nothing was simpler
        assert list(map(bits, grads)) == list(map(bits, want)), text
    elif all(map(math.isfinite, (value, *want))):
        tolerance = 4 * EPSILON * max(1, len(both))
        scale = magnitude(unit, point)
        assert all(close(got, grad, scale, tolerance) for got, grad in zip(grads, want, strict=True)), text


def row_program(row: Operation, count: int) -> tuple[list[str], Program]:
    """The program of a row on as many inputs, and their names."""
    recorder = Recorder()
    inputs = [f"x{index}" for index in range(count)]
    return inputs, recorder.program([recorder.apply(row, *map(recorder.input, inputs))])


@row_by_row(SAMPLES)
def test_first_partials_of_every_row_are_those_of_the_graph(row: Operation, sample: tuple[float, ...]) -> None:
    inputs, program = row_program(row, len(sample))
    leaves = list(map(Value, sample))
    result = row(*leaves)
    result.backward()
    got = outputs(differentiate(program, inputs), dict(zip(inputs, sample, strict=True)))
    assert list(map(bits, got)) == list(map(bits, [result.data, *(leaf.grad for leaf in leaves)]))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_partials_of_every_row_at_edges_are_those_of_the_graph(row: Operation) -> None:
    with_scipy(row)
    count = 2 if row.variadic else len(row.operands)
    inputs, program = row_program(row, count)
    both = differentiate(program, inputs)
    for operands in product(EDGES if count < 3 else EDGES[:8], repeat=count):
        leaves = list(map(Value, operands))
        result = row(*leaves)
        result.backward()
        got = outputs(both, dict(zip(inputs, operands, strict=True)))
        assert list(map(bits, got)) == list(map(bits, [result.data, *(leaf.grad for leaf in leaves)])), operands


@row_by_row(WELL)
def test_differentiating_twice_gives_the_second_partials_of_the_graph(
    row: Operation, sample: tuple[float, ...]
) -> None:
    inputs, program = row_program(row, len(sample))
    count = len(sample)
    twice = differentiate(differentiate(program, inputs), inputs)
    seconds = outputs(twice, dict(zip(inputs, sample, strict=True)))[1 + 2 * count :]
    leaves = list(map(Value, sample))
    result = row(*leaves)
    result.backward(create_graph=True)
    first = [leaf.grad for leaf in leaves]
    for index in range(count):
        for leaf in leaves:
            leaf.grad = 0.0
        if first[index].__class__ is Value:
            first[index].backward()
        for other, leaf in enumerate(leaves):
            got, want = seconds[index * count + other], float(leaf.grad)
            same = bits(got) == bits(want) or abs(got - want) <= 4 * len(twice) * math.ulp(want)
            assert same or abs(got - want) <= 4 * EPSILON * len(twice) * abs(first[index].data), (
                index,
                other,
                got,
                want,
            )


MASKS: list[tuple[str, dict[str, float], dict[str, float]]] = [
    ("where(x > 0, log(x), 2*x)", {"x": -1.0}, {"x": 2.0}),
    ("where(x > 0, sqrt(x), 3*x)", {"x": 0.0}, {"x": 3.0}),
    ("where(x > 0, x/0, x)", {"x": -2.0}, {"x": 1.0}),
    ("where(x > 0, x*inf, x)", {"x": -2.0}, {"x": 1.0}),
    ("where(x > 0, x*nan, x)", {"x": -2.0}, {"x": 1.0}),
    ("where(x < 0, x*x, exp(exp(x)))", {"x": -1.0}, {"x": -2.0}),
    ("where(x < 0, 7, exp(exp(x)))", {"x": 1e3}, {"x": math.inf}),
    ("where(x < 0, 7, exp(exp(x)))", {"x": -1.0}, {"x": 0.0}),
    ("where(x > 0, where(x > 1, 1/(x-1), log(x-1)), x)", {"x": 0.0}, {"x": 1.0}),
    ("where(x > 0, where(x > 1, 1/(x-1), 5*x), x)", {"x": 1.0}, {"x": 5.0}),
    ("where(c, where(x > 1, y, 1/(1-x)), sqrt(x))*y", {"x": 0.0, "c": 1.0, "y": 2.0}, {"x": 2.0, "c": 0.0, "y": 1.0}),
    ("where(x > 0, log(x), x) + where(x > 0, sqrt(x), 4*x)", {"x": -1.0}, {"x": 5.0}),
    ("where(x > 0, log(x), 1) + where(y > 0, log(x), 1)", {"x": -2.0, "y": -1.0}, {"x": 0.0, "y": 0.0}),
    ("where(x > 0, log(x), 1) + where(y > 0, log(x), 1)", {"x": 2.0, "y": -1.0}, {"x": 0.5, "y": 0.0}),
    ("where(x > 0, log(x), 1) + where(y > 0, log(x), 1)", {"x": 2.0, "y": 1.0}, {"x": 1.0, "y": 0.0}),
    ("t = 1/x; where(x > 0, t, 0) + where(x < -1, t, 0) + x", {"x": 0.0}, {"x": 1.0}),
    ("t = 1/x; where(x > 0, t, 0) + where(x < -1, t, 0) + x", {"x": -2.0}, {"x": 0.75}),
    ("t = sqrt(x); where(y, t*t, x) + where(not y, x, t)", {"x": 0.0, "y": 0.0}, {"x": 2.0, "y": 0.0}),
    ("where(c, x, y)", {"c": math.nan, "x": 1.0, "y": 2.0}, {"c": 0.0, "x": math.nan, "y": math.nan}),
    ("where(c, 1/x, y)", {"c": 0.0, "x": 0.0, "y": 2.0}, {"c": 0.0, "x": 0.0, "y": 1.0}),
    ("where(c, y, 1/x)", {"c": -0.5, "x": 0.0, "y": 2.0}, {"c": 0.0, "x": 0.0, "y": 1.0}),
    ("x**y", {"x": 0.0, "y": 2.0}, {"x": 0.0, "y": 0.0}),
    ("xlogy(x, y)", {"x": 0.0, "y": 0.0}, {"x": -math.inf, "y": 0.0}),
    ("hypot(x, y) + x", {"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 0.0}),
    ("sqrt(hypot(x, y))", {"x": 0.0, "y": 0.0}, {"x": 0.0, "y": 0.0}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point", "want"), MASKS)
def test_what_is_masked_contributes_nothing_whatever_is_in_it(
    text: str, point: dict[str, float], want: dict[str, float]
) -> None:
    graph = evaluate(read(text), point)
    graph.output.backward()
    both = differentiate(trace(read(text), list(point)), list(point))
    for program in (both, expand(both)):
        value, *grads = outputs(program, point)
        assert value == graph.output.data or (math.isnan(value) and math.isnan(graph.output.data))
        for name, grad in zip(point, grads, strict=True):
            assert grad == want[name] or (math.isnan(grad) and math.isnan(want[name])), (name, grads)
            assert grad == graph.inputs[name].grad or math.isnan(grad)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("x*(-0.0) + where(y > 0, x, 1)", {"x": 1.0, "y": -1.0}),
        ("where(y > 0, x, 1) + where(y > 1, x, 1) + x*(-0.0)", {"x": 1.0, "y": -1.0}),
        ("where(y > 0, x*(-0.0), 1) + where(y > 2, x, 1)", {"x": 1.0, "y": 1.0}),
    ],
)
def test_nothing_added_to_minus_zero_is_minus_zero(text: str, point: dict[str, float]) -> None:
    graph = evaluate(read(text), point)
    graph.output.backward()
    got = outputs(differentiate(trace(read(text), list(point)), ["x"]), point)[1]
    assert bits(got) == bits(graph.inputs["x"].grad) == bits(-0.0)


def test_where_inside_a_branch_stays_silent_in_second_derivatives() -> None:
    program = trace(read("where(x > 0, x*sqrt(x), x*x*x)"), ["x"])
    twice = differentiate(differentiate(program, ["x"]), ["x"])
    for x, want in ((0.0, 0.0), (-2.0, -12.0), (4.0, 0.375)):
        assert outputs(twice, {"x": x})[-1] == want


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("(x + y)*(x + y)", ["add", "multiply"]),
        ("(x + y)*(y + x)", ["add", "multiply"]),
        ("sin(x*y) + sin(y*x)", ["multiply", "sin", "add"]),
        ("hypot(x, y)*hypot(y, x)", ["hypot", "multiply"]),
        ("(x - y)*(y - x)", ["subtract", "subtract", "multiply"]),
        ("x/y + y/x", ["divide", "divide", "add"]),
        ("a = sin(x); b = sin(x); a*b", ["sin", "multiply"]),
        ("x**2 + x**2.0", ["pow", "add"]),
        ("exp(x) + exp(y)", ["exp", "exp", "add"]),
    ],
)
def test_a_repeated_subexpression_is_one_register(text: str, operations: list[str]) -> None:
    assert names(traced(text)) == operations


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_commutative], ids=lambda row: row.name)
def test_the_order_of_operands_that_commute_changes_no_bit(row: Operation) -> None:
    numbers = [*EDGES, *(random.Random(3).uniform(0.1, 10) for _ in range(200))]
    for a, b in product(numbers, repeat=2):
        assert bits(row.evaluate(a, b)) == bits(row.evaluate(b, a)), (a, b)


def test_constants_are_known_by_their_bits() -> None:
    recorder = Recorder()
    indices = [recorder.constant(number).index for number in (0.0, -0.0, math.nan, math.inf, 1.0, -1.0)]
    assert len(set(indices)) == 6
    again = [recorder.constant(number).index for number in (0.0, -0.0, -math.nan, math.inf, 1, -1)]
    assert again == indices
    point = {"x": 3.0}
    assert list(map(bits, outputs(trace(read("atan2(0*x, x) - atan2(-0.0*x, -x)"), ["x"]), point))) == [bits(math.pi)]


@pytest.mark.parametrize("number", [3.0, 0.0, 1e300])
def test_an_input_named_like_a_constant_is_an_input(number: float) -> None:
    name = number.hex()
    program = differentiate(trace(read(f"`{name}`*{number!r}"), [name]), [name])
    assert list(map(bits, outputs(program, {name: 2.0}))) == [bits(2.0 * number), bits(number)]


def always(number: float) -> Callable[[float, float], float]:
    return lambda x, y: number


def variants(recorder: Recorder) -> dict[str, tuple[Register, Callable[[float, float], float]]]:
    """Operands of every make: inputs, what is negated, truths, negated truths; each with the number it stands for."""
    x, y = recorder.input("x"), recorder.input("y")
    boolean = x.less(y)
    return {
        "x": (x, lambda x, y: x),
        "y": (y, lambda x, y: y),
        "-x": (-x, lambda x, y: -x),
        "-y": (-y, lambda x, y: -y),
        "x < y": (boolean, lambda x, y: float(x < y)),
        "x == y": (x.equal(y), lambda x, y: float(x == y)),
        "not (x < y)": (boolean.logical_not(), lambda x, y: float(not x < y)),
        "not x": (x.logical_not(), lambda x, y: TABLE["logical_not"][0](x)),
        "not (not x)": (
            x.logical_not().logical_not(),
            lambda x, y: TABLE["logical_not"][0](TABLE["logical_not"][0](x)),
        ),
        **{bits(number): (recorder.constant(number), always(number)) for number in EDGES},
    }


@pytest.mark.parametrize("name", IDENTITIES)
def test_every_identity_holds_bit_for_bit(name: str) -> None:
    (row,) = TABLE[name]
    recorder = Recorder()
    made = variants(recorder)
    wholes = [key for key in made if len(row.operands) < 3 or key not in {"0x1.0000000000000p-1", "-y", "x == y"}]
    cases = list(product(wholes, repeat=len(row.operands)))
    results = [recorder.apply(row, *(made[key][0] for key in case)).index for case in cases]
    program = Program(tuple(recorder.nodes), tuple(results))
    points = list(product(EDGES, repeat=2)) if len(row.operands) < 3 else list(product([0.0, math.nan, -1.0], repeat=2))
    for x, y in points:
        registers = replay(program, {"x": x, "y": y})
        numbers = {key: made[key][1](x, y) for key in wholes}
        for case, index in zip(cases, results, strict=True):
            want = row.evaluate(*[numbers[key] for key in case])
            assert registers[index].hex() == want.hex(), (case, x, y, registers[index], want)


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("x*1", []), ("1*x", []), ("x + -0.0", []), ("x - 0", []), ("x/1", []), ("x**1", []), ("x**0", []),
        ("-(-x)", []), ("x*-1", ["negative"]), ("x + (-y)", ["subtract"]), ("x/8", ["multiply"]),
        ("x + (-y)*x", ["multiply", "subtract"]), ("x - y*(-x)", ["multiply", "add"]), ("(-x)*(-y)", ["multiply"]),
        ("x + (-y)/x", ["divide", "subtract"]), ("x - y/(-x)", ["divide", "add"]), ("(-x)/(-y)", ["divide"]),
        ("where(1, x, y)", []), ("where(0, x, y)", []), ("not (not (x < y))", ["less"]),
        ("(x < y) and (x < y)", ["less"]), ("(x < y) or 1", []), ("(x < y) and 0", []), ("(x < y) == 0", ["less", "logical_not"]),
        ("(x < y) != 0", ["less"]),
    ],
)  # fmt: skip
def test_what_is_simpler_is_made_so(text: str, operations: list[str]) -> None:
    assert names(traced(text)) == operations


@pytest.mark.parametrize(
    ("text", "point", "want"),
    [
        ("x*0", {"x": math.inf}, math.nan),
        ("x*0", {"x": -2.0}, -0.0),
        ("0*x", {"x": math.nan}, math.nan),
        ("x - x", {"x": math.inf}, math.nan),
        ("x + 0", {"x": -0.0}, 0.0),
        ("0 + x", {"x": -0.0}, 0.0),
        ("x - (-0.0)", {"x": -0.0}, 0.0),
        ("0 - x", {"x": 0.0}, 0.0),
        ("x/x", {"x": 0.0}, math.nan),
        ("0/x", {"x": 0.0}, math.nan),
        ("x == x", {"x": math.nan}, 0.0),
        ("x/3", {"x": 5e-324}, 0.0),
        ("x*y/y", {"x": 1e308, "y": 10.0}, math.inf),
        ("x + y - y", {"x": 1.0, "y": 1e17}, 0.0),
        ("not (not x)", {"x": 3.0}, 1.0),
        ("x and x", {"x": 3.0}, 1.0),
        ("x or 1", {"x": math.nan}, math.nan),
        ("x and 0", {"x": math.nan}, math.nan),
        ("x != 0", {"x": math.nan}, 0.0),
        ("where(c, x, x)", {"c": math.nan, "x": 3.0}, math.nan),
        ("max(x, x)", {"x": -0.0}, 0.0),
        ("sqrt(x)**2", {"x": -1.0}, math.nan),
        ("exp(log(x))", {"x": -1.0}, math.nan),
    ],
)
def test_what_only_looks_simpler_stays(text: str, point: dict[str, float], want: float) -> None:
    program = trace(read(text), list(point))
    assert len(program) > 0
    assert bits(outputs(program, point)[0]) == bits(want)
    assert bits(outputs(expand(program), point)[0]) == bits(want)


def test_dead_registers_go_and_inputs_stay() -> None:
    program = trace(read("a = exp(x*y); b = sin(a); 2*x"), ["x", "y"])
    assert (names(program), program.inputs) == (["multiply"], ("x", "y"))
    both = differentiate(trace(read("x*exp(y)"), ["x", "y"]), ["x"])
    assert names(both) == ["exp", "multiply"]
    assert outputs(both, {"x": 2.0, "y": 0.0}) == [2.0, 1.0]


def test_an_input_of_a_statement_s_name_stands_for_the_statement() -> None:
    program = trace(read("w = 2; w*x"), ["w", "x"])
    assert outputs(program, {"w": 5.0, "x": 3.0}) == [15.0]
    assert outputs(trace(read("w = 2; w*x"), ["x"]), {"x": 3.0}) == [6.0]


def test_the_order_of_outputs_is_values_then_partials_of_each() -> None:
    recorder = Recorder()
    x, y = recorder.input("x"), recorder.input("y")
    both = differentiate(recorder.program([x * y, x / y, 3.0, y]), ["y", "x"])
    assert outputs(both, {"x": 3.0, "y": 2.0}) == [6.0, 1.5, 3.0, 2.0, 3.0, 2.0, -0.75, 0.5, 0.0, 0.0, 1.0, 0.0]


@FEWER
@given(RANDOM, POINTS, POINTS)
def test_substituting_a_number_changes_no_result(text: str, x: float, y: float) -> None:
    unit = read(text)
    point = point_of(unit, x, y)
    both = differentiate(trace(unit, point), list(point))
    fixed = {name: value for name, value in point.items() if name == "y"}
    folded = substitute(both, fixed)
    assert set(folded.inputs) == set(point) - set(fixed)
    assert list(map(bits, outputs(folded, point))) == list(map(bits, outputs(both, point))), text
    settled = substitute(both, point)
    assert len(settled) == 0
    assert list(map(bits, outputs(settled, {}))) == list(map(bits, outputs(both, point))), text


def test_substitution_folds_what_it_settles() -> None:
    program = differentiate(trace(read("exp(y)*x + where(y > 1, log(x), x)"), ["x", "y"]), ["x"])
    assert "exp" not in names(substitute(program, {"y": 0.0}))
    assert "log" not in names(substitute(program, {"y": 0.0}))
    assert names(substitute(trace(read("x*y"), ["x", "y"]), {"y": 1.0})) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_expanded_programs_are_primitives_that_come_to_the_same(row: Operation) -> None:
    with_scipy(row)
    count = 3 if row.variadic else len(row.operands)
    inputs, program = row_program(row, count)
    both = differentiate(program, inputs)
    expanded = expand(both)
    assert all(node.operation.body is None for node in expanded.nodes if isinstance(node, ApplyNode))
    assert all(len(node.operands) <= 3 for node in expanded.nodes if isinstance(node, ApplyNode))
    samples = [sample for sample in row.samples if len(sample) == count and sample not in row.ill_conditioned]
    for sample in samples + list(product(EDGES[:10], repeat=count)):
        point = dict(zip(inputs, sample, strict=True))
        for got, want in zip(outputs(expanded, point), outputs(both, point), strict=True):
            assert bits(got) == bits(want) or abs(got - want) <= 4 * len(expanded) * math.ulp(want), (sample, got, want)


@FEWER
@given(programs(SUMS), POINTS, POINTS)
def test_expanding_a_random_program_changes_no_result(text: str, x: float, y: float) -> None:
    unit = read(text)
    point = point_of(unit, x, y)
    program = trace(unit, point)
    (want,), (got,) = outputs(program, point), outputs(expand(program), point)
    assert bits(got) == bits(want), text


POWERS = (0.5, -0.5, 2.0, 3.0, 4.0, -1.0, -2.0, 1.5, 0.25)


@pytest.mark.parametrize("exponent", POWERS)
def test_expanded_powers_are_those_of_ieee_at_every_edge(exponent: float) -> None:
    both = differentiate(trace(read(f"x**({exponent})"), ["x"]), ["x"])
    for x in [*EDGES, 0.1, 7.3, -7.3, 1e-200, 1e200]:
        for got, want in zip(outputs(expand(both), {"x": x}), outputs(both, {"x": x}), strict=True):
            assert bits(got) == bits(want) or 0 < abs(got - want) <= 4 * math.ulp(want), (x, got, want)


def test_truths_are_found_through_logic() -> None:
    recorder = Recorder()
    x, y = recorder.input("x"), recorder.input("y")
    results = [x.less(y), x.less(y).logical_and(y.less(0)), x.logical_not(), x.logical_and(y.less(x)), x + y]
    program = recorder.program([*results, x.less(y).logical_not()])
    found = booleans(program)
    assert [output in found for output in program.outputs] == [True, True, False, False, False, True]


def test_a_chain_of_twenty_thousand_operations_needs_no_recursion() -> None:
    recorder = Recorder()
    x = register = recorder.input("x")
    for _ in range(10_000):
        register = register.sin() + x
    program = recorder.program([register])
    assert len(program) == 20_000
    both = differentiate(program, ["x"])
    node = leaf = Value(0.25)
    for _ in range(10_000):
        node = node.sin() + leaf
    node.backward()
    assert outputs(both, {"x": 0.25}) == [node.data, leaf.grad]
    assert outputs(expand(program), {"x": 0.25}) == [node.data]
    assert len(substitute(program, {"x": 0.25})) == 0


@pytest.mark.parametrize("variant", ["{0}*{0}+{0}", "sin({0})*{0}", "where({0} > 0, {0}*{0}, -{0})"])
def test_a_formula_substituted_into_itself_has_registers_in_proportion(variant: str) -> None:
    lengths = []
    for levels in (10, 20):
        statements = [f"a{level} = {variant.format(f'a{level - 1}')}" for level in range(1, levels + 1)]
        text = "; ".join([*statements, f"a{levels}"]).replace("a0", "x").replace("x =", "a0 =")
        start = time.perf_counter()
        lengths.append(len(differentiate(traced(text), ["x"])))
        assert time.perf_counter() - start < 1
    assert lengths[1] <= 2.2 * lengths[0]
    assert lengths[0] <= 150


def test_constants_are_folded_and_never_operated_on() -> None:
    program = traced("sin(2)*3*x + sqrt(4)*exp(0)")
    numbers = [node.number for node in program.nodes if isinstance(node, ConstantNode)]
    assert (names(program), sorted(numbers)) == (["multiply", "add"], [2.0, math.sin(2) * 3])
