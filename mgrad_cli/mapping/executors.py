"""Who computes parts: this process, some processes of this machine, or a cluster; one small interface for all."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from queue import Empty, Queue
from typing import NamedTuple, Protocol

from mgrad_cli.mapping.local_run import Report
from mgrad_cli.mapping.worker import run_part
from mgrad_cli.processes import worker_pool


class Order(NamedTuple):
    """A part to be computed, in strings and a number: what crosses from one process to another.

    shown       the folder as it was given, for messages
    """

    number: int
    task: str
    part: str
    folder: str
    run: str
    shown: str


class PartAnswer(NamedTuple):
    """The text of an outcome; or why there is none, which another attempt may change."""

    order: Order
    outcome: str = ""
    lost: str = ""


class Executor(Protocol):
    """Takes orders, and gives answers as they come.

    width       how many parts it computes at a time, about
    """

    width: int

    @property
    def where(self) -> str:
        """What to call it, for people."""

    def submit(self, order: Order) -> None: ...

    def answers(self) -> Iterator[PartAnswer | None]:
        """An answer for each order, in any order, until there is none left; now and then `None`, that time goes by."""

    def close(self) -> None:
        """Gives up what is under way."""


class InProcessExecutor:
    """This process, one part after the other, each by some threads."""

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
    """Processes of this machine. One that dies takes its part with it, and the others' in hand; all start anew."""

    def __init__(self, jobs: int) -> None:
        self.width = jobs
        self.where = f"{jobs} processes"
        self.pool: ProcessPoolExecutor | None = None
        self.done: Queue[tuple[Order, Future[str]]] = Queue()
        self.in_progress = 0

    def submit(self, order: Order) -> None:
        if self.pool is None:
            self.pool = worker_pool(self.width)
        future = self.pool.submit(run_part, *order[1:])
        self.in_progress += 1
        future.add_done_callback(lambda future: self.done.put((order, future)))

    def answers(self) -> Iterator[PartAnswer | None]:
        while self.in_progress:
            try:
                order, future = self.done.get(timeout=1)
            except Empty:
                yield None
                continue
            self.in_progress -= 1
            error = future.exception()
            if error is None:
                yield PartAnswer(order, future.result())
                continue
            self.pool = None  # it is broken, and every order in it comes back
            yield PartAnswer(order, lost=f"a local process ended before its work was done: {type(error).__name__}")

    def close(self) -> None:
        if self.pool is None:
            return
        if self.in_progress:
            for process in list((self.pool._processes or {}).values()):
                process.kill()  # it may have been begun with SIGTERM ignored
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.pool = None
