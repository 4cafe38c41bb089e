"""Kernels against the same value and gradient made by other means, one thread: python -m tests.bench.kernels.

Rivals that return new arrays are met by a kernel that makes its own; C, which fills arrays, by one that fills them.
"""

import argparse
import ctypes
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy

from mgrad_cli.kernels import kernel_for
from mgrad_cli.language.lowering import read
from mgrad_cli.program import Program, differentiate, trace
from tests.bench import compared, in_turn, paired, report, seconds

ROWS = 1_000_000
KINDS = ("numpy", "native")
NAMES = ("x", "y", "z")
FORMULA = "tanh(x*x+2)*sin(y)+exp(-z)*log(x+y)+(x*y*z)**2"
GOALS = {
    ("numpy", "plain NumPy"): "<= 0.7",
    ("numpy", "JAX"): "<= 0.9",
    ("native", "JAX"): "<= 0.2",
    ("native", "C"): "<= 1",
}
VARIABLES, CHEAP_ROWS = 1_000, 10_000
GCC = ("gcc", "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC")
C = """
#include <math.h>

enum { BLOCK = 512 };

void run(long rows, const double *restrict xs, const double *restrict ys, const double *restrict zs,
         double *restrict value, double *restrict dx, double *restrict dy, double *restrict dz) {
    double cosines[BLOCK];
    for (long start = 0; start < rows; start += BLOCK) {
        long stop = start + BLOCK < rows ? start + BLOCK : rows;
        for (long i = start; i < stop; i++)
            cosines[i - start] = cos(ys[i]);
        for (long i = start; i < stop; i++) {
            double x = xs[i], y = ys[i], z = zs[i];
            double t = tanh(x * x + 2), s = sin(y), e = exp(-z), l = log(x + y), q = e / (x + y), p = x * y * z;
            value[i] = t * s + e * l + p * p;
            dx[i] = 2 * x * (1 - t * t) * s + q + 2 * p * y * z;
            dy[i] = t * cosines[i - start] + q + 2 * p * x * z;
            dz[i] = 2 * p * x * y - e * l;
        }
    }
}
"""
"""The cosines have a loop of their own: of a sine and a cosine of one number gcc makes a call that is no vector's."""


class Rival(NamedTuple):
    """A way to the value and the three partial derivatives; `function` gives all four as arrays.

    fills       whether it fills the same arrays each time, rather than make new ones
    compile     what makes its code, where that is to be timed
    """

    name: str
    function: Callable[[], Any]
    fills: bool = False
    compile: Callable[[], Any] | None = None


def by_hand(x: Any, y: Any, z: Any) -> Any:
    """As someone writes it who knows NumPy: what is common is computed once."""
    t, s, e, total, p = numpy.tanh(x * x + 2), numpy.sin(y), numpy.exp(-z), x + y, x * y * z
    f, quotient, twice = e * numpy.log(total), e / total, 2 * p
    return (
        t * s + f + p * p,
        2 * x * (1 - t * t) * s + quotient + twice * y * z,
        t * numpy.cos(y) + quotient + twice * x * z,
        twice * x * y - f,
    )


def plain(columns: list[Any]) -> Rival:
    return Rival("plain NumPy", lambda: by_hand(*columns))


def jax(columns: list[Any]) -> Rival:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def formula(x: Any, y: Any, z: Any) -> Any:
        return jnp.tanh(x * x + 2) * jnp.sin(y) + jnp.exp(-z) * jnp.log(x + y) + (x * y * z) ** 2

    compiled = jax.jit(jax.vmap(jax.value_and_grad(formula, argnums=(0, 1, 2))))
    inputs = [jax.block_until_ready(jnp.asarray(column)) for column in columns]

    def run() -> Any:
        value, partials = jax.block_until_ready(compiled(*inputs))
        return value, *partials

    return Rival("JAX", run)


def pytorch(columns: list[Any]) -> Rival:
    import torch

    torch.set_num_threads(1)
    x, y, z = (torch.tensor(column, requires_grad=True) for column in columns)

    def run() -> Any:
        value = torch.tanh(x * x + 2) * torch.sin(y) + torch.exp(-z) * torch.log(x + y) + (x * y * z) ** 2
        return value.detach(), *torch.autograd.grad(value, (x, y, z), torch.ones_like(value))

    return Rival("PyTorch", run)


def sympy(columns: list[Any]) -> Rival:
    import sympy

    symbols = sympy.symbols(NAMES)
    formula = sympy.sympify(FORMULA)
    results = [formula, *(formula.diff(symbol) for symbol in symbols)]
    function = sympy.lambdify(symbols, results, "numpy", cse=True)
    return Rival("SymPy", lambda: function(*columns))


def c(columns: list[Any]) -> Rival:
    if shutil.which("gcc") is None:
        raise ImportError("no gcc")
    outputs = numpy.empty((4, len(columns[0])))
    addresses = [ctypes.c_void_p(array.ctypes.data) for array in (*columns, *outputs)]
    with tempfile.TemporaryDirectory() as folder:
        library = os.path.join(folder, "run.so")

        def build(path: str = library) -> None:
            subprocess.run([*GCC, "-x", "c", "-", "-o", path, "-lm"], input=C.encode(), check=True)

        build()
        run = ctypes.CDLL(library).run

    def call() -> Any:
        run(ctypes.c_long(len(columns[0])), *addresses)
        return outputs

    return Rival("C", call, fills=True, compile=lambda: build(os.devnull))


MAKERS = (plain, jax, pytorch, sympy, c)


def rivals(columns: list[Any]) -> Iterator[Rival]:
    """Those that are here; of those that are not it is said."""
    for maker in MAKERS:
        try:
            yield maker(columns)
        except ImportError as error:
            print(f"{maker.__name__} is absent, and left out: {error}")


def program_of(text: str, names: tuple[str, ...]) -> tuple[Program, Program]:
    """The program of a formula, and that with all its partial derivatives."""
    alone = trace(read(text), names)
    return alone, differentiate(alone, names)


def against(columns: list[Any]) -> list[tuple[str, str, str, str, str]]:
    """Both kernels against each rival, and the time it takes to compile."""
    rows = len(columns[0])
    program = program_of(FORMULA, NAMES)[1]
    kernels = {kind: kernel_for(program, kind) for kind in KINDS}
    filled = numpy.empty((4, rows))

    def runner(kind: str, fills: bool) -> Callable[[], Any]:
        def run() -> Any:
            outputs = list(filled if fills else numpy.empty((4, rows)))
            kernels[kind](columns, outputs)
            return outputs

        return run

    table = []
    compilers = []
    for rival in rivals(columns):
        ours = [runner(kind, rival.fills) for kind in KINDS]
        for run in ours:
            for mine, other in zip(run(), rival.function(), strict=True):
                numpy.testing.assert_allclose(mine, numpy.asarray(other), rtol=1e-9)
        times = in_turn(*ours, rival.function)
        for index, kind in enumerate(KINDS):
            a, b, ratio = compared([(each[index], each[-1]) for each in times])
            table.append(
                (
                    f"{kind}; {rival.name}",
                    f"{a / rows * 1e9:.1f} ns/row",
                    f"{b / rows * 1e9:.1f} ns/row",
                    f"{ratio:.2f}",
                    GOALS.get((kind, rival.name), ""),
                )
            )
        if rival.compile is not None:
            compilers.append((rival.name, rival.compile))

    def build() -> Any:
        return kernel_for(program, "native")

    for name, compiler in compilers:
        a, b, ratio = paired(build, compiler)
        table.append((f"native, to compile; {name}", f"{a * 1e3:.0f} ms", f"{b * 1e3:.0f} ms", f"{ratio:.2f}", ""))
    if not compilers:
        table.append(("native, to compile", f"{seconds(build) * 1e3:.0f} ms", "", "", ""))
    return table


def large_formula(count: int) -> tuple[str, tuple[str, ...]]:
    """A formula in many variables, each with its neighbour and with one far away, and their names."""
    names = tuple(f"x{index}" for index in range(count))
    around = [(names[index], names[(index + 1) % count], names[(index + count // 2) % count]) for index in range(count)]
    return " + ".join(f"sin({a})*{b} + {a}*{far}" for a, b, far in around), names


def cheap(kind: str, rows: int) -> list[tuple[str, str, str, str, str]]:
    """What all partial derivatives of a formula in many variables cost beside its value."""
    text, names = large_formula(VARIABLES)
    inputs = list(numpy.random.default_rng(2).uniform(0.5, 2, (VARIABLES, rows)))
    built = []

    def runner(program: Program) -> Callable[[], Any]:
        start = time.perf_counter()
        kernel = kernel_for(program, kind)
        built.append(time.perf_counter() - start)
        outputs = list(numpy.empty((len(program.outputs), rows)))
        return lambda: kernel(inputs, outputs)

    alone, whole = map(runner, program_of(text, names))
    a, b, ratio = paired(whole, alone)
    return [
        (
            f"{kind}, {VARIABLES:,} partials; value alone",
            f"{a / rows * 1e6:.1f} µs/row",
            f"{b / rows * 1e6:.1f} µs/row",
            f"{ratio:.2f}",
            "<= 3",
        ),
        (
            f"{kind}, the same, to make ready",
            f"{built[1] * 1e3:.0f} ms",
            f"{built[0] * 1e3:.0f} ms",
            f"{built[1] / built[0]:.2f}",
            "",
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--cheap-rows", type=int, default=CHEAP_ROWS)
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    os.environ["JAX_PLATFORMS"] = "cpu"
    columns = list(numpy.random.default_rng(1).uniform(0.5, 2, (3, chosen.rows)))
    table = against(columns)
    for kind in KINDS:
        table += cheap(kind, chosen.cheap_rows)
    report(f"{FORMULA} with three partials, {chosen.rows:,} rows, one thread", table)


if __name__ == "__main__":
    main()
