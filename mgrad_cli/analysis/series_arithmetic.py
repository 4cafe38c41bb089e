"""Sums, products, quotients and powers of power series, part by part."""

from collections.abc import Iterator
from typing import Any

from mgrad_cli.analysis.homogeneous import NotAnalyticError, Part, products
from mgrad_cli.analysis.power_series import Polynomial, PowerSeries

MAX_LEADING_ZEROS = 200
"""The most parts to compute in search of one that is not zero."""


class Sum(PowerSeries):
    """a + factor*b."""

    __slots__ = ("a", "b", "factor")

    def __init__(self, a: PowerSeries, b: PowerSeries, factor: int) -> None:
        super().__init__(a.algebra, min(a.start, b.start))
        self.a, self.b, self.factor = a, b, factor

    def needs(self, degree: int) -> Iterator[tuple[PowerSeries, int]]:
        yield self.a, degree
        yield self.b, degree

    def part(self, degree: int) -> Part:
        a, b, factor = self.a.at(degree), self.b.at(degree), self.factor
        return self.algebra.summed([*a.items(), *((exponent, number * factor) for exponent, number in b.items())])


class Product(PowerSeries):
    """a*b."""

    __slots__ = ("a", "b")

    def __init__(self, a: PowerSeries, b: PowerSeries) -> None:
        super().__init__(a.algebra, a.start + b.start)
        self.a, self.b = (b, a) if isinstance(b, Polynomial) else (a, b)

    def needs(self, degree: int) -> Iterator[tuple[PowerSeries, int]]:
        yield self.a, degree - self.b.start
        yield self.b, degree - self.a.start

    def part(self, degree: int) -> Part:
        a, b = self.a, self.b
        degrees = a.degrees(a.start, degree - b.start)
        return self.algebra.summed(term for j in degrees for term in products(a.at(j), b.at(degree - j)))


class Quotient(PowerSeries):
    """a/b, where b starts with a part that is not zero: q with b*q = a."""

    __slots__ = ("a", "b", "divisor", "shift")

    def __init__(self, a: PowerSeries, b: PowerSeries) -> None:
        self.shift = first_degree(b)
        self.divisor = b.at(self.shift)
        super().__init__(a.algebra, a.start - self.shift)
        self.a, self.b = a, b

    def needs(self, degree: int) -> Iterator[tuple[PowerSeries, int]]:
        yield self.a, degree + self.shift
        yield self.b, self.shift + degree - self.start

    def part(self, degree: int) -> Part:
        a, b, shift = self.a.at(degree + self.shift), self.b, self.shift
        terms = list(a.items())
        for j in b.degrees(shift + 1, shift + degree - self.start):
            terms += [(exponent, -number) for exponent, number in products(b.at(j), self.at(degree + shift - j))]
        return self.algebra.quotient(self.algebra.summed(terms), self.divisor)


class Power(PowerSeries):
    """a**r for a constant r, where a is not zero at the point: y with a*y' = r*y*a', by degrees."""

    __slots__ = ("a", "exponent")

    def __init__(self, a: PowerSeries, exponent: Any, value: Any) -> None:
        super().__init__(a.algebra, 0, [{0: value}])
        self.a, self.exponent = a, exponent

    def needs(self, degree: int) -> Iterator[tuple[PowerSeries, int]]:
        yield self.a, degree

    def part(self, degree: int) -> Part:
        terms = (
            (exponent, number * (self.exponent * j - (degree - j)))
            for j in self.a.degrees(1, degree)
            for exponent, number in products(self.a.at(j), self.at(degree - j))
        )
        return self.algebra.quotient(self.algebra.summed(terms), {0: self.a.value * degree})


def first_degree(series: PowerSeries) -> int:
    """Return the degree of the first part that is not zero.

    Raises: NotAnalyticError if none is found.
    """
    for degree in sorted(series.terms) if isinstance(series, Polynomial) else zero_degrees(series):
        if series.leading(degree):
            return degree
    raise NotAnalyticError("division by zero")


def zero_degrees(series: PowerSeries) -> Iterator[int]:
    """Yield the degree of the first part that may not be zero, as often as it turns out to be."""
    for _ in range(MAX_LEADING_ZEROS):
        degree = series.start
        series.algebra.extend(series, degree)
        if series.start == degree:
            yield degree
            series.start += 1
            del series.parts[0]
