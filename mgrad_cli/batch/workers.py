"""Worker processes that evaluate blocks of lines beside this one, each with two pipes of its own.

The end of a worker's pipe tells that it died, even in the middle of a result. A worker that does not wait for a block
is sent only one that its pipe has room for, so that the two sides never wait for each other.
"""

import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from mgrad_cli.batch.blocks import InputBlock
from mgrad_cli.batch.options import BatchOptions
from mgrad_cli.batch.pipeline import LineBatch, run_block
from mgrad_cli.errors import MgradError, WorkerError
from mgrad_cli.processes import signals_blocked, start_worker, worker_context

MAX_AHEAD = 4
"""Blocks for each worker that may be evaluated before one that takes longer: few enough to hold in memory."""
PIPE_BYTES = 1 << 20
"""The size that is asked for pipes: the largest that Linux gives to everyone, enough for a block and its results."""


class BlockWorker:
    """A process that evaluates blocks in order.

    in_progress     the indices of the blocks whose results were not received
    """

    def __init__(self, settings: BatchOptions) -> None:
        context = worker_context()
        requests, self.requests = context.Pipe(duplex=False)
        self.results, results = context.Pipe(duplex=False)
        self.room = widened(requests) // 2
        widened(results)
        self.in_progress: deque[int] = deque()
        self.process = context.Process(target=serve, args=(requests, results, settings), daemon=True)
        with signals_blocked():  # which the worker inherits
            self.process.start()
        requests.close()
        results.close()  # the worker's is the last one, also for workers that are forked after it

    def can_take(self, block: InputBlock) -> bool:
        """Return whether a block can be sent without waiting for the results of another."""
        return not self.in_progress or (len(self.in_progress) == 1 and len(block.content) <= self.room)

    def send(self, index: int, block: InputBlock) -> None:
        """Begin a block. Raises: WorkerError if the worker died."""
        try:
            self.requests.send((block, index == 0))
        except OSError:
            raise killed() from None
        self.in_progress.append(index)

    def receive(self) -> tuple[int, LineBatch]:
        """Return the results of the first block in progress, with its index.

        Raises: WorkerError if the worker died, and what it raised.
        """
        try:
            answered: LineBatch | Exception = self.results.recv()
        except (EOFError, OSError):
            raise killed() from None
        if isinstance(answered, Exception):
            raise answered
        return self.in_progress.popleft(), answered


def widened(pipe: Connection) -> int:
    """Make a pipe larger, and return its size in bytes; 0 if that is not possible here."""
    try:
        from fcntl import F_SETPIPE_SZ, fcntl

        return fcntl(pipe.fileno(), F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, OSError):
        return 0


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
    """Yield the results of blocks in order.

    Raises: WorkerError if a worker dies, and what reading a block raised, after the results of those before it.
    """
    failures: list[MgradError] = []
    yield from results_in_order(until_failure(blocks, failures), settings, jobs)
    for failure in failures:
        raise failure


def until_failure(blocks: Iterable[InputBlock], failures: list[MgradError]) -> Iterator[InputBlock]:
    """Yield blocks until one cannot be read, and add the error to `failures`."""
    try:
        yield from blocks
    except MgradError as error:
        failures.append(error)


def results_in_order(blocks: Iterable[InputBlock], settings: BatchOptions, jobs: int) -> Iterator[LineBatch]:
    """Yield the results of blocks in order.

    Workers start as they are needed, one less than `jobs`, which are at least two. This process is the last one: it
    evaluates a block when no worker can take it and none has results.

    Raises: WorkerError if a worker dies.
    """
    following = enumerate(blocks)
    pending = next(following, None)
    workers: list[BlockWorker] = []
    done: dict[int, LineBatch] = {}
    awaited = 0
    try:
        while pending is not None or done or any(worker.in_progress for worker in workers):
            all_busy = False
            while pending is not None and pending[0] < awaited + jobs * MAX_AHEAD:
                if len(workers) < jobs - 1 and all(worker.in_progress for worker in workers):
                    workers.append(BlockWorker(settings))
                worker = min(workers, key=lambda worker: len(worker.in_progress))
                all_busy = not worker.can_take(pending[1])
                if all_busy:
                    break
                worker.send(*pending)
                pending = next(following, None)
            while awaited in done:
                yield done.pop(awaited)
                awaited += 1
            busy: dict[Any, BlockWorker] = {worker.results: worker for worker in workers if worker.in_progress}
            ready = wait(busy, 0 if all_busy else None) if busy else ()
            for results in ready:
                index, batch = busy[results].receive()
                done[index] = batch
            if pending is not None and all_busy and not ready:
                index, block = pending
                done[index] = run_block(block, settings, index == 0)
                pending = next(following, None)
    finally:
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.process.join()
