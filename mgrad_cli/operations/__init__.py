"""The table of operations: every function and operator of the language, a row each, and how to look one up."""

from mgrad_cli.errors import UnknownFunctionError, nearest
from mgrad_cli.operations import (
    activation,
    arithmetic,
    exponential,
    hyperbolic,
    logic,
    selection,
    special,
    trigonometric,
)
from mgrad_cli.operations.operand import Operand, complete_operands
from mgrad_cli.operations.operation import TABLE, Operation

__all__ = ["BINARY_OPERATORS", "FUNCTION_NAMES", "TABLE", "Operand", "Operation", "called", "find", "rows", "signature"]

BINARY_OPERATORS = complete_operands(TABLE)

FUNCTION_NAMES = frozenset(TABLE)

READING_ORDER = (arithmetic, exponential, trigonometric, hyperbolic, selection, activation, special, logic)


def rows() -> dict[str, list[Operation]]:
    """Every operation once, by the group it stands in, in the order in which people read them."""
    groups: dict[str, list[Operation]] = {module.__name__.rpartition(".")[2]: [] for module in READING_ORDER}
    for operation in dict.fromkeys(row for candidates in TABLE.values() for row in candidates):
        groups[operation.group].append(operation)
    return groups


SPELLED_OTHERWISE = {
    **dict.fromkeys(("factorial", "fact"), "gamma(x + 1)"),
    **dict.fromkeys(("if", "iif", "ifelse", "ite", "piecewise", "cond"), "where(c, a, b)"),
    **dict.fromkeys(("sqr", "square", "sq"), "x**2"),
    **dict.fromkeys(("inv", "reciprocal"), "1/x"),
    **dict.fromkeys(("int", "fix"), "trunc(x)"),
    **dict.fromkeys(("heaviside", "step"), "where(x >= 0, 1, 0)"),
    **dict.fromkeys(("root", "nthroot"), "x**(1/n)"),
    **dict.fromkeys(("fmod", "rem", "remainder"), "mod(a, b)"),
    **dict.fromkeys(("mean", "average", "avg"), "(a + b)/2"),
    "sum": "a + b",
    "pow10": "10**x",
    "frac": "x - floor(x)",
    "logit": "log(x/(1 - x))",
}
"""Functions of other systems that the language writes with its own."""


def find(name: str, count: int) -> Operation:
    """The operation that a call of this name with this many operands means.

    Raises: UnknownFunctionError, without a place, for a name or a number of operands that there is not.
    """
    candidates = TABLE.get(name)
    if candidates is None:
        spelling = SPELLED_OTHERWISE.get(name.lower())
        advice = f"; write {spelling}" if spelling else nearest(name, FUNCTION_NAMES)
        raise UnknownFunctionError(f"unknown function '{name}'{advice}")
    for operation in candidates:
        if operation.takes(count):
            return operation
    forms = " or ".join(signature(operation, name) for operation in candidates)
    raise UnknownFunctionError(f"{name} takes {forms}, not {count} argument{'' if count == 1 else 's'}")


def called(operation: Operation) -> str:
    """The name to call an operation by: its own, or the one that it shares with another, as `log` of two operands."""
    return next((alias for alias in operation.aliases if TABLE[alias][0] is not operation), operation.name)


def signature(operation: Operation, name: str = "") -> str:
    """How an operation is called, by this name or its own, defaults shown: `leaky_relu(x, slope=0.01)`."""
    required = len(operation.operands) - len(operation.defaults)
    shown = [
        f"{operand}={operation.defaults[place - required]:g}" if place >= required else operand
        for place, operand in enumerate(operation.operands)
    ]
    if operation.variadic:
        shown = ["a", "b", "..."]
    return f"{name or operation.name}({', '.join(shown)})"
