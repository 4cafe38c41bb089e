"""Implied volatilities by `mgrad map --solve` against pricing the same options: python -m tests.bench.roots.

Both are processes that read and write the same number of rows as Parquet. Beside them, the search alone on the kernels,
against the pricing kernel and against SciPy's vectorised Chandrupatla method on the same kernel.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

from tests.bench import compared, paired, report

ROWS = 1_000_000
ROUNDS = 3
PRICE = (
    "d1 = (log(S/K) + (r + vol**2/2)*t)/(vol*sqrt(t)); d2 = d1 - vol*sqrt(t); S*normcdf(d1) - K*exp(-r*t)*normcdf(d2)"
)
EQUATION = f"{PRICE} == price"
START = 0.2


def options(rows: int) -> dict[str, Any]:
    """Return a chain of options as columns, with the volatilities that their prices imply."""
    import numpy

    random = numpy.random.default_rng(1)
    return {
        "S": random.uniform(80, 120, rows),
        "K": random.uniform(70, 130, rows),
        "t": random.uniform(0.05, 2, rows),
        "r": numpy.full(rows, 0.03),
        "vol": random.uniform(0.1, 0.8, rows),
    }


def run(words: Sequence[str], folder: str) -> float:
    start = time.perf_counter()
    ran = subprocess.run([sys.executable, "-m", "mgrad_cli", "map", *words], cwd=folder, capture_output=True, text=True)
    if ran.returncode > 1:
        sys.exit(ran.stderr)
    last = ran.stderr.strip().splitlines()[-1:]
    print(f"{words[0][:20]}...: {time.perf_counter() - start:.2f} s; {last[0] if last else ''}")
    return time.perf_counter() - start


def end_to_end(columns: dict[str, Any], rounds: int) -> tuple[str, str, str, str, str]:
    import pyarrow
    from pyarrow import parquet

    from mgrad_cli import Expression

    with tempfile.TemporaryDirectory() as folder:
        prices = Expression(PRICE).compile(wrt=[])(**columns).value
        parquet.write_table(pyarrow.table(columns), os.path.join(folder, "chain.parquet"))
        market = {name: column for name, column in columns.items() if name != "vol"} | {"price": prices}
        parquet.write_table(pyarrow.table(market), os.path.join(folder, "market.parquet"))
        pricing = [PRICE, "chain.parquet", "-o", "greeks.parquet"]
        solving = [EQUATION, "market.parquet", "--solve", f"vol={START}", "-o", "vols.parquet", "--on-error", "null"]
        for words in (pricing, solving):
            run(words, folder)
        pairs = [(run(solving, folder), run(pricing, folder)) for _ in range(rounds)]
    ours, theirs, ratio = compared(pairs)
    return "mgrad map, Parquet; pricing with greeks", f"{ours:.2f} s", f"{theirs:.2f} s", f"{ratio:.2f}", "<= 10"


def kernels(columns: dict[str, Any], rounds: int, kind: str) -> list[tuple[str, str, str, str, str]]:
    import numpy
    from scipy.optimize import elementwise

    from mgrad_cli.analysis.row_roots import find_roots
    from mgrad_cli.kernels import kernel_for
    from mgrad_cli.language.lowering import read
    from mgrad_cli.program import differentiate, trace

    rows = len(columns["S"])
    others = ["S", "K", "t", "r"]
    pricing = kernel_for(differentiate(trace(read(PRICE), [*others, "vol"]), [*others, "vol"]), kind, rows)
    outputs = list(numpy.empty((6, rows)))
    inputs = [columns[name] for name in [*others, "vol"]]

    def price() -> None:
        pricing(inputs, outputs)

    price()
    prices = outputs[0].copy()
    given = [*(columns[name] for name in others), prices]
    equation = trace(read(f"{PRICE} - price"), [*others, "price", "vol"])
    value = kernel_for(equation, kind, rows)
    both = kernel_for(differentiate(equation, ["vol"]), kind, rows)
    start = numpy.full(rows, START)

    def solve() -> None:
        find_roots(lambda x, known: evaluated(both, [*known, x], 2), given, start)

    def theirs() -> None:
        elementwise.find_root(
            lambda x, *known: evaluated(value, [*map(numpy.ascontiguousarray, known), numpy.ascontiguousarray(x)], 1)[
                0
            ],
            (0.01, 5.0),
            args=tuple(given),
        )

    def evaluated(kernel: Any, columns: Sequence[Any], count: int) -> Any:
        found = numpy.empty((count, len(columns[0])))
        kernel(columns, list(found))
        return found

    table = []
    for what, rival, goal in (("pricing kernel", price, ""), ("SciPy's find_root", theirs, "")):
        ours, other, ratio = paired(solve, rival, rounds)
        table.append((f"{kind} kernel; {what}", f"{ours:.2f} s", f"{other:.3f} s", f"{ratio:.2f}", goal))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    columns = options(chosen.rows)
    table = [end_to_end(columns, chosen.rounds)]
    for kind in ("native", "numpy"):
        table += kernels(columns, chosen.rounds, kind)
    report(f"implied volatilities of {chosen.rows:,} options, {os.cpu_count()} cores", table)


if __name__ == "__main__":
    main()
