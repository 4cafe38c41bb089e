"""Power series in one or several variables as operands, computed part by part on demand.

Part k of a series is its homogeneous polynomial of degree k: a coefficient for each exponent of degree k. In one
variable that is one term, and its exponent may be negative.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias

from mgrad_cli.errors import LimitError
from mgrad_cli.operations import Operand, Operation

Part: TypeAlias = dict[int, Any]
"""The coefficients of one degree by exponent, without zeros. Exponents are packed into an integer: adding them adds."""

EMPTY: Part = {}
BASE = 1 << 32
"""The factor between the exponents of two variables in a packed exponent."""
MAX_LEADING_ZEROS = 200
"""The most parts to compute in search of one that is not zero."""
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


class SeriesAlgebra:
    """The shared state of the series of one computation.

    scalars     the numbers of the coefficients
    size        the number of variables
    products    how many products of coefficients may still be computed
    """

    def __init__(self, scalars: Scalars, size: int = 1) -> None:
        self.scalars = scalars
        self.size = size
        self.products = MAX_PRODUCTS
        self.known: dict[Any, PowerSeries] = {}
        self.kept: list[Any] = []  # operands whose identity is a key of `known`
        self.constants: dict[Any, Polynomial] = {}
        self.zero = scalars.of(0.0)
        self._active: set[int] = set()

    def constant(self, number: Any) -> "Polynomial":
        """Return the series of a plain number."""
        key = getattr(number, "formula", None) or float(number).hex()
        if key not in self.constants:
            self.constants[key] = self.fixed(self.scalars.of(number))
        return self.constants[key]

    def fixed(self, scalar: Any) -> "Polynomial":
        """Return the constant series of a scalar."""
        is_nothing = not isinstance(scalar, float) and self.is_exactly_zero(scalar)
        return Polynomial(self, {} if is_nothing else {0: {0: scalar}})

    def variable(self, centre: float, index: int = 0) -> "Polynomial":
        """Return the series of a variable around its value at the point."""
        centred = self.constant(centre)
        return Polynomial(
            self, {**({0: centred.at(0)} if centred.at(0) else {}), 1: {BASE**index: self.scalars.of(1.0)}}
        )

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

    def extend(self, series: "PowerSeries", degree: int) -> None:
        """Compute the parts of a series up to a degree, and the parts of others that they need.

        Raises: NotAnalyticError if there is no power series.
        """
        if series.next_degree > degree:
            return
        stack: list[tuple[PowerSeries, int]] = [(series, degree)]
        self.enter(series)
        try:
            while stack:
                try:
                    if (needed := self.step(*stack[-1])) is not None:
                        self.enter(needed[0])
                        stack.append(needed)
                    elif stack[-1][0].next_degree > stack[-1][1]:
                        self._active.discard(id(stack.pop()[0]))
                except NotAnalyticError as error:
                    self.unwind(stack, error)
        finally:
            self._active.difference_update(id(each) for each, _ in stack)

    def enter(self, series: "PowerSeries") -> None:
        if id(series) in self._active:
            raise NotAnalyticError("its derivative is not regular there")
        self._active.add(id(series))

    def step(self, series: "PowerSeries", degree: int) -> "tuple[PowerSeries, int] | None":
        """Compute the next part of a series, or return what it needs."""
        following = series.next_degree
        if following > degree:
            return None
        for other, least in series.needs(following):
            if other.next_degree <= least:
                return other, least
        series.append(series.part(following))
        return None

    def unwind(self, stack: "list[tuple[PowerSeries, int]]", error: NotAnalyticError) -> None:
        """Return to the last series that can be computed in another way."""
        while stack:
            series = stack[-1][0]
            try:
                if series.redefine():
                    return
            except NotAnalyticError:
                continue
            error.span = error.span or series.span
            self._active.discard(id(stack.pop()[0]))
        raise error


class PowerSeries(Operand):
    """A power series around a point.

    start   the degree of the first of the computed parts; those before are zero
    parts   the parts that are computed
    span    its place in the formula, if it has one
    """

    __slots__ = ("algebra", "parts", "span", "start")

    rules: Any
    """The function that applies an operation, set by `chain_rule`."""

    def __init__(self, algebra: SeriesAlgebra, start: int = 0, parts: "list[Part] | None" = None) -> None:
        self.algebra = algebra
        self.start = start
        self.parts: list[Part] = []
        self.span: Any = None
        for part in parts or []:
            self.append(part)

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "PowerSeries":
        algebra = next(operand.algebra for operand in operands if isinstance(operand, PowerSeries))
        result: PowerSeries = PowerSeries.rules(algebra, operation, operands)
        return result

    @property
    def is_constant(self) -> bool:
        """Whether it is a number by its form."""
        return False

    @property
    def next_degree(self) -> Any:
        """The degree of the first part that is not computed."""
        return self.start + len(self.parts)

    def at(self, degree: int) -> Part:
        """Return a part that is computed."""
        index = degree - self.start
        return self.parts[index] if index >= 0 else EMPTY

    def append(self, part: Part) -> None:
        if part or self.parts:
            self.parts.append(part)
        else:
            self.start += 1

    def degrees(self, first: int, last: int) -> Iterable[int]:
        """Return the degrees in a range whose parts may not be zero."""
        return range(max(first, self.start), last + 1)

    def needs(self, degree: int) -> "Iterator[tuple[PowerSeries, int]]":
        """Yield what the next part depends on: other series, and the degree up to which."""
        yield from ()

    def part(self, degree: int) -> Part:
        """Return the next part, once what it needs is there."""
        raise NotImplementedError

    def redefine(self) -> bool:
        """Switch to another way to compute the parts to come. Return whether there is one."""
        return False

    def regular(self) -> "PowerSeries":
        """Compute the value at the point, and check that it is no pole.

        Raises: NotAnalyticError if it is one.
        """
        self.algebra.extend(self, 0)
        for degree in self.degrees(self.start, -1):
            if self.leading(degree):
                raise NotAnalyticError(f"a pole of order {-degree}")
        return self

    def leading(self, degree: int) -> Part:
        """Return a computed part without coefficients that are zero as far as can be told."""
        part = self.at(degree)
        for exponent in [exponent for exponent, number in part.items() if self.algebra.scalars.is_zero(number)]:
            del part[exponent]
        return part

    @property
    def value(self) -> Any:
        """The scalar at the point, if it is regular and computed."""
        part = self.at(0)
        return part[0] if part else self.algebra.zero


class Polynomial(PowerSeries):
    """A series with finitely many parts: a number, or a variable.

    is_point   whether it has another value at the point itself
    """

    __slots__ = ("is_point", "terms")

    def __init__(self, algebra: SeriesAlgebra, terms: dict[int, Part]) -> None:
        super().__init__(algebra, min(terms, default=0))
        self.terms = terms
        self.is_point = False

    @property
    def is_constant(self) -> bool:
        return not any(self.terms.keys() - {0})

    @property
    def next_degree(self) -> Any:
        return math.inf

    def at(self, degree: int) -> Part:
        return self.terms.get(degree, EMPTY)

    def degrees(self, first: int, last: int) -> Iterable[int]:
        return [degree for degree in self.terms if first <= degree <= last]


def jumps(series: PowerSeries) -> bool:
    """Return whether a truth value is another one at the point itself than at the points nearby."""
    return isinstance(series, Polynomial) and series.is_point


def continuous(series: PowerSeries) -> PowerSeries:
    """Check that a series has at the point the value of the points nearby. Raises: NotAnalyticError otherwise."""
    if jumps(series):
        raise NotAnalyticError("a jump")
    return series


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
        return quotient(self.algebra, self.algebra.summed(terms), self.divisor)


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
        return quotient(self.algebra, self.algebra.summed(terms), {0: self.a.value * degree})


def products(a: Part, b: Part) -> Iterator[tuple[int, Any]]:
    """Yield the products of the terms of two parts."""
    for p, first in a.items():
        for q, second in b.items():
            yield p + q, first * second


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


def quotient(algebra: SeriesAlgebra, part: Part, divisor: Part) -> Part:
    """Return a homogeneous polynomial divided by another one that divides it.

    Raises: NotAnalyticError if it does not.
    """
    largest = max(divisor)
    if len(divisor) == 1:
        return {reduced(algebra, exponent, largest): number / divisor[largest] for exponent, number in part.items()}
    rest, result = dict(part), {}
    while rest:
        exponent = max(rest)
        number = rest.pop(exponent)
        if algebra.scalars.is_zero(number):
            continue
        step = reduced(algebra, exponent, largest)
        result[step] = number / divisor[largest]
        terms = [(step + each, -result[step] * other) for each, other in divisor.items() if each != largest]
        rest = algebra.summed([*rest.items(), *terms])
    return result


def reduced(algebra: SeriesAlgebra, exponent: int, by: int) -> int:
    """Return the difference of two packed exponents.

    Raises: NotAnalyticError if the first is smaller in one of several variables.
    """
    if algebra.size > 1:
        above, below = unpacked(exponent, algebra.size), unpacked(by, algebra.size)
        if any(a < b for a, b in zip(above, below, strict=True)):
            raise NotAnalyticError("a pole" if sum(above) < sum(below) else "the limit depends on the direction")
    return exponent - by


def unpacked(exponent: int, size: int) -> tuple[int, ...]:
    """Return the exponents of some variables."""
    if size == 1:
        return (exponent,)
    return tuple([exponent // BASE**index % BASE for index in range(size)])
