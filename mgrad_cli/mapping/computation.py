"""A job that is ready to run: its kernel, and what is done to the rows of a block before the kernel runs."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias

from mgrad_cli.data.bad_rows import BadRows, fail_rows
from mgrad_cli.data.blocks import Block
from mgrad_cli.kernels import Kernel, kernel_for
from mgrad_cli.program import Program

Prepare: TypeAlias = Callable[[Block], BadRows | None]
"""Adds columns to a block, for inputs of the program that have none; returns the rows that cannot be computed."""


class Preparation(Protocol):
    """What is done to the rows of a block before the kernel runs."""

    def ready(self, make_kernel: Callable[[Program], Kernel]) -> Prepare:
        """Return the function of a block. `make_kernel` makes a kernel, of the run's kind, for a program.

        Several threads can call the function at the same time.
        """


class ReadyJob(Protocol):
    """The parts of a job that a computation needs."""

    @property
    def program(self) -> Program: ...

    @property
    def preparations(self) -> tuple[Preparation, ...]: ...


class Computation(NamedTuple):
    """The functions that compute the rows of a job. Several threads can use it at the same time."""

    kernel: Kernel
    prepares: tuple[Prepare, ...]

    @classmethod
    def of(
        cls, job: ReadyJob, kind: str = "auto", rows: int | None = None, block_rows: int | None = None
    ) -> "Computation":
        """Return the computation of a job, with the kernels that `kernel_for` makes.

        Raises: MissingExtraError, LimitError.
        """
        make = partial(kernel_for, kind=kind, rows=rows, block_rows=block_rows)
        return cls(make(job.program), tuple(each.ready(make) for each in job.preparations))

    def run(self, block: Block, program: Program, on_error: str) -> list[Any]:
        """Return the outputs of the job's program for each row of a block.

        Rows that cannot be computed become failures of the block first, as `on_error` says.
        """
        import numpy

        for prepare in self.prepares:
            bad = prepare(block)
            if bad is not None:
                fail_rows(block, bad, on_error)
        results = list(numpy.empty((len(program.outputs), block.rows)))
        if block.rows:
            self.kernel([block.columns[name] for name in program.inputs], results)
        return results
