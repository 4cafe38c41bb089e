"""Read bounds of variables from options, as `b1=0:5` with sides that may be open."""

import math
import unicodedata
from collections.abc import Iterable

from mgrad_cli.errors import ExpressionError, UsageError
from mgrad_cli.evaluation.graph import parse_value
from mgrad_cli.language.parser import Limits


def parse_bounds(texts: Iterable[str], option: str, limits: Limits) -> dict[str, tuple[float, float]]:
    """Return the lower and the upper bound of each name, infinite where a side is open.

    Each text is `NAME=LOW:HIGH`, or several of these separated by commas. The sides are constant expressions.

    Raises: UsageError for any other text, an empty interval, or a name with two bounds.
    """
    found: dict[str, tuple[float, float]] = {}
    for item in (item for text in texts for item in text.split(",")):
        name, equals, sides = (part.strip() for part in item.partition("="))
        low, colon, high = (part.strip() for part in sides.partition(":"))
        name = unicodedata.normalize("NFC", name)
        if not (name and equals and colon) or not (low or high):
            raise UsageError(f"{option} needs NAME=LOW:HIGH, NAME=LOW: or NAME=:HIGH, not '{item}'")
        if name in found:
            raise UsageError(f"{option} gives '{name}' two bounds")
        try:
            ends = [
                parse_value(text, limits) if text else default for text, default in ((low, -math.inf), (high, math.inf))
            ]
        except ExpressionError as error:
            raise UsageError(f"{option} '{item}': {error.message}") from None
        if not ends[0] < ends[1]:
            raise UsageError(f"{option} '{item}' is empty: the lower bound must be less than the upper one")
        found[name] = (ends[0], ends[1])
    return found
