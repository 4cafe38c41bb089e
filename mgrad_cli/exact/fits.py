"""Prove a fit: enclose the parameters of a least sum of squares, and their standard errors, in balls."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import flint
from flint import arb

from mgrad_cli.errors import LimitError, UndecidedError
from mgrad_cli.exact.ball import Ball
from mgrad_cli.exact.fit_sums import ExactRows, FitSums
from mgrad_cli.exact.matrices import contraction_of, inverted, is_positive_definite, maximum, root, times
from mgrad_cli.exact.nearest import nearest

MAX_OPERATIONS = 5_000_000
"""The most operations on balls for one pass over the rows; each takes some microseconds."""
OPERATIONS_A_ROW = 20
"""How many operations reading the numbers of a row takes, and adding to the sums."""
BITS = (192, 384, 768, 1536)
"""The precisions to try."""
DIGITS_OF_BIT = math.log10(2)
STEPS = 12
"""The most Newton steps at one precision."""
RADII = (1e-3, 1e-5, 1e-8, 1e-11, 1e-15, 1e-20)
"""The sizes to try of the box in which the solution is proven to be the only one, in standard errors."""


class FitProof(NamedTuple):
    """A fit proven: the doubles nearest to the estimates, the standard errors and the sum of squares.

    unscaled_errors  the standard errors for residuals of deviation 1
    digits      how many digits of each estimate the enclosures decide
    radius      the half-width of the box in which there is no other stationary point, in standard errors
    """

    estimates: tuple[float, ...]
    errors: tuple[float, ...]
    unscaled_errors: tuple[float, ...]
    rss: float
    bits: int
    digits: int
    radius: float


def proven_fit(
    rows: ExactRows,
    start: Sequence[float],
    limit: int,
    on_pass: Callable[[], None],
) -> FitProof:
    """Return the proven solution near a point that doubles have found.

    The proof is Krawczyk's: in a box X around b, with C near the inverse of the Hessian H and g the gradient,
    |1 - C H(X)| <= q < 1 leaves no more than one zero of g in X, and it is within |C g(b)|/(1 - q) of b.

    `limit` is the most operations on balls for one pass over the rows, before each of which `on_pass` is called.

    Raises: LimitError for more than that; UndecidedError if no precision proves it.
    """
    operations = rows.rows * (len(rows.program.program) + OPERATIONS_A_ROW)
    if operations > limit:
        raise LimitError(
            f"--certify takes {operations:,} operations on balls for each pass, more than the maximum of {limit:,}; "
            "fit fewer rows"
        )
    for bits in BITS:
        with flint.ctx.workprec(bits):
            found = attempt(rows, [arb(number) for number in start], bits, on_pass)
        if found is not None:
            return found
    raise UndecidedError(f"the fit at {BITS[-1]} bits: no box around the estimates is proven to hold one minimum")


def attempt(rows: ExactRows, point: list[Any], bits: int, on_pass: Callable[[], None]) -> FitProof | None:
    """Return the proof at one precision, or `None`."""
    for _ in range(STEPS):
        on_pass()
        sums = rows.sums(blurred(point, bits))
        inverse = inverted(sums.hessian)
        lengths = units(sums, point, rows.rows)
        if inverse is None or lengths is None:
            return None
        step = times(inverse, sums.gradient)
        if not all(each.is_finite() for each in step):
            return None
        if all(abs(each.mid()) <= length * arb(2) ** (-bits // 3) for each, length in zip(step, lengths, strict=True)):
            break
        point = [(each - change).mid() for each, change in zip(point, step, strict=True)]
    else:
        return None
    if not is_positive_definite(sums.hessian):
        return None
    for radius in RADII:
        on_pass()
        widths = [length * arb(radius).mid() for length in lengths]
        box = [arb(each, width) for each, width in zip(point, widths, strict=True)]
        contraction = contraction_of(inverse, rows.sums(box).hessian, widths)
        if contraction is None or not contraction < 1:
            continue
        reach = maximum([abs(change) / width for change, width in zip(step, widths, strict=True)]) / (1 - contraction)
        if not reach < 1:
            continue
        on_pass()
        solution = [arb(each, (width * reach).upper()) for each, width in zip(point, widths, strict=True)]
        return read_off(rows, solution, bits, radius)
    return None


def read_off(rows: ExactRows, solution: list[Any], bits: int, radius: float) -> FitProof | None:
    """Return the doubles nearest to the solution, its standard errors and the sum of squares, if they are decided."""
    sums = rows.sums(solution)
    unscaled, errors = standard_errors(sums, 0), standard_errors(sums, rows.rows - len(solution))
    if errors is None or unscaled is None:
        return None
    estimates, scaled, plain, squares = map(doubles, (solution, errors, unscaled, [sums.squares]))
    if estimates is None or scaled is None or plain is None or squares is None:
        return None
    accuracies = [each.rel_accuracy_bits() for each, estimate in zip(solution, estimates, strict=True) if estimate]
    digits = int(min(accuracies, default=bits) * DIGITS_OF_BIT)
    return FitProof(estimates, scaled, plain, squares[0], bits, digits, radius)


def doubles(balls: Sequence[Any]) -> tuple[float, ...] | None:
    """Return the doubles nearest to the numbers in balls, or `None` if one is not decided."""
    found = [nearest(Ball(each)) for each in balls]
    known = [figure for figure in found if figure is not None]
    return tuple(known) if len(known) == len(found) else None


def blurred(point: Sequence[Any], bits: int) -> list[Any]:
    """Return balls around exact numbers, so small that they do not matter: exact products would grow without end."""
    return [arb(each, abs(each) * arb(2) ** -bits) for each in point]


def standard_errors(sums: FitSums, dof: int) -> list[Any] | None:
    """Return the standard errors of the parameters, unscaled without degrees of freedom; `None` if they are unknown."""
    inverse = inverted(sums.products)
    if inverse is None:
        return None
    variance = sums.squares / dof if dof > 0 else arb(1)
    squares = [variance * inverse[index, index] for index in range(len(sums.gradient))]
    return [root(each) for each in squares] if all(each.is_finite() for each in squares) else None


def units(sums: FitSums, point: Sequence[Any], rows: int) -> list[Any] | None:
    """Return a length for each parameter, or `None`: its standard error, but not less than rounding to doubles makes.

    That is 2**-60 of the model, measured by what the parameters contribute to it, instead of the residual deviation.
    """
    unscaled, errors = standard_errors(sums, 0), standard_errors(sums, rows - len(point))
    if unscaled is None or errors is None:
        return None
    squares = [sums.products[index][index] * each * each for index, each in enumerate(point)]
    influence = max(root(sum(squares, arb(0))).upper(), arb(2) ** -1000)
    least = [(each * influence * arb(2) ** -60).upper() for each in unscaled]
    return [max(error.upper(), small) for error, small in zip(errors, least, strict=True)]
