"""The estimate by which `auto` chooses a kernel: what machine code costs, and what it saves against NumPy calls.

The seconds are those of a server core of 2023; `python -m tests.bench.auto` compares the choices with measurements.
"""

from typing import NamedTuple

from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, Program

COMPILER_SECONDS, COMPILED_OPERATION_SECONDS = 0.06, 40e-6
"""The cost of loading the compiler, and of compiling an operation rather than preparing its NumPy call."""
CALL_SECONDS = 0.5e-6
"""The cost of a NumPy call, whatever the number of rows."""
POINT_SECONDS, POINT_FUNCTION_SECONDS, NATIVE_CALL_SECONDS = 0.05e-6, 0.8e-6, 3e-6
"""The cost of an exact operation and of a NumPy function on floats, and of a call of machine code."""
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

    compiling   the cost of making it
    row         what it saves for a row
    call        what it saves for a call on a block of rows
    point       what it saves for a call on floats; negative if they are quicker
    block_rows  the rows of a block
    """

    compiling: float
    row: float
    call: float
    point: float
    block_rows: int

    def of(self, rows: int) -> float:
        """Return what machine code saves for a number of rows."""
        return rows * self.row + -(-rows // self.block_rows) * self.call


def savings(program: Program) -> Savings:
    """Return the estimate for a program."""
    operations = [node.operation for node in program.nodes if isinstance(node, ApplyNode)]
    count = sum(map(primitive_count, operations))
    functions = sum(operation.libm for operation in operations)
    columns = 2 * (len(program.inputs) + len(program.outputs))
    return Savings(
        COMPILER_SECONDS + count * COMPILED_OPERATION_SECONDS,
        sum(map(saved_seconds, operations)),
        count * CALL_SECONDS,
        count * POINT_SECONDS + functions * POINT_FUNCTION_SECONDS - NATIVE_CALL_SECONDS,
        max(MIN_BLOCK, min(MAX_BLOCK, CACHE_COLUMNS // max(1, columns))),
    )


def primitive_count(operation: Operation) -> int:
    """Return the approximate number of primitive operations that an operation expands to."""
    return 1 if operation.body is None else BODY_OPERATIONS


def saved_seconds(operation: Operation) -> float:
    """Return what machine code saves for a row of an operation."""
    return SAVED_BY_NAME.get(operation.name, primitive_count(operation) * SAVED_SECONDS)
