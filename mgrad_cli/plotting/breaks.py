"""The breaks of a curve (poles, steps, the ends of its domain), found between samples by bisection.

A steep slope looks like a step from afar; bisection shows that it has no jump.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

NARROWINGS = 52
"""The most bisections, which reach neighbouring numbers."""
MAX_OPERATIONS = 300_000
"""Operations for one break. A long formula is bisected fewer times, still far closer than can be seen."""
PART = 0.4871
"""The part of an interval that a bisection splits off: not half, since poles tend to be at round numbers."""
GROWTH = 1e3
"""How many times larger a curve is at a place next to a pole than at a sample."""
ROUNDING = 1e-9
"""Relative to the size of a curve: a difference that rounding can cause at a steep slope."""
SPIKE = 10.0
"""How many times the usual size a value must be for a search for a pole beside it."""

Evaluate = Callable[[Any], Any]


def split_at_breaks(
    evaluate: Evaluate, places: Any, values: Any, jump: float, operations: int = 1
) -> tuple[Any, Any, bool]:
    """Return the places and values of a curve through samples, a nan at each break, and whether it has a pole.

    The samples on both sides of a break are led up to it.

    evaluate    returns the values at an array of places
    jump        the smallest difference of neighbours that is examined
    operations  the operations of one evaluation
    """
    import numpy

    narrow = partial(bisect, evaluate, min(NARROWINGS, MAX_OPERATIONS // max(1, operations)))
    with numpy.errstate(all="ignore"):
        is_finite = numpy.isfinite(values)
        ends = is_finite[:-1] != is_finite[1:]
        steps = is_finite[:-1] & is_finite[1:] & ~(numpy.abs(numpy.diff(values)) <= jump)
        found = numpy.flatnonzero(ends | steps)
        first = places[found], places[found + 1], values[found], values[found + 1]
        left, right, at_left, at_right = narrow(*first, goes_left)
        beyond = narrow(right, first[1], at_right, first[3], goes_left)
        is_hole = is_finite[found + 1] & ~numpy.isfinite(at_right)  # its other side is not found yet
        right, at_right = numpy.where(is_hole, (beyond[1], beyond[3]), (right, at_right))
        grown = numpy.fmax(finite_size(at_left), finite_size(at_right))
        breaks = ~(numpy.abs(at_right - at_left) <= numpy.fmax(jump, ROUNDING * grown))
        before = numpy.fmax(finite_size(values[found]), finite_size(values[found + 1]))
        has_pole = bool(numpy.any(breaks & (grown > GROWTH * before))) or has_even_pole(narrow, places, values)
    left, right, at_left, at_right = (side[breaks] for side in (left, right, at_left, at_right))
    behind = numpy.repeat(found[breaks] + 1, 3)
    between = numpy.stack([left, left, right], axis=1).ravel()
    led = numpy.stack([at_left, numpy.full(len(left), numpy.nan), at_right], axis=1).ravel()
    values = numpy.insert(values, behind, led)
    values[~numpy.isfinite(values)] = numpy.nan
    return numpy.insert(places, behind, between), values, has_pole


def bisect(
    evaluate: Evaluate,
    times: int,
    left: Any,
    right: Any,
    at_left: Any,
    at_right: Any,
    is_left: Callable[[Any, Any, Any], Any],
) -> tuple[Any, Any, Any, Any]:
    """Narrow intervals as far as possible, and return their ends and the values there.

    `is_left` tells which part to keep, from the values at the ends and between them.
    """
    import numpy

    for _ in range(times if len(left) else 0):
        middle = left + (right - left) * PART
        at_middle = evaluate(middle)
        keeps_left = is_left(at_left, at_middle, at_right)
        left, at_left = numpy.where(keeps_left, (left, at_left), (middle, at_middle))
        right, at_right = numpy.where(keeps_left, (middle, at_middle), (right, at_right))
    return left, right, at_left, at_right


def goes_left(at_left: Any, at_middle: Any, at_right: Any) -> Any:
    """Return whether the end of the domain, or the greater part of a jump, is on the left."""
    import numpy

    is_end = numpy.isfinite(at_left) != numpy.isfinite(at_right)
    end_is_left = numpy.isfinite(at_left) != numpy.isfinite(at_middle)
    jump_is_left = ~(numpy.abs(at_middle - at_left) < numpy.abs(at_right - at_middle))
    return numpy.where(is_end, end_is_left, jump_is_left)


def rises_left(at_left: Any, at_middle: Any, at_right: Any) -> Any:
    """Return whether the greater values are on the left."""
    import numpy

    return numpy.abs(at_left) > numpy.abs(at_right)


def has_even_pole(narrow: Callable[..., Any], places: Any, values: Any) -> bool:
    """Return whether a peak among the samples is a pole without a change of sign, as that of 1/x**2."""
    import numpy

    size = finite_size(values)
    is_peak = (size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:]) & (size[1:-1] > SPIKE * numpy.median(size))
    peaks = numpy.flatnonzero(is_peak) + 1
    ends = places[peaks - 1], places[peaks + 1], values[peaks - 1], values[peaks + 1]
    _, _, at_left, at_right = narrow(*ends, rises_left)
    return bool(numpy.any(numpy.fmax(numpy.abs(at_left), numpy.abs(at_right)) > GROWTH * size[peaks]))


def finite_size(values: Any) -> Any:
    import numpy

    return numpy.where(numpy.isfinite(values), numpy.abs(values), 0.0)
