"""The record of proven results, and the check for the library that proves them."""

from dataclasses import dataclass
from typing import Any

from mgrad_cli.errors import MissingExtraError, is_installed


@dataclass(frozen=True, slots=True)
class Certified:
    """Results proven to be the doubles nearest to the true ones.

    value, grads  of a formula at the doubles of its inputs
    bits          the precision that decided them
    second        the second derivatives by each pair of variables once, if these were asked for
    """

    value: float
    grads: dict[Any, float]
    bits: int
    second: dict[tuple[Any, Any], float] | None = None


def require_flint(what: str) -> None:
    """Check that Arb is installed, which `what` needs.

    Raises: MissingExtraError otherwise.
    """
    if not is_installed("flint"):
        raise MissingExtraError(what, "python-flint", "exact")
