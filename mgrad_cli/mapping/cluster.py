"""Run parts on a Dask cluster: an existing one, or a private one on the cores of this machine."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, NamedTuple

from mgrad_cli.errors import EngineError, MissingExtraError, is_installed
from mgrad_cli.mapping import probe
from mgrad_cli.mapping.executors import Order, PartAnswer
from mgrad_cli.mapping.shipping import package_bytes, package_digest
from mgrad_cli.mapping.worker import run_part
from mgrad_cli.storage.stores import sentence

CONNECT_SECONDS, CLOSE_SECONDS = 10, 8
POLL_SECONDS, WATCH_SECONDS = 0.01, 0.5
"""How often to look for answers, and for workers while no answer comes."""
NEEDED = ("lark", "numpy", "polars", "pyarrow")


class Options(NamedTuple):
    """How to reach a cluster.

    scheduler   its address; by default the one in Dask's configuration, or else a private cluster on this machine
    jobs        the number of processes of a private cluster
    ships       whether to send this package to workers that lack it or have another version
    needs       libraries that the parts need beside the usual ones
    """

    scheduler: str | None
    jobs: int
    wait_seconds: float
    ships: bool
    ca_file: str | None = None
    cert: str | None = None
    key: str | None = None
    needs: tuple[str, ...] = ()


class Cluster:
    """A Dask cluster as an executor."""

    def __init__(self, options: Options) -> None:
        try:
            import distributed
        except ImportError:
            raise MissingExtraError("--engine dask", "distributed", "dask") from None
        self.distributed: Any = distributed
        self.options = options
        self.orders: dict[Any, Order] = {}
        self.done: Any = None
        self.local: Any = None
        self.address = ""
        for name in ("distributed", "tornado.application", *logging.root.manager.loggerDict):
            if name.partition(".")[0] in {"distributed", "tornado"}:
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what matters is reason in one line
        self.client = self.connect()
        try:
            self.done = self.distributed.as_completed(loop=self.client.loop, with_results=True, raise_errors=False)
            self.address = str(self.client.scheduler.address)
            self.width = self.wait_for_workers()
            self.prepare()
        except BaseException:
            self.close()
            raise

    @property
    def where(self) -> str:
        return "a cluster of this machine" if self.local is not None else self.address

    @property
    def dashboard(self) -> str:
        """Return the address of Dask's dashboard, or an empty string."""
        return "" if self.local is not None else str(self.client.dashboard_link or "")

    def connect(self) -> Any:
        """Return a client of the scheduler. Raises: EngineError if none answers."""
        import dask

        options = self.options
        address = options.scheduler or dask.config.get("scheduler-address", None)
        security = None
        if options.ca_file or options.cert or options.key:
            security = self.distributed.Security(
                tls_ca_file=options.ca_file,
                tls_client_cert=options.cert,
                tls_client_key=options.key,
                require_encryption=True,
            )
        if address is None:
            self.local = self.private_cluster()
            return self.distributed.Client(self.local)
        try:
            return self.distributed.Client(address, timeout=CONNECT_SECONDS, security=security)
        except (OSError, ValueError, TypeError, RuntimeError, ImportError) as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise EngineError(f"no scheduler answers at '{address}': {reason}") from None

    def private_cluster(self) -> Any:
        """Start a cluster on this machine that no other user can connect to.

        It listens on the loopback interface and accepts only the run's own certificate, which stays in memory. The HTTP
        servers that Dask requires serve no pages.
        """
        import dask

        if not is_installed("cryptography"):
            raise MissingExtraError("--engine dask", "cryptography", "dask")
        dask.config.set({f"distributed.{role}.http.routes": [] for role in ("scheduler", "worker")})
        return self.distributed.LocalCluster(
            n_workers=self.options.jobs, threads_per_worker=1, silence_logs=logging.CRITICAL,
            host="127.0.0.1", dashboard_address="127.0.0.1:0",
            protocol="tls://", security=self.distributed.Security.temporary(),
        )  # fmt: skip

    def wait_for_workers(self) -> int:
        """Return the total number of threads of the workers. Raises: EngineError if no worker appears in time."""
        until = time.monotonic() + self.options.wait_seconds
        while not (workers := self.workers()):
            if time.monotonic() > until:
                raise EngineError(f"{self.where} has no workers, after {self.options.wait_seconds:g} seconds")
            time.sleep(0.1)
        return sum(int(worker["nthreads"]) for worker in workers.values())

    def workers(self) -> dict[str, Any]:
        with self.translate_connection_errors():
            workers: dict[str, Any] = self.client.scheduler_info(n_workers=-1)["workers"]
        return workers

    def prepare(self) -> None:
        """Check that every worker has what the parts need, and send this package where it is missing.

        Raises: EngineError that names the worker and what it lacks.
        """
        import cloudpickle

        cloudpickle.register_pickle_by_value(probe)
        mine = probe.versions()
        with self.translate_connection_errors():
            found = self.client.run(probe.versions)
        for worker, versions in found.items():
            for name in (*NEEDED, *self.options.needs):
                if name not in versions:
                    raise EngineError(f"the worker {worker} lacks {name}; the same bytes need the same libraries there")
                if name in mine and versions[name] != mine[name] and name != "lark":
                    raise EngineError(
                        f"the worker {worker} has {name} {versions[name]}, and here is {mine[name]}; "
                        "the same bytes need the same versions"
                    )
            if versions["python"] != mine["python"]:
                raise EngineError(f"the worker {worker} runs Python {versions['python']}, and here is {mine['python']}")
            if versions.get("digest") != package_digest() and not self.options.ships:
                has = f"has mgrad {versions['mgrad']} from another build" if "mgrad" in versions else "lacks mgrad"
                raise EngineError(f"the worker {worker} {has}; --ship auto sends this one")
        if self.options.ships and self.local is None:
            with self.translate_connection_errors():
                self.client.register_plugin(worker_plugin(self.distributed)(package_bytes(), package_digest()))

    def submit(self, order: Order) -> None:
        key = f"mgrad-{order.run}-{order.number}-{time.monotonic_ns()}"  # each attempt is a task of its own
        with self.translate_connection_errors():
            future = self.client.submit(run_part, *order[1:], key=key, pure=False)
            self.orders[future] = order
            self.done.add(future)

    def answers(self) -> Iterator[PartAnswer | None]:
        idle_since: float | None = None
        looked = time.monotonic()
        while self.orders:
            with self.translate_connection_errors():
                batch = self.done.next_batch(block=False)
            if batch:
                idle_since = None
            elif time.monotonic() - looked > WATCH_SECONDS:
                looked = time.monotonic()
                idle_since = self.check_alive(idle_since)
                yield None
            else:
                time.sleep(POLL_SECONDS)
            for future, result in batch:
                yield self.answer(self.orders.pop(future), future, result)
                future.release()  # otherwise Dask computes it again when its worker dies

    def answer(self, order: Order, future: Any, result: Any) -> PartAnswer:
        if isinstance(result, str):
            return PartAnswer(order, result)
        if self.client.status != "running":
            raise EngineError(f"the scheduler at {self.address} is gone")
        if future.status in {"cancelled", "lost"}:
            return PartAnswer(order, lost=f"its task was {future.status}")
        error = result[1] if isinstance(result, tuple) else result
        if isinstance(error, self.distributed.scheduler.KilledWorker):
            last = error.last_worker.address
            return PartAnswer(order, lost=f"it crashed every worker that ran it, last {last}")
        return PartAnswer(order, lost=f"{type(error).__name__}: {sentence(error)}")

    def check_alive(self, idle_since: float | None) -> float | None:
        """Return the time since which there have been no workers; `None` if there are some.

        Raises: EngineError if that has lasted too long, or the scheduler is gone.
        """
        if self.client.status != "running":
            raise EngineError(f"the scheduler at {self.address} is gone")
        if self.workers():
            return None
        now = time.monotonic()
        if idle_since is not None and now - idle_since > self.options.wait_seconds:
            raise EngineError(f"{self.where} has had no workers for {self.options.wait_seconds:g} seconds")
        return idle_since or now

    @contextmanager
    def translate_connection_errors(self) -> Iterator[None]:
        """Translate the errors of a lost connection to an EngineError."""
        try:
            yield
        except (OSError, TimeoutError, RuntimeError):
            raise EngineError(f"the scheduler at {self.address} is gone") from None

    def close(self) -> None:
        futures = list(self.orders)
        self.orders.clear()

        def close() -> None:
            with suppress(Exception):  # the cluster may already be gone
                self.client.cancel(futures, force=True)
            with suppress(Exception):
                self.client.close(timeout=2)
            with suppress(Exception):
                if self.local is not None:
                    self.local.close(timeout=5)

        thread = Thread(target=close, daemon=True)
        thread.start()
        thread.join(CLOSE_SECONDS)


def worker_plugin(distributed: Any) -> Any:
    """Return a worker plugin that workers can unpickle without this package."""
    return type("Package", (probe.Package, distributed.WorkerPlugin), {"__module__": probe.__name__})
