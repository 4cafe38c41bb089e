"""`mgrad batch` on one core against lark alone parsing the same lines: python -m tests.bench.batch."""

import random
from typing import Any

from lark import Lark

from mgrad_cli.batch.formulas import FORMULAS
from mgrad_cli.batch.pipeline import BatchOptions, run
from mgrad_cli.batch.records import InputLine
from mgrad_cli.language.parser import DEFAULT_LIMITS
from mgrad_cli.language.tables import GRAMMAR
from mgrad_cli.renderers import Page, View
from tests.bench import paired, report

LINES = 2_000
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


def main() -> None:
    texts = lines()
    with open(GRAMMAR, encoding="utf-8") as file:
        rival = Lark(file.read(), start="program", parser="lalr", propagate_positions=False)
    records = [InputLine(text.encode(), "bench", index + 1, index) for index, text in enumerate(texts)]
    settings = BatchOptions("json", View(Page()), {}, DEFAULT_LIMITS, 1 << 24, "stop")

    def ours() -> Any:
        FORMULAS.clear()
        for chunk in run(records, settings, jobs=1):
            assert chunk.failure is None

    def theirs() -> Any:
        for text in texts:
            rival.parse(text)

    a, b, ratio = paired(ours, theirs)
    per_line = 1e6 / LINES
    report(
        f"{LINES} different lines, {sum(map(len, texts)) / LINES:.0f} characters each",
        [
            (
                "batch to JSON, with gradients; lark to a tree",
                f"{a * per_line:.0f} µs/line",
                f"{b * per_line:.0f} µs/line",
                f"{ratio:.2f}",
                "<= 1.6",
            )
        ],
    )


if __name__ == "__main__":
    main()
