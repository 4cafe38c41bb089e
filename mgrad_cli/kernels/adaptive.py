"""A kernel that becomes machine code when its calls have paid for that."""

import math
import sys
from collections.abc import Sequence
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any, cast

import numpy

from mgrad_cli.kernels import Kernel, can_compile, kernel_for
from mgrad_cli.kernels.costs import COMPILER_SECONDS, NATIVE_CALL_SECONDS, savings
from mgrad_cli.kernels.point_kernel import PointKernel
from mgrad_cli.program import Program

if TYPE_CHECKING:
    from mgrad_cli.kernels.native_kernel import NativeKernel

ALIGNED_DOUBLES = 8
"""The doubles of a line of the cache."""
MIN_ALIGNED_ROWS = 1024
"""The number of rows from which it pays to align columns."""


class AdaptiveKernel:
    """A program as a function of columns and of one point. It is ready for points when it is made.

    `kind` is `native` for machine code, `numpy` for NumPy calls and floats, or `auto`: those at first, and machine code
    when what it would have saved in all calls pays for compiling.

    native      the machine code, if it has been made
    can_change  whether calls are still counted
    """

    def __init__(self, program: Program, kind: str) -> None:
        self.program = program
        self.can_change = kind == "auto"
        self.native: NativeKernel | None = None
        self.saved = 0.0
        self.savings = savings(program)
        self.point_saving = math.inf
        if kind == "native":
            self.compile()
        else:
            self.on_floats = PointKernel(program)
            self.point_saving = self.on_floats.seconds - NATIVE_CALL_SECONDS

    @property
    def name(self) -> str:
        """The name of the kernel that columns run on."""
        return "numpy" if self.native is None else "native"

    def compile(self) -> None:
        """Make the machine code."""
        self.native = cast("NativeKernel", kernel_for(self.program, "native"))

    @cached_property
    def on_columns(self) -> Kernel:
        """The program as NumPy calls."""
        return kernel_for(self.program, "numpy")

    def run(self, columns: Sequence[Any], rows: int) -> list[Any]:
        """Return the outputs for contiguous columns of doubles, all of shape (rows,). Thread-safe."""
        results = new_columns(len(self.program.outputs), rows)
        if self.can_change:
            self.count(self.savings.of(rows))
        kernel = self.on_columns if self.native is None else self.native
        kernel(columns, results)
        return results

    def at_point(self, numbers: Any) -> Any:
        """Return the outputs for numbers of the inputs, each a list of floats or an array. Thread-safe."""
        if self.point_saving > 0:
            if self.can_change:
                self.count(self.point_saving)
            if self.native is not None:
                return self.native.at_point(numbers)
        return self.on_floats(numbers)

    def count(self, saving: float) -> None:
        """Add the seconds that machine code would save in a call, and make it when that has paid for compiling."""
        self.saved += saving
        if self.saved <= self.savings.compiling:
            return
        loading = 0.0 if "llvmlite" in sys.modules else COMPILER_SECONDS
        if self.saved > loading + self.savings.compiling:
            self.can_change = False
            if can_compile(self.program):
                self.compile()


def new_columns(count: int, rows: int) -> list[Any]:
    """Return new columns. Long ones are all aligned as the first is, as stores past the cache want it."""
    if rows < MIN_ALIGNED_ROWS:
        return [*map(numpy.empty, repeat(rows, count))]
    return list(numpy.empty((count, rows + -rows % ALIGNED_DOUBLES))[:, :rows])
