"""Homogeneous polynomials, which are the parts of power series: their coefficients, sums, products and quotients.

In one variable a part is one term, whose exponent may be negative.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias

from mgrad_cli.errors import LimitError
from mgrad_cli.operations import Operation

Part: TypeAlias = dict[int, Any]
"""The coefficients of one degree by exponent, without zeros. Exponents are packed into an integer: adding them adds."""

EMPTY: Part = {}
BASE = 1 << 32
"""The factor between the exponents of two variables in a packed exponent."""
MAX_PRODUCTS = 30_000_000


class NotAnalyticError(ArithmeticError):
    """A function that has no power series at the point. `span` is the place in the formula, once it is known."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.span: Any = None


class Scalars(Protocol):
    """The numbers that coefficients are computed in, apart from `+ - * /`, which they have themselves."""

    def of(self, number: Any) -> Any:
        """Return a plain number as a scalar; what is not finite stays a float."""

    def apply(self, operation: Operation, scalars: Sequence[Any]) -> Any:
        """Return the result of an operation, or a float if it is not finite."""

    def total(self, terms: list[Any]) -> Any:
        """Return the sum of terms, which is 0 if they cancel."""

    def is_zero(self, scalar: Any) -> bool:
        """Return whether a number is zero. Raises: UndecidedError if that is open."""

    def number(self, scalar: Any) -> float:
        """Return a double near a number."""


class PartAlgebra:
    """The arithmetic of parts.

    scalars     the numbers of the coefficients
    size        the number of variables
    products    how many products of coefficients may still be computed
    """

    def __init__(self, scalars: Scalars, size: int = 1) -> None:
        self.scalars = scalars
        self.size = size
        self.products = MAX_PRODUCTS
        self.zero = scalars.of(0.0)

    @staticmethod
    def is_exactly_zero(scalar: Any) -> bool:
        """Return whether a scalar is zero without any doubt."""
        return bool(scalar == 0)

    def spend(self, products: int) -> None:
        """Count work.

        Raises: LimitError if there is too much of it.
        """
        self.products -= products
        if self.products < 0:
            raise LimitError("the series takes too long; a lower order takes less")

    def summed(self, terms: Iterable[tuple[int, Any]]) -> Part:
        """Return the part that is the sum of terms."""
        lists: dict[int, list[Any]] = {}
        count = 0
        for exponent, number in terms:
            count += 1
            if exponent in lists:
                lists[exponent].append(number)
            else:
                lists[exponent] = [number]
        self.spend(1 + count)
        part = {}
        for exponent, numbers in lists.items():
            number = self.scalars.total(numbers)
            if not self.is_exactly_zero(number):
                part[exponent] = number
        return part

    def quotient(self, part: Part, divisor: Part) -> Part:
        """Return a homogeneous polynomial divided by another one that divides it.

        Raises: NotAnalyticError if it does not.
        """
        largest = max(divisor)
        if len(divisor) == 1:
            return {self.reduced(exponent, largest): number / divisor[largest] for exponent, number in part.items()}
        rest, result = dict(part), {}
        while rest:
            exponent = max(rest)
            number = rest.pop(exponent)
            if self.scalars.is_zero(number):
                continue
            step = self.reduced(exponent, largest)
            result[step] = number / divisor[largest]
            terms = [(step + each, -result[step] * other) for each, other in divisor.items() if each != largest]
            rest = self.summed([*rest.items(), *terms])
        return result

    def reduced(self, exponent: int, by: int) -> int:
        """Return the difference of two packed exponents.

        Raises: NotAnalyticError if the first is smaller in one of several variables.
        """
        if self.size > 1:
            above, below = unpacked(exponent, self.size), unpacked(by, self.size)
            if any(a < b for a, b in zip(above, below, strict=True)):
                raise NotAnalyticError("a pole" if sum(above) < sum(below) else "the limit depends on the direction")
        return exponent - by


def products(a: Part, b: Part) -> Iterator[tuple[int, Any]]:
    """Yield the products of the terms of two parts."""
    for p, first in a.items():
        for q, second in b.items():
            yield p + q, first * second


def unpacked(exponent: int, size: int) -> tuple[int, ...]:
    """Return the exponents of some variables."""
    if size == 1:
        return (exponent,)
    return tuple([exponent // BASE**index % BASE for index in range(size)])
