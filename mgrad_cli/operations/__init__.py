"""The table of operations: every function and operator of the language, a row each, and how to look one up."""

from mgrad_cli.errors import UnknownFunctionError, nearest
from mgrad_cli.operations import (
    activation,
    arithmetic,
    exponential,
    hyperbolic,
    logic,
    other_systems,
    selection,
    special,
    trigonometric,
)
from mgrad_cli.operations.operand import Operand, complete_operands
from mgrad_cli.operations.operation import TABLE, Operation

__all__ = [
    "BINARY_OPERATORS",
    "FUNCTION_NAMES",
    "TABLE",
    "Operand",
    "Operation",
    "called",
    "find",
    "nearest_function",
    "rows",
    "signature",
]

BINARY_OPERATORS = complete_operands(TABLE)

FUNCTION_NAMES = frozenset(TABLE)

READING_ORDER = (arithmetic, exponential, trigonometric, hyperbolic, selection, activation, special, logic)


def rows() -> dict[str, list[Operation]]:
    """Every operation once, by the group it stands in, in the order in which people read them."""
    groups: dict[str, list[Operation]] = {module.__name__.rpartition(".")[2]: [] for module in READING_ORDER}
    for operation in dict.fromkeys(row for candidates in TABLE.values() for row in candidates):
        groups[operation.group].append(operation)
    return groups


def find(name: str, count: int) -> Operation:
    """The operation that a call of this name with this many operands means.

    Raises: UnknownFunctionError, without a place, for a name or a number of operands that there is not.
    """
    candidates = TABLE.get(name)
    if candidates is None:
        equivalent = other_systems.equivalent(name)
        raise UnknownFunctionError(
            f"unknown function '{name}'{f'; write {equivalent}' if equivalent else nearest_function(name)}"
        )
    for operation in candidates:
        if operation.takes(count):
            return operation
    forms = " or ".join(signature(operation, name) for operation in candidates)
    other = other_systems.OTHER_COUNTS.get((name, count))
    raise UnknownFunctionError(
        f"{name} takes {forms}, not {count} argument{'' if count == 1 else 's'}{f'; write {other}' if other else ''}"
    )


def nearest_function(name: str) -> str:
    """`; did you mean 'NAME'?` for the function that a misspelt name means; nothing for one that is not here."""
    if name.lower() in other_systems.UNSUPPORTED:
        return ""
    return nearest(name, (each for each, (row, *_) in TABLE.items() if row.is_typed))


def call_name(operation: Operation) -> str:
    """The name to call an operation by: its own, or the one that it shares with another, as `log` of two operands."""
    return next((alias for alias in operation.aliases if TABLE[alias][0] is not operation), operation.name)


def signature(operation: Operation, name: str = "") -> str:
    """How an operation is called, by this name or its own, defaults shown: `leaky_relu(x, slope=0.01)`."""
    required = len(operation.operands) - len(operation.defaults)
    derivative_text = [
        f"{operand}={operation.defaults[index - required]:g}" if index >= required else operand
        for index, operand in enumerate(operation.operands)
    ]
    if operation.variadic:
        derivative_text = ["a", "b", "..."]
    return f"{name or operation.name}({', '.join(derivative_text)})"
