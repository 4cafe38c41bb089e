"""Apply operations to series: y' = p(x, y) * x' for every row with a partial p, where it is regular.

A row that is written over other rows runs on series directly.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.operation import at
from mgrad_cli.series import leading, selection
from mgrad_cli.series.coefficients import ROUNDING, Coefficient, Inexact, as_inexact, exact, meant
from mgrad_cli.series.exponents import CONSTANT, Exponent, multiple, shift
from mgrad_cli.series.germs import Expansion, Germ, Unbounded, Unknown, UnresolvedError
from mgrad_cli.series.identities import EDGES, IDENTITIES, is_pole, quarter_turns
from mgrad_cli.series.leading import known
from mgrad_cli.series.power_log import LOG_POWERS, MAX_POWERS, Series, number_series


def logsumexp(*operands: Germ) -> Germ:
    """Return the logarithm of a sum of exponentials, two at a time, so that nothing overflows."""
    total: Germ = operands[0]
    for operand in operands[1:]:
        total = LOGADDEXP(total, operand)
    return total


def softmax(*operands: Germ) -> Germ:
    total: Germ = number_series(operands[0].expansion, 1)
    for operand in operands[1:]:
        total = total + leading.exp(leading.subtract(operand, operands[0]))
    return leading.divide(number_series(total.expansion, 1), total)


(LOGADDEXP,) = TABLE["logaddexp"]
RULES = leading.RULES | selection.RULES | {
    "logsumexp": logsumexp, "softmax": softmax, "refined_exp": lambda u, value: leading.exp(u),
}  # fmt: skip
"""The rows with their own rule. All others follow from their partials, or from the rows they are written over."""


def apply(expansion: Expansion, operation: Operation, operands: Sequence[Any]) -> Germ:
    """Return the germ of an operation on germs and numbers.

    Raises: UnresolvedError if it is not known.
    """
    germs = [operand if isinstance(operand, Germ) else lifted(expansion, operand) for operand in operands]
    if rule := RULES.get(operation.name):
        result: Germ = rule(*germs)
        return result
    germs = list(map(known, germs))
    key = (operation, *(germ.key for germ in germs if isinstance(germ, Series)))
    if len(key) <= len(germs):
        return elsewhere(operation, germs)
    if key not in expansion.known:
        expansion.known[key] = composed(expansion, operation, germs)
    found: Germ = expansion.known[key]
    return found


def lifted(expansion: Expansion, number: Any, read: Any = meant) -> Germ:
    """Return a number as a germ: in rules exact if it is short, else rounded; in formulas always exact."""
    number = float(number)
    if math.isnan(number):
        return Unknown(expansion, UnresolvedError("nan", is_undefined=True))
    if math.isinf(number):
        return Unbounded(expansion, 1 if number > 0 else -1)
    return number_series(expansion, read(number))


def constant(expansion: Expansion, number: float) -> Germ:
    """Return a number of a formula, exactly the double that it is."""
    return lifted(expansion, number, exact)


def composed(expansion: Expansion, operation: Operation, operands: Sequence[Any]) -> Germ:
    """Return the series of a row with partials, power by power. The series of the partials are one power shorter."""
    if not all(operand.tends_to_a_number for operand in operands):
        return elsewhere(operation, operands)
    centre = [operand.coefficient(CONSTANT) for operand in operands]
    smalls = [operand.without_constant() for operand in operands]
    moving = [index for index, small in enumerate(smalls) if not small.is_zero]
    numbers = [as_inexact(number).mid for number in centre]
    value = operation.evaluate(*numbers)
    slopes = [slope_at(operation, index, (*numbers, value)) for index in range(len(operands))]
    is_regular = all(math.isfinite(slopes[index]) for index in moving)
    is_edge = written(operation) is not None and not (is_regular and is_smooth(operation, numbers, moving))
    if is_edge or not math.isfinite(value):
        return elsewhere(operation, operands, is_undefined=math.isnan(value))
    first = number_series(expansion, value_at(operation, centre, value, slopes))
    if not moving:
        return first
    step = min(smalls[index].valuation for index in moving)
    result: Germ = Series(expansion, first.terms, step) if is_regular else Unknown(expansion, TOO_SHORT)
    for error in errors(expansion, step, min(operand.error for operand in operands)):
        further = upto(operands, error)
        key = (operation, *(operand.key for operand in further))
        if key not in expansion.known:
            nearer = upto(operands, shift(error, (-step[0], -step[1])))
            longer = grown(operation, nearer, [further[index] for index in moving], moving, first, result)
            is_early = isinstance(longer, Unknown) and longer.reason.needs_order
            expansion.known[key] = result if is_early else longer
        result = expansion.known[key]
    return result


def written(operation: Operation) -> Any:
    """Return the row in other rows, by an identity or by its body; `None` if there is neither."""
    return IDENTITIES.get(operation.name) or operation.mathematics


def is_smooth(operation: Operation, numbers: Sequence[float], moving: Sequence[int]) -> bool:
    """Return whether a row has no selection, convention or jump at these numbers where some operands move."""
    is_edge = any(
        convention.applies(*numbers)
        for convention in operation.conventions
        if convention.operand is None or convention.operand in moving
    )
    return not (operation.is_selection or is_edge or (operation.name in EDGES and EDGES[operation.name](*numbers)))


def upto(operands: Sequence[Series], error: Exponent) -> list[Series]:
    """Truncate the operands at an error; numbers stay unchanged."""
    return [operand if operand.is_constant else operand.truncated(error) for operand in operands]


def grown(
    operation: Operation,
    operands: Sequence[Series],
    further: Sequence[Series],
    moving: Sequence[int],
    first: Series,
    result: Germ,
) -> Germ:
    """Return the result with one more power: its value at the point, plus the integral of p(x, y) * x'."""
    total: Any = number_series(first.expansion, 0)
    for index, operand in zip(moving, further, strict=True):
        rule = operation.partials[index]
        total = total + (rule(*operands, result) if callable(rule) else rule) * operand.derivative()
    if isinstance(total, Unknown):
        if total.reason.is_undefined:
            raise total.reason
        return total
    if not isinstance(total, Series):
        raise UnresolvedError("growth beyond every power")
    part = total.integral()
    if part.valuation <= CONSTANT:
        raise UnresolvedError("a derivative that is not known far enough", needs_order=True)
    return first.plus(part)


TOO_SHORT = UnresolvedError("a derivative that is not known far enough", needs_order=True)


def errors(expansion: Expansion, step: Exponent, error: Exponent) -> Iterator[Exponent]:
    """Yield the error of the result after each power of a step, until that of the operands is reached."""
    target = min(error, (expansion.order, 0))
    if step >= target:
        return
    for level in range(2, (MAX_POWERS if step[0] else LOG_POWERS) + 1):
        reached = multiple(step, level)
        yield min(reached, target)
        if reached >= target:
            return


def slope_at(operation: Operation, index: int, numbers: Sequence[float]) -> float:
    rule = operation.partials[index]
    return float(at(rule, *numbers)) if callable(rule) else rule or 0.0


def value_at(operation: Operation, centre: Sequence[Coefficient], value: float, slopes: Sequence[float]) -> Coefficient:
    """Return the value of a row at numbers, exact where known: sin(0), and at the doubles nearest to k*pi/2."""
    spread = 2 * sum(
        number.radius * abs(slope) for number, slope in zip(centre, slopes, strict=True) if isinstance(number, Inexact)
    )
    if not spread and len(centre) == 1:
        number = float(centre[0])
        if operation.name in {"sin", "cos"} and (quarters := quarter_turns(number)):
            return (0, 1, 0, -1)[(quarters + (operation.name == "cos")) % 4]
        if number in {-2, -1, 0, 1, 2} and value == int(value):
            return int(value)
    size = abs(value)
    if operation.body is not None:
        size += sum(abs(float(number) * slope) for number, slope in zip(centre, slopes, strict=True))
    return Inexact(value, spread + max(16, operation.ulp) * ROUNDING * size)


def elsewhere(operation: Operation, operands: Sequence[Any], is_undefined: bool = False) -> Germ:
    """Return the germ of a row where it is not regular, or at infinity: by its body or an identity.

    Raises: UnresolvedError if there is neither.
    """
    rule = written(operation)
    if rule is None or (operation.group == "special" and not is_pole(operands[-1])):
        raise UnresolvedError(f"no series of {operation.name} is known here", is_undefined=is_undefined)
    result = rule(*operands)
    if isinstance(result, Unknown):
        raise result.reason
    return result if isinstance(result, Germ) else lifted(operands[0].expansion, result)


Germ.rules = staticmethod(apply)
