"""Kernels against the float path: the same numbers row by row, wherever the row stands and whoever computes it."""

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from itertools import product
from typing import Any

import mpmath
import numpy
import pytest
from hypothesis import given, settings

from mgrad_cli import kernels
from mgrad_cli.errors import LimitError, MissingExtraError
from mgrad_cli.evaluation.gradients import differentiate as evaluated
from mgrad_cli.kernels import Kernel, costs, kernel_for, kernel_name
from mgrad_cli.kernels.schedule import Slot, schedule
from mgrad_cli.kernels.segments import plan
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.operations import Operation
from mgrad_cli.program import Program, differentiate, expand, replay, trace
from mgrad_cli.program.recorder import Recorder
from tests.conftest import shared
from tests.test_operations import ROWS, with_scipy
from tests.test_properties import KINKED, POINTS, QUIET, SMOOTH, close, magnitude, programs
from tests.test_results import number, same

HAS_COMPILER = find_spec("llvmlite") is not None
NATIVE = pytest.param("native", marks=pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)"))
KINDS = pytest.mark.parametrize("kind", ["numpy", NATIVE])
NAMES = ("x", "y", "z")
EDGES = [
    math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1e308, -1e308, 5e-324, -5e-324, 1e22,
    709.9, -745.2, 3.0, 0.3, -7.3, 1e-200,
]  # fmt: skip
FEW_EDGES = EDGES[:12]
MIXED = "tanh(x*x + 2)*sin(y) + where(x > y, log(x), exp(-y)/x) + max(x, y, 0)**3 + gelu(x) + mod(x, y) + atan2(x, y)"
WITH_GAMMA = "t = gamma(x*y + 1); where(x < y and y > 0, t*x, lgamma(t) + y) + (x > 0)*t"
FORMULAS = [
    MIXED,
    WITH_GAMMA,
    "gamma(x)",
    "lgamma(x*y)",
    "sin(x)*cos(y) + erf(x/y)",
    "x**y + hypot(x, y) + (not (x < 1))*y",
]


def run(kernel: Kernel, columns: Sequence[Any], outputs: int, rows: int | None = None) -> list[Any]:
    count = len(columns[0]) if rows is None else rows
    results = [numpy.full(count, -99.0) for _ in range(outputs)]
    kernel([numpy.ascontiguousarray(column, dtype=numpy.float64) for column in columns], results)
    return results


@cache
def program_of(text: str, inputs: tuple[str, ...]) -> Program:
    return differentiate(trace(read(text), inputs), inputs)


@cache
def kernel_of(text: str, inputs: tuple[str, ...], kind: str, block_rows: int | None = None) -> Kernel:
    return kernel_for(program_of(text, inputs), kind, block_rows=block_rows)


def bits(column: Any) -> list[str]:
    """Numbers by what they are exactly; any nan is like another."""
    return [float(x).hex() for x in column]


def all_bits(columns: Sequence[Any]) -> list[list[str]]:
    return list(map(bits, columns))


def by_floats(program: Program, columns: Sequence[Any]) -> list[list[str]]:
    """The outputs of a program that is replayed on floats row by row, by their bits."""
    rows = []
    for point in zip(*columns, strict=True):
        registers = replay(program, dict(zip(program.inputs, map(float, point), strict=True)))
        rows.append([registers[output].hex() for output in program.outputs])
    return [list(column) for column in zip(*rows, strict=True)]


def random_columns(rows: int, seed: int = 1) -> list[Any]:
    generator = numpy.random.default_rng(seed)
    columns = [generator.normal(scale=3.0, size=rows) for _ in range(2)]
    for column in columns:
        indices = generator.integers(0, rows, max(1, rows // 10))
        column[indices] = generator.choice(EDGES, len(indices))
    return columns


@cache
def grid(row: Operation) -> tuple[list[tuple[float, ...]], list[list[float]]]:
    """Operands of a row, its samples and then edges, and for each the value and the partials of the float path."""
    count = 2 if row.variadic else len(row.operands)
    cases = [sample for sample in row.samples if len(sample) == count]
    cases += product(EDGES if count < 3 else FEW_EDGES, repeat=count)
    unit = read(call(row, count))
    return cases, [numbers(unit, dict(zip(NAMES, case, strict=False))) for case in cases]


def numbers(unit: Script, point: Mapping[str, float]) -> list[float]:
    """The value and the gradients of the float path, in the order of the point."""
    result = evaluated(unit, point, explain=False)
    assert result.value is not None
    assert result.grads is not None
    return [result.value, *(result.grads[name] for name in point)]


def call(row: Operation, count: int) -> str:
    return f"{row.name}({', '.join(NAMES[:count])})"


@pytest.mark.sampled(5)
@KINDS
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_that_of_the_floats_at_samples_and_edges(row: Operation, kind: str) -> None:
    with_scipy(row)
    cases, wants = grid(row)
    count = len(cases[0])
    kernel = kernel_of(call(row, count), NAMES[:count], kind)
    got = run(kernel, list(zip(*cases, strict=True)), 1 + count)
    ulps = max(16, row.ulp)
    for case, results, want in zip(cases, zip(*got, strict=True), wants, strict=True):
        for a, b in zip(map(float, results), want, strict=True):
            is_near = math.isfinite(a) and math.isfinite(b) and b != 0 and abs(a - b) <= ulps * math.ulp(b)
            assert a.hex() == b.hex() or is_near, (case, a, b)


@KINDS
@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("count", [1, 3, 4])
def test_any_number_of_operands(name: str, count: int, kind: str) -> None:
    inputs = tuple(f"x{index}" for index in range(count))
    text = f"{name}({', '.join(inputs)})"
    cases = list(product([1.0, -2.0, 0.0, -0.0, math.nan, math.inf], repeat=count))
    got = all_bits(run(kernel_of(text, inputs, kind), list(zip(*cases, strict=True)), 1 + count))
    for case, results in zip(cases, zip(*got, strict=True), strict=True):
        assert list(results) == bits(numbers(read(text), dict(zip(inputs, case, strict=True)))), case


@KINDS
@pytest.mark.parametrize("text", FORMULAS)
def test_results_do_not_depend_on_blocks(text: str, kind: str) -> None:
    with_gamma(text)
    columns = random_columns(1003)
    want = all_bits(run(kernel_of(text, NAMES[:2], kind), columns, 3))
    for block_rows in (1, 7, 64, 4096):
        kernel = kernel_of(text, NAMES[:2], kind, block_rows)
        assert all_bits(run(kernel, columns, 3)) == want, block_rows
        assert block_rows <= kernel.block_rows < block_rows + 8


@KINDS
@pytest.mark.parametrize("text", FORMULAS)
def test_results_do_not_depend_on_the_number_of_rows_or_the_place_among_them(text: str, kind: str) -> None:
    with_gamma(text)
    columns = random_columns(40)
    kernel = kernel_of(text, NAMES[:2], kind, 7)
    want = all_bits(run(kernel, columns, 3))
    for rows in range(1, 18):
        for start in range(9):
            part = [column[start : start + rows] for column in columns]
            got = all_bits(run(kernel, part, 3))
            assert got == [column[start : start + rows] for column in want], (rows, start)
    order = numpy.random.default_rng(2).permutation(40)
    shuffled = all_bits(run(kernel, [column[order] for column in columns], 3))
    assert shuffled == [[column[index] for index in order] for column in want]


@KINDS
@pytest.mark.parametrize("text", FORMULAS)
def test_a_block_or_a_call_leaves_nothing_behind_for_the_next(text: str, kind: str) -> None:
    with_gamma(text)
    kernel = kernel_of(text, NAMES[:2], kind, 64)
    columns, others = random_columns(300), random_columns(150, seed=5)
    first = all_bits(run(kernel, columns, 3))
    run(kernel, others, 3)
    assert all_bits(run(kernel, columns, 3)) == first


@KINDS
@pytest.mark.parametrize("text", FORMULAS)
def test_threads_do_not_disturb_each_other(text: str, kind: str) -> None:
    with_gamma(text)
    kernel = kernel_of(text, NAMES[:2], kind, 64)
    inputs = [random_columns(1000 + seed, seed) for seed in range(8)]
    want = [all_bits(run(kernel, columns, 3)) for columns in inputs]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            got = list(pool.map(lambda columns: run(kernel, columns, 3), inputs * 3))
    finally:
        sys.setswitchinterval(interval)
    assert [all_bits(columns) for columns in got] == want * 3


def with_gamma(text: str) -> None:
    if "gamma" in text:
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")


@pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)")
@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("exp(x)", mpmath.exp),
        ("erf(x)", lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)),
        ("erfc(x)", lambda x: -2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)),
    ],
)
def test_exponentials_in_machine_code_are_right_to_the_last_bits(text: str, exact: Callable[[Any], Any]) -> None:
    from mgrad_cli.kernels.machine import machine

    most = 1.5 if machine().has_fma else 9  # a product of two of the library's exponentials
    x = numpy.concatenate([numpy.random.default_rng(6).uniform(-high, high, 300) for high in (1e-3, 1, 5, 26, 27.3)])
    _, slopes = run(kernel_for(program_of(text, ("x",)), "native"), [x], 2)
    with mpmath.workdps(40):
        for at, slope in zip(map(float, x), map(float, slopes), strict=True):
            want = exact(mpmath.mpf(at))
            assert abs(slope - want) <= most * math.ulp(float(want)), at


@pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)")
@pytest.mark.parametrize("text", ["exp(x)", "erf(x)"])
def test_exponentials_do_not_depend_on_how_the_machine_scales_by_powers_of_two(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mgrad_cli.kernels import vector_exp
    from mgrad_cli.kernels.machine import machine

    generator = numpy.random.default_rng(4)
    x = numpy.concatenate([*(generator.uniform(-high, high, 2000) for high in (1e-3, 1, 40, 800)), EDGES])
    program = program_of(text, ("x",))
    want = all_bits(run(kernel_for(program, "native"), [x], 2))
    plain = machine()._replace(has_scale=False)
    monkeypatch.setattr(vector_exp, "machine", lambda: plain)
    assert all_bits(run(kernel_for(program, "native"), [x], 2)) == want


@pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)")
@pytest.mark.parametrize("text", ["100*(y - x**2)**2 + (1 - x)**2", "where(x > y, x/y, y)", "exp(-x*x)*y", "x*y"])
def test_stores_past_the_cache_change_no_result(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mgrad_cli.kernels import streaming

    columns = random_columns(1003)
    want = all_bits(run(kernel_for(program_of(text, NAMES[:2]), "native"), columns, 3))
    monkeypatch.setattr(streaming, "STREAMED_BYTES", 1)
    kernel = kernel_for(program_of(text, NAMES[:2]), "native")
    for offsets in ((0, 0, 0), (3, 3, 3), (0, 1, 2), (5, 0, 5)):
        memory = numpy.full((3, 1104), -99.0)  # columns of whole lines of the cache
        first = -(memory.ctypes.data // 8) % 8
        ends = [first + offset for offset in offsets]
        results = [row[start : start + 1003] for row, start in zip(memory, ends, strict=True)]
        kernel([numpy.ascontiguousarray(column) for column in columns], results)
        assert all_bits(results) == want
        assert all((row[:start] == -99.0).all() for row, start in zip(memory, ends, strict=True))
        assert all((row[start + 1003 :] == -99.0).all() for row, start in zip(memory, ends, strict=True))


@KINDS
def test_inputs_are_not_written_to(kind: str) -> None:
    columns = random_columns(100)
    before = [column.copy() for column in columns]
    for column in columns:
        column.flags.writeable = False
    run(kernel_of(MIXED, NAMES[:2], kind), columns, 3)
    assert all_bits(columns) == all_bits(before)


@KINDS
def test_no_rows_are_no_results(kind: str) -> None:
    assert [len(column) for column in run(kernel_of(MIXED, NAMES[:2], kind), [[], []], 3)] == [0, 0, 0]


@KINDS
def test_more_values_are_alive_than_there_are_registers(kind: str) -> None:
    statements = [f"t{k} = x*{k + 1}.25 - y" for k in range(150)]
    nested = "1"
    for k in range(150):
        nested = f"(t{k} + 0.125*({nested}))"
    program = program_of("; ".join([*statements, nested]), NAMES[:2])
    columns = random_columns(50)
    assert all_bits(run(kernel_for(program, kind), columns, 3)) == by_floats(program, columns)


def long_text(statements: int) -> str:
    """Arithmetic alone, so that every kernel comes to the same bits; truths and values read far from where they are."""
    lines = [
        f"t{k} = 0.75*t{k - 1} - where(c and t{k - 2} > {k % 7}, t{k // 2}, 0.5*t{k - 2})" for k in range(2, statements)
    ]
    return "; ".join(["c = x < y", "t0 = x - 0.5*y", "t1 = y*0.25 + x", *lines, f"t{statements - 1} + c*x"])


@KINDS
def test_programs_of_several_segments(kind: str) -> None:
    program = program_of(long_text(200), NAMES[:2])
    assert len(expand(program)) > 1000
    columns = random_columns(37)
    assert all_bits(run(kernel_for(program, kind, block_rows=16), columns, 3)) == by_floats(program, columns)


@KINDS
def test_operations_without_code_between_others(kind: str) -> None:
    pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    texts = (
        "gamma(x)",
        "gamma(2)*x + gamma(x < y) + polygamma(1, y)",
        "gamma(gamma(x)) + digamma(gamma(y))*gamma(x)",
        "c = x < y; a = lgamma(x - y); (a > 0 and c)*a + polygamma(c, x) + a*y",
    )
    columns = random_columns(50)
    for text in texts:
        program = trace(read(text), NAMES[:2])
        assert all_bits(run(kernel_for(program, kind, block_rows=16), columns, 1)) == by_floats(program, columns), text


@settings(QUIET, max_examples=15)
@given(programs((*SMOOTH, *KINKED, "max", "logical_not")), POINTS, POINTS)
@pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)")
def test_where_a_program_is_cut_changes_no_result(text: str, x: float, y: float) -> None:
    from mgrad_cli.kernels import native_kernel

    program = program_of(text, NAMES[:2])
    columns = [[x, y, -x, 0.0, 1.5], [y, x, 0.0, -0.0, -y]]
    want = all_bits(run(kernel_for(program, "native"), columns, 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native_kernel, "plan", lambda program, has_code, most: plan(program, has_code, 3))
        assert all_bits(run(kernel_for(program, "native"), columns, 3)) == want, text


@KINDS
@settings(QUIET, max_examples=30)
@given(programs((*SMOOTH, *KINKED, "max", "relu", "logical_not")), POINTS, POINTS)
def test_random_programs_come_to_what_the_floats_do(kind: str, text: str, x: float, y: float) -> None:
    unit = read(text)
    point = {name: value for name, value in (("x", x), ("y", y)) if name in unit.names}
    wants = numbers(unit, point)
    if not all(map(math.isfinite, wants)):
        return
    program = program_of(text, tuple(point))
    scale, tolerance = magnitude(unit, point), 4 * sys.float_info.epsilon * max(1, len(program))
    got = run(kernel_for(program, kind), [[value] for value in point.values()], 1 + len(point), rows=1)
    for (a,), b in zip(got, wants, strict=True):
        assert close(float(a), b, scale, tolerance), text


@KINDS
def test_outputs_may_be_inputs_constants_truths_or_each_other(kind: str) -> None:
    recorder = Recorder()
    x, y = recorder.input("x"), recorder.input("y")
    boolean, total = x.less(y), x + y
    results = [
        x,
        2.5,
        boolean,
        total,
        total,
        y,
        boolean,
        -0.0,
        math.nan,
        x,
        total.less(boolean),
        total * boolean,
        math.inf,
    ]
    program = recorder.program(results)
    for rows in (1, 8, 23):
        columns = random_columns(rows)
        got = all_bits(run(kernel_for(program, kind, block_rows=7), columns, len(results)))
        assert got == by_floats(program, columns)


@KINDS
def test_programs_without_inputs_or_operations(kind: str) -> None:
    recorder = Recorder()
    recorder.input("unused")
    alone = recorder.program([3.0, math.nan])
    assert all_bits(run(kernel_for(alone, kind), [[1.0, 2.0]], 2)) == [bits([3.0, 3.0]), bits([math.nan] * 2)]
    constant = trace(read("2 + 3"), ())
    assert run(kernel_for(constant, kind), [], 1, rows=5)[0].tolist() == [5.0] * 5
    identity = trace(read("x"), ("x",))
    assert run(kernel_for(identity, kind), [[1.0, 2.0, 3.0]], 1)[0].tolist() == [1.0, 2.0, 3.0]


LOGIC = [
    "x < y", "x <= y", "x > y", "x >= y", "x == y", "x != y", "x and y", "x or y", "not x", "not (x < y)",
    "(x < y) and (y < 1)", "(x < y) or y", "(x < y) and x", "(x < y) + (x == y)", "(x < y) == (y < x)", "(x < y) < x",
    "not (not x)", "where(x, y, 1)", "where(x < y, x, y)", "where(x and y, x, y)", "where(x < y, x < 1, y < 1)",
    "where(not x, x, y)", "where(x < y and x, 1/x, y)", "max(x, y)", "min(x, y)", "max(x, y, 1)", "max(x < y, x)",
    "clip(x, y, 1)", "clip(x, -1, y)", "clip(1, x, y)", "max(x)", "abs(x < y)", "-(x < y)", "sqrt(x >= y)",
    "floor(x)", "ceil(x)", "round(x)", "trunc(x)", "sign(x)", "mod(x, y)", "mod(x > 0, nan)", "mod(x < y, nan)",
    "mod(not x, nan)", "where(nan, x, y)", "where(nan*1, x*y, 3)", "mod(not x, 2)", "mod(x and y, where(x > 1, nan, 2))",
]  # fmt: skip


@pytest.mark.sampled(3)
@KINDS
@pytest.mark.parametrize("text", LOGIC)
def test_comparison_logic_and_choice_are_exact_with_nan_and_every_edge(text: str, kind: str) -> None:
    unit = read(text)
    inputs = tuple(name for name in unit.names if name in NAMES)
    cases = list(product(EDGES, repeat=len(inputs)))
    program = program_of(text, inputs)
    got = all_bits(run(kernel_for(program, kind), list(zip(*cases, strict=True)), 1 + len(inputs)))
    for case, results in zip(cases, zip(*got, strict=True), strict=True):
        assert list(results) == bits(numbers(unit, dict(zip(inputs, case, strict=True)))), case


@KINDS
@pytest.mark.parametrize("exponent", ["0.5", "(-0.5)", "2", "3", "4", "(-1)", "(-2)", "1.5", "0", "1", "(1/3)"])
def test_powers_of_edges(exponent: str, kind: str) -> None:
    text = f"x**{exponent}"
    xs = [0.0, -0.0, math.inf, -math.inf, -2.0, -0.5, math.nan, 5e-324, 1e308, -1e308, 4.0, 0.3]
    value, slope = run(kernel_of(text, ("x",), kind), [xs], 2)
    for x, y, dy in zip(xs, value.tolist(), slope.tolist(), strict=True):
        for a, b in zip((y, dy), numbers(read(text), {"x": x}), strict=True):
            is_exact = not math.isfinite(b) or b == 0
            assert a.hex() == b.hex() or (not is_exact and abs(a - b) <= 4 * math.ulp(b)), (x, a, b)


def results_at(text: str, point: Mapping[str, float], kind: str) -> tuple[float, dict[str, float]]:
    inputs = tuple(point)
    columns = [[value] * 3 for value in point.values()]
    value, *grads = run(kernel_of(text, inputs, kind), columns, 1 + len(inputs))
    return float(value[1]), {name: float(grad[2]) for name, grad in zip(inputs, grads, strict=True)}


@KINDS
def test_every_reference_edge(kind: str) -> None:
    cases = [json.loads(line) for line in shared("edges.jsonl").read_text().splitlines()]
    assert cases
    for case in cases:
        value, grads = results_at(case["expr"], {name: number(x) for name, x in case["vars"].items()}, kind)
        assert same(value, number(case["value"])), (case, value)
        for name, grad in case["grads"].items():
            assert same(grads[name], number(grad)), (case, grads)


@pytest.mark.slow
@KINDS
def test_every_physics_equation(kind: str) -> None:
    cases = [json.loads(line) for line in shared("feynman.jsonl").read_text().splitlines()]
    assert cases
    for case in cases:
        value, grads = results_at(case["expr"], case["vars"], kind)
        pairs = [(value, case["value"]), *((grads[name], grad) for name, grad in case["grads"].items())]
        assert all(abs(got - want) <= 1e-12 * abs(want) + 100 * case["f64_abserr"] for got, want in pairs), case["id"]


@KINDS
def test_a_kernel_says_its_name(kind: str) -> None:
    assert kernel_for(trace(read("x"), ["x"]), kind).name == kind


@pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)")
def test_auto_is_machine_code_where_it_pays_for_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of(MIXED, NAMES[:2])
    assert [kernel_for(program, "auto", rows).name for rows in (1, 1000, 10**9)] == ["numpy", "numpy", "native"]
    monkeypatch.setattr(kernels, "COMPILER_SECONDS", 0.0)
    monkeypatch.setattr(costs, "MODULE_SECONDS", 0.0)
    monkeypatch.setattr(costs, "COMPILED_OPERATION_SECONDS", 0.0)
    assert [kernel_for(program, "auto", rows).name for rows in (0, 1, None)] == ["numpy", "native", "native"]


def test_without_llvmlite_auto_is_numpy_and_native_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    for name in ("native_kernel", "vector_code"):
        monkeypatch.delitem(sys.modules, f"mgrad_cli.kernels.{name}", raising=False)
    program = program_of(MIXED, NAMES[:2])
    assert [kernel_for(program, "auto", rows).name for rows in (None, 10**9)] == ["numpy", "numpy"]
    with pytest.raises(MissingExtraError) as caught:
        kernel_for(program, "native")
    assert (
        str(caught.value)
        == "the native kernel needs llvmlite: pip install 'mgrad-cli[native]' (in a checkout: pip install '.[native]')"
    )


def test_buffers_are_used_again() -> None:
    text = "sin(" * 200 + "x" + ")" * 200
    made = schedule(expand(trace(read(text), ["x"])))
    assert made.doubles <= 2
    assert len(made.tasks) == 200
    assert made.tasks[-1].out == Slot("output", 0)


def test_a_plan_computes_every_operation_once_and_reads_only_what_is_there() -> None:
    program = expand(program_of(long_text(40), NAMES[:2]))
    made = plan(program, lambda operation: operation.name != "multiply", most=5)
    computed = [index for segment in made.segments for index in segment.registers]
    assert sorted(computed) == sorted(set(computed))
    assert len(computed) == len(program)
    holds: dict[Slot, int] = {Slot("input", 0): 0, Slot("input", 1): 1}
    for segment in made.segments:
        assert len(segment.registers) <= 5
        assert all(holds[slot] == index for index, slot in segment.reads.items())
        written = {slot: index for index, slot in segment.writes}
        assert not set(segment.reads.values()) & set(written)
        holds |= written
    assert made.buffers < 80


@pytest.mark.parametrize(
    "text",
    ["x" + ".sin()" * 10000, "*".join(f"x{i}" for i in range(7500)), "tanh(gelu(mish(" * 300 + "x" + ")))" * 300],
)
def test_what_would_compile_too_long_is_told_or_left_to_numpy(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "MAX_COMPILED", 12_000)
    unit = read(text)
    names = list(unit.names)
    program = differentiate(trace(unit, names), names)
    with pytest.raises(LimitError, match="use the numpy kernel"):
        kernel_for(program, "native")
    assert kernel_name(program, "auto", None) == "numpy"
