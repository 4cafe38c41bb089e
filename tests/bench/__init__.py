"""Benchmarks: each prints a table of what, ours, theirs and the ratio, with the rival in the same run."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

ROUNDS = 7


def seconds(function: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    function()
    return clock() - start


def in_turn(
    *functions: Callable[[], Any], rounds: int = ROUNDS, clock: Callable[[], float] = time.perf_counter
) -> list[tuple[float, ...]]:
    """The seconds of some functions run one after the other, a tuple a round, after a round that is not counted."""
    for function in functions:
        function()
    return [tuple([seconds(function, clock) for function in functions]) for _ in range(rounds)]


def compared(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The median of ours, that of theirs, and the median of the ratios pair by pair."""
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def paired(
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    rounds: int = ROUNDS,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float, float]:
    """The median seconds of two functions run in turn, and the median of the ratios pair by pair."""
    return compared([(a, b) for a, b in in_turn(ours, theirs, rounds=rounds, clock=clock)])


def report(title: str, rows: Sequence[tuple[str, str, str, str, str]]) -> None:
    """Prints the table; a row is what, ours, theirs, ratio, goal."""
    table = Table(title=title, title_justify="left")
    for column in ("what", "ours", "theirs", "ratio", "goal"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
