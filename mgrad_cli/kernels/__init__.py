"""Programs compiled to functions over blocks of columns. There are two kernels: NumPy calls, and machine code."""

from collections.abc import Sequence
from typing import Any, Protocol

from mgrad_cli.errors import LimitError, MissingExtraError, is_installed
from mgrad_cli.kernels.costs import COMPILER_SECONDS, savings
from mgrad_cli.program import Program, expand

__all__ = ["KERNELS", "Kernel", "kernel_for", "kernel_name"]

KERNELS = ("auto", "numpy", "native")

MAX_COMPILED = 100_000
"""The most primitive operations of a program to compile. Each takes about 50 us."""
UNKNOWN_ROWS = 1 << 20
"""The assumed number of rows for a stream of unknown length."""


class Kernel(Protocol):
    """A program that is ready to run."""

    name: str
    block_rows: int

    def __call__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Fill the outputs of the program from its inputs: contiguous NumPy arrays of doubles, all of shape (rows,).

        Several threads can call it at the same time. The result of a row does not depend on other rows.
        """


def kernel_for(program: Program, kind: str = "auto", rows: int | None = None, block_rows: int | None = None) -> Kernel:
    """Return a kernel for a program.

    `kind` is `numpy`, `native`, or `auto`, which selects machine code if it is installed and faster for this number of
    rows. Unknown `rows` count as many.

    Raises: MissingExtraError for `native` if llvmlite is not installed; LimitError if the program is too long for it.
    """
    if kernel_name(program, kind, rows) == "native":
        if not is_compilable(program):
            raise LimitError(
                f"{len(program):,} operations are too many to compile to machine code (at most {MAX_COMPILED:,} "
                f"primitive ones): use the numpy kernel (--kernel numpy)"
            )
        try:
            from mgrad_cli.kernels.native_kernel import NativeKernel
        except ImportError:
            raise MissingExtraError("the native kernel", "llvmlite", "native") from None
        return NativeKernel(program, block_rows)
    from mgrad_cli.kernels.numpy_kernel import NumpyKernel

    return NumpyKernel(program, block_rows)


def kernel_name(program: Program, kind: str, rows: int | None) -> str:
    """Return the kind of kernel that `kernel_for` selects."""
    if kind != "auto":
        return kind
    made = savings(program)
    pays = made.of(UNKNOWN_ROWS if rows is None else rows) > COMPILER_SECONDS + made.compiling
    return "native" if pays and can_compile(program) else "numpy"


def can_compile(program: Program) -> bool:
    """Return whether the compiler is installed and takes the program."""
    return is_installed("llvmlite") and is_compilable(program)


def is_compilable(program: Program) -> bool:
    """Return whether a program is small enough to compile in a few seconds."""
    try:
        expand(program, limit=MAX_COMPILED)
    except LimitError:
        return False
    return True
