"""The distributions of inputs in a simulation, each with mean 0 and standard deviation 1."""

import math
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from mgrad_cli.errors import UsageError
from mgrad_cli.suggestions import nearest

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

NORMAL = "normal"


def uniform(fractions: "NDArray[numpy.float64]") -> Any:
    """Rectangular, of half-width sqrt(3), JCGM 101:2008 clause 6.4.2."""
    return (2 * fractions - 1) * math.sqrt(3)


def triangular(fractions: "NDArray[numpy.float64]") -> Any:
    """Symmetric triangular, of half-width sqrt(6), clause 6.4.5."""
    import numpy

    left, right = numpy.sqrt(2 * fractions) - 1, 1 - numpy.sqrt(2 * (1 - fractions))
    return numpy.where(fractions < 0.5, left, right) * math.sqrt(6)


def arcsine(fractions: "NDArray[numpy.float64]") -> Any:
    """U-shaped, of half-width sqrt(2), as of a sine of unknown phase, clause 6.4.6."""
    import numpy

    return numpy.sin(math.pi * (fractions - 0.5)) * math.sqrt(2)


QUANTILES: dict[str, Callable[[Any], Any]] = {"uniform": uniform, "triangular": triangular, "arcsine": arcsine}
"""For each distribution, what makes its values of numbers from 0 to 1. Normal deviations have a generator."""
KINDS = (NORMAL, *QUANTILES)


def check_distributions(
    distributions: Mapping[str, str], uncertain: Collection[str], correlated: Collection[str]
) -> None:
    """Raise UsageError for a distribution that is not known, of an exact input, or not normal and correlated."""
    for name, kind in distributions.items():
        if kind not in KINDS:
            hint = nearest(kind, KINDS) or f"; there are {', '.join(KINDS)}"
            raise UsageError(f"no distribution '{kind}' for '{name}'{hint}")
        if name not in uncertain:
            raise UsageError(f"the distribution of '{name}' needs its uncertainty, as in 1.2±0.1")
        if kind != NORMAL and name in correlated:
            raise UsageError(f"'{name}' is correlated; only normal inputs can be, and it has '{kind}'")


def deviations_of(
    generator: "numpy.random.Generator", names: Collection[str], distributions: Mapping[str, str], size: int
) -> "dict[str, NDArray[numpy.float64]]":
    """Return this many random deviations of each input, in units of its uncertainty."""
    kinds = {name: distributions.get(name, NORMAL) for name in names}
    normal = [name for name, kind in kinds.items() if kind == NORMAL]
    others = [name for name in names if name not in normal]
    found = dict(zip(normal, generator.standard_normal((len(normal), size)), strict=True))
    for name, fractions in zip(others, generator.random((len(others), size)), strict=True):
        found[name] = QUANTILES[kinds[name]](fractions)
    return found
