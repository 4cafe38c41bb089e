"""The partial derivatives and masks of an operation as one program of primitive float functions.

Rules are functions that call other rows, each call of which costs more than its arithmetic. An operation whose rules
are used often has them written out once; the numbers are the same to the last bit.
"""

from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any

from mgrad_cli.operations import Operation
from mgrad_cli.operations.operation import mask_at

PROGRAM_USES = 64
"""How often the rules of an operation are used before they are made a program, which takes as long as so many uses."""
MAX_OPERANDS = 4
COMMON_NUMBERS = frozenset({-3.0, -2.0, -1.0, -0.5, 0.5, 2.0, 3.0, 4.0, 5.0, 6.0})
"""Constant operands, exponents above all, for which rules are written out by themselves: they become much shorter."""


class FloatRules:
    """The rules of an operation. `operands` tells of each operand whether it receives a contribution, or its number.

    >>> from mgrad_cli.operations import TABLE
    >>> FloatRules(TABLE["pow"][0], (True, 2.0)).contributions(1.0, [3.0, 2.0, 9.0])
    [(0, 6.0)]
    """

    __slots__ = ("found", "operands", "operation", "receivers", "run", "uses")

    def __init__(self, operation: Operation, operands: Sequence[bool | float]) -> None:
        self.operation = operation
        self.operands = operands
        self.receivers = [index if operand is True else None for index, operand in enumerate(operands)]
        self.uses = 0
        self.run: Callable[[Sequence[float]], list[float]] | None = None
        self.found: list[tuple[int, int, int]] = []

    def contributions(self, adjoint: float, numbers: Sequence[float]) -> list[tuple[int, float]]:
        """Return the positions of the operands that receive something, with what they receive.

        `numbers` are the operands and the result.
        """
        if self.run is not None:
            values = self.run(numbers)
            return [(at, adjoint * values[partial]) for at, partial, mask in self.found if mask < 0 or values[mask]]
        self.uses += 1
        if self.uses == PROGRAM_USES and len(self.receivers) <= MAX_OPERANDS:
            self.make_program()
        return self.operation.contributions(adjoint, self.receivers, numbers, numbers, NoneType)  # type: ignore[arg-type]

    def make_program(self) -> None:
        """Write the rules out."""
        from mgrad_cli.program.floats import FloatProgram
        from mgrad_cli.program.passes import Expander

        recorder = Expander(keeps_bits=True)
        arguments = [recorder.input(str(index)) for index in range(len(self.receivers) + 1)]
        for index, operand in enumerate(self.operands):
            if not isinstance(operand, bool):
                arguments[index] = recorder.constant(operand)
        outputs: list[Any] = []
        for position, rule, mask in self.operation.local_rules(self.receivers, arguments):
            if position is None or rule is None:
                continue
            partial = len(outputs)
            outputs.append(rule(*arguments) if callable(rule) else rule)
            reaches = None if mask is None else recorder.register(mask_at(mask, *arguments))
            if reaches is not None:
                outputs.append(reaches)
            self.found.append((position, partial, -1 if reaches is None else partial + 1))
        self.run = FloatProgram(recorder.program(outputs))
