"""The kernel for one point: the results of the NumPy kernel to the bit, for every operation and at every edge."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy
import pytest
from hypothesis import given, settings

import mgrad_cli
from mgrad_cli.kernels import groups
from mgrad_cli.kernels.grouped_program import GroupedProgram
from mgrad_cli.kernels.groups import batches, operands_of, users_of
from mgrad_cli.kernels.numpy_kernel import NumpyKernel, primitives
from mgrad_cli.kernels.point_kernel import EXACT, PointKernel, point_function
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.program import ApplyNode, Program, trace
from mgrad_cli.program.floats import FloatProgram
from tests.conftest import shared
from tests.test_kernels import EDGES, FORMULAS, LOGIC, NAMES, all_bits, bits, call, grid, program_of, run, with_gamma
from tests.test_operations import ROWS, with_scipy
from tests.test_properties import KINKED, POINTS, QUIET, SMOOTH, programs
from tests.test_results import number


def check(program: Program, cases: Sequence[Sequence[float]], kernel: Callable[[Any], Any] | None = None) -> None:
    """Compare a kernel for one point, by default that of the program, with the NumPy kernel at some points."""
    want = all_bits(run(NumpyKernel(program), list(zip(*cases, strict=True)), len(program.outputs)))
    kernel = kernel or PointKernel(program)
    for index, case in enumerate(cases):
        operands = [float(operand) for operand in case]
        for given_operands in (operands, numpy.array(operands)) if isinstance(kernel, PointKernel) else (operands,):
            found = kernel(given_operands)
            assert isinstance(found, numpy.ndarray) or {type(result) for result in found} <= {float}
            assert bits(found) == [column[index] for column in want], case


@pytest.mark.sampled(2)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_operation_at_samples_and_edges(row: Operation) -> None:
    with_scipy(row)
    cases, _ = grid(row)
    generator = numpy.random.default_rng(7)
    count = len(cases[0])
    check(
        program_of(call(row, count), NAMES[:count]),
        [*cases, *generator.normal(scale=3.0, size=(300, count)).tolist()],
    )


@pytest.mark.parametrize("text", [*FORMULAS, *LOGIC, *(f"x**{power}" for power in ("0.5", "2", "(-3)", "(1/3)", "y"))])
def test_formulas_at_edges_and_random_points(text: str) -> None:
    with_gamma(text)
    inputs = tuple(name for name in read(text).names if name in NAMES)
    points = numpy.random.default_rng(3).normal(scale=3.0, size=(300, len(inputs))).tolist()
    check(program_of(text, inputs), [*product(EDGES, repeat=len(inputs)), *points])


@settings(QUIET, max_examples=40)
@given(programs((*SMOOTH, *KINKED)), POINTS, POINTS)
def test_random_programs(text: str, x: float, y: float) -> None:
    check(program_of(text, ("x", "y")), [(x, y), (y, x), (-x, 1e200 * y)])


@pytest.mark.parametrize("name", ["edges", "feynman"])
def test_every_reference_case(name: str) -> None:
    for case in map(json.loads, shared(f"{name}.jsonl").read_text().splitlines()):
        check(program_of(case["expr"], tuple(case["vars"])), [[number(x) for x in case["vars"].values()]])


@pytest.mark.parametrize("fewest", [1, 1000])
@pytest.mark.parametrize("text", [*FORMULAS, *LOGIC, "x + y + z + x + 2*z - y - x - z", "x*y*z*x*y/z/x/y"])
def test_groups_and_chains_of_any_size(text: str, fewest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with_gamma(text)
    monkeypatch.setattr(groups, "MIN_GROUP", fewest)
    monkeypatch.setattr(groups, "MIN_CHAIN", 2)
    inputs = tuple(name for name in read(text).names if name in NAMES)
    program = program_of(text, inputs)
    points = numpy.random.default_rng(3).normal(scale=3.0, size=(50, len(inputs))).tolist()
    check(program, [*product(EDGES, repeat=len(inputs)), *points], grouped_kernel(program))


def grouped_kernel(program: Program) -> Callable[[Any], Any]:
    """The program with groups, even if it is short."""
    grouped = GroupedProgram(primitives(program), point_function)

    def run_quietly(point: Any) -> Any:
        with numpy.errstate(all="ignore"):
            return grouped(point)

    return run_quietly


LONG = {
    "neighbours": " + ".join(f"100*(x{k + 1} - x{k}**2)**2 + (1 - x{k})**2" for k in range(39)),
    "functions": " + ".join(f"exp(-x{k}*x{k})*sin(x{k} + {k})/(1 + x{k}**2)" for k in range(40)),
    "choices": " + ".join(f"where(x{k} > 0, x{k}**3 - 2*x{k}, x{k}*x{39 - k})/(1 + x{k}**2) + max(x{k}, 1)" for k in range(40)),
    "a product": "*".join(f"(x{k} + 2)" for k in range(40)) + "".join(f" + x{k}**3*exp(x{k})/(x{39 - k}**2 + 1)" for k in range(40)),
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_long_formulas_run_in_groups(name: str) -> None:
    inputs = tuple(read(LONG[name]).names)
    program = program_of(LONG[name], inputs)
    assert isinstance(PointKernel(program).run, GroupedProgram)
    generator = numpy.random.default_rng(5)
    edges = generator.choice(EDGES, (20, len(inputs))).tolist()
    check(program, [*generator.normal(size=(20, len(inputs))).tolist(), *edges])


TERMS = [f"sin(x{k})" for k in range(30)]
CHAINS = {
    "a sum": ("+".join(TERMS), [30 - 1]),
    "a sum from the right": ("+(".join(TERMS) + ")" * 29, [29]),
    "differences": ("-".join(TERMS), [29]),
    "a product": ("*".join(TERMS), [29]),
    "quotients": ("/".join(TERMS), [29]),
    "differences from the right": ("-(".join(TERMS) + ")" * 29, []),
    "powers": ("**".join(TERMS), []),
    "doubling": ("t0 = sin(x0); " + "; ".join(f"t{k + 1} = t{k} + t{k}" for k in range(30)) + "; t30", []),
    "Fibonacci's numbers": ("a0 = sin(x0); a1 = sin(x1); " + "; ".join(f"a{k + 2} = a{k} + a{k + 1}" for k in range(30)) + "; a31", []),
    "a sum of one number": ("y = sin(x0); " + "+".join(["y"] * 30), [29]),
    "two sums": ("(" + "+".join(TERMS) + ")/(" + "+".join(TERMS[::-1]) + ")", [29, 29]),
    "sums that are all needed": ("; ".join(["s0 = x0*x1", *(f"s{k + 1} = s{k} + x{k}" for k in range(20))]) + "; " + ", ".join(f"s{k}*s{k}" for k in range(21)), [20]),
    "a sum of a sum of each": ("; ".join(["s0 = x0*x1", *(f"s{k + 1} = s{k} + s{k}*x{k}" for k in range(20))]) + "; s20", []),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAINS)
def test_each_operation_of_a_chain_takes_the_result_of_the_one_before(name: str) -> None:
    text, lengths = CHAINS[name]
    script = read(text)
    inputs = tuple(each for each in script.names if each.startswith("x"))
    program = primitives(trace(script, inputs))
    found = [*batches(program.nodes, users_of(program.nodes))]
    assert [len(registers) for kind, registers in found if kind == "chain"] == lengths
    known = {index for index, node in enumerate(program.nodes) if not isinstance(node, ApplyNode)}
    for kind, registers in found:
        for register in registers:
            operands = set(operands_of(program.nodes[register]))
            assert operands <= known
            known |= {register} if kind != "group" else set()
        known.update(registers)
    assert known == set(range(len(program.nodes)))
    generator = numpy.random.default_rng(8)
    edges = generator.choice(EDGES, (20, len(inputs))).tolist()
    check(program, [*generator.normal(size=(20, len(inputs))).tolist(), *edges], grouped_kernel(program))


def test_threads_have_their_own_groups() -> None:
    kernel = PointKernel(program_of(LONG["functions"], tuple(read(LONG["functions"]).names)))
    points = numpy.random.default_rng(6).normal(size=(64, 40)).tolist()
    with ThreadPoolExecutor(4) as pool:
        assert all_bits([*pool.map(kernel, points)]) == all_bits([*map(kernel, points)])


def test_a_kernel_does_not_warn_and_leaves_numpy_s_settings_as_they_were() -> None:
    kernel = PointKernel(program_of("log(x)/sin(x)", ("x",)))
    before = numpy.geterr()
    with ThreadPoolExecutor(4) as pool:
        assert all_bits([*pool.map(kernel, [[0.0]] * 64)]) == all_bits([kernel([0.0])] * 64)
    with numpy.errstate(all="raise"):
        kernel([0.0])
    assert numpy.geterr() == before
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        numpy.log(numpy.zeros(1))


def test_few_operations_of_a_kind_run_on_floats() -> None:
    assert isinstance(PointKernel(trace(read("sin(" * 200 + "x" + ")" * 200), ["x"])).run, FloatProgram)


def test_exact_operations_are_rows_of_the_table() -> None:
    assert set(TABLE) >= EXACT


NUMBERS = [3, -2.5, True, numpy.float64(0.1), 2**60 + 1]


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
@pytest.mark.parametrize("text", ["x*y + sin(x)", "x > y", "s = x/y; s, x, 2, s < 1", "x*0 + y"])
def test_a_call_on_numbers_is_one_on_an_array_of_one(value: Any, text: str) -> None:
    compiled = mgrad_cli.compile(text)
    alone, among = compiled(x=value, y=0.3), compiled(x=[value], y=0.3)
    pairs = zip(alone.values(), among.values(), strict=True) if isinstance(alone, dict) else [(alone, among)]
    for one, many in pairs:
        assert one.value.shape == ()
        assert one.value.dtype == numpy.float64
        assert bits([one.value]) == bits(many.value)
        assert list(one.grads) == list(many.grads)
        for name, grad in one.grads.items():
            assert (grad.shape, grad.dtype, bits([grad])) == ((), numpy.float64, bits(many.grads[name])), name
