"""`mgrad map` end to end against DuckDB and pyarrow: python -m tests.bench.columns --rows 1_000_000.

Each measurement is a process: its wall time, its time on all cores, the most memory it held, and the size of its output.
The files lie in the temporary folder (TMPDIR); that `mgrad` waits for its output to be on disk, and the others do not, is
part of the time. `repeated` is Parquet whose columns have few distinct values.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import NamedTuple

from tests.bench import compared, report

ROWS = 1_000_000
ROUNDS = 3
FORMULA = "exp(-x)*sin(y)+x*z"
BY_HAND = "SELECT *, exp(-x)*sin(y)+x*z AS value, z-exp(-x)*sin(y) AS d_x, exp(-x)*cos(y) AS d_y, x AS d_z"
MAKE = """
import sys
import numpy, pyarrow
from pyarrow import csv, parquet
rows, digits = map(int, sys.argv[1:3])
columns = numpy.random.default_rng(1).uniform(0.5, 2, (3, rows)).round(digits)
table = pyarrow.table(dict(zip("xyz", columns)))
csv.write_csv(table, "in.csv", csv.WriteOptions(quoting_style="none"))
parquet.write_table(table, "in.parquet")
generator = numpy.random.default_rng(2)
repeated = {name: generator.choice(columns[0, :size], rows) for name, size in zip("xyz", (30, 20, 10))}
parquet.write_table(pyarrow.table(repeated | {"key": [f"k{row % 97}" for row in range(rows)]}), "in.repeated.parquet")
"""
SQL = "import sys, duckdb; duckdb.sql('SET enable_progress_bar = false'); duckdb.sql(sys.argv[1])"
ARROW = """
import sys
import numpy
from pyarrow import parquet
table = parquet.read_table(sys.argv[1])
x, y, z = (table[name].to_numpy() for name in "xyz")
e = numpy.exp(-x)
es = e * numpy.sin(y)
for name, column in (("value", es + x * z), ("d_x", z - es), ("d_y", e * numpy.cos(y)), ("d_z", x)):
    table = table.append_column(name, [column])
parquet.write_table(table, sys.argv[2])
"""
CHECK = """
import sys
import numpy, polars
first, second = ((polars.read_csv if name.endswith("csv") else polars.read_parquet)(name) for name in sys.argv[1:])
assert first.columns == second.columns and first.height == second.height, (first, second)
for name in first.columns:
    if first[name].dtype.is_numeric():
        numpy.testing.assert_allclose(first[name].to_numpy(), second[name].to_numpy(), rtol=1e-9)
"""
FORMATS = {"csv": "csv", "parquet": "parquet", "repeated": "repeated.parquet"}
"""The endings of the files of each kind of data."""


class Usage(NamedTuple):
    """What a process took: seconds, seconds on all cores together, bytes of memory and of output."""

    wall: float
    cpu: float
    memory: float
    size: float


class Rival(NamedTuple):
    """A process that does the same, and what is wanted of ours beside it, measure by measure."""

    name: str
    command: tuple[str, ...]
    output: str
    goals: tuple[str, str, str, str] = ("", "", "", "")


def run(
    command: Sequence[str], folder: str, output: str, accepts: Sequence[int] = (0,), errors: int | None = None
) -> Usage:
    """Runs a process in a folder, where there is no output yet. `accepts` are the exit codes of a success.

    `errors` is where its messages go, as `subprocess` says it; by default to those of this process.

    The memory is at least that of this process, which the new one begins as a copy of.
    """
    path = os.path.join(folder, output)
    if os.path.exists(path):
        os.unlink(path)
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stderr=errors)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepts:
        sys.exit(f"exit {process.returncode}: {' '.join(command)}")
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024.0, float(os.path.getsize(path)))


def python(text: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text, *words)


def rivals(kind: str) -> Iterator[Rival]:
    ending = FORMATS[kind]
    if find_spec("duckdb") is not None:
        output = f"duckdb.{ending}"
        goals = ("<= 0.45", "", "<= 0.5", "") if kind == "csv" else ("<= 1", "", "", "<= 1.2")
        copy = f"COPY ({BY_HAND} FROM read_{ending.rpartition('.')[2]}('in.{ending}')) TO '{output}'"
        yield Rival("DuckDB", python(SQL, copy), output, goals)
    else:
        print("DuckDB is absent, and left out: pip install 'mgrad-cli[bench]'")
    if kind != "csv":
        output = f"pyarrow.{ending}"
        yield Rival("pyarrow and NumPy", python(ARROW, f"in.{ending}", output), output, ("<= 1.3", "", "", ""))


def measured(kind: str, folder: str, rounds: int) -> list[tuple[str, str, str, str, str]]:
    """Ours against each rival, run in turn."""
    output = f"ours.{FORMATS[kind]}"
    ours = (sys.executable, "-m", "mgrad_cli", "map", FORMULA, f"in.{FORMATS[kind]}", "-o", output, "--quiet")
    others = list(rivals(kind))
    turns = [(ours, output), *((rival.command, rival.output) for rival in others)]
    for command, name in turns:
        run(command, folder, name)
    for rival in others:
        if rival.name == "DuckDB":
            subprocess.run(python(CHECK, output, rival.output), cwd=folder, check=True)
    usages = [[run(command, folder, name) for command, name in turns] for _ in range(rounds)]
    table = []
    for index, rival in enumerate(others, 1):
        for measure, what, goal in zip(Usage._fields, ("time", "CPU time", "memory", "size"), rival.goals, strict=True):
            pairs = [(getattr(each[0], measure), getattr(each[index], measure)) for each in usages]
            a, b, ratio = compared(pairs)
            unit, scale, form = ("MiB", 2**20, ".0f") if measure in {"memory", "size"} else ("s", 1, ".2f")
            table.append(
                (
                    f"{kind}, {what}; {rival.name}",
                    f"{a / scale:{form}} {unit}",
                    f"{b / scale:{form}} {unit}",
                    f"{ratio:.2f}",
                    goal,
                )
            )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[ROWS])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--digits", type=int, default=6, help="Decimals of the numbers in the input; 17 is all.")
    chosen = parser.parse_args()
    for rows in chosen.rows:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(python(MAKE, str(rows), str(chosen.digits)), cwd=folder, check=True)
            table = [row for kind in chosen.formats for row in measured(kind, folder, chosen.rounds)]
        report(f"mgrad map '{FORMULA}', {rows:,} rows of three doubles, {os.cpu_count()} cores", table)


if __name__ == "__main__":
    main()
