"""Taylor polynomials of a script around a point: the coefficients of its power series up to an order."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from mgrad_cli.analysis import decimal_scalars
from mgrad_cli.analysis.chain_rule import Failed
from mgrad_cli.analysis.homogeneous import NotAnalyticError, Scalars, unpacked
from mgrad_cli.analysis.power_series import PowerSeries, SeriesAlgebra, continuous
from mgrad_cli.errors import BindingError, LimitError, SeriesError, UndecidedError, UsageError, is_installed
from mgrad_cli.evaluation.graph import input_values
from mgrad_cli.language.lowering import CONSTANTS, FIXED, Script, run_script
from mgrad_cli.language.printing import literal
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.script import Step
from mgrad_cli.suggestions import nearest_listed
from mgrad_cli.text import truncate

MAX_ORDER = 500
MAX_COEFFICIENTS = 5_000
FEW_DIGITS = 8
MAX_TEXT = 40

Exponents = tuple[int, ...]
Coefficients = dict[Exponents, float]


@dataclass(frozen=True)
class Taylor:
    """The Taylor polynomials of the outputs of a script.

    around      the variables that they are polynomials in, with the point
    parameters  the values of the other variables
    order       the highest total degree
    outputs     the coefficients of each output, by the exponents of the variables, zeros included
    bits        the precision that proved each coefficient to be the nearest double; 0 if they are not proven
    assumed     whether a number counts as zero that could only be shown to be smaller than doubles
    doubtful    of coefficients that are not proven, how many have lost half of their digits
    """

    expr: str
    around: dict[str, float]
    parameters: dict[str, float]
    order: int
    outputs: dict[str, Coefficients]
    bits: int = 0
    assumed: bool = False
    doubtful: int = 0


def taylor(
    script: Script,
    point: Mapping[str, float],
    around: Sequence[str] | None = None,
    order: int = 6,
    certify: bool = False,
) -> Taylor:
    """Return the Taylor polynomials of a script around a point.

    `point` has the values of the variables. `around` names those that the polynomials are in, in this order, by default
    all that have a value there; the others are parameters. The coefficient of (x - a)**j*(y - b)**k is the derivative
    of that order divided by j!*k!. A zero divided by a zero is continued where the quotient is a power series.

    With python-flint, each coefficient is proven to be the double nearest to the true one. Otherwise, or if that cannot
    be decided, values of functions are doubles, and only what follows from them is more exact; `certify` excludes this.

    Raises: BindingError if a variable has no value, or one that is not finite, or none is left to expand in; UsageError
    for an order that is not a whole number from 0; SeriesError where an output has no power series, with the place in
    the formula; LimitError for too many coefficients, or too long a computation; with `certify` MissingExtraError and
    UndecidedError.

    >>> from mgrad_cli.language.lowering import read
    >>> taylor(read("sin(x)/x"), {"x": 0.0}, order=4).outputs
    {'f': {(0,): 1.0, (1,): 0.0, (2,): -0.16666666666666666, (3,): 0.0, (4,): 0.008333333333333333}}
    """
    values = input_values(script, point)
    names = checked_names(values, point, around)
    check_order(order, len(names))
    request = TaylorRequest(script, values, names, order)
    if certify or is_installed("flint"):
        try:
            return proven(request, certify)
        except UndecidedError:
            if certify:
                raise
    return in_decimals(request)


def checked_names(
    values: Mapping[str, float], point: Mapping[str, float], around: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the variables to expand in. Raises: BindingError if they are none, or unknown, or not finite."""
    names = tuple(dict.fromkeys([name for name in point if name in values] if around is None else around))
    for name in names:
        if name not in values:
            raise BindingError(f"no variable '{name}' in the expression{nearest_listed(name, values)}")
        if not math.isfinite(values[name]):
            raise BindingError(f"a series around {name} = {values[name]} does not exist; the point must be finite")
    if not names:
        raise BindingError("no variable has a value to expand around")
    return names


def check_order(order: int, size: int) -> None:
    """Raise UsageError or LimitError for an order that is not possible."""
    if not isinstance(order, int) or order < 0:
        raise UsageError(f"the order must be a whole number from 0, not {order!r}")
    if order > MAX_ORDER:
        raise LimitError(f"the order {order:,} is above the limit of {MAX_ORDER}")
    if (count := math.comb(order + size, size)) > MAX_COEFFICIENTS:
        raise LimitError(
            f"order {order} in {size} variables has {count:,} coefficients, above the limit of {MAX_COEFFICIENTS:,}"
        )


@dataclass(frozen=True)
class TaylorRequest:
    """What to expand: a script, the values of all its variables, the names of those to expand in, and the order."""

    script: Script
    values: dict[str, float]
    names: tuple[str, ...]
    order: int

    def series(self, scalars: Scalars) -> list[dict[Exponents, Any]]:
        """Return the coefficients of each output in some scalars.

        Raises: SeriesError where there is no power series.
        """
        algebra = SeriesAlgebra(scalars, len(self.names))
        named: dict[str, Any] = {
            name: algebra.variable(value, self.names.index(name)) if name in self.names else algebra.constant(value)
            for name, value in self.values.items()
        }

        def make(step: Step, operands: list[Any]) -> PowerSeries:
            if step.operation is None:
                return algebra.constant(named_constant(step.name) if step.number is None else step.number)
            series = PowerSeries.apply(step.operation, *operands)
            if series.span is None:
                series.span = step.span
                if isinstance(series, Failed) and isinstance(series.error, NotAnalyticError):
                    series.error.span = series.error.span or step.span
            return series

        found = []
        for output in run_script(self.script, named, make):
            try:
                algebra.extend(continuous(output).regular(), self.order)
            except NotAnalyticError as error:
                raise self.failure(error, output) from None
            parts = [output.at(degree) for degree in range(self.order + 1)]
            terms = {unpacked(packed, len(self.names)): number for part in parts for packed, number in part.items()}
            found.append({powers: terms.get(powers, 0) for powers in exponents(len(self.names), self.order)})
        return found

    def failure(self, error: NotAnalyticError, output: PowerSeries) -> SeriesError:
        """Return the error that names the place in the formula where there is no power series."""
        text, span = self.script.text, error.span or output.span
        what = truncate(text[span.start : span.end], MAX_TEXT) if span else "the expression"
        where = ", ".join(f"{name} = {literal(self.values[name])}" for name in self.names)
        return SeriesError(f"{what} has no Taylor series at {where}: {error.reason}", text, span)

    def result(self, outputs: Sequence[Coefficients], **members: Any) -> Taylor:
        around = {name: self.values[name] for name in self.names}
        parameters = {name: value for name, value in self.values.items() if name not in around}
        named = dict(zip(self.script.outputs, outputs, strict=True))
        return Taylor(self.script.text, around, parameters, self.order, named, **members)


def named_constant(name: str) -> float:
    """Return a constant of the language, irrational ones with their name."""
    return CONSTANTS[name] if name in FIXED else ClosedForm(CONSTANTS[name], name)


def exponents(size: int, order: int) -> list[Exponents]:
    """Return the exponents of some variables up to a total degree, by degree, those of the first variable descending.

    >>> exponents(2, 2)
    [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
    """
    return [
        tuple([after - before - 1 for before, after in zip((-1, *bars), (*bars, degree + size - 1), strict=True)])
        for degree in range(order + 1)
        for bars in reversed(list(combinations(range(degree + size - 1), size - 1)))
    ]


def proven(request: TaylorRequest, certify: bool) -> Taylor:
    """Return the result in balls, each coefficient the double nearest to the true one.

    Raises: UndecidedError if that is not decided; MissingExtraError without python-flint.
    """
    from mgrad_cli.exact.figures import require_flint

    require_flint("--certify")
    from mgrad_cli.exact.scalars import BallScalars, at_precision

    def compute() -> Taylor | None:
        scalars = BallScalars(assumes=not certify)
        rounded = each_of(request.series(scalars), scalars.rounded)
        if any(number is None for output in rounded for number in output.values()):
            return None
        return request.result(rounded, assumed=scalars.is_assumed)

    result, bits = at_precision(compute, 64 + 4 * request.order)
    return request.result(list(result.outputs.values()), bits=bits, assumed=result.assumed)


def in_decimals(request: TaylorRequest) -> Taylor:
    """Return the result in decimals, and how many coefficients depend on the last bits of the values of functions."""
    with decimal_scalars.precision():
        found, moved = (request.series(decimal_scalars.DecimalScalars(moves)) for moves in (0.0, 1.0))
        doubtful = sum(
            abs(number - other[powers]) * 10**FEW_DIGITS > abs(number)
            for output, other in zip(found, moved, strict=True)
            for powers, number in output.items()
        )
        return request.result(each_of(found, float), doubtful=doubtful)


def each_of(outputs: Sequence[dict[Exponents, Any]], convert: Callable[[Any], Any]) -> list[Coefficients]:
    return [{powers: convert(number) for powers, number in output.items()} for output in outputs]
