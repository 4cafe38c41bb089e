"""The kernel for one point: the results of the NumPy kernel to the bit, for every operation and at every edge."""

import json
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy
import pytest
from hypothesis import given, settings

import mgrad_cli
from mgrad_cli.kernels.numpy_kernel import NumpyKernel
from mgrad_cli.kernels.point_kernel import EXACT, PointKernel
from mgrad_cli.language.lowering import read
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.program import Program
from tests.conftest import shared
from tests.test_kernels import EDGES, FORMULAS, LOGIC, NAMES, all_bits, bits, call, grid, program_of, run, with_gamma
from tests.test_operations import ROWS, with_scipy
from tests.test_properties import KINKED, POINTS, QUIET, SMOOTH, programs
from tests.test_results import number


def check(program: Program, cases: Sequence[Sequence[float]]) -> None:
    """Compare both kernels at some points."""
    want = all_bits(run(NumpyKernel(program), list(zip(*cases, strict=True)), len(program.outputs)))
    kernel = PointKernel(program)
    for index, case in enumerate(cases):
        found = kernel([float(operand) for operand in case])
        assert {type(result) for result in found} <= {float}
        assert bits(found) == [column[index] for column in want], case


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
