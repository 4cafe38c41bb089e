"""Work by several threads with its results in order, and no more of it under way than there is room for."""

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from threading import Event, Thread
from typing import Any, TypeVar

READ_AHEAD = 2
QUEUED = 2
"""Items under way for each thread: enough to keep it busy, few enough to hold in memory."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def interruptible(items: Iterable[Item]) -> Iterator[Item]:
    """The items, with an interrupt able to end the wait for the next: libraries that handle the signal in their own
    way, from their first use on, make the system go on waiting after it.
    """
    for item in items:
        if threading.current_thread() is threading.main_thread() and hasattr(signal, "siginterrupt"):
            signal.siginterrupt(signal.SIGINT, True)
        yield item


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The items, taken by a thread of their own a little before they are wanted."""
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
        while thread.is_alive():  # it may be waiting for room, or for input that does not come: it ends with us
            if queue.empty():
                break
            queue.get_nowait()


def in_order(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """The work on each item, by some threads, in the order of the items and with few of them under way."""
    pool = ThreadPoolExecutor(threads)
    in_progress: deque[Future[Result]] = deque()
    try:
        for item in items:
            in_progress.append(pool.submit(work, item))
            while in_progress and (len(in_progress) >= threads * QUEUED or in_progress[0].done()):
                yield in_progress.popleft().result()
        while in_progress:
            yield in_progress.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
