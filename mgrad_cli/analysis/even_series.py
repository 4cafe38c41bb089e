"""The series of even functions of a series that is zero at the point, from their own coefficients.

The partials of j0 and j1 divide by x, so their series at 0 cannot be had from one another.
"""

from collections.abc import Callable, Iterator

from mgrad_cli.analysis.homogeneous import NotAnalyticError, Part
from mgrad_cli.analysis.power_series import PowerSeries
from mgrad_cli.analysis.series_arithmetic import Product


class EvenSeries(PowerSeries):
    """c[0] + c[1]*x**2 + c[2]*x**4 + ..., where x is zero at the point and c[k] is c[k - 1]/divisor(k).

    powers   x**2, x**4, ..., as far as they were needed
    """

    __slots__ = ("coefficients", "divisor", "powers")

    def __init__(self, x: PowerSeries, first: float, divisor: Callable[[int], int]) -> None:
        scalar = x.algebra.scalars.of(first)
        super().__init__(x.algebra, 0, [{0: scalar}])
        self.divisor = divisor
        self.coefficients = [scalar]
        self.powers: list[PowerSeries] = [Product(x, x)]

    def needs(self, degree: int) -> Iterator[tuple[PowerSeries, int]]:
        while 2 * len(self.powers) + 2 <= degree:
            self.powers.append(Product(self.powers[-1], self.powers[0]))
        for power in self.powers[: degree // 2]:
            yield power, degree

    def part(self, degree: int) -> Part:
        for k in range(len(self.coefficients), degree // 2 + 1):
            self.coefficients.append(self.coefficients[-1] / self.divisor(k))
        return self.algebra.summed(
            (exponent, number * coefficient)
            for power, coefficient in zip(self.powers[: degree // 2], self.coefficients[1:], strict=False)
            for exponent, number in power.at(degree).items()
        )


def at_zero(first: float, divisor: Callable[[int], int]) -> Callable[[PowerSeries], PowerSeries]:
    """Return the function from a series to the even series of it, which raises NotAnalyticError where it is not 0."""

    def rewritten(x: PowerSeries) -> PowerSeries:
        if not x.algebra.scalars.is_zero(x.regular().value):
            raise NotAnalyticError("not zero")
        return EvenSeries(x, first, divisor)

    return rewritten
