"""`mgrad map` end to end against DuckDB and a copy by pyarrow: python -m tests.bench.columns --rows 1_000_000.

Each measurement is a process: its wall time, its time on all cores, and the most memory it held. The files lie in the
temporary folder (TMPDIR); that `mgrad` waits for its output to be on disk, and the others do not, is part of the time.
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
"""
SQL = "import sys, duckdb; duckdb.sql('SET enable_progress_bar = false'); duckdb.sql(sys.argv[1])"
COPY = """
import sys
from pyarrow import parquet
table = parquet.read_table("in.parquet")
for name, column in zip(("value", "d_x", "d_y", "d_z"), "xyzx"):
    table = table.append_column(name, table[column])
options = {}
if sys.argv[2] == "ours":
    options = {"use_dictionary": False, "compression": "none", "row_group_size": (32 << 20) // (8 * 7)}
parquet.write_table(table, sys.argv[1], **options)
"""
CHECK = """
import sys
import numpy, polars
first, second = ((polars.read_csv if name.endswith("csv") else polars.read_parquet)(name) for name in sys.argv[1:])
assert first.columns == second.columns and first.height == second.height, (first, second)
for name in first.columns:
    numpy.testing.assert_allclose(first[name].to_numpy(), second[name].to_numpy(), rtol=1e-9)
"""
FORMATS = ("csv", "parquet")


class Usage(NamedTuple):
    """What a process took: seconds, seconds on all cores together, bytes."""

    wall: float
    cpu: float
    memory: float


class Rival(NamedTuple):
    """A process that does the same, and what is wanted of ours beside it, measure by measure."""

    name: str
    command: tuple[str, ...]
    output: str
    goals: tuple[str, str, str] = ("", "", "")


def run(command: Sequence[str], folder: str, output: str, accepts: Sequence[int] = (0,)) -> Usage:
    """Runs a process in a folder, where there is no output yet. `accepts` are the exit codes of a success.

    The memory is at least that of this process, which the new one begins as a copy of.
    """
    path = os.path.join(folder, output)
    if os.path.exists(path):
        os.unlink(path)
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stderr=None)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepts:
        sys.exit(f"exit {process.returncode}: {' '.join(command)}")
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024.0)


def python(text: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text, *words)


def rivals(form: str) -> Iterator[Rival]:
    if find_spec("duckdb") is not None:
        output = f"duckdb.{form}"
        goals = ("<= 0.7", "", "<= 0.5") if form == "csv" else ("", "", "")
        copy = f"COPY ({BY_HAND} FROM read_{form}('in.{form}')) TO '{output}'"
        yield Rival("DuckDB", python(SQL, copy), output, goals)
    else:
        print("DuckDB is absent, and left out: pip install 'mgrad-cli[bench]'")
    if form == "parquet":
        for settings, shown in (("default", "pyarrow's copy"), ("ours", "its copy, our settings")):
            output = f"copy_{settings}.{form}"
            yield Rival(shown, python(COPY, output, settings), output, ("<= 1.5", "", ""))


def measured(form: str, folder: str, rounds: int) -> list[tuple[str, str, str, str, str]]:
    """Ours against each rival, run in turn."""
    output = f"ours.{form}"
    ours = (sys.executable, "-m", "mgrad_cli", "map", FORMULA, f"in.{form}", "-o", output, "--quiet")
    others = list(rivals(form))
    turns = [(ours, output), *((rival.command, rival.output) for rival in others)]
    for command, name in turns:
        run(command, folder, name)
    for rival in others:
        if rival.name == "DuckDB":
            subprocess.run(python(CHECK, output, rival.output), cwd=folder, check=True)
    usages = [[run(command, folder, name) for command, name in turns] for _ in range(rounds)]
    table = []
    for index, rival in enumerate(others, 1):
        for measure, what, goal in zip(Usage._fields, ("time", "CPU time", "memory"), rival.goals, strict=True):
            pairs = [(getattr(each[0], measure), getattr(each[index], measure)) for each in usages]
            a, b, ratio = compared(pairs)
            unit, scale, form_ = ("MiB", 2**20, ".0f") if measure == "memory" else ("s", 1, ".2f")
            table.append(
                (
                    f"{form}, {what}; {rival.name}",
                    f"{a / scale:{form_}} {unit}",
                    f"{b / scale:{form_}} {unit}",
                    f"{ratio:.2f}",
                    goal,
                )
            )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[ROWS])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--digits", type=int, default=6, help="Decimals of the numbers in the input; 17 is all.")
    chosen = parser.parse_args()
    for rows in chosen.rows:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(python(MAKE, str(rows), str(chosen.digits)), cwd=folder, check=True)
            table = [row for form in chosen.formats for row in measured(form, folder, chosen.rounds)]
        report(f"mgrad map '{FORMULA}', {rows:,} rows of three doubles, {os.cpu_count()} cores", table)


if __name__ == "__main__":
    main()
