"""Correlations between uncertain inputs: a matrix with names, checked and factorised."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul
from typing import TypeAlias

from mgrad_cli.errors import UsageError

Matrix: TypeAlias = tuple[tuple[float, ...], ...]

ROUNDING = 1e-9
"""How much the matrix and the square of its factor may differ: correlations come from rounded figures."""


@dataclass(frozen=True, slots=True)
class Correlations:
    """The correlation coefficients of some inputs, between -1 and 1.

    names       the correlated inputs, in the order of rows and columns
    matrix      their correlation coefficients, 1 in the diagonal
    factor      for each name its row of the lower triangular L with L L^T = matrix

    >>> together = Correlations.of({("x", "y"): -1.0})
    >>> together.names, together.matrix, together.factor
    (('x', 'y'), ((1.0, -1.0), (-1.0, 1.0)), {'x': (1.0, 0.0), 'y': (-1.0, 0.0)})
    >>> together.between("x", "z")
    0.0
    """

    names: tuple[str, ...] = ()
    matrix: Matrix = ()
    factor: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Mapping[tuple[str, str], float]) -> "Correlations":
        """Return the correlations of pairs of names. Pairs that are absent are not correlated.

        Raises: UsageError for a coefficient beyond -1 and 1, a pair that is there in both orders with two
        coefficients, or coefficients that cannot hold together.
        """
        known: dict[frozenset[str], float] = {}
        for (one, other), coefficient in pairs.items():
            if not -1 <= coefficient <= 1:
                raise UsageError(f"the correlation of '{one}' and '{other}', {coefficient:g}, is not from -1 to 1")
            if one == other and coefficient != 1:
                raise UsageError(f"the correlation of '{one}' with itself is 1, not {coefficient:g}")
            if known.setdefault(frozenset((one, other)), coefficient) != coefficient:
                raise UsageError(f"the correlation of '{one}' and '{other}' is given twice")
        names = tuple(dict.fromkeys(name for pair in pairs for name in pair))
        return cls.of_matrix(
            names,
            [[1.0 if one == other else known.get(frozenset((one, other)), 0.0) for other in names] for one in names],
        )

    @classmethod
    def of_matrix(cls, names: Sequence[str], rows: Iterable[Sequence[float]]) -> "Correlations":
        """Return the correlations of a symmetric matrix. Raises: UsageError if it is not positive semi-definite."""
        matrix = tuple(tuple(map(float, row)) for row in rows)
        factor = semidefinite_factor(matrix)
        if factor is None:
            raise UsageError(
                f"the correlations of {', '.join(names)} cannot hold together: their matrix is not positive "
                f"semi-definite (its smallest eigenvalue is {smallest_eigenvalue(matrix):.2g})"
            )
        return cls(tuple(names), matrix, dict(zip(names, factor, strict=True)))

    def between(self, one: str, other: str) -> float:
        """Return the correlation coefficient of two inputs: 0 if either is not among the names."""
        if one == other:
            return 1.0
        if one not in self.factor or other not in self.factor:
            return 0.0
        return self.matrix[self.names.index(one)][self.names.index(other)]

    def among(self, names: Iterable[str]) -> "Correlations":
        """Return the correlations of those of the names that are correlated."""
        places = {name: index for index, name in enumerate(self.names)}
        kept = [name for name in names if name in places]
        if tuple(kept) == self.names:
            return self
        rows = [self.matrix[places[name]] for name in kept]
        return Correlations.of_matrix(kept, [[row[places[name]] for name in kept] for row in rows])


def semidefinite_factor(matrix: Matrix) -> Matrix | None:
    """Return the lower triangular L with L L^T = matrix, or `None` if the matrix is not positive semi-definite.

    This is the Cholesky factorisation. A pivot that is 0 but for rounding ends its column, as of perfectly correlated
    inputs.

    >>> semidefinite_factor(((1.0, 1.0), (1.0, 1.0)))
    ((1.0, 0.0), (1.0, 0.0))
    >>> semidefinite_factor(((1.0, 2.0), (2.0, 1.0))) is None
    True
    """
    size = len(matrix)
    rows = [[0.0] * size for _ in range(size)]
    for column in range(size):
        pivot = matrix[column][column] - dot(rows[column], rows[column])
        if pivot < -ROUNDING:
            return None
        root = math.sqrt(pivot) if pivot > ROUNDING else 0.0
        for row in range(column, size):
            rest = matrix[row][column] - dot(rows[row], rows[column])
            if root:
                rows[row][column] = root if row == column else rest / root
            elif abs(rest) > math.sqrt(ROUNDING):
                return None
    return tuple(map(tuple, rows))


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(map(mul, one, other), 0.0)


def smallest_eigenvalue(matrix: Matrix) -> float:
    import numpy

    return float(numpy.linalg.eigvalsh(numpy.array(matrix)).min())
