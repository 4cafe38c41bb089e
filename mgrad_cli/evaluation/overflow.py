"""Estimate the size of numbers that overflow, as binary logarithms computed from those of the operands."""

from collections.abc import Callable, Sequence

from mgrad_cli.operations import Operation
from mgrad_cli.operations.ieee import log2

LOG2_E = 1.4426950408889634
LARGEST = 1024.0
"""The binary logarithm of the smallest number that overflows."""

EXPONENTS: dict[str, Callable[[Sequence[float], Sequence[float]], float]] = {
    "add": lambda numbers, logs: max(logs),
    "subtract": lambda numbers, logs: max(logs),
    "multiply": lambda numbers, logs: sum(logs),
    "divide": lambda numbers, logs: logs[0] - logs[1],
    "pow": lambda numbers, logs: numbers[1] * logs[0],
    "sqrt": lambda numbers, logs: logs[0] / 2,
    "exp": lambda numbers, logs: numbers[0] * LOG2_E,
    "exp2": lambda numbers, logs: numbers[0],
    "cosh": lambda numbers, logs: abs(numbers[0]) * LOG2_E - 1,
    "sinh": lambda numbers, logs: abs(numbers[0]) * LOG2_E - 1,
    "cbrt": lambda numbers, logs: logs[0] / 3,
    **dict.fromkeys(("log", "log1p", "log2", "log10", "asinh", "acosh"), lambda numbers, logs: log2(max(logs[0], 2.0))),
    "negative": lambda numbers, logs: logs[0],
    "abs": lambda numbers, logs: logs[0],
}
"""The logarithm of an operation's result, from its operands and their logarithms."""
VANISHING = frozenset({"divide", "pow"})
"""Operations whose result is zero for an infinite operand, but not for one that overflowed."""


def exponent(operation: Operation, numbers: Sequence[float], logs: Sequence[float]) -> float:
    """Return the logarithm of a result that is infinite as something overflowed, or `LARGEST` if it is not known."""
    combine = EXPONENTS.get(operation.name)
    return combine(numbers, logs) if combine else LARGEST


def magnitude(operation: Operation, numbers: Sequence[float], logs: Sequence[float]) -> float:
    """Return the magnitude of a result whose operands may have overflowed."""
    found = EXPONENTS[operation.name](numbers, logs)
    return 2.0**found if found < LARGEST else float("inf")
