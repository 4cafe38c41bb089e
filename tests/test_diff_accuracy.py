"""A formula whose accuracy is `full` has the digits, the range and the edges of `--exact`.

`MGRAD_FUZZ=20000 pytest tests/test_diff_accuracy.py` tries that many random formulas.
"""

import math
import random
from collections.abc import Iterator

import pytest

from mgrad_cli.language.lowering import read
from mgrad_cli.library.derivation import formulas_of
from mgrad_cli.operations import Operation, call_name, rows
from mgrad_cli.symbolic.derivatives import derivatives
from tests.test_diff_fuzz import CHUNK, COUNT, in_many_digits, numbers, programs_of
from tests.test_operations import with_scipy

EXTREMES = (0.0, 1.0, -1.0, 0.5, 3.0, 700.0, -700.0, 1e-300, -1e-300, 1e300, -1e300, 1e160, 1e-160, 360.0)
LEAST = 1e-290
"""Magnitudes below it count as nothing: they come near numbers of fewer digits."""


def points(names: list[str], generator: random.Random) -> Iterator[dict[str, float]]:
    yield from (dict.fromkeys(names, number) for number in EXTREMES)
    yield from ({name: generator.choice(EXTREMES) for name in names} for _ in range(10))
    yield {name: generator.uniform(-3, 3) for name in names}


def agree(got: float, want: float) -> bool:
    if not (math.isfinite(got) and math.isfinite(want)):
        return got == want or (got != got and want != want)
    return abs(got - want) <= 1e-9 * abs(want) + LEAST


def faults(text: str, order: int, generator: random.Random) -> Iterator[str]:
    """Where a formula that is said to be fully accurate differs from that of evaluation, which has its digits."""
    unit = read(text)
    found = formulas_of(unit, order=order, with_accuracy=True)
    names = list(found.inputs)
    exact = derivatives(unit, names, names, order, {}, True).program
    chosen = [index for index, is_accurate in enumerate(found.accurate) if is_accurate]
    for point in points(names, generator) if chosen else ():
        got, want = numbers(found.derivatives.program, point), numbers(exact, point)
        for index in chosen:
            if agree(got[index], want[index]):
                continue
            if math.isfinite(got[index]) and math.isfinite(want[index]):
                reference = float(in_many_digits(exact, point)[index])
                if not agree(want[index], reference):
                    continue
            yield f"{text!r} {found.derivatives.by[index]} at {point}: {got[index]} for {want[index]}"


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(-(-COUNT // CHUNK)))
def test_formulas_of_full_accuracy_are_those_of_evaluation_at_extremes(chunk: int) -> None:
    found: list[str] = []
    for order, generator, text in programs_of(chunk):
        found += faults(text, order, generator.random)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "row", [row for group in rows().values() for row in group if not row.is_internal], ids=lambda row: row.name
)
def test_exact_formulas_are_those_of_evaluation_however_long(row: Operation) -> None:
    with_scipy(row)
    names = [f"x{index}" for index in range(len(row.samples[0]))]
    script = read(f"{call_name(row)}({', '.join(names)})*w")
    found = formulas_of(script, is_exact=True).derivatives
    of_evaluation = derivatives(script, [*names, "w"], [*names, "w"], is_exact=True)
    assert repr(found.program) == repr(of_evaluation.program)
