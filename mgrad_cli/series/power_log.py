"""Sums of powers of t and of L = -log(t), as t goes down to zero, up to an error that is one such term."""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from mgrad_cli.series.coefficients import Coefficient, Inexact, inverse, power, product, simplified
from mgrad_cli.series.exponents import (
    CONSTANT,
    EXACT,
    FLAT,
    LINEAR,
    Exponent,
    multiple,
    ratio,
    shift,
)
from mgrad_cli.series.germs import Expansion, Germ, UnresolvedError

Term: TypeAlias = tuple[Exponent, Coefficient]

MAX_TERMS = 100
"""The most terms of a series. Further ones become part of its error."""
MAX_POWERS = 24
"""The most powers of the small part of a series to add up."""
LOG_POWERS = 8
"""The same limit if the small part goes to zero more slowly than any power of t."""
MAX_NOISE = 4
CANCELLED = 1e-11
"""The size, relative to its addends, below which a sum that may be zero is taken to be zero."""


class Series(Germ):
    """A truncated series: its terms from the largest to the smallest, and the order of its error.

    `noise` contains the terms whose coefficients cancelled to within rounding, and are taken to be zero.
    """

    __slots__ = ("error", "key", "noise", "terms")

    def __init__(
        self, expansion: Expansion, terms: tuple[Term, ...], error: Exponent, noise: tuple[Term, ...] = ()
    ) -> None:
        self.expansion = expansion
        self.terms = terms
        self.error = error
        self.noise = noise
        self.key = (terms, error)

    def __repr__(self) -> str:
        return f"Series({self.terms}, {self.error})"

    @property
    def valuation(self) -> Exponent:
        """The exponent of the largest term, or of the error if there is none."""
        return self.terms[0][0] if self.terms else self.error

    @property
    def is_zero(self) -> bool:
        """Whether it is exactly zero."""
        return not self.terms and self.error == EXACT

    @property
    def is_constant(self) -> bool:
        """Whether it is a number, known exactly or with an error bound."""
        return self.error == EXACT and all(exponent == CONSTANT for exponent, _ in self.terms)

    @property
    def tends_to_a_number(self) -> bool:
        return self.valuation >= CONSTANT and self.error > CONSTANT

    def coefficient(self, exponent: Exponent) -> Coefficient:
        """Return the coefficient of a term. One that cancelled within rounding is zero with an error bound."""
        for found, number in self.terms:
            if found == exponent:
                return number
        for found, number in self.noise:
            if found == exponent and isinstance(number, Inexact):
                return Inexact(0.0, abs(number.mid) + number.radius)
        return 0

    def without_constant(self) -> "Series":
        """Return what is left of a series that tends to a number without that number."""
        terms = tuple([term for term in self.terms if term[0] != CONSTANT])
        return Series(self.expansion, terms, self.error, self.noise)

    def leading(self) -> Term:
        """Return the largest term.

        Raises: UnresolvedError if no term is known, or its coefficient may be zero.
        """
        if not self.terms:
            if self.error == FLAT:
                raise UnresolvedError("smaller than every power")
            raise UnresolvedError("every known term cancels", needs_order=True)
        exponent, number = self.terms[0]
        if isinstance(number, Inexact) and number.includes_zero:
            raise UnresolvedError("the leading coefficient is lost in rounding")
        if self.noise and self.noise[0][0] < exponent:
            self.expansion.is_assumed = True
        return exponent, number

    @property
    def sign(self) -> int:
        """Return the sign near zero, which is 0 only for exactly zero.

        Raises: UnresolvedError if the leading term is not known.
        """
        if self.is_zero:
            return 0
        _, number = self.leading()
        return 1 if float(number) > 0 else -1

    def truncated(self, error: Exponent) -> "Series":
        """Return the series up to this error."""
        if error >= self.error:
            return self
        return Series(self.expansion, tuple([term for term in self.terms if term[0] < error]), error, self.noise)

    def negated(self) -> "Series":
        return self.scaled(-1)

    def scaled(self, factor: Coefficient, exponent: Exponent = CONSTANT) -> "Series":
        """Return the series times one term."""
        terms, noise = (
            tuple([(shift(at, exponent), product(number, factor)) for at, number in some])
            for some in (self.terms, self.noise)
        )
        return Series(self.expansion, terms, shift(self.error, exponent), noise)

    def plus(self, other: "Series") -> "Series":
        error = min(self.error, other.error)
        return self.collected([*self.terms, *other.terms], error, (*self.noise, *other.noise))

    def minus(self, other: "Series") -> "Series":
        return self.plus(other.negated())

    def times(self, other: "Series") -> "Series":
        if self.is_zero or other.is_zero:
            return Series(self.expansion, (), EXACT)
        if len(other.terms) == 1 and other.error == EXACT:
            return self.scaled(other.terms[0][1], other.terms[0][0])
        error = min(shift(one.error, two.valuation) for one, two in ((self, other), (other, self)))
        if self.error != EXACT or other.error != EXACT:
            error = min(error, self.horizon(shift(self.valuation, other.valuation)))
        self.expansion.spend(1 + len(self.terms) * len(other.terms))
        found = self.products(self.terms, other.terms, error)
        noise: list[Term] = []
        if self.noise or other.noise:
            noise = self.products(self.noise, other.terms, error) + self.products(self.terms, other.noise, error)
        return self.collected(found, error, noise)

    @staticmethod
    def products(one: Iterable[Term], other: Iterable[Term], error: Exponent) -> list[Term]:
        """Return the products of the terms of two series, up to the error."""
        found: list[Term] = []
        for (a, b), first in one:
            for (c, d), second in other:
                exponent = (a + c, b + d)
                if exponent >= error:
                    break
                found.append((exponent, product(first, second)))
        return found

    def horizon(self, leading: Exponent) -> Exponent:
        """Return how far a series with this leading exponent is computed."""
        return shift(leading, (self.expansion.order, 0))

    def collected(self, found: Iterable[Term], error: Exponent, noise: Iterable[Term] = ()) -> "Series":
        """Return the sum of terms in any order, without those smaller than the error."""
        sums: dict[Exponent, list[Coefficient]] = {}
        for exponent, number in found:
            if exponent < error:
                sums.setdefault(exponent, []).append(number)
        hidden: dict[Exponent, Coefficient] = {}
        for exponent, number in noise:
            if exponent in sums:
                sums[exponent].append(number)
            elif exponent < error:
                hidden[exponent] = hidden[exponent] + number if exponent in hidden else number
        terms: list[Term] = []
        for exponent in sorted(sums):
            number = sum(sums[exponent][1:], start=sums[exponent][0])
            if cancels(number, sums[exponent]):
                hidden[exponent] = number
            elif number.__class__ is Inexact or number:
                terms.append((exponent, simplified(number)))
        if len(terms) > MAX_TERMS:
            error = terms[MAX_TERMS][0]
            del terms[MAX_TERMS:]
        return Series(self.expansion, tuple(terms), error, tuple(sorted(hidden.items())[:MAX_NOISE]))

    def power(self, exponent: Fraction) -> "Series":
        """Return a series to a whole power, or a positive one to a rational power."""
        if exponent in range(5):
            result = number_series(self.expansion, 1)
            for _ in range(int(exponent)):
                result = result.times(self)
            return result
        at, number = self.leading()
        sign = 1
        if float(number) < 0:
            if exponent.denominator > 1:
                raise UnresolvedError("a negative number to a power that is not whole", is_undefined=True)
            sign, number = -1 if exponent.numerator % 2 else 1, -number
        factor = product(power(number, exponent), sign)
        small = self.small_part()
        binomials: list[Coefficient] = [1]
        for k in range(MAX_POWERS):
            binomials.append(product(product(binomials[-1], exponent - k), Fraction(1, k + 1)))
        return small.composed(binomials).scaled(factor, (ratio(at[0] * exponent), ratio(at[1] * exponent)))

    def small_part(self) -> "Series":
        """Return u of c * t**a * L**-b * (1 + u), where the factors before are the leading term."""
        (first, second), number = self.leading()
        rest = Series(self.expansion, self.terms[1:], self.error, self.noise)
        return rest.scaled(inverse(number), (-first, -second))

    def composed(self, coefficients: list[Coefficient]) -> "Series":
        """Return the sum of coefficients times powers of a series that goes to zero."""
        if not self.terms:
            return Series(self.expansion, ((CONSTANT, coefficients[0]),) if coefficients[0] else (), self.error)
        count, target = self.reach()
        used = coefficients[: count + 1]
        if self.error == EXACT and not any(coefficients[count + 1 :]):
            target = EXACT
        small = self.truncated(target)
        result = number_series(self.expansion, used[-1])
        for number in reversed(used[:-1]):
            result = result.times(small).truncated(target).plus(number_series(self.expansion, number))
        return result.truncated(target)

    def reach(self) -> tuple[int, Exponent]:
        """Return the number of powers of this series, which goes to zero, to add up, and the resulting error."""
        step = self.valuation
        target = min(self.error, (self.expansion.order, 0))
        most = MAX_POWERS - 1 if step[0] > 0 else LOG_POWERS
        count = most
        if step[0] > 0:
            count = min(most, math.ceil(Fraction(target[0]) / step[0]) if target[0] < math.inf else most)
        return count, min(target, multiple(step, count + 1))

    def derivative(self) -> "Series":
        """Return d/dt. The error is assumed to grow as much as the terms."""
        found, noise = (
            [
                ((a - 1, b + logs), product(number, factor))
                for (a, b), number in some
                for logs, factor in ((0, a), (1, b))
                if factor
            ]
            for some in (self.terms, self.noise)
        )
        return self.collected(found, shift(self.error, (-1, 0)), noise)

    def integral(self) -> "Series":
        """Return the integral from 0, or any one if that diverges.

        Raises: UnresolvedError if the integral of a term is not a finite sum of terms.
        """
        found: list[Term] = []
        for (a, b), number in self.terms:
            if a == -1:
                if b == 1:
                    raise UnresolvedError("a logarithm of a logarithm")
                found.append(((0, b - 1), product(number, inverse(b - 1))))
                continue
            if b > 0 or b != int(b):
                raise UnresolvedError("no series in logarithms")
            factor = product(number, inverse(a + 1))
            for logs in range(int(b), 1):
                found.append(((a + 1, logs), factor))
                factor = product(factor, product(-logs, inverse(a + 1)))
        noise = [((a + 1, b), number) for (a, b), number in self.noise]
        return self.collected(found, shift(self.error, LINEAR), noise)


def number_series(expansion: Expansion, number: Coefficient) -> Series:
    """Return a number as a series."""
    return Series(expansion, ((CONSTANT, number),) if number else (), EXACT)


def cancels(number: Coefficient, addends: list[Coefficient]) -> bool:
    """Return whether a sum is zero within rounding."""
    if not isinstance(number, Inexact) or len(addends) < 2 or not number.includes_zero:
        return False
    return abs(number.mid) + number.radius <= CANCELLED * max(abs(float(addend)) for addend in addends)
