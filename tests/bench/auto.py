"""`auto` against the better kernel, CPU time of making the kernel and of running it: python -m tests.bench.auto.

For each program a table has the choice at the number of rows, of thirteen, where it is worst. The rival is the kernel that
costs less there.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy

from mgrad_cli.kernels import kernel_for, kernel_name
from mgrad_cli.program import Program
from tests.bench import report
from tests.bench.kernels import FORMULA, large_formula, program_of

ROWS = [round(10 ** (power / 2)) for power in range(2, 15)]
MOST_WORK = 1_500_000_000
"""The most operations times rows of a measurement; for more, the time for a row at the last measurement counts."""
MOST_NUMBERS = 60_000_000
LOADING = """
import time
from tests.bench.kernels import program_of
program = program_of("x", ("x",))[1]
start = time.process_time()
from mgrad_cli.kernels import kernel_for
kernel_for(program, "native")
first = time.process_time() - start
start = time.process_time()
kernel_for(program, "native")
print(first - (time.process_time() - start))
"""
"""The cost of loading the compiler: what a first kernel takes more than a second."""


def programs() -> Iterator[tuple[str, Program]]:
    """Programs of five to ten thousand operations, with what they are."""
    names = [f"x{index}" for index in range(50)]
    rosenbrock = " + ".join(f"100*({after} - {name}**2)**2 + (1 - {name})**2" for name, after in pairwise(names))
    formulas = [("a product", "x*y + x", "xy"), ("two variables", "100*(y - x**2)**2 + (1 - x)**2", "xy")]
    formulas += [("sine and exponential", "sin(x)*exp(y)", "xy"), ("three variables", FORMULA, "xyz")]
    formulas += [("gamma", "lgamma(x + y)*y", "xy"), ("choices", "where(x > y, x/y, max(x, 0.5)) + abs(x - y)", "xy")]
    for what, text, inputs in formulas:
        yield what, program_of(text, tuple(inputs))[1]
    yield "Rosenbrock's function of 50", program_of(rosenbrock, tuple(names))[1]
    for count in (30, 100, 300, 1000):
        yield f"{count:,} variables", program_of(*large_formula(count))[1]


def costs(program: Program, kind: str) -> Iterator[tuple[int, float]]:
    """The CPU seconds of making a kernel and running it, for each number of rows."""
    making = lowest(lambda: kernel_for(program, kind), 3)
    kernel = kernel_for(program, kind)
    running = 0.0
    for rows in ROWS:
        columns = len(program.inputs) + len(program.outputs)
        if rows * len(program) <= MOST_WORK and rows * columns <= MOST_NUMBERS:
            inputs = list(numpy.random.default_rng(1).uniform(0.5, 2, (len(program.inputs), rows)))
            outputs = list(numpy.empty((len(program.outputs), rows)))
            kernel(inputs, outputs)
            running = lowest(partial(kernel, inputs, outputs), 5 if rows < 10**6 else 2) / rows
        yield rows, making + running * rows


def lowest(function: Callable[[], Any], rounds: int) -> float:
    """The CPU seconds of a function, the lowest of some rounds."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        function()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    loading = min(
        float(subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    )
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    table = []
    for what, program in programs():
        cells = []
        for (rows, by_calls), (_, compiled) in zip(costs(program, "numpy"), costs(program, "native"), strict=True):
            chosen = kernel_name(program, "auto", rows)
            ours, best = (compiled + loading if chosen == "native" else by_calls), min(by_calls, compiled + loading)
            cells.append((ours / best, ours, best, f"{chosen} at {rows:,} rows"))
        ratio, ours, best, where = max(cells)
        where = f"{what}, {len(program):,} operations; worst: {where}"
        table.append((where, f"{ours * 1e3:,.1f} ms", f"{best * 1e3:,.1f} ms", f"{ratio:.2f}", "<= 1.1"))
    report(f"auto, for 10 to 10,000,000 rows; the better kernel ({loading * 1e3:.0f} ms to load the compiler)", table)


if __name__ == "__main__":
    main()
