"""Quotients from shared reciprocals in machine code: the bits of divisions, for any operands."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy
import pytest

from mgrad_cli.kernels import kernel_for
from mgrad_cli.language.lowering import read
from mgrad_cli.program import Program, trace
from tests.test_kernels import EDGES, HAS_COMPILER, all_bits, program_of, run

pytestmark = pytest.mark.skipif(not HAS_COMPILER, reason="no llvmlite (extra `native`)")

COUNT, NEIGHBOURS = 20_003, 16
BOUNDS = [2.0**power for power in (-1025, -1023, -1022, -512, -511, -510, -1, 509, 510, 511, 512, 1022, 1023)]


def mantissas(generator: numpy.random.Generator) -> Any:
    return 1 + generator.integers(0, 2**52, COUNT) * 2.0**-52


@cache
def operands() -> list[tuple[str, list[Any]]]:
    """Columns of x, y and z: hard to round, of any size, and with some rows that must be divided.

    Neighbours have one size, since a row that must be divided takes the others of its vector with it.
    """
    generator = numpy.random.default_rng(8)
    near = [1 + generator.integers(0, 2**place, COUNT) * 2.0**-52 for place in (6, 20)]
    cases = [
        ("between 1 and 2", [mantissas(generator) for _ in range(3)]),
        ("near 1 and 2", [near[0], near[1], 2 - generator.integers(1, 64, COUNT) * 2.0**-52]),
    ]
    for size in (10, 260, 520, 1023, 1074):
        sizes = [numpy.repeat(generator.integers(-size, size, COUNT), NEIGHBOURS)[:COUNT] for _ in range(3)]
        signs = generator.choice([-1, 1], (3, COUNT))
        with numpy.errstate(over="ignore", under="ignore"):
            columns = [numpy.ldexp(mantissas(generator) * sign, s) for sign, s in zip(signs, sizes, strict=True)]
        cases.append((f"powers of two up to {size}", columns))
    edges = numpy.array([*EDGES, *BOUNDS, -BOUNDS[0], -BOUNDS[-1]])
    grid = numpy.meshgrid(edges, edges, edges)
    cases.append(("edges", [numpy.repeat(column.ravel(), NEIGHBOURS) for column in grid]))
    some = [mantissas(generator) for _ in range(3)]
    some[0][::97], some[1][::101], some[2][::211] = 0.0, -numpy.inf, -0.0
    return [*cases, ("some edges among others", some)]


@pytest.mark.parametrize(
    ("text", "divide"),
    [
        ("x/z, y/z", lambda x, y, z: (x / z, y / z)),
        ("-x/z, 1/z", lambda x, y, z: (-x / z, 1 / z)),
        ("0.7/z, y/z", lambda x, y, z: (0.7 / z, y / z)),
        ("1e-200/z, 1/z", lambda x, y, z: (1e-200 / z, 1 / z)),
        ("0/z, -1e200/z", lambda x, y, z: (0 / z, -1e200 / z)),
        ("x/(2*z), 1/z", lambda x, y, z: (x / (2 * z), 1 / z)),
        ("1/(z*-4), 1/z", lambda x, y, z: (1 / (z * -4), 1 / z)),
        ("x/(0.5*z), 1/z", lambda x, y, z: (x / (0.5 * z), 1 / z)),
        ("x/3, y/-8", lambda x, y, z: (x / 3, y / -8)),
        ("x/1e150, y/1e-150", lambda x, y, z: (x / 1e150, y / 1e-150)),
        ("x/1e200, 3/7e200", lambda x, y, z: (x / 1e200, numpy.full_like(x, 3 / 7e200))),
    ],
)
def test_quotients_have_the_bits_of_divisions(text: str, divide: Callable[..., tuple[Any, ...]]) -> None:
    kernel = kernel_for(trace(read(text), list("xyz")), "native")
    for what, columns in operands():
        with numpy.errstate(all="ignore"):
            wanted = divide(*columns)
        for a, b in zip(run(kernel, columns, len(wanted)), wanted, strict=True):
            assert numpy.array_equal(a, b, equal_nan=True), what
            assert numpy.array_equal(numpy.signbit(a[b == 0]), numpy.signbit(b[b == 0])), what


@pytest.mark.parametrize(
    "text",
    [
        "x*y/(x*x + y*y + 1)", "y/(1 + exp(-x))", "sqrt(x*x + y*y) + x/sqrt(y)", "hypot(x, y)", "x/y/y", "x/(x > y) + y/(x > y)",
        "tan(x)/y + where(x > y, x/y, y/3)", "lgamma(x/y) + 1/y",
    ],
)  # fmt: skip
def test_shared_reciprocals_change_no_gradient(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from mgrad_cli.kernels import loops

    if "gamma" in text:
        pytest.importorskip("scipy", reason="the gamma family needs SciPy (extra `special`)")
    generator = numpy.random.default_rng(2)
    some = [*EDGES, *BOUNDS]
    columns = [numpy.concatenate([generator.permutation(some * 20), generator.normal(size=1001)]) for _ in "xy"]
    program = program_of(text, ("x", "y"))
    found = all_bits(run(kernel_for(program, "native"), columns, 3))
    monkeypatch.setattr(loops, "shared_divisors", lambda program, registers: {})
    assert found == all_bits(run(kernel_for(program, "native"), columns, 3))


@pytest.mark.parametrize(
    ("text", "divisors"),
    [("x/y + 1/y", ["y"]), ("x/y + y/x", []), ("x/(2*y) + 3/y", ["2*y", "y"]), ("x/3", ["3"]), ("x/1e-300 + x/0", [])],
)
def test_what_several_divide_by_is_shared(text: str, divisors: list[str]) -> None:
    from mgrad_cli.kernels.quotients import shared_divisors

    program: Program = trace(read(text), list("xy"))
    assert len(shared_divisors(program, range(len(program.nodes)))) == len(divisors)
