"""Power series in one or several variables as operands, computed part by part on demand.

Part k of a series is its homogeneous polynomial of degree k.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from mgrad_cli.analysis.homogeneous import BASE, EMPTY, NotAnalyticError, Part, PartAlgebra, Scalars
from mgrad_cli.operations import Operand, Operation


class SeriesAlgebra(PartAlgebra):
    """The series of one computation: what they share, and how far each is computed.

    known       the series of each operation on series
    kept        operands whose identity is a key of `known`
    constants   the series of plain numbers
    """

    def __init__(self, scalars: Scalars, size: int = 1) -> None:
        super().__init__(scalars, size)
        self.known: dict[Any, PowerSeries] = {}
        self.kept: list[Any] = []
        self.constants: dict[Any, Polynomial] = {}
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
