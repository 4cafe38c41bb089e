"""The executors that compute parts in this process or in several; `cluster` has the one for Dask."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from queue import Empty, Queue
from typing import NamedTuple, Protocol

from mgrad_cli.mapping.local_run import Report
from mgrad_cli.mapping.worker import run_part
from mgrad_cli.processes import end_pool, worker_pool


class Order(NamedTuple):
    """A part to compute, as text that any process can read. Messages call its folder `shown`."""

    number: int
    task: str
    part: str
    folder: str
    run: str
    shown: str


class PartAnswer(NamedTuple):
    """The outcome of a part as text, or the reason why the part was lost. A lost part can be retried."""

    order: Order
    outcome: str = ""
    lost: str = ""


class Executor(Protocol):
    """Computes the parts that are submitted to it.

    width       about how many parts it computes at a time
    """

    width: int

    @property
    def where(self) -> str:
        """The name of the executor in messages."""

    def submit(self, order: Order) -> None: ...

    def answers(self) -> Iterator[PartAnswer | None]:
        """Yield an answer for each part submitted, in any order, and from time to time `None`."""

    def close(self) -> None:
        """Cancel the parts that are not finished."""


class InProcessExecutor:
    """Computes parts in this process, one after the other, each with several threads."""

    width = 1
    where = "this process"

    def __init__(self, threads: int, report: Report | None) -> None:
        self.threads = threads
        self.report = report
        self.waiting: deque[Order] = deque()

    def submit(self, order: Order) -> None:
        self.waiting.append(order)

    def answers(self) -> Iterator[PartAnswer | None]:
        while self.waiting:
            order = self.waiting.popleft()
            yield PartAnswer(order, run_part(*order[1:], self.threads, self.report))

    def close(self) -> None:
        self.waiting.clear()


class ProcessExecutor:
    """Computes parts in processes of this machine.

    If a process dies, all parts in progress are lost, and the next part that is submitted starts new processes.
    """

    def __init__(self, jobs: int) -> None:
        self.width = jobs
        self.where = f"{jobs} processes"
        self.pool: ProcessPoolExecutor | None = None
        self.done: Queue[tuple[Order, Future[str], ProcessPoolExecutor]] = Queue()
        self.in_progress = 0

    def submit(self, order: Order) -> None:
        pool = self.pool = self.pool or worker_pool(self.width)
        future = pool.submit(run_part, *order[1:])
        self.in_progress += 1
        future.add_done_callback(lambda future: self.done.put((order, future, pool)))

    def answers(self) -> Iterator[PartAnswer | None]:
        while self.in_progress:
            try:
                order, future, pool = self.done.get(timeout=1)
            except Empty:
                yield None
                continue
            self.in_progress -= 1
            error = future.exception()
            if error is None:
                yield PartAnswer(order, future.result())
                continue
            if pool is self.pool:  # it is broken: all of its parts are lost
                end_pool(pool, is_killed=True)
                self.pool = None
            yield PartAnswer(order, lost=f"a local process ended before its work was done: {type(error).__name__}")

    def close(self) -> None:
        if self.pool is not None:
            end_pool(self.pool, is_killed=self.in_progress > 0)
            self.pool = None
