"""Find the limits of a function at a point: along each variable from both sides, and in other directions."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from mgrad_cli.errors import FEWER_VARIABLES, LimitError
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.language.printing import literal
from mgrad_cli.program import Program
from mgrad_cli.series.confirmation import Path
from mgrad_cli.series.limits import Limit, as_written, limit

MAX_EFFORT = 50_000
"""Operations times paths."""
MAX_TOGETHER = 4
"""The most variables that are moved in pairs."""
SAME = 1e-9
"""The largest relative difference of two limits that are the same."""


class Sides(NamedTuple):
    """The limits along one variable, from below it and from above. Slopes are derivatives with respect to it."""

    left: Limit
    right: Limit

    @property
    def value(self) -> float | None:
        """The limit from both sides, if there is one."""
        return self.left.value if are_same(self.left.value, self.right.value) else None

    @property
    def slope(self) -> float | None:
        """The slope from both sides, if there is one and the value does not jump."""
        return self.left.slope if self.value is not None and are_same(self.left.slope, self.right.slope) else None


class SidesReport(NamedTuple):
    """The limits along each variable; `direction` says how value and slopes depend on the direction, if they do."""

    variables: dict[str, Sides]
    direction: tuple[str, ...] = ()


def sides(script: Script, point: Mapping[str, float], names: Sequence[str]) -> SidesReport:
    """Return the limits of a script's output at a point, along each of these variables.

    With several variables, pairs of them are moved together too, along straight lines and parabolas.

    Raises: LimitError where that takes too long.

    >>> from mgrad_cli.language.lowering import read
    >>> report = sides(read("abs(x)/x"), {"x": 0.0}, ["x"])
    >>> report.variables["x"].left.value, report.variables["x"].right.value
    (-1.0, 1.0)
    >>> sides(read("x*y/(x**2 + y**2)"), {"x": 0.0, "y": 0.0}, ["x"]).direction
    ('the value depends on the direction: 0 along x-t, 0.5 along x+t, y+t',)
    """
    check_one_output(script, "a limit")
    program = as_written(script, list(point))
    check_effort(program, 2 * len(names))
    found = {name: Sides(beside(program, point, name, -1), beside(program, point, name, 1)) for name in names}
    direction = tuple(by_direction(program, point, found)) if len(point) > 1 else ()
    return SidesReport(found, direction)


def check_effort(program: Program, paths: int) -> None:
    """Check that the series of so many paths do not take too long.

    Raises: LimitError if they do.
    """
    if len(program) * paths > MAX_EFFORT:
        raise LimitError(
            f"limits from both sides take {len(program) * paths:,} series operations, more than the maximum of "
            f"{MAX_EFFORT:,}; {FEWER_VARIABLES}"
        )


def beside(program: Program, point: Mapping[str, float], name: str, side: int) -> Limit:
    """Return the limit along one variable from one side; at infinity, as the variable grows without bound."""
    if math.isnan(point[name]):
        return Limit(None, reason=f"{name} is nan")
    if math.isinf(point[name]):
        if point[name] * side > 0:
            return Limit(None, reason="nothing lies beyond infinity")
        return limit(program, point, {name: (-side, -1)})._replace(slope=None)
    found = limit(program, point, {name: (side, 1)})
    return found if found.slope is None else found._replace(slope=side * found.slope + 0.0)


def by_direction(program: Program, point: Mapping[str, float], found: Mapping[str, Sides]) -> Iterator[str]:
    """Return sentences on the values and slopes that depend on the direction of approach."""
    values: dict[str, float | None] = {}
    for name in point:
        along = found.get(name) or Sides(beside(program, point, name, -1), beside(program, point, name, 1))
        values |= {f"{name}-t": along.left.value, f"{name}+t": along.right.value}
    bent: list[str] = []
    for path in paths(program, point):
        label = ", ".join(moved(name, *step) for name, step in path.items())
        one = limit(program, point, path)
        values[label] = one.value
        expected = expected_slope(path, found)
        if one.slope is not None and expected is not None and not are_same(one.slope, expected):
            bent.append(f"{shown(one.slope)} along {label}, where those along the variables give {shown(expected)}")
    known = [(label, value) for label, value in values.items() if value is not None and not math.isnan(value)]
    for label, value in known[1:]:
        if not are_same(value, known[0][1]):
            yield (
                f"the value depends on the direction: {shown(known[0][1])} along {known[0][0]}, {shown(value)} along "
                f"{label}"
            )
            return
    if known and all("," in label for label, _ in known):
        yield f"where several variables move at once, the limit is {shown(known[0][1])}"
    if bent:
        yield f"the slope depends on the direction: it is {bent[0]}"


def paths(program: Program, point: Mapping[str, float]) -> Iterator[Path]:
    """Yield the paths on which two variables move at once: along both diagonals, and along parabolas."""
    finite = [name for name, value in point.items() if math.isfinite(value)]
    if len(finite) > MAX_TOGETHER or len(program) * 6 * math.comb(len(finite), 2) > MAX_EFFORT:
        return
    for one, other in combinations(finite, 2):
        for first, second in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            yield {one: (first, 1), other: (second, 1)}
        yield {one: (1, 1), other: (1, 2)}
        yield {one: (1, 2), other: (1, 1)}


def moved(name: str, factor: float, power: int) -> str:
    """Return the movement of a variable as text, such as `x+t` or `y-t**2`."""
    return f"{name}{'+' if factor > 0 else '-'}t{'' if power == 1 else f'**{power}'}"


def expected_slope(path: Path, found: Mapping[str, Sides]) -> float | None:
    """Add up the slopes along the variables to the slope along a path; `None` if one of them is not known."""
    total = 0.0
    for name, (factor, power) in path.items():
        if name not in found:
            return None
        side = found[name].right if factor > 0 else found[name].left
        if side.slope is None or not math.isfinite(side.slope):
            return None
        total += factor * side.slope if power == 1 else 0.0
    return total


def are_same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return False
    return one == other or abs(one - other) <= SAME * max(abs(one), abs(other), 1e-3)


def shown(number: float) -> str:
    return literal(float(f"{number:.6g}"))
