"""The table of operations: one row for each function and operator of the language, and functions to look rows up."""

from functools import cache, lru_cache

from mgrad_cli.errors import UnknownFunctionError
from mgrad_cli.operations import (
    activation,
    arithmetic,
    bessel,
    error_functions,
    exponential,
    hyperbolic,
    incomplete,
    lambert,
    logic,
    selection,
    special,
    trigonometric,
)
from mgrad_cli.operations.operand import Operand, complete_operands
from mgrad_cli.operations.operation import TABLE, Operation
from mgrad_cli.suggestions import nearest_name
from mgrad_cli.text import counted

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

SPECIAL = (special, incomplete, error_functions, lambert, bessel)
"""The modules with rows of the group `special`."""

READING_ORDER = (arithmetic, exponential, trigonometric, hyperbolic, selection, activation, special, logic)


def rows() -> dict[str, list[Operation]]:
    """Return every operation once, by group, in the order in which the documentation lists them."""
    groups: dict[str, list[Operation]] = {module.__name__.rpartition(".")[2]: [] for module in READING_ORDER}
    for operation in dict.fromkeys(row for candidates in TABLE.values() for row in candidates):
        groups[operation.group].append(operation)
    return groups


@lru_cache(maxsize=1024)
def find(name: str, count: int) -> Operation:
    """Return the operation that a call of `name` with `count` operands refers to.

    Raises: UnknownFunctionError, without a span, for an unknown name or a wrong number of operands.
    """
    candidates = TABLE.get(name, [])
    for operation in candidates:
        if operation.takes(count):
            return operation
    from mgrad_cli.operations import other_functions, other_systems

    if not candidates:
        equivalent = other_systems.equivalent(name, count)
        raise UnknownFunctionError(
            f"unknown function '{name}'{f'; write {equivalent}' if equivalent else nearest_function(name)}"
        )
    forms = " or ".join(signature(operation, name) for operation in candidates)
    other = other_functions.OTHER_COUNTS.get((name, count))
    raise UnknownFunctionError(
        f"{name} takes {forms}, not {counted(count, 'argument')}{f'; write {other}' if other else ''}"
    )


LIKENESS = 0.66
"""How similar a function is that is suggested: not `logit` for `velocity`, but `sin` for `sun`."""
MISSPELT_LETTERS = 2
"""How many letters a misspelt name has too many or too few, so that `inv_logit` is not taken for a misspelt `logit`."""


def nearest_function(name: str) -> str:
    """Return `; did you mean 'NAME'?` for a misspelt function; nothing for a known function that is not supported."""
    from mgrad_cli.operations.other_functions import UNSUPPORTED

    word = name.lower()
    if word in UNSUPPORTED:
        return ""
    like = nearest_name(word, (each for each, (row, *_) in TABLE.items() if row.is_typed), LIKENESS)
    return f"; did you mean '{like}'?" if like and differing_letters(word, like) <= MISSPELT_LETTERS else ""


def differing_letters(one: str, other: str) -> int:
    """Return how many letters of two words have no equal in the other word, in order."""
    from difflib import SequenceMatcher

    matched = sum(block.size for block in SequenceMatcher(None, one, other).get_matching_blocks())
    return len(one) + len(other) - 2 * matched


@cache
def call_name(operation: Operation) -> str:
    """Return the name to call an operation by: its own, or one that it shares, as `log` with two operands."""
    for alias in operation.aliases:
        if TABLE[alias][0] is not operation:
            return alias
    return operation.name


def signature(operation: Operation, name: str = "") -> str:
    """Return how an operation is called, under its own name or `name`, with defaults: `leaky_relu(x, slope=0.01)`."""
    required = len(operation.operands) - len(operation.defaults)
    derivative_text = [
        f"{operand}={operation.defaults[index - required]:g}" if index >= required else operand
        for index, operand in enumerate(operation.operands)
    ]
    if operation.variadic:
        derivative_text = ["a", "b", "..."]
    return f"{name or operation.name}({', '.join(derivative_text)})"
