"""Worker processes, which end when the process that started them does."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from mgrad_cli.garbage import collect_garbage_rarely

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import ForkContext, SpawnContext

    WorkerContext: TypeAlias = ForkContext | SpawnContext


def worker_pool(jobs: int) -> "ProcessPoolExecutor":
    """Return a pool of new processes that leave signals to this one and cannot outlive it."""
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker)


def worker_context() -> "WorkerContext":
    """Return a context whose processes are forks of this one where that is safe, since forks start at once."""
    return multiprocessing.get_context("fork") if is_single_threaded() else multiprocessing.get_context("spawn")


def is_single_threaded() -> bool:
    """Return whether this process is known to have one thread, also counting those of libraries.

    A fork has only the thread that made it, and would wait forever for a lock that another thread held.
    """
    return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1


def end_pool(pool: "ProcessPoolExecutor", is_killed: bool) -> None:
    """End the processes of a pool and release what it holds. `is_killed` ends them in the middle of their work."""
    if is_killed:
        for process in list((pool._processes or {}).values()):
            process.kill()  # it may ignore SIGTERM
    pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Hold back signals in the context, also from processes that start in it."""
    held = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held) if hasattr(signal, "pthread_sigmask") else None
    try:
        yield
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start_worker() -> None:
    """Ignore interrupts, which the parent handles, and exit when the parent ends in whatever way."""
    collect_garbage_rarely()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and callable(signal.getsignal(getattr(signal, name))):
            signal.signal(getattr(signal, name), signal.SIG_DFL)  # a fork has the parent's handler
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
