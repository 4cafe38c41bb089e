"""Programs as fast functions over blocks of columns: one interface, a kernel of NumPy's and one of machine code."""

from collections.abc import Sequence
from typing import Any, Protocol

from mgrad_cli.errors import LimitError, MissingExtraError, is_installed
from mgrad_cli.program import Program, expand

__all__ = ["KERNELS", "Kernel", "kernel_for", "kernel_name"]

KERNELS = ("auto", "numpy", "native")

COMPILER_SECONDS, SECONDS_AN_OPERATION = 0.25, 1e-3
"""What it costs to load the compiler, and to compile: about, on one core of 2020."""
SAVED_SECONDS = 1.2e-9
"""What machine code saves for each operation of a row."""
MAX_COMPILED = 12_000
"""Primitive operations of a program that is compiled, which takes up to a millisecond for each."""
UNKNOWN_ROWS = 1 << 20
"""How many rows a stream is taken to have that is longer than what is seen of it at first."""


class Kernel(Protocol):
    """A program made ready to run."""

    name: str
    block_rows: int

    def __call__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """Fills the outputs of the program from its inputs: contiguous NumPy arrays of doubles, all of shape (rows,).

        It can be called by several threads at a time. What a row comes to does not depend on the rows beside it.
        """


def kernel_for(program: Program, kind: str = "auto", rows: int | None = None, block_rows: int | None = None) -> Kernel:
    """A kernel for a program; `auto` is machine code where it is installed and pays for these rows, or unknown ones.

    Raises: MissingExtraError for `native` where LLVM is not installed; LimitError where it would compile too long.
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
    """The kind of kernel that `kernel_for` gives."""
    if kind != "auto":
        return kind
    is_better = is_native_faster(program, rows) and is_installed("llvmlite") and is_compilable(program)
    return "native" if is_better else "numpy"


def is_compilable(program: Program) -> bool:
    """Whether a program is small enough to be compiled in a few seconds."""
    try:
        expand(program, limit=MAX_COMPILED)
    except LimitError:
        return False
    return True


def is_native_faster(program: Program, rows: int | None) -> bool:
    """Whether machine code is faster for a number of rows, or for many, the time to compile it included."""
    operations = len(program)
    return (
        UNKNOWN_ROWS if rows is None else rows
    ) * operations * SAVED_SECONDS > COMPILER_SECONDS + operations * SECONDS_AN_OPERATION
