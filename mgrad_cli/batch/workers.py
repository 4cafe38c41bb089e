"""Worker processes that evaluate blocks of lines, each with two pipes of its own.

A worker is sent a block only when it waits for one, so that the two sides never wait for each other. The end of its
pipe tells that it died, even in the middle of a result.
"""

import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from mgrad_cli.batch.pipeline import BatchOptions, LineBatch, run_block
from mgrad_cli.batch.records import InputBlock
from mgrad_cli.errors import WorkerError
from mgrad_cli.processes import signals_blocked, start_worker, worker_context

if TYPE_CHECKING:
    from mgrad_cli.processes import WorkerContext

MAX_AHEAD = 4
"""Blocks for each worker that may be evaluated before one that takes longer: few enough to hold in memory."""


class BlockWorker:
    """A process that evaluates blocks, one at a time."""

    def __init__(self, settings: BatchOptions, context: "WorkerContext") -> None:
        requests, self.requests = context.Pipe(duplex=False)
        self.results, results = context.Pipe(duplex=False)
        self.process = context.Process(target=serve, args=(requests, results, settings), daemon=True)
        self.process.start()
        requests.close()
        results.close()  # the worker's is the last one, also for workers that are forked after it

    def send(self, block: InputBlock, first: bool) -> None:
        """Begin a block. Raises: WorkerError if the worker died."""
        try:
            self.requests.send((block, first))
        except OSError:
            raise killed() from None

    def receive(self) -> LineBatch:
        """Return the results of the block. Raises: WorkerError if the worker died, and what it raised."""
        try:
            answered: LineBatch | Exception = self.results.recv()
        except (EOFError, OSError):
            raise killed() from None
        if isinstance(answered, Exception):
            raise answered
        return answered


def killed() -> WorkerError:
    return WorkerError("a worker process was killed, perhaps because memory ran out")


def serve(requests: Connection, results: Connection, settings: BatchOptions) -> None:
    """Evaluate the blocks that arrive until the process that sends them ends it, or itself."""
    start_worker()
    with suppress(EOFError, BrokenPipeError):
        while True:
            block, first = requests.recv()
            results.send(answer(block, first, settings))


def answer(block: InputBlock, first: bool, settings: BatchOptions) -> LineBatch | Exception:
    """Return the results of a block, or what it raised."""
    try:
        return run_block(block, settings, first)
    except Exception as error:
        error.add_note(traceback.format_exc())
        return error


def run_in_workers(blocks: Iterable[InputBlock], settings: BatchOptions, jobs: int) -> Iterator[LineBatch]:
    """Yield the results of blocks in order. Raises: WorkerError if a worker dies."""
    following = enumerate(blocks)
    pending = next(following, None)  # before the workers start, since what reads a file may start threads
    if pending is None:
        return
    context = worker_context()
    with signals_blocked():  # which the workers inherit
        idle = deque(BlockWorker(settings, context) for _ in range(jobs))
    workers = [*idle]
    busy: dict[Any, tuple[BlockWorker, int]] = {}
    done: dict[int, LineBatch] = {}
    awaited = 0
    try:
        while pending is not None or busy or done:
            while pending is not None and idle and pending[0] < awaited + jobs * MAX_AHEAD:
                index, block = pending
                worker = idle.popleft()
                worker.send(block, index == 0)
                busy[worker.results] = worker, index
                pending = next(following, None)
            while awaited in done:
                yield done.pop(awaited)
                awaited += 1
            for ready in wait(busy) if busy else ():
                worker, index = busy.pop(ready)
                done[index] = worker.receive()
                idle.append(worker)
    finally:
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.process.join()
