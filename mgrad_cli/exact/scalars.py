"""Fractions and intervals as the scalars of power series: coefficients that are proven."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import flint
from flint import arb, fmpq

from mgrad_cli.errors import UndecidedError
from mgrad_cli.exact import decisions, primitives  # noqa: F401  what the primitive operations are on balls
from mgrad_cli.exact.ball import Ball, fitting, of_fraction
from mgrad_cli.exact.nearest import nearest
from mgrad_cli.operations import Operation

MAX_BITS = 1 << 15
"""The highest precision at which a number is computed."""
TRUSTED_BITS = 1 << 10
"""The precision at which a number that may be zero, and is smaller than doubles are, may count as zero."""

Answer = TypeVar("Answer")


class BallScalars:
    """Fractions where they are known, and else intervals of Arb. What is not finite is a float.

    assumes      whether a number counts as zero if it is smaller than doubles and no precision tells it from zero
    is_assumed   whether one did
    """

    def __init__(self, assumes: bool) -> None:
        self.assumes = assumes
        self.is_assumed = False

    def of(self, number: Any) -> Any:
        return scalar_of(Ball.of(number))

    def apply(self, operation: Operation, scalars: Sequence[Any]) -> Any:
        ball = Ball.apply(operation, *map(ball_of, scalars))
        if not isinstance(ball.value, float) and not ball.value.is_finite():
            raise UndecidedError(f"the value of {operation.name}")
        return scalar_of(ball)

    def total(self, terms: list[Any]) -> Any:
        total = terms[0] if len(terms) == 1 else sum(terms)
        if isinstance(total, arb):
            return total
        fraction = fitting(fmpq(total))
        return arb(total) if fraction is None else fraction

    def is_zero(self, scalar: Any) -> bool:
        if not isinstance(scalar, arb):
            return bool(scalar == 0)
        if not scalar.contains(0):
            return False
        if scalar.is_zero():
            return True
        if not (self.assumes and flint.ctx.prec >= TRUSTED_BITS and nearest(Ball(scalar)) == 0):
            raise UndecidedError("whether a coefficient is zero")
        self.is_assumed = True
        return True

    def number(self, scalar: Any) -> float:
        if isinstance(scalar, float):
            return scalar
        found = nearest(Ball(scalar.mid()) if isinstance(scalar, arb) else ball_of(scalar))
        assert found is not None
        return found

    def rounded(self, scalar: Any) -> float | None:
        """Return the double nearest to a number, or `None` if that is open."""
        found = nearest(ball_of(scalar))
        if found == 0 and isinstance(scalar, arb) and not scalar.is_zero() and scalar.contains(0):
            try:
                self.is_zero(scalar)
            except UndecidedError:
                return None
        return found


def scalar_of(ball: Ball) -> Any:
    """Return a ball as a scalar. Minus zero is zero."""
    if isinstance(ball.value, float):
        return ball.value or fmpq(0)
    fraction = ball.rational
    return ball.value if fraction is None or fitting(fraction) is None else fraction


def ball_of(scalar: Any) -> Ball:
    return Ball(scalar) if isinstance(scalar, float | arb) else of_fraction(fmpq(scalar))


def at_precision(compute: Callable[[], Answer | None], bits: int) -> tuple[Answer, int]:
    """Return the result of a computation at the lowest precision that decides it, and that precision.

    Raises: UndecidedError if it is not decided at the highest one.
    """
    found = UndecidedError(f"whether a coefficient is zero at {MAX_BITS} bits")
    while bits <= MAX_BITS:
        with flint.ctx.workprec(bits):
            try:
                answer = compute()
            except UndecidedError as error:
                found, answer = error, None
        if answer is not None:
            return answer, bits
        bits *= 2
    raise found
