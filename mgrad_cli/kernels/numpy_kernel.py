"""The NumPy kernel, which is always available: NumPy calls over blocks that fit in the cache, without temporaries."""

import threading
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from mgrad_cli.errors import LimitError
from mgrad_cli.kernels.schedule import Schedule, ScheduledCall, Slot, schedule
from mgrad_cli.operations import Operation
from mgrad_cli.program import Program, expand

CACHE_BYTES = 1 << 21
MAX_OPERATIONS = 500_000
"""The most primitive operations of a program. Each takes about 10 us to prepare."""
MIN_ROWS, MAX_ROWS = 512, 8192


class KernelCall(NamedTuple):
    """A function of arrays, with the indices of its operands and its result among the arrays of a block."""

    function: Callable[..., Any]
    operands: tuple[int, ...]
    out: int


class NumpyKernel:
    """A program as NumPy calls. Each writes into a buffer that is reused."""

    name = "numpy"

    def __init__(self, program: Program, block_rows: int | None = None) -> None:
        import numpy

        self.schedule: Schedule = schedule(primitives(program))
        self.constants = [numpy.array(number) for number in self.schedule.constants]
        sizes = {
            "constant": len(self.constants),
            "double": self.schedule.doubles,
            "boolean": self.schedule.booleans,
            "input": len(program.inputs),
            "output": len(program.outputs),
        }
        starts = dict(zip(sizes, accumulate(sizes.values(), initial=0), strict=False))
        self.calls = [kernel_call(task, starts) for task in self.schedule.tasks]
        columns = sizes["double"] + sizes["input"] + sizes["output"]
        fitting = 1 << (CACHE_BYTES // (8 * max(1, columns))).bit_length() >> 1
        self.block_rows = block_rows or max(MIN_ROWS, min(MAX_ROWS, fitting))
        self.local = threading.local()

    def __call__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Fill the outputs from the inputs: contiguous arrays of doubles of one length. Thread-safe."""
        import numpy

        rows = len(outputs[0])
        with numpy.errstate(all="ignore"):
            if 0 < rows <= self.block_rows:
                self.run_block([*self.constants, *self.buffers(rows), *inputs, *outputs])
                return
            for start in range(0, rows, self.block_rows):
                stop = min(rows, start + self.block_rows)
                columns = [column[start:stop] for column in (*inputs, *outputs)]
                self.run_block([*self.constants, *self.buffers(stop - start), *columns])

    def run_block(self, arrays: list[Any]) -> None:
        """Run every call on the arrays of a block."""
        for function, operands, out in self.calls:
            if len(operands) == 2:
                function(arrays[operands[0]], arrays[operands[1]], arrays[out])
            else:
                function(*[arrays[operand] for operand in operands], arrays[out])

    def buffers(self, rows: int) -> list[Any]:
        """Return this thread's buffers, doubles before booleans, truncated to a number of rows."""
        import numpy

        local = self.local
        if not hasattr(local, "buffers"):
            doubles = numpy.empty((self.schedule.doubles, self.block_rows))
            booleans = numpy.empty((self.schedule.booleans, self.block_rows), dtype=bool)
            local.buffers = [*doubles, *booleans]
            local.rows = -1
        if local.rows != rows:
            local.truncated, local.rows = [buffer[:rows] for buffer in local.buffers], rows
        truncated: list[Any] = local.truncated
        return truncated


def primitives(program: Program) -> Program:
    """Expand a program to primitive operations.

    Raises: LimitError if there are too many.
    """
    try:
        return expand(program, limit=MAX_OPERATIONS)
    except LimitError as error:
        raise LimitError(f"{error.message}; --wrt for fewer variables, --wrt none for the value alone") from None


def kernel_call(task: ScheduledCall, starts: dict[str, int]) -> KernelCall:
    """Resolve the slots of a scheduled call to indices into the arrays of a block."""

    def index(slot: Slot) -> int:
        return starts[slot.kind] + slot.number

    return KernelCall(output_function(task.operation), tuple(map(index, task.operands)), index(task.out))


def output_function(operation: Operation | None) -> Callable[..., Any]:
    """Return a function of the operands and the array for the result; without an operation, a copy."""
    import numpy

    if operation is None:
        return lambda operand, out: numpy.copyto(out, operand)
    function = operation.array_function()
    if isinstance(function, numpy.ufunc):
        return function
    return lambda *arrays: function(*arrays[:-1], out=arrays[-1])
