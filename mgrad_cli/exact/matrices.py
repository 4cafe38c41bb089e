"""Matrices of balls: inverses, products, and what is proven of them."""

from collections.abc import Sequence
from typing import Any

from flint import arb, arb_mat


def inverted(matrix: list[list[Any]]) -> Any:
    """Return the enclosure of an inverse, or `None`. Rows and columns are scaled first, to a diagonal near 1."""
    scales = [abs(row[index].mid()) for index, row in enumerate(matrix)]
    if any(not scale > 0 for scale in scales):
        return None
    roots = [scale.sqrt().mid() for scale in scales]
    count = len(matrix)
    scaled = arb_mat(count, count, [matrix[i][j] / (roots[i] * roots[j]) for i in range(count) for j in range(count)])
    try:
        inverse = scaled.inv()
    except ZeroDivisionError:
        return None
    entries = [inverse[i, j] / (roots[i] * roots[j]) for i in range(count) for j in range(count)]
    return arb_mat(count, count, entries)


def times(matrix: Any, vector: Sequence[Any]) -> list[Any]:
    product = matrix * arb_mat(len(vector), 1, list(vector))
    return [product[index, 0] for index in range(len(vector))]


def contraction_of(inverse: Any, hessian: list[list[Any]], widths: Sequence[Any]) -> Any:
    """Return a bound of 1 - C H in the norm of a box with these widths, or `None` if there is none."""
    count = len(widths)
    product = inverse.mid() * arb_mat(count, count, [entry for row in hessian for entry in row])
    rows = []
    for i in range(count):
        terms = [abs((1 if i == j else 0) - product[i, j]) * widths[j] for j in range(count)]
        rows.append(sum(terms, arb(0)) / widths[i])
    return None if any(not row.is_finite() for row in rows) else maximum(rows)


def maximum(balls: Sequence[Any]) -> Any:
    """Return an upper bound of all of these, as an exact number."""
    largest = arb(0)
    for ball in balls:
        upper = ball.upper()
        largest = max(largest, upper)
    return largest


def is_positive_definite(matrix: list[list[Any]]) -> bool:
    """Return whether elimination proves all pivots of a symmetric matrix positive."""
    work = [list(row) for row in matrix]
    for index in range(len(work)):
        if not work[index][index] > 0:
            return False
        for row in range(index + 1, len(work)):
            factor = work[row][index] / work[index][index]
            for column in range(index, len(work)):
                work[row][column] -= factor * work[index][column]
    return True


def root(square: Any) -> Any:
    """Return the square root of a number that is not negative, though its ball may reach below zero."""
    if square > 0:
        return square.sqrt()
    half = square.upper().sqrt().upper() / 2
    return arb(half.mid(), half.upper())
