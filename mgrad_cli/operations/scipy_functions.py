"""Functions of `scipy.special` for the table's rows. SciPy is imported on the first call."""

from collections.abc import Callable
from typing import Any

from mgrad_cli.errors import MissingExtraError
from mgrad_cli.operations.arrays import store

Evaluations = tuple[Callable[..., float], Callable[..., Any]]
"""A function of floats, and the same of arrays that accepts `out=`."""


def scipy_special(family: str = "the gamma family") -> Any:
    """Return the module `scipy.special`.

    Raises: MissingExtraError, which names the family of functions, where SciPy is not installed.
    """
    try:
        import scipy.special
    except ImportError:
        raise MissingExtraError(family, "SciPy", "special") from None
    return scipy.special


def evaluations(on_arrays: Callable[..., Any]) -> Evaluations:
    """Return a function of arrays as one of floats and one that accepts `out=`. Neither warns."""

    def quietly(*operands: Any, out: Any = None) -> Any:
        import numpy

        with numpy.errstate(all="ignore"):
            return store(out, on_arrays(*operands))

    def on_floats(*operands: float) -> float:
        return float(quietly(*operands))

    return on_floats, quietly


def from_scipy(name: str, family: str = "the gamma family") -> Evaluations:
    """Return a function of `scipy.special` by its name."""
    return evaluations(lambda *operands: getattr(scipy_special(family), name)(*operands))
