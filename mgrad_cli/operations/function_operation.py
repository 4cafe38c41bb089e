"""A function that a text defines as an operation, so that formulas can call it."""

import math
from collections.abc import Sequence
from typing import Any

from mgrad_cli.operations.operation import Operation, Partial


class FunctionOperation(Operation):
    """A function of a text, or a derivative of one: no row of the table, but differentiated as rows are.

    Its operands are the arguments of a call, and then the variables of its body that are not parameters. Those are not
    written in a call, since the body has them by name.

    parameters  the names of its parameters
    variables   the names of the other operands
    """

    __slots__ = ("parameters", "variables")

    def __init__(self, name: str, parameters: Sequence[str], variables: Sequence[str]) -> None:
        super().__init__(name, unknown, arrays=unknown, doc=f"The function {name} of a text.", group="")
        self.parameters = tuple(parameters)
        self.variables = tuple(variables)
        self.operands = (*self.parameters, *self.variables)
        self.set_partials([None] * len(self.operands))

    def set_partials(self, partials: Sequence[Partial]) -> None:
        """Set the partial derivative for each operand."""
        self.partials = self.textbook = tuple(partials)
        self.masks = (None,) * len(self.partials)


def unknown(*operands: Any) -> float:
    """Return nan: the operation only stands in formulas, and is never evaluated."""
    return math.nan


def written_count(operation: Operation) -> int | None:
    """Return the number of operands that a call is written with, or `None` for all."""
    return len(operation.parameters) if isinstance(operation, FunctionOperation) else None
