"""`mgrad map` over data as it comes, against the same data in order: python -m tests.bench.dirty --rows 1_000_000.

Each measurement is a process, and its time that on all cores together. A row of the table is a kind of data; `theirs` is
the time for the clean file of the same format. The files lie in the temporary folder (TMPDIR).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence

from tests.bench import compared, report
from tests.bench.columns import run

ROWS = 1_000_000
ROUNDS = 3
FORMULA = "exp(-x)*sin(y)+x*z"
GOAL = "<= 1.3"
BAD = 100
"""One row in so many is bad."""

Row = list[str]


def numbers(rows: int) -> Iterator[Row]:
    generator = random.Random(1)
    for number in range(rows):
        yield [*(f"{generator.uniform(0.5, 2):.6f}" for _ in "xyz"), f"k{number % 97}"]


def missing_word(row: Row, number: int) -> Row:
    return row if number % BAD else [row[0], ("NA", "?", "-")[number // BAD % 3], *row[2:]]


def csv(row: Row) -> str:
    return ",".join(row)


def members(row: Row) -> str:
    """The object of a row, without members whose value is empty."""
    pairs = zip("xyzk", [*row[:3], json.dumps(row[3])], strict=True)
    return "{" + ", ".join(f'"{name}": {value}' for name, value in pairs if value) + "}"


def second(value: str, every: int = BAD) -> Callable[[Row, int], Row]:
    """Replace the second number of one row in so many."""
    return lambda row, number: row if number % every else [row[0], value, *row[2:]]


CSV: dict[str, Callable[[Row, int], str]] = {
    "clean": lambda row, number: csv(row),
    "missing words, 1 %": lambda row, number: csv(missing_word(row, number)),
    "empty cells, 1 %": lambda row, number: csv(second("")(row, number)),
    "trailing blanks in every row": lambda row, number: csv([f"{cell} " for cell in row]),
    "leading blanks in every row": lambda row, number: csv([f" {cell}" for cell in row]),
    "every cell quoted": lambda row, number: csv([f'"{cell}"' for cell in row]),
    "a ragged row in 1,000": lambda row, number: csv(row if number % 1000 else row[:3]),
    "a blank line in 100": lambda row, number: csv(row) if number % BAD else "\n" + csv(row),
    "carriage returns": lambda row, number: csv(row) + "\r",
    "a stray quote in 1,000": lambda row, number: csv(row if number % 1000 else [*row[:3], '5" pipe']),
    "words in a column that is not used": lambda row, number: csv([*row[:3], "NA" if number % BAD else "n/a "]),
}
JSON: dict[str, Callable[[Row, int], str]] = {
    "clean": lambda row, number: members(row),
    "nulls, 1 %": lambda row, number: members(second("null")(row, number)),
    "missing members, 1 %": lambda row, number: members(second("")(row, number)),
    "numbers as texts, 1 %": lambda row, number: members(second('"1.5"')(row, number)),
    "invalid JSON in 1,000": lambda row, number: members(second("1.5.", 1000)(row, number)),
    "NaN that is accepted, 1 %": lambda row, number: members(second("NaN")(row, number)),
}
CONVERSIONS = ("csv-csv", "jsonl-jsonl", "jsonl-csv", "csv-jsonl")
CASES = {"csv": CSV, "jsonl": JSON}


def write(folder: str, form: str, rows: int) -> None:
    """Write a file for each case of a format, each with the numbers of the same rows."""
    header = "x,y,z,k\n" if form == "csv" else ""
    same = list(map(csv, numbers(rows)))
    for index, line in enumerate(CASES[form].values()):
        with open(os.path.join(folder, f"{index}.{form}"), "w", newline="") as file:
            file.write(header)
            file.writelines(f"{line(row.split(','), number)}\n" for number, row in enumerate(same, 1))


def command(name: str, output: str) -> Sequence[str]:
    accepts = ("--allow-nan-input",) if name.endswith("jsonl") else ()
    start = (sys.executable, "-m", "mgrad_cli", "map", FORMULA, name, "-o", output)
    return (*start, "--on-error", "null", "--quiet", *accepts)


def run_failing(words: Sequence[str], folder: str, output: str) -> float:
    """The time of a run on all cores, whose bad rows do not fail it."""
    return run(words, folder, output, accepts=(0, 1), errors=subprocess.DEVNULL).cpu


def measured(form: str, target: str, rounds: int, folder: str) -> list[tuple[str, str, str, str, str]]:
    """Each kind of data against the clean one of the same round."""
    output = f"out.{target}"
    commands = [command(f"{index}.{form}", output) for index in range(len(CASES[form]))]
    run_failing(commands[0], folder, output)  # the first run finds less in memory than the others
    times = [[run_failing(words, folder, output) for words in commands] for _ in range(rounds)]
    table = []
    for what, found in zip(CASES[form], zip(*times, strict=True), strict=True):
        if what != "clean":
            a, b, ratio = compared(list(zip(found, (clean for clean, *_ in times), strict=True)))
            table.append((f"{form} to {target}: {what}", f"{a:.2f} s", f"{b:.2f} s", f"{ratio:.2f}", GOAL))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--conversions", nargs="+", choices=CONVERSIONS, default=CONVERSIONS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = []
        pairs = [tuple(conversion.split("-")) for conversion in chosen.conversions]
        for form in dict(pairs):
            write(folder, form, chosen.rows)
        for form, target in pairs:
            table += measured(form, target, chosen.rounds, folder)
    report(f"mgrad map '{FORMULA}' --on-error null, {chosen.rows:,} rows, {os.cpu_count()} cores", table)


if __name__ == "__main__":
    main()
