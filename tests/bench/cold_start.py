"""Commands from a cold start against importing click alone, in CPU time: python -m tests.bench.cold_start."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import report

MGRAD = str(Path(sys.executable).with_name("mgrad"))
POINT = ["eval", "a*b*(a+b)", "--a", "2", "--b", "3"]
ROUNDS = 25
COMPILED = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""As an installed package is: its modules are compiled once."""


def cpu_seconds(words: list[str]) -> float:
    """Return the CPU time of a whole process, from its start to its end."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, env=COMPILED)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.csv"
        rows.write_text("a,b\n2,3\n4,5\n")
        cases = [
            ("eval ... --json", [MGRAD, *POINT, "--json"], "click", "<= 1.3"),
            ("eval with the table", [MGRAD, *POINT], "click", "<= 1.6"),
            ("map on a CSV of two rows", [MGRAD, "map", "a*b*(a+b)", str(rows), "--quiet"], "click, numpy", "<= 1.3"),
        ]
        table = []
        for what, words, libraries, goal in cases:
            rival = [sys.executable, "-c", f"import {libraries}"]
            pairs = [(cpu_seconds(words), cpu_seconds(rival)) for _ in range(ROUNDS)]
            ours, theirs = (min(column) for column in zip(*pairs, strict=True))
            figures = (f"{ours * 1e3:.0f} ms", f"{theirs * 1e3:.0f} ms", f"{ours / theirs:.2f}")
            table.append((f"{what}; import {libraries}", *figures, goal))
    report(f"Cold start, CPU time, the least of {ROUNDS} runs; theirs is python -c 'import ...'", table)


if __name__ == "__main__":
    main()
