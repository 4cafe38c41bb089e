"""Threads that work on a bounded number of items and return the results in order."""

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

READ_AHEAD = 1
QUEUED = 3
"""Items in progress beside one for each thread: enough to keep all busy, few enough to hold in memory."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def interruptible(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items, so that an interrupt ends the wait for the next one.

    Libraries with signal handling of their own make system calls restart after a signal.
    """
    for item in items:
        if threading.current_thread() is threading.main_thread() and hasattr(signal, "siginterrupt"):
            signal.siginterrupt(signal.SIGINT, True)
        yield item


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the items, which a separate thread reads ahead."""
    from queue import Queue

    queue: Queue[tuple[bool, Any]] = Queue(READ_AHEAD)
    is_over = Event()

    def fill() -> None:
        try:
            for item in items:
                queue.put((True, item))
                if is_over.is_set():
                    return
            queue.put((False, None))
        except BaseException as error:
            queue.put((False, error))

    thread = Thread(target=fill, daemon=True)
    thread.start()
    try:
        while True:
            is_item, item = queue.get()
            if is_item:
                yield item
            elif item is None:
                return
            else:
                raise item
    finally:
        is_over.set()
        while thread.is_alive():  # if the thread waits for input that never comes, it ends with the process
            if queue.empty():
                break
            queue.get_nowait()


def in_order(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """Yield the result of `work` for each item, in order, with several threads and few items in progress."""
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads)
    in_progress: deque[Future[Result]] = deque()
    try:
        for item in items:
            in_progress.append(pool.submit(work, item))
            while in_progress and (len(in_progress) >= threads + QUEUED or in_progress[0].done()):
                yield in_progress.popleft().result()
        while in_progress:
            yield in_progress.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
