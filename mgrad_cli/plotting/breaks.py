"""Where a curve breaks: poles, steps and the ends of its domain, found between samples by narrowing down on them.

A steep slope looks like a step until one comes close; there its jump has gone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

NARROWINGS = 52
"""At most: down to neighbouring numbers."""
MAX_OPERATIONS = 300_000
"""Operations on the way to a break: a long formula is narrowed down on fewer times, still far closer than is seen."""
PART = 0.4871
"""Of an interval: not its half, since poles like to be at round numbers."""
GROWTH = 1e3
"""How much a curve grows between a sample and a place next to a pole."""
ROUNDING = 1e-9
"""Of a curve's size: a difference that rounding may have left of a steep slope."""
SPIKE = 10.0
"""How many times what is usual a value must be for a pole beside it to be looked for."""

Evaluate = Callable[[Any], Any]


def split_at_breaks(
    evaluate: Evaluate, places: Any, values: Any, jump: float, operations: int = 1
) -> tuple[Any, Any, bool]:
    """The curve through samples with its breaks: places, values with a nan where it does not join, and whether it
    has a pole. The samples on both sides of a break are led up to it.

    evaluate    the values at an array of places
    jump        the least difference of neighbours that is looked into
    operations  what one evaluation takes
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
        is_hole = is_finite[found + 1] & ~numpy.isfinite(at_right)  # whose other side is still to be found
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
    """Intervals narrowed to next to nothing: their ends and the values there. `is_left` says of the values at the ends
    and between them which part to keep.
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
    """Whether the end of the domain, or the greater part of a jump, is on the left."""
    import numpy

    is_end = numpy.isfinite(at_left) != numpy.isfinite(at_right)
    end_is_left = numpy.isfinite(at_left) != numpy.isfinite(at_middle)
    jump_is_left = ~(numpy.abs(at_middle - at_left) < numpy.abs(at_right - at_middle))
    return numpy.where(is_end, end_is_left, jump_is_left)


def rises_left(at_left: Any, at_middle: Any, at_right: Any) -> Any:
    """Whether the greater values are on the left."""
    import numpy

    return numpy.abs(at_left) > numpy.abs(at_right)


def has_even_pole(narrow: Callable[..., Any], places: Any, values: Any) -> bool:
    """Whether a peak among the samples goes on between them, as that of 1/x**2 does, which changes no sign."""
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
