"""Read bounds of variables from options, as `b1=0:5` with sides that may be open."""

import math
from collections.abc import Iterable

from mgrad_cli.cli.assignments import assignments, number_for
from mgrad_cli.errors import UsageError
from mgrad_cli.language.parser import Limits


def parse_bounds(texts: Iterable[str], option: str, limits: Limits) -> dict[str, tuple[float, float]]:
    """Return the lower and the upper bound of each name, infinite where a side is open.

    Each text is `NAME=LOW:HIGH`, or several of these separated by commas. The sides are constant expressions.

    Raises: UsageError for any other text, an empty interval, or a name with two bounds; BindingError for a side that is
    not a number.
    """
    found: dict[str, tuple[float, float]] = {}
    for text in texts:
        for name, bound in assignments(text, option, "NAME=LOW:HIGH").items():
            if name in found:
                raise UsageError(f"'{name}' has two bounds; write them as one, {option} {name}=LOW:HIGH")
            found[name] = parse_bound(name, bound, limits)
    return found


def parse_bound(name: str, text: str, limits: Limits) -> tuple[float, float]:
    """Return the lower and the upper bound that `0:5`, `0:` or `:5` gives. Raises: as `parse_bounds` does."""
    low, colon, high = (part.strip() for part in text.partition(":"))
    if not colon or not (low or high) or ":" in high:
        raise UsageError(f"the bound of '{name}', '{text}', is not LOW:HIGH, as in {name}=0:5, {name}=0: or {name}=:5")
    lower = number_for(name, low, "bound", limits) if low else -math.inf
    upper = number_for(name, high, "bound", limits) if high else math.inf
    if not lower < upper:
        raise UsageError(f"the bound of '{name}', '{text}', is empty: the lower side must be less than the upper one")
    return lower, upper
