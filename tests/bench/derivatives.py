"""The CPU time of `mgrad diff` for nested statements, by their number: python -m tests.bench.derivatives.

There is no rival that does the same work, so each row is compared with the time that 800 statements would take by
proportion: a ratio of 1 is linear.
"""

import os
import statistics
import subprocess
import sys

from tests.bench import report

KINDS = {
    "sines": "sin(t{0})*x + t{0}",
    "products": "t{0}*(x + {1})",
    "squares": "t{0}**2 + x**{2}",
    "quotients": "t{0}/(x + {1}) + y",
    "choices": "where(x > {1}, t{0}*x, t{0} + y)",
    "layers": "tanh(t{0}*w + x)",
}
GOALS = {800: 0.5, 1_600: None, 10_000: 8.0}
ROUNDS = 3


def nested(step: str, count: int) -> str:
    """A program of so many statements, each of which uses the one before."""
    lines = ["t0 = x + y", *(f"t{index} = {step.format(index - 1, index, index % 5 + 2)}" for index in range(1, count))]
    return "; ".join([*lines, f"t{count - 1}"])


def seconds(text: str) -> float:
    """User and system time of one process that writes the derivative by x."""
    command = [sys.executable, "-m", "mgrad_cli", "diff", "-", "--wrt", "x"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.write(text.encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    counts = [int(word) for word in sys.argv[1:]] or list(GOALS)
    rows = []
    for kind, step in KINDS.items():
        first = 0.0
        for count in counts:
            ours = statistics.median(seconds(nested(step, count)) for _ in range(ROUNDS if count < 5_000 else 1))
            first = first or ours / count
            goal = GOALS.get(count)
            by_proportion = first * count
            rows.append((
                f"{kind}, {count:,} statements", f"{ours:.2f} s", f"{by_proportion:.2f} s",
                f"{ours / by_proportion:.2f}", "" if goal is None else f"<= {goal:g} s",
            ))  # fmt: skip
    report("mgrad diff of nested statements, CPU time; theirs: the first row of the kind, by proportion", rows)


if __name__ == "__main__":
    main()
