"""`mgrad batch` on one core against lark alone parsing the same lines: python -m tests.bench.batch."""

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from lark import Lark

from mgrad_cli.batch.formulas import FORMULAS
from mgrad_cli.batch.options import BatchOptions
from mgrad_cli.batch.pipeline import run
from mgrad_cli.garbage import collect_garbage_rarely
from mgrad_cli.language.parser import DEFAULT_LIMITS
from mgrad_cli.language.tables import GRAMMAR
from mgrad_cli.renderers import Page, View
from tests.bench import in_turn, paired, report

LINES = 2_000
RECORDS = 10_000
COPIES = {20: 3, 100: 1}
"""How many times the records are repeated in the files for workers, and how often each file is measured."""
REPEATED = "sin(x)*x+exp(-x/9)*cos(3*x)"
FUNCTIONS = ("sin", "cos", "exp", "tanh", "sqrt", "log1p", "sigmoid", "atan")
OPERATORS = ("+", "-", "*", "/")


def formula(chance: random.Random, depth: int) -> str:
    """A random formula in x and y, of the size of those in physics books."""
    if depth == 0:
        return chance.choice(["x", "y", f"{chance.uniform(0.5, 3):.3g}"])
    kind = chance.random()
    if kind < 0.25:
        return f"{chance.choice(FUNCTIONS)}({formula(chance, depth - 1)})"
    if kind < 0.4:
        return f"({formula(chance, depth - 1)})**{chance.randint(2, 3)}"
    left, right = formula(chance, depth - 1), formula(chance, chance.randint(0, depth - 1))
    return f"({left} {chance.choice(OPERATORS)} {right})"


def lines() -> list[str]:
    """Different lines, the same at each run."""
    chance = random.Random(1)
    return [
        f"x = {chance.uniform(0.5, 2):.6g}; y = {chance.uniform(0.5, 2):.6g}; {formula(chance, 4)}"
        for _ in range(LINES)
    ]


def records() -> list[str]:
    """JSON records of one formula at many points."""
    chance = random.Random(2)
    return [
        json.dumps({"id": index, "expr": REPEATED, "vars": {"x": chance.uniform(0, 5)}}) for index in range(RECORDS)
    ]


def cpu_seconds(path: str, jobs: int) -> tuple[float, float]:
    """Seconds of CPU time, of all processes, and of wall time that `mgrad batch` takes for a file."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    words = [sys.executable, "-m", "mgrad_cli", "batch", path, "--quiet", "--jobs", str(jobs)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - start


def workers_row(folder: str, copies: int, repeats: int) -> tuple[str, str, str, str, str]:
    """Return the row of two workers against one process for copies of the records."""
    path = os.path.join(folder, f"many{copies}")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(records() * copies))
    runs = [(cpu_seconds(path, 1), cpu_seconds(path, 2)) for _ in range(repeats)]
    wall = statistics.median(one[1] / two[1] for one, two in runs)
    most = statistics.median(2 * one[0] / two[0] for one, two in runs)
    return (
        f"--jobs 2 for {copies * RECORDS:,} such records; by CPU time at most {most:.2f}",
        f"{statistics.median(two[1] for _, two in runs):.1f} s",
        f"{statistics.median(one[1] for one, _ in runs):.1f} s",
        f"{wall:.2f}x",
        ">= 1.8x",
    )


def main() -> None:
    collect_garbage_rarely()  # as the command does
    texts = lines()
    with open(GRAMMAR, encoding="utf-8") as file:
        rival = Lark(file.read(), start="program", parser="lalr", propagate_positions=False)
    settings = BatchOptions("json", View(Page()), {}, DEFAULT_LIMITS, 1 << 24, "stop")

    def ours(path: str) -> None:
        FORMULAS.clear()
        for batch in run([path], settings):
            assert batch.failure is None

    def theirs() -> Any:
        for text in texts:
            rival.parse(text)

    with tempfile.TemporaryDirectory() as folder:
        different, repeated = (os.path.join(folder, name) for name in ("different", "repeated"))
        for path, content in ((different, texts), (repeated, records())):
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(content))
        a, b, ratio = paired(lambda: ours(different), theirs, clock=time.process_time)
        known = min(cpu for (cpu,) in in_turn(lambda: ours(repeated), clock=time.process_time))
        shared = [workers_row(folder, copies, repeats) for copies, repeats in COPIES.items()]
    report(
        f"{LINES} different lines, {sum(map(len, texts)) / LINES:.0f} characters each; {RECORDS} records of one formula",
        [
            (
                "different lines to JSON, with gradients, CPU; lark to a tree",
                f"{a * 1e6 / LINES:.0f} µs/line",
                f"{b * 1e6 / LINES:.0f} µs/line",
                f"{ratio:.2f}",
                "<= 0.5",
            ),
            (f"records of {REPEATED}, CPU", f"{known * 1e6 / RECORDS:.1f} µs/line", "-", "-", "<= 12"),
            *shared,
        ],
    )


if __name__ == "__main__":
    main()
