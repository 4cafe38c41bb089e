"""What is proven, as a plain record, and the library that proves it."""

from dataclasses import dataclass
from typing import Any

from mgrad_cli.errors import MissingExtraError, is_installed


@dataclass(frozen=True, slots=True)
class Certified:
    """Figures proven to be the doubles nearest to the true ones.

    value, grads  of a formula at the doubles of its inputs
    bits          the precision that decided them
    """

    value: float
    grads: dict[Any, float]
    bits: int


def require_flint(what: str) -> None:
    """Raises: MissingExtraError where Arb is not installed, which `what` needs."""
    if not is_installed("flint"):
        raise MissingExtraError(what, "python-flint", "exact")
