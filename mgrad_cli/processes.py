"""Worker processes, which end when the process that started them does."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from mgrad_cli.garbage import collect_garbage_rarely


def worker_pool(jobs: int) -> ProcessPoolExecutor:
    """Return a pool of new processes that leave signals to this one and cannot outlive it."""
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker)


def end_pool(pool: ProcessPoolExecutor, is_killed: bool) -> None:
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
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
