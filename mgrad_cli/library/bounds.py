"""Bounds of variables as Python objects."""

import math
from collections.abc import Mapping
from typing import Any

from mgrad_cli.errors import UsageError
from mgrad_cli.operations.operand import as_float


def bound_pairs(bounds: Mapping[str, Any] | None) -> dict[str, tuple[float, float]]:
    """Return the lower and the upper bound of each name, infinite where it is `None`.

    Raises: UsageError for what is no mapping of names to pairs of numbers.

    >>> bound_pairs({"x": (0, None)})
    {'x': (0.0, inf)}
    """
    if bounds is None:
        return {}
    if not isinstance(bounds, Mapping):
        raise UsageError("bounds are a mapping of names to pairs, as in {'x': (0, 5)}")
    return {name: bound_pair(name, bound) for name, bound in bounds.items()}


def bound_pair(name: str, bound: Any) -> tuple[float, float]:
    """Return one bound. Raises: UsageError if it is not a pair of numbers, either of which may be `None`."""
    try:
        if isinstance(bound, str):
            raise TypeError
        low, high = bound
        return -math.inf if low is None else as_float(low), math.inf if high is None else as_float(high)
    except (TypeError, ValueError):
        raise UsageError(f"the bound of '{name}' is a pair of numbers, as in (0, 5), (0, None) or (None, 5)") from None
