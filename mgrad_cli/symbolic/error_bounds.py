"""Evaluate formulas at a point with bounds on rounding errors, by first-order running error analysis (Higham 2002)."""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mgrad_cli.language.lowering import CONSTANTS
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.operation import at
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.symbolic.numbers import as_double, is_whole, magnitude
from mgrad_cli.symbolic.terms import CallForm, ConstantForm, ProductForm, SumForm, SymbolForm, Term, parts_first

EPSILON = sys.float_info.epsilon
GOLDEN, SILVER = 0.6180339887498949, 0.41421356237309515
STEPS = COMPARISONS | CONNECTIVES | {"sign", "floor", "ceil", "round", "trunc"}
(POW,) = TABLE["pow"]


class Rounded(NamedTuple):
    """A value, and a bound on its distance from the exact one."""

    value: float
    error: float

    @property
    def is_known(self) -> bool:
        """Whether the value and the bound are finite."""
        return math.isfinite(self.value) and math.isfinite(self.error)


UNKNOWN = Rounded(math.nan, math.inf)


def evaluate_rounded(terms: Sequence[Term], point: Mapping[str, float]) -> list[Rounded]:
    """Evaluate terms at a point, whose coordinates are exact."""
    found: dict[Term, Rounded] = {}
    round_terms(parts_first(terms), found, point)
    return [found[term] for term in terms]


def round_terms(terms: Iterable[Term], found: dict[Term, Rounded], point: Mapping[str, float]) -> None:
    """Evaluate terms at a point, whose parts are among them or were found."""
    for term in terms:
        try:
            found[term] = of_form(term, found, point)
        except (ArithmeticError, ValueError):
            found[term] = UNKNOWN


def scatter_values(names: Iterable[str], trial: int, low: float, high: float) -> dict[str, float]:
    """Return a value for each name between two bounds, without simple relations, different for each trial."""
    return {
        name: low + (high - low) * ((index * GOLDEN + trial * SILVER + 0.5) % 1) for index, name in enumerate(names, 1)
    }


def of_form(term: Term, found: Mapping[Term, Rounded], point: Mapping[str, float]) -> Rounded:
    """Return the value of a term from those of its parts."""
    match term.form:
        case ConstantForm(number):
            return Rounded(as_double(number), 0.0)
        case SymbolForm(name):
            return Rounded(point[name], 0.0) if name in point else Rounded(CONSTANTS[name], 0.0)
        case SumForm(constant, addends):
            value, error = as_double(constant), 0.0
            for addend, times in addends:
                factor = as_double(times)
                inner = found[addend]
                value += factor * inner.value
                error += abs(factor) * inner.error + EPSILON * abs(value)
                if abs(times) != 1:
                    error += EPSILON * abs(factor * inner.value)
            return Rounded(value, error)
        case ProductForm(coefficient, factors):
            value, relative = as_double(coefficient), 0.0
            for base, exponent in factors:
                inner = found[base]
                value *= inner.value if exponent == 1 else POW.evaluate(inner.value, as_double(exponent))
                if inner.error:
                    relative += as_double(magnitude(exponent)) * inner.error / abs(inner.value)
                relative += (
                    EPSILON if exponent == 1 or not is_whole(exponent) else EPSILON * as_double(magnitude(exponent))
                )
            return Rounded(value, abs(value) * relative)
        case CallForm(operation, operands):
            return of_call(operation, [found[operand] for operand in operands])


def of_call(operation: Operation, operands: Sequence[Rounded]) -> Rounded:
    """Return the value of an operation on operands."""
    values = [operand.value for operand in operands]
    value = operation.evaluate(*values)
    if operation.name in STEPS:
        return Rounded(value, 0.0)
    if operation.variadic or operation.is_selection:
        return Rounded(value, max(operand.error for operand in operands))
    error = 0.0 if operation.name == "abs" else EPSILON * abs(value)
    for operand, partial in zip(operands, operation.partials, strict=True):
        if operand.error and partial is not None:
            slope = at(partial, *values, value) if callable(partial) else partial
            error += abs(slope) * operand.error
    return Rounded(value, error)
