"""What a fit says of its parameters: covariance, standard errors, t, and how far the data determine them."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mgrad_cli.errors import UndeterminedError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

RANK = 4.0
"""In units of rounding times the longer side: the singular value, relative to the largest, that counts as zero."""
ABOUT = 0.999
SHARE = 0.1
"""The part of a parameter in a null vector, relative to the largest, from which on it is named."""
LEVEL = 0.95
"""The confidence level of intervals and bands."""


class ParameterCovariance(NamedTuple):
    """The unscaled covariance of p parameters, (J^T J)^-1 of shape (p, p), and the condition of the Jacobian.

    The condition is that of J with its columns scaled to length 1, which does not depend on units. `weakest` says which
    parameters the data determine least, together.
    """

    matrix: "Array"
    condition: float
    weakest: str


def row_lengths(matrix: "Array") -> "Array":
    """Return the Euclidean length of each row of a matrix, without over- and underflow of the squares."""
    import numpy

    sizes = numpy.abs(matrix).max(axis=1, initial=0.0)
    with numpy.errstate(all="ignore"):
        lengths: Array = sizes * numpy.sqrt(((matrix / sizes[:, None]) ** 2).sum(axis=1))
    return numpy.where(sizes > 0, lengths, sizes)


def covariance(jacobian: "Array", names: Sequence[str], point: "Array") -> ParameterCovariance:
    """Return the unscaled covariance from a Jacobian of shape (p, n), by its singular values.

    Raises: UndeterminedError if the Jacobian is singular; it names the parameters of the null vector.
    """
    import numpy

    lengths = row_lengths(jacobian)
    for name, length in zip(names, lengths, strict=True):
        if not length > 0:
            raise UndeterminedError(
                f"'{name}' does not matter: the model does not change with it at the solution; use --fix {name}"
            )
    triangle = numpy.linalg.qr((jacobian / lengths[:, None]).T, mode="r")
    _, sizes, vectors = numpy.linalg.svd(triangle)
    if not sizes[-1] > RANK * numpy.finfo(float).eps * max(jacobian.shape) ** 0.5 * sizes[0]:
        raise UndeterminedError(null_message(vectors[-1] / lengths, names, point))
    scaled = vectors.T / sizes
    weakest = ", ".join(f"{name} by {share:+.3g} %" for name, share in shares_of(vectors[-1] / lengths, names, point))
    return ParameterCovariance(
        (scaled @ scaled.T) / numpy.outer(lengths, lengths), float(sizes[0] / sizes[-1]), weakest
    )


def shares_of(vector: "Array", names: Sequence[str], point: "Array") -> list[tuple[str, float]]:
    """Return the parameters that matter in a null vector, each with its relative change beside the largest."""
    import numpy

    relative = vector / numpy.where(point == 0, 1.0, numpy.abs(point))
    sizes = numpy.abs(relative)
    largest = int((sizes >= ABOUT * sizes.max()).argmax())  # the first of those that are equal but for rounding
    shares = relative / relative[largest]
    return [(name, float(share)) for name, share in zip(names, shares, strict=True) if abs(share) >= SHARE]


def null_message(vector: "Array", names: Sequence[str], point: "Array") -> str:
    """Return what a null vector of the Jacobian says: which parameters only matter together."""
    named = shares_of(vector, names, point)
    if len(named) == 1:
        return f"'{named[0][0]}' does not matter at the solution; hold it with --fix {named[0][0]}"
    listed = ", ".join(f"'{name}'" for name, _ in named[:-1]) + f" and '{named[-1][0]}'"
    changes = ", ".join(f"{name} by {share:+.3g} %" for name, share in named)
    return f"the data do not determine {listed}: changing {changes} changes nothing; hold one with --fix {named[0][0]}"


def p_value(t: float, dof: int) -> float:
    """Return the probability of a Student t as far from zero or farther, on both sides."""
    from scipy.special import stdtr

    return float(2 * stdtr(dof, -abs(t))) if dof > 0 and not math.isnan(t) else math.nan


def quantile(dof: int) -> float:
    """Return the half-width, in standard errors, of a two-sided interval by Student's t; nan without freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(dof, (1 + LEVEL) / 2)) if dof > 0 else math.nan


def explained_share(response: "Array", sigma: "Array | float", rss: float) -> float:
    """Return R**2, the share of the variance of the response around its mean that the model explains."""
    import numpy

    weights = numpy.broadcast_to(1 / numpy.asarray(sigma, dtype=float) ** 2, response.shape)
    mean = float((weights * response).sum() / weights.sum())
    total = float((weights * (response - mean) ** 2).sum())
    return 1 - rss / total if total > 0 else math.nan
