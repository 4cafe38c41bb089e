"""Standard uncertainties per row against the `uncertainties` package: python -m tests.bench.uncertainty.

The package evaluates the formula on numbers with uncertainties, one row after the other. The kernel has the columns in
memory, on one thread. `map` is the whole process, from file to file, its start included. All times are those of the
processors, on all cores together.
"""

import argparse
import math
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy
import pyarrow
from pyarrow import csv, parquet

from mgrad_cli.kernels import kernel_for
from mgrad_cli.language.lowering import read
from mgrad_cli.program import trace
from mgrad_cli.program.uncertainty import with_uncertainty
from tests.bench import report

FORMULAS = {
    "g = 4*pi**2*L/T**2": ("L", "T"),
    "n = sin((A + D)/2)/sin(A/2)": ("A", "D"),
    "P*V/(8.314*t) * (1 + B*P/(8.314*t) + C*exp(-t/300))": ("P", "V", "t", "B", "C"),
}
ROWS, THEIR_ROWS, ROUNDS = 5_000_000, 10_000, 3
GOAL = 1000.0


def columns_of(names: tuple[str, ...], rows: int) -> dict[str, Any]:
    """Random variables from 1 to 2, with uncertainties up to a hundredth."""
    random = numpy.random.default_rng(1)
    values = {name: random.uniform(1, 2, rows) for name in names}
    return values | {f"u_{name}": random.uniform(0, 0.01, rows) for name in names}


def theirs(text: str, names: tuple[str, ...], columns: dict[str, Any]) -> Callable[[], list[tuple[float, float]]]:
    """The formula as a loop over rows on the package's numbers."""
    from uncertainties import ufloat, umath

    code = compile(text.partition("= ")[2] or text, "formula", "eval")
    functions = {"sin": umath.sin, "exp": umath.exp, "pi": math.pi}
    rows = [[(columns[name][row], columns[f"u_{name}"][row]) for name in names] for row in range(THEIR_ROWS)]

    def run() -> list[tuple[float, float]]:
        found = []
        for row in rows:
            numbers = {name: ufloat(*pair) for name, pair in zip(names, row, strict=True)}
            result = eval(code, functions, numbers)
            found.append((result.nominal_value, result.std_dev))
        return found

    return run


def kernel_run(text: str, names: tuple[str, ...], columns: dict[str, Any], kind: str) -> Callable[[], Any]:
    """The value and its uncertainty of all rows."""
    program = with_uncertainty(trace(read(text), names), {name: f"u_{name}" for name in names})
    kernel = kernel_for(program, kind)
    inputs = [columns[name] for name in program.inputs]
    results = list(numpy.empty((2, len(inputs[0]))))

    def run() -> Any:
        kernel(inputs, results)
        return results

    return run


def processor_seconds(function: Callable[[], Any]) -> float:
    """The time of all processors that a function takes, with the processes that it waits for."""
    before = processor_time()
    function()
    return processor_time() - before


def processor_time() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def map_run(text: str, names: tuple[str, ...], form: str, folder: str) -> None:
    widths = ",".join(f"{name}=u_{name}" for name in names)
    words = [
        "map",
        text,
        f"in.{form}",
        "--u",
        widths,
        "--wrt",
        "none",
        "--keep",
        "none",
        "-o",
        f"out.{form}",
        "--quiet",
    ]
    subprocess.run([sys.executable, "-m", "mgrad_cli", *words], cwd=folder, check=True)


def measured(text: str, names: tuple[str, ...], rows: int, rounds: int) -> list[tuple[str, str, str, str, str]]:
    """The time a row of each way, and how many times faster it is than the package."""
    columns = columns_of(names, rows)
    rival = theirs(text, names, columns)
    ways: dict[str, Callable[[], Any]] = {"numpy kernel": kernel_run(text, names, columns, "numpy")}
    if find_spec("llvmlite") is not None:
        ways["native kernel"] = kernel_run(text, names, columns, "native")
    for run in ways.values():
        results = run()
        for index, pair in enumerate(rival()):
            numpy.testing.assert_allclose([result[index] for result in results], pair, rtol=1e-12)
    with tempfile.TemporaryDirectory() as folder:
        table = pyarrow.table(columns)
        parquet.write_table(table, os.path.join(folder, "in.parquet"))
        csv.write_csv(table, os.path.join(folder, "in.csv"))
        for form in ("parquet", "csv"):
            ways[f"map, {form}"] = partial(map_run, text, names, form, folder)
        turns = [[processor_seconds(way) for way in (rival, *ways.values())] for _ in range(rounds)]
    lines = []
    for index, what in enumerate(ways, 1):
        ours, their = (min(turn[place] for turn in turns) for place in (index, 0))
        ours, their = ours / rows, their / THEIR_ROWS
        goal = f">= {GOAL:,.0f}" if what == "native kernel" else ""
        lines.append((f"{text}; {what}", f"{ours * 1e9:.1f} ns", f"{their * 1e6:.1f} us", f"{their / ours:,.0f}", goal))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    if find_spec("uncertainties") is None:
        sys.exit("uncertainties is absent: pip install 'mgrad-cli[bench]'")
    lines = [line for text, names in FORMULAS.items() for line in measured(text, names, chosen.rows, chosen.rounds)]
    report(f"value and standard uncertainty, a row of {chosen.rows:,}, {os.cpu_count()} cores", lines)


if __name__ == "__main__":
    main()
