"""One expression from a cold start against importing the libraries alone: python -m tests.bench.cold_start."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench import paired, report

MGRAD = [str(Path(sys.executable).with_name("mgrad")), "eval", "a*b*(a+b)", "--a", "2", "--b", "3"]
ROUNDS = 25
COMPILED = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""As an installed package is: its modules are compiled once."""


def process(*words: str) -> Callable[[], object]:
    """A whole process, from its start to its end."""
    return lambda: subprocess.run(words, check=True, capture_output=True, env=COMPILED)


def main() -> None:
    rows = []
    for what, more, libraries in (
        ("eval ... --json", ["--json"], "click, lark"),
        ("eval with the table", [], "click, lark, rich.console, rich.table"),
    ):
        ours, theirs, ratio = paired(
            process(*MGRAD, *more), process(sys.executable, "-c", f"import {libraries}"), ROUNDS
        )
        rows.append((what, f"{ours * 1e3:.0f} ms", f"{theirs * 1e3:.0f} ms", f"{ratio:.2f}", "<= 1.3"))
    report("Cold start; theirs is python -c 'import ...' of the libraries that the command is made of", rows)


if __name__ == "__main__":
    main()
