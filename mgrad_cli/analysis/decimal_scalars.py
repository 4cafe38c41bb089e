"""Decimal numbers of 60 digits as the scalars of power series, with the values that functions have in doubles.

The recurrences of series lose no digits then that the values at the point have.
"""

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from typing import Any
from zlib import crc32

from mgrad_cli.language.lowering import read, run_script
from mgrad_cli.operations import Operation
from mgrad_cli.operations.operand import ClosedForm, Operand
from mgrad_cli.operations.operation import at, mask_at
from mgrad_cli.script import Step

DIGITS = 60
CANCELLED = 45
"""The digits that a sum must lose to count as zero."""
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "negative": operator.neg, "abs": abs,
}  # fmt: skip


@contextmanager
def precision() -> Iterator[None]:
    """Compute decimals to 60 digits, with any exponent, and without exceptions."""
    with localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])):
        yield


class DecimalNumber(Operand):
    """A decimal as an operand, for rows that are written over others."""

    __slots__ = ("scalar", "scalars")

    def __init__(self, scalars: "DecimalScalars", scalar: Any) -> None:
        self.scalars = scalars
        self.scalar = scalar

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "DecimalNumber":
        scalars: DecimalScalars = next(each.scalars for each in operands if isinstance(each, DecimalNumber))
        numbers = [each.scalar if isinstance(each, DecimalNumber) else scalars.of(each) for each in operands]
        return DecimalNumber(scalars, scalars.apply(operation, numbers))


class DecimalScalars:
    """Decimals as scalars. What is not finite is a float.

    moves   the size of random changes of values that are rounded to doubles, in units of their last place
    """

    def __init__(self, moves: float = 0.0) -> None:
        self.moves = moves

    def of(self, number: Any) -> Any:
        if isinstance(number, ClosedForm):
            (found,) = run_script(read(number.formula), {}, self.constant)
            return found
        number = float(number)
        return Decimal(number) if math.isfinite(number) else number

    def constant(self, step: Step, operands: list[Any]) -> Any:
        """Return the result of a step of a constant formula."""
        if step.operation is not None:
            return self.apply(step.operation, operands)
        if step.number is not None:
            return self.of(step.number)
        return {"pi": PI, "π": PI, "tau": 2 * PI, "τ": 2 * PI, "e": Decimal(1).exp()}[step.name]

    def apply(self, operation: Operation, scalars: Sequence[Any]) -> Any:
        if operation.name == "where":
            return scalars[1] if scalars[0] else scalars[2]
        if not any(isinstance(scalar, float) for scalar in scalars):
            exact = self.exactly(operation, scalars)
            if exact is not None and exact.is_finite():
                return exact
        if operation.mathematics is not None and math.isfinite(operation.evaluate(*map(float, scalars))):
            found = operation.mathematics(*[DecimalNumber(self, scalar) for scalar in scalars])
            found = found.scalar if isinstance(found, DecimalNumber) else self.of(found)
            if not isinstance(found, float):
                return found
        return self.near(operation, scalars)

    def exactly(self, operation: Operation, scalars: Sequence[Any]) -> Any:
        """Return the result of an operation that decimals have themselves, or `None`."""
        if operation.name in ARITHMETIC:
            return ARITHMETIC[operation.name](*scalars)
        if operation.group == "logic":
            return Decimal(operation.evaluate(*scalars))
        if operation.name == "divide" and scalars[1]:
            return scalars[0] / scalars[1]
        if operation.name == "sqrt" and scalars[0] > 0:
            return scalars[0].sqrt()
        if operation.name in {"exp", "log"} and (operation.name == "exp" or scalars[0] > 0):
            return scalars[0].exp() if operation.name == "exp" else scalars[0].ln()
        if operation.name == "pow" and scalars[0] and (scalars[0] > 0 or scalars[1] == scalars[1].to_integral_value()):
            return scalars[0] ** scalars[1]
        return None

    def near(self, operation: Operation, scalars: Sequence[Any]) -> Any:
        """Return the result in doubles, corrected for the rounding of the operands."""
        near = list(map(float, scalars))
        value = operation.evaluate(*near)
        if not math.isfinite(value):
            return value
        result = Decimal(value) + self.correction(operation, scalars, near, value)
        is_exact = value % 1 == 0 and all(number % 1 == 0 for number in near)
        if self.moves and not is_exact and any(operation.partials):
            share = crc32(f"{operation.name}{value.hex()}".encode()) / 2**31 - 1
            result += result * Decimal(self.moves * share * 2.0**-52)
        return result

    def correction(self, operation: Operation, scalars: Sequence[Any], near: Sequence[float], value: float) -> Any:
        """Return what the rounding of the operands to doubles changes, to first order."""
        total = Decimal(0)
        rests = [
            scalar - Decimal(number) if math.isfinite(number) else 0
            for scalar, number in zip(scalars, near, strict=True)
        ]
        if any(rests):
            arguments = (*near, value)
            for rest, partial, mask in operation.local_rules(rests, arguments):
                if rest and partial is not None and (mask is None or mask_at(mask, *arguments)):
                    slope = at(partial, *arguments) if callable(partial) else partial
                    total += Decimal(float(slope)) * rest if math.isfinite(slope) else 0
        return total

    def total(self, terms: list[Any]) -> Any:
        if len(terms) == 1:
            return terms[0]
        total = sum(terms)
        if total and total.adjusted() < max([term.adjusted() for term in terms if term]) - CANCELLED:
            return Decimal(0)
        return total

    def is_zero(self, scalar: Any) -> bool:
        return bool(scalar == 0)

    def number(self, scalar: Any) -> float:
        return float(scalar)
