"""The estimate by which `auto` chooses a kernel: what machine code costs, and what it saves against NumPy calls.

The seconds are those of a server core of 2023; `python -m tests.bench.auto` compares the choices with measurements.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, Program

COMPILER_SECONDS, MODULE_SECONDS, COMPILED_OPERATION_SECONDS = 0.05, 0.01, 40e-6
"""The cost of loading the compiler, of any program, and of an operation rather than preparing its NumPy call."""
CALL_SECONDS = 0.5e-6
"""The cost of a NumPy call, whatever the number of rows."""
POINT_SECONDS, POINT_FUNCTION_SECONDS = 0.045e-6, 0.8e-6
"""The cost of an exact operation and of a NumPy function on floats."""
GROUP_SECONDS, CHANGE_SECONDS, POINT_CALL_SECONDS = 0.8e-6, 2e-6, 2.5e-6
"""The cost of a group of operations, of a change to floats and back, and of a call that has groups."""
NATIVE_CALL_SECONDS = 2e-6
"""The cost of a call of machine code."""
SAVED_SECONDS = 0.2e-9
"""What machine code saves for a row of an operation, memory traffic included."""
SAVED_BY_NAME = {
    **dict.fromkeys(("gamma", "lgamma", "digamma", "polygamma", "mod", "acosh"), 0.0),
    **dict.fromkeys(("max", "min", "exp", "exp2", "tan", "sinh", "not_equal"), 1.5e-9),
    **dict.fromkeys(("where", "logical_and", "logical_or", "logical_not"), 3e-9),
    **dict.fromkeys(("sin", "cos", "hypot"), 8.5e-9), **dict.fromkeys(("erf", "erfc"), 37e-9),
}  # fmt: skip
"""The same for operations that differ from arithmetic."""
BODY_OPERATIONS = 5
"""The assumed number of primitive operations of one that is written over others."""
CACHE_COLUMNS, MIN_BLOCK, MAX_BLOCK = 1 << 18, 512, 8192
"""The numbers in a block of the NumPy kernel, and its fewest and most rows."""


class Savings(NamedTuple):
    """What machine code of a program costs and saves, in seconds.

    compiling   the cost of making it, once the compiler is loaded
    row         what it saves for a row
    call        what it saves for a call on a block of rows
    block_rows  the rows of a block
    """

    compiling: float
    row: float
    call: float
    block_rows: int

    def of(self, rows: int) -> float:
        """Return what machine code saves for a number of rows."""
        return rows * self.row + -(-rows // self.block_rows) * self.call


def savings(program: Program) -> Savings:
    """Return the estimate for a program."""
    uses = Counter([node.operation for node in program.nodes if isinstance(node, ApplyNode)])
    count = sum(number * primitive_count(operation) for operation, number in uses.items())
    columns = 2 * (len(program.inputs) + len(program.outputs))
    return Savings(
        MODULE_SECONDS + count * COMPILED_OPERATION_SECONDS,
        sum(number * saved_seconds(operation) for operation, number in uses.items()),
        count * CALL_SECONDS,
        max(MIN_BLOCK, min(MAX_BLOCK, CACHE_COLUMNS // max(1, columns))),
    )


def point_seconds(operations: Iterable[Operation]) -> float:
    """Return the time of primitive operations on floats."""
    return sum([POINT_FUNCTION_SECONDS if operation.libm else POINT_SECONDS for operation in operations])


def primitive_count(operation: Operation) -> int:
    """Return the approximate number of primitive operations that an operation expands to."""
    return 1 if operation.body is None else BODY_OPERATIONS


def saved_seconds(operation: Operation) -> float:
    """Return what machine code saves for a row of an operation."""
    return SAVED_BY_NAME.get(operation.name, primitive_count(operation) * SAVED_SECONDS)
