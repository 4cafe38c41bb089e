"""The native kernel against C, in the cache and out of it, and its compile time: python -m tests.bench.native.

C gets partial derivatives by hand, and the flags that let it round in any way: it multiplies by a reciprocal where
mgrad's quotients are exact to the last bit, and its functions have errors of four ulp. One thread, CPU time, the lowest
of rounds that take turns.
"""

import argparse
import ctypes
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy

from mgrad_cli.kernels import kernel_for
from tests.bench import report
from tests.bench.kernels import GCC, large_formula, program_of

IN_CACHE, OUT_OF_CACHE = 16_384, 10_000_000
ROUNDS, MIN_ROWS_A_ROUND = 9, 400_000
VARIABLES = (250, 500, 1_000, 2_000, 4_000)
SECONDS_FOR_1000 = 0.6
NAMES = ("x", "y")


class Example(NamedTuple):
    """A formula of x and y, and the same in C: the value, then both partial derivatives, for one row.

    ahead is a value that C computes in a loop of its own, as `c`: of a sine and a cosine of one number gcc makes a call
    that is no vector's.
    """

    formula: str
    code: str
    ahead: str = "0"


EXAMPLES = [
    Example(
        "100*(y - x**2)**2 + (1 - x)**2",
        "double q = y - x*x, r = 1 - x; v[i] = 100*q*q + r*r; dx[i] = -400*x*q - 2*r; dy[i] = 200*q;",
    ),
    Example(
        "x*y/(x*x + y*y + 1)",
        "double d = 1/(x*x + y*y + 1), f = x*y*d; v[i] = f; dx[i] = (y - 2*x*f)*d; dy[i] = (x - 2*y*f)*d;",
    ),
    Example(
        "sqrt(x*x + y*y) + x/sqrt(y)",
        "double h = sqrt(x*x + y*y), s = 1/sqrt(y), f = x*s; v[i] = h + f; dx[i] = x/h + s; dy[i] = y/h - 0.5*f*s*s;",
    ),
    Example(
        "exp(-(x - 1)**2/2)*y",
        "double t = x - 1, e = exp(-t*t/2); v[i] = e*y; dx[i] = -t*e*y; dy[i] = e;",
    ),
    Example(
        "y/(1 + exp(-x))",
        "double s = 1/(1 + exp(-x)); v[i] = y*s; dx[i] = y*s*(1 - s); dy[i] = s;",
    ),
    Example(
        "y*log(x) + log(x + y)",
        "double l = log(x), s = 1/(x + y); v[i] = y*l + log(x + y); dx[i] = y/x + s; dy[i] = l + s;",
    ),
    Example("x**y", "double p = pow(x, y); v[i] = p; dx[i] = y*pow(x, y - 1); dy[i] = p*log(x);"),
    Example("sin(x)*y", "v[i] = sin(x)*y; dx[i] = c*y; dy[i] = sin(x);", "cos(x)"),
    Example("tanh(x*y)", "double t = tanh(x*y), s = 1 - t*t; v[i] = t; dx[i] = y*s; dy[i] = x*s;"),
    Example("where(x > y, x*x, y*3)", "v[i] = x > y ? x*x : y*3; dx[i] = x > y ? 2*x : 0; dy[i] = x > y ? 0 : 3;"),
    Example("hypot(x, y)", "double h = sqrt(x*x + y*y); v[i] = h; dx[i] = x/h; dy[i] = y/h;"),
    Example("erf(x)*y", "double e = erf(x); v[i] = e*y; dx[i] = 1.1283791670955126*exp(-x*x)*y; dy[i] = e;"),
    Example(
        "softplus(x)*y",
        "double e = exp(-x), l = log(1 + exp(x)); v[i] = l*y; dx[i] = y/(1 + e); dy[i] = l;",
    ),
]
EXACT = [
    Example(
        "x*y/(x*x + y*y + 1)",
        "double d = x*x + y*y + 1, f = x*y/d, r = 1/d, g = -f/d, gx = g*x, gy = g*y;"
        "v[i] = f; dx[i] = r*y + gx + gx; dy[i] = r*x + gy + gy;",
    ),
    Example(
        "sqrt(x*x + y*y) + x/sqrt(y)",
        "double h = sqrt(x*x + y*y), s = sqrt(y), f = x/s, a = 1/(2*h)*x, b = 1/(2*h)*y;"
        "v[i] = h + f; dx[i] = a + a + 1/s; dy[i] = b + b + -f/s*(1/(2*s));",
    ),
]
"""Formulas with the operations of mgrad's programs in C, whose results are the same to the bit."""
EXACT_GCC = ("gcc", "-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC")
C = """
#include <math.h>

enum {{ BLOCK = 512 }};

void run(long rows, const double *restrict xs, const double *restrict ys,
         double *restrict v, double *restrict dx, double *restrict dy) {{
    double ahead[BLOCK];
    for (long start = 0; start < rows; start += BLOCK) {{
        long stop = start + BLOCK < rows ? start + BLOCK : rows;
        for (long i = start; i < stop; i++) {{
            double x = xs[i];
            ahead[i - start] = {ahead};
        }}
        for (long i = start; i < stop; i++) {{
            double x = xs[i], y = ys[i], c = ahead[i - start];
            {code}
        }}
    }}
}}
"""


def compiled_c(example: Example, folder: str, gcc: Sequence[str] = GCC) -> Any:
    """The function `run` of an example."""
    path = os.path.join(folder, f"{abs(hash(example))}.so")
    source = C.format(ahead=example.ahead, code=example.code)
    subprocess.run([*gcc, "-x", "c", "-", "-o", path, "-lm"], input=source.encode(), check=True)
    return ctypes.CDLL(path).run


def in_turn(*functions: Callable[[], Any], calls: int) -> list[float]:
    """The CPU seconds of a call of each function, the lowest of rounds that take turns."""
    rounds = []
    for _ in range(ROUNDS):
        found = []
        for function in functions:
            start = time.process_time()
            for _ in range(calls):
                function()
            found.append((time.process_time() - start) / calls)
        rounds.append(found)
    return [min(column) for column in zip(*rounds, strict=True)]


def beside_c(example: Example, run: Any, rows: int, *, is_exact: bool = False) -> tuple[str, str, str, str, str]:
    kernel = kernel_for(program_of(example.formula, NAMES)[1], "native")
    inputs = list(numpy.random.default_rng(1).uniform(0.5, 2, (2, rows)))
    mine, theirs = list(numpy.empty((3, rows))), list(numpy.empty((3, rows)))
    operands = [ctypes.c_long(rows), *(ctypes.c_void_p(column.ctypes.data) for column in (*inputs, *theirs))]
    kernel(inputs, mine)
    run(*operands)
    for a, b in zip(mine, theirs, strict=True):
        numpy.testing.assert_allclose(a, b, rtol=0 if is_exact else 1e-9, atol=0 if is_exact else 1e-12)
    ours, c = in_turn(lambda: kernel(inputs, mine), lambda: run(*operands), calls=max(1, MIN_ROWS_A_ROUND // rows))
    where = "in the cache" if rows == IN_CACHE else f"{rows:,} rows"
    what = f"{example.formula}, {where}"
    return what, f"{ours / rows * 1e9:.2f} ns/row", f"{c / rows * 1e9:.2f} ns/row", f"{ours / c:.2f}", "<= 1"


def compile_times() -> list[tuple[str, str, str, str, str]]:
    """The time to compile a formula of many variables with all its partials, beside that to prepare NumPy calls."""
    table = []
    for count in VARIABLES:
        program = program_of(*large_formula(count))[1]
        seconds = []
        for kind in ("native", "numpy"):
            start = time.process_time()
            kernel_for(program, kind)
            seconds.append(time.process_time() - start)
        ours, theirs = seconds
        what = f"{count:,} partials, {len(program):,} operations, to compile; to prepare NumPy calls"
        goal = f"<= {SECONDS_FOR_1000 * count:.0f} ms"
        table.append((what, f"{ours * 1e3:.0f} ms", f"{theirs * 1e3:.0f} ms", f"{ours / theirs:.1f}", goal))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=OUT_OF_CACHE)
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        runs = [compiled_c(example, folder) for example in EXAMPLES]
        for rows in (IN_CACHE, chosen.rows):
            table = [beside_c(example, run, rows) for example, run in zip(EXAMPLES, runs, strict=True)]
            report(f"native kernel; C ({' '.join(GCC[:4])})", table)
        table = [
            beside_c(example, compiled_c(example, folder, EXACT_GCC), IN_CACHE, is_exact=True) for example in EXACT
        ]
        report(f"native kernel; C of the same operations to the bit ({' '.join(EXACT_GCC[:5])})", table)
    report("native kernel, CPU time", compile_times())


if __name__ == "__main__":
    main()
