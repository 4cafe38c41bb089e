"""The outcome of computing a block: output or sums, counts, and failures."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mgrad_cli.data.blocks import Block, RowError, RowRequest
from mgrad_cli.mapping.computation import Computation
from mgrad_cli.mapping.plan import Job
from mgrad_cli.mapping.summation import ExactSum

Piece: TypeAlias = Callable[[Block, list[Any]], Any]
"""Makes a piece of output from a block and its results."""


@dataclass(slots=True, eq=False)
class Counts:
    """The numbers of rows by outcome. `failed` rows are part of `rows`."""

    rows: int = 0
    failed: int = 0
    null: int = 0
    nonfinite: int = 0
    blank: int = 0
    certified: int = 0
    undecided: int = 0

    def add(self, other: "Counts") -> None:
        self.rows += other.rows
        self.failed += other.failed
        self.null += other.null
        self.nonfinite += other.nonfinite
        self.blank += other.blank
        self.certified += other.certified
        self.undecided += other.undecided


@dataclass(slots=True, eq=False)
class Done:
    """The outcome of a chunk: a piece to write or sums to add, counts, and failures."""

    piece: Any = None
    sums: list[ExactSum] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    failures: list[RowError] = field(default_factory=list)
    is_stopped: bool = False
    done: int = 0


def compute_block(
    block: Block,
    job: Job,
    computation: Computation,
    request: RowRequest,
    piece: Piece | None,
    done: int,
    sums: bool = False,
) -> Done:
    """Compute the results of a block; return them as a piece of output, or without `piece`, or with `sums`, as sums."""
    import numpy

    results = computation.run(block, job.program, request.on_error)
    certified = undecided = 0
    if job.certifier is not None:
        certified, undecided = job.certifier.certify(block.columns, results, block.nulls)
        results = results[: len(job.names)]
    is_nonfinite = numpy.zeros(block.rows, dtype=bool)
    for result in results:
        is_nonfinite |= ~numpy.isfinite(result)
    null = 0
    if block.nulls is not None:
        is_nonfinite &= ~block.nulls
        null = int(block.nulls.sum())
    failed = block.failed
    left_out = 0 if request.on_error == "null" else failed
    null -= block.failed_nulls
    nonfinite = int(is_nonfinite.sum())
    counts = Counts(block.rows + left_out, failed, null, nonfinite, block.blank, certified, undecided)
    is_stopped = request.on_error == "stop" and failed > 0
    outcome = Done(counts=counts, failures=block.failures, is_stopped=is_stopped, done=done)
    if piece is not None:
        outcome.piece = piece(block, results)
    if sums or piece is None:
        there = slice(None) if block.nulls is None else ~block.nulls
        for result in results:
            total = ExactSum()
            total.add(result[there])
            outcome.sums.append(total)
    return outcome
