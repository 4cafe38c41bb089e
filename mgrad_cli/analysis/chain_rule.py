"""Apply operations to power series: y' = p(x, y)*x' for every row with a partial p, where it is regular.

By degrees, this is k*y_k = sum over j of j*x_j*p_(k-j), in any number of variables, by Euler's theorem on homogeneous
functions. Where a row is not regular, it is run as it is written over other rows.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from mgrad_cli.analysis.even_series import at_zero
from mgrad_cli.analysis.homogeneous import NotAnalyticError, Part, products
from mgrad_cli.analysis.power_series import PowerSeries, SeriesAlgebra, continuous
from mgrad_cli.analysis.series_arithmetic import Power, Product, Quotient, Sum
from mgrad_cli.analysis.series_choices import CHOICES, CONDITIONAL, is_true
from mgrad_cli.errors import UndecidedError
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.operation import mask_at

BRANCH_CUTS: dict[str, Callable[..., bool]] = {"atan2": lambda a, b: a == 0 and b <= 0}
"""Jumps of rows that are no conventions for their derivatives."""
MAX_STEPS = 100
"""The most steps from a pole of the gamma function to 1."""
EDGE = "a kink, a jump or a branch point"


class Failed(PowerSeries):
    """A series that is not known, with the reason, which is raised once the series is needed."""

    __slots__ = ("error",)

    def __init__(self, algebra: SeriesAlgebra, error: Exception) -> None:
        super().__init__(algebra)
        self.error = error

    def needs(self, degree: int) -> Iterator[tuple[PowerSeries, int]]:
        raise self.error


class Composed(PowerSeries):
    """The series of a row of the table, from its value at the point and its partials.

    rewritings   the row in other rows, for where its partials are not regular
    """

    __slots__ = ("operands", "operation", "partials", "rewritings", "rewritten")

    def __init__(self, operation: Operation, operands: Sequence[PowerSeries], value: Any) -> None:
        super().__init__(operands[0].algebra, 0, [{} if value == 0 else {0: value}])
        self.operation = operation
        self.operands = operands
        self.partials: list[tuple[PowerSeries, PowerSeries]] | None = None
        self.rewritings = rewritings(operation)
        self.rewritten: PowerSeries | None = None

    def needs(self, degree: int) -> Iterator[tuple[PowerSeries, int]]:
        if self.rewritten is not None:
            yield self.rewritten, degree
            return
        if self.partials is None:
            self.partials = list(self.rules())
        for operand, partial in self.partials:
            yield operand, degree
            yield partial, degree - 1

    def rules(self) -> Iterator[tuple[PowerSeries, PowerSeries]]:
        """Yield each operand that moves and contributes, with its partial."""
        arguments = (*self.operands, self)
        for operand, partial, mask in self.operation.local_rules(self.operands, arguments):
            if not operand.is_constant and partial is not None and self.contributes(mask_at(mask, *arguments)):
                found = partial(*arguments) if callable(partial) else partial
                yield operand, (found if isinstance(found, PowerSeries) else self.algebra.constant(found)).regular()

    def contributes(self, mask: Any) -> bool:
        """Return whether a mask, a series or a number if there is one, is not zero at the points nearby."""
        return mask is None or is_true(mask if isinstance(mask, PowerSeries) else self.algebra.constant(mask))

    def part(self, degree: int) -> Part:
        if self.rewritten is not None:
            return self.rewritten.at(degree)
        terms = (
            (exponent, number * j)
            for operand, partial in self.partials or ()
            for j in operand.degrees(1, degree)
            for exponent, number in products(operand.at(j), partial.at(degree - j))
        )
        return {exponent: number / degree for exponent, number in self.algebra.summed(terms).items()}

    def redefine(self) -> bool:
        if not self.rewritings:
            return False
        self.rewritten = self.rewritings.pop(0)(*self.operands).regular()
        return True


def rewritings(operation: Operation) -> list[Callable[..., Any]]:
    """Return the ways in which a row is written over others."""
    rules = (IDENTITIES.get(operation.name), operation.mathematics, operation.expansion)
    return [rule for rule in rules if rule is not None]


def steps_to_one(x: PowerSeries) -> list[Any]:
    """Return x, x + 1, ... at a pole of the gamma function, as long as they are not positive."""
    pole = x.algebra.scalars.number(x.regular().value)
    if not -MAX_STEPS < pole <= 0 or pole % 1:
        raise NotAnalyticError("not a pole")
    return [x + float(k) for k in range(1 - int(pole))]


def gamma(x: Any) -> Any:
    factors = steps_to_one(x)
    return ROW["gamma"](factors[-1] + 1.0) / math.prod(factors)


def digamma(x: Any) -> Any:
    factors = steps_to_one(x)
    return ROW["digamma"](factors[-1] + 1.0) - sum(1 / factor for factor in factors)


ROW = {name: candidates[0] for name, candidates in TABLE.items()}
IDENTITIES: dict[str, Callable[..., Any]] = {
    "pow": lambda a, b: ROW["exp"](b * ROW["log"](a)),
    "gamma": gamma,
    "digamma": digamma,
    "j0": at_zero(1.0, lambda k: -4 * k * k),
    "j1_ratio": at_zero(0.5, lambda k: -4 * k * (k + 1)),
}
"""Primitive rows in terms of rows that are regular at some of the points where they are not."""


def apply(algebra: SeriesAlgebra, operation: Operation, operands: Sequence[Any]) -> PowerSeries:
    """Return the series of an operation on series and numbers. If there is none, it says so once it is needed."""
    series = [operand if isinstance(operand, PowerSeries) else algebra.constant(operand) for operand in operands]
    key = (operation, *map(id, series))
    if key not in algebra.known:
        try:
            algebra.known[key] = result_of(algebra, operation, series)
        except (NotAnalyticError, UndecidedError) as error:
            algebra.known[key] = Failed(algebra, error)
        algebra.kept.append(series)
    return algebra.known[key]


def result_of(algebra: SeriesAlgebra, operation: Operation, series: Sequence[PowerSeries]) -> PowerSeries:
    if operation.name not in CONDITIONAL:
        series = [continuous(each) for each in series]
    choose = CHOICES.get(operation.name)
    if choose is not None:
        return choose(operation, series)
    if all(each.is_constant for each in series):
        return algebra.fixed(algebra.scalars.apply(operation, [each.value for each in series]))
    arithmetic = ARITHMETIC.get(operation.name)
    if arithmetic is not None:
        return arithmetic(*map(finite, series))
    if operation.name == "pow" and series[1].is_constant:
        return power(operation, *series)
    if operation.is_selection and operation.mathematics is not None:
        found = operation.mathematics(*series)
        assert isinstance(found, PowerSeries)
        return found
    return composed(algebra, operation, series)


def composed(algebra: SeriesAlgebra, operation: Operation, series: Sequence[PowerSeries]) -> PowerSeries:
    """Return the series of a row with partials, or the row in other rows if they are not regular at the point."""
    try:
        return by_partials(algebra, operation, series)
    except NotAnalyticError as error:
        for rule in rewritings(operation):
            with suppress(NotAnalyticError):
                found = rule(*series)
                if not isinstance(found, Failed):
                    assert isinstance(found, PowerSeries)
                    return found
        raise error from None


def by_partials(algebra: SeriesAlgebra, operation: Operation, series: Sequence[PowerSeries]) -> PowerSeries:
    """Return the series of a row that is regular at the point.

    Raises: NotAnalyticError if it is not.
    """
    scalars = algebra.scalars
    values = [each.regular().value for each in series]
    value = scalars.apply(operation, values)
    numbers = list(map(scalars.number, values))
    moving = [index for index, each in enumerate(series) if not each.is_constant]
    if isinstance(value, float):
        raise NotAnalyticError(reason_for(operation, numbers, value))
    if not set(moving).isdisjoint(operation.fixed_operands):
        raise NotAnalyticError(operation.differentiability)
    if is_edge(operation, numbers, moving):
        raise NotAnalyticError(EDGE)
    if not operation.variadic and all(operation.partials[index] is None for index in moving):
        return algebra.fixed(value)
    return Composed(operation, series, value)


def is_edge(operation: Operation, numbers: Sequence[float], moving: Sequence[int]) -> bool:
    """Return whether a row has a kink, a jump or a singular point where some operands move."""
    cut = BRANCH_CUTS.get(operation.name)
    return (cut is not None and cut(*numbers)) or any(
        convention.applies(*numbers)
        for convention in operation.conventions
        if convention.operand is None or convention.operand in moving
    )


def reason_for(operation: Operation, numbers: Sequence[float], value: float) -> str:
    """Say why a row has no finite value."""
    if math.isnan(value) and operation.domain:
        return f"outside the domain of {operation.name}, {operation.domain}"
    return next((fault.reason for fault in operation.faults if fault.applies(*numbers)), f"the value is {value}")


def finite(series: PowerSeries) -> PowerSeries:
    """Check that a constant is finite. Raises: NotAnalyticError otherwise."""
    if series.is_constant and isinstance(series.value, float):
        raise NotAnalyticError(f"a term is {series.value}")
    return series


def power(operation: Operation, base: PowerSeries, constant: PowerSeries) -> PowerSeries:
    """Return a series to a constant power: a whole one wherever the base is zero."""
    algebra, exponent = base.algebra, constant.value
    number = algebra.scalars.number(exponent)
    if number == 0:
        return algebra.constant(1.0)
    base.algebra.extend(base, 0)
    is_regular = not any(base.leading(degree) for degree in base.degrees(base.start, -1))
    if is_regular and not algebra.scalars.is_zero(base.value):
        value = algebra.scalars.apply(operation, [base.value, exponent])
        if isinstance(value, float):
            raise NotAnalyticError(reason_for(operation, [algebra.scalars.number(base.value), number], value))
        return Power(base, exponent, value)
    if number % 1 != 0:
        raise NotAnalyticError(EDGE)
    result, square, count = algebra.constant(1.0), base, int(abs(number))
    factors = []
    while count:
        if count % 2:
            factors.append(square)
        square, count = square * square if count > 1 else square, count // 2
    for factor in factors:
        result = result * factor
    return result if number > 0 else 1 / result


ARITHMETIC: dict[str, Callable[..., PowerSeries]] = {
    "add": lambda a, b: Sum(a, b, 1),
    "subtract": lambda a, b: Sum(a, b, -1),
    "multiply": Product,
    "divide": Quotient,
    "negative": lambda a: Sum(a.algebra.constant(0.0), a, -1),
}
"""The operations of the algebra of series."""


PowerSeries.rules = staticmethod(apply)
