"""Split a covariance matrix of inputs into their standard uncertainties and correlation coefficients."""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, TypeAlias

from mgrad_cli.errors import UsageError

Pairs: TypeAlias = Mapping[tuple[str, str], float]
CLOSE = 1e-9
"""The relative difference of two figures that are taken for the same."""


class Covariances(NamedTuple):
    """The standard uncertainties of some inputs, and the correlation coefficient of each pair.

    `is_of_fit` if they are of the parameters of a fit, of which a formula may use some.
    """

    uncertainties: dict[str, float]
    pairs: dict[tuple[str, str], float]
    is_of_fit: bool = False

    def among(self, names: Collection[str]) -> "Covariances":
        """Return those of the inputs with these names."""
        widths = {name: width for name, width in self.uncertainties.items() if name in names}
        return Covariances(widths, {pair: r for pair, r in self.pairs.items() if widths.keys() >= {*pair}})


def split_covariance(names: Sequence[str], rows: Sequence[Sequence[float]]) -> Covariances:
    """Return the uncertainties and the correlations of a covariance matrix.

    Raises: UsageError for a matrix that is not square, not symmetric or not finite, or that no covariances can form.

    >>> split_covariance(["x", "y"], [[4.0, 1.0], [1.0, 1.0]])
    Covariances(uncertainties={'x': 2.0, 'y': 1.0}, pairs={('x', 'y'): 0.5}, is_of_fit=False)
    """
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"the matrix has the name '{name}' twice")
    if len(rows) != len(names) or any(len(row) != len(names) for row in rows):
        raise UsageError(f"the matrix of {len(names)} names does not have {len(names)} rows and columns")
    for name, row in zip(names, rows, strict=True):
        if not all(map(math.isfinite, row)):
            raise UsageError(f"the row of '{name}' in the matrix has a number that is not finite")
    widths = {}
    for index, name in enumerate(names):
        if rows[index][index] < 0:
            raise UsageError(f"the variance of '{name}', {rows[index][index]:g}, is negative")
        widths[name] = math.sqrt(rows[index][index])
    pairs = {}
    for (first, one), (second, other) in combinations(enumerate(names), 2):
        entry, mirrored = rows[first][second], rows[second][first]
        if not math.isclose(entry, mirrored, rel_tol=CLOSE):
            raise UsageError(
                f"the matrix is not symmetric: it has {entry:g} and {mirrored:g} for '{one}' and '{other}'"
            )
        if entry:
            pairs[one, other] = coefficient(entry, widths[one], widths[other], (one, other))
    return Covariances(widths, pairs)


def coefficient(covariance: float, width: float, other_width: float, names: tuple[str, str]) -> float:
    """Return a correlation coefficient. Raises: UsageError for one beyond 1, or of an exact input."""
    if not (width and other_width):
        exact = names[0] if not width else names[1]
        raise UsageError(f"'{exact}' has no variance, but a covariance with another input")
    found = covariance / width / other_width
    if abs(found) > 1 + CLOSE:
        raise UsageError(f"the correlation of '{names[0]}' and '{names[1]}' would be {found:.4g}, beyond 1")
    return max(-1.0, min(1.0, found))


def merged(
    uncertainties: Mapping[str, float], covariances: Covariances
) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Return the uncertainties of inputs and of a covariance matrix together, and the correlations of the matrix.

    A matrix with only 1 in its diagonal holds correlations if all its inputs have an uncertainty already.

    Raises: UsageError for an input with two uncertainties.
    """
    widths = covariances.uncertainties
    if all(width == 1 for width in widths.values()) and uncertainties.keys() >= widths.keys():
        return dict(uncertainties), covariances.pairs
    for name, width in widths.items():
        if name in uncertainties and not math.isclose(uncertainties[name], width, rel_tol=CLOSE):
            raise UsageError(f"'{name}' has two uncertainties: {uncertainties[name]:g}, and {width:g} from the matrix")
    return dict(uncertainties) | widths, covariances.pairs
