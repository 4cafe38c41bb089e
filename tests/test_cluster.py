"""`map --engine dask` on real schedulers and workers of this machine: the same bytes, whatever happens to workers."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mgrad_cli.mapping import cluster as cluster_module
from tests.conftest import Run, environment
from tests.processes import HANG_SECONDS, Gate, done_parts, wait_for
from tests.test_parts import SLOW, contents, success, written

dask: Any = pytest.importorskip("dask", reason="a cluster needs Dask (extra `dask`)")
distributed: Any = pytest.importorskip("distributed", reason="a cluster needs Dask (extra `dask`)")

QUIET = {"DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "critical", "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "60s"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Cluster:
    """A scheduler and workers as processes, on loopback."""

    def __init__(self, folder: Path, protocol: str = "tcp", security: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.gate = Gate(folder / "gate")
        self.changes = QUIET
        self.address = f"{protocol}://127.0.0.1:{free_port()}"
        self.security = security
        self.processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2],
                                    "--dashboard-address", "127.0.0.1:0")  # fmt: skip

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words, *self.security],
            env=environment(**self.changes), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def worker(self, *words: str, nanny: bool = False) -> subprocess.Popen[bytes]:
        kind = "--nanny" if nanny else "--no-nanny"
        folder = self.folder / f"worker{len(self.processes)}"
        return self.start("worker", self.address, "--nthreads", "1", "--host", "127.0.0.1", "--memory-limit", "0", kind,
                          "--local-directory", str(folder), *words)  # fmt: skip

    def hold(self, part: int) -> None:
        """Has the workers that are started from now on wait before that part and the later ones."""
        self.changes = QUIET | self.gate.before(part)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Ends a process and its children at once."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        process.wait()

    def close(self) -> None:
        for process in self.processes:
            self.kill(process)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    one = Cluster(tmp_path)
    yield one
    one.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return written(tmp_path / "in", rows=30_000)


@pytest.fixture
def whole(mgrad: Run, tmp_path: Path, data: Path) -> Path:
    """What one process makes of the data."""
    assert mgrad("map", SLOW, str(data), "-o", f"{tmp_path / 'whole'}/").returncode == 0
    return tmp_path / "whole"


def driver(cluster: Cluster, data: Path, out: Path, *words: str) -> subprocess.Popen[str]:
    """Start a run on the cluster. A worker may take as long as it needs to start."""
    words = words if "--wait-workers" in words else ("--wait-workers", str(HANG_SECONDS), *words)
    return subprocess.Popen(
        ["mgrad", "map", SLOW, str(data), "-o", f"{out}/", "--engine", "dask", "--scheduler", cluster.address, *words],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_for_parts(out: Path, count: int, process: subprocess.Popen[str]) -> list[str]:
    """The names of the parts that are on record as done, as soon as there are so many."""
    return wait_for(lambda: len(done := done_parts(out)) >= count and done, process) or []


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = process.communicate(timeout=HANG_SECONDS)
    lines = [line for line in said.splitlines() if not line.startswith("dashboard: ")]
    return process.returncode, "\n".join(lines)


def same(out: Path, whole: Path) -> bool:
    assert sorted(os.listdir(out)) == sorted(os.listdir(whole))
    assert (out / "_SUCCESS").read_text() == (whole / "_SUCCESS").read_text()
    return contents(out) == contents(whole)


@pytest.mark.slow
def test_a_cluster_of_this_machine_writes_the_same_bytes(mgrad: Run, tmp_path: Path, data: Path, whole: Path) -> None:
    report = tmp_path / "report.json"
    ran = mgrad(
        "map", SLOW, str(data), "-o", f"{tmp_path / 'out'}/", "--engine", "dask", "--jobs", "2", "--report", str(report)
    )
    assert (ran.returncode, ran.stderr) == (0, "180,000 rows\n")
    assert same(tmp_path / "out", whole)
    figures = json.loads(report.read_text())
    assert (figures["engine"], figures["workers"], figures["parts"]) == ("dask", 2, 6)


def family_of(driver: int) -> set[int]:
    """A process with all those that it started, and those that these did."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    family = {driver}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def listening(driver: int) -> set[tuple[str, int]]:
    """The addresses at which a process and those that it started listen."""
    names = set()
    for process in family_of(driver):
        with suppress(OSError):
            for link in Path(f"/proc/{process}/fd").iterdir():
                with suppress(OSError):
                    names.add(os.readlink(link))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in names:
                host, _, port = fields[1].partition(":")
                address = socket.inet_ntoa(bytes.fromhex(host)[::-1]) if table == "tcp" else host
                found.add((address, int(port, 16)))
    return found


def answer(address: tuple[str, int], security: ssl.SSLContext | None = None) -> bytes:
    """What somebody is answered who says hello and asks for a page, or nothing."""
    with suppress(OSError), socket.create_connection(address, timeout=HANG_SECONDS) as plain:
        if security is not None:
            with security.wrap_socket(plain) as stream:
                stream.sendall(b"hello")
                return stream.recv(1000)
        plain.sendall(b"GET /json/identity.json HTTP/1.0\r\n\r\n")
        return plain.recv(1000)
    return b""


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="it says who listens where")
def test_nobody_else_can_talk_to_a_cluster_of_this_machine() -> None:
    before = listening(os.getpid())
    with dask.config.set({}):
        one = cluster_module.Cluster(cluster_module.Options(None, 2, HANG_SECONDS, ships=True))
        try:
            found = listening(os.getpid()) - before
            assert len(found) > 2  # the scheduler's and the workers'
            assert {host for host, _ in found} == {"127.0.0.1"}
            stranger = distributed.Security.temporary().get_connection_args("client")["ssl_context"]
            stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
            for address in found:
                said = answer(address)
                assert b" 404 " in said or (said == b"" and answer(address, stranger) == b"")
        finally:
            one.close()


@pytest.mark.slow
def test_reductions_are_bit_identical_for_any_number_of_workers(mgrad: Run, cluster: Cluster, data: Path) -> None:
    words = ["map", "sin(x)*w - y", str(data), "--params", "w=0.1", "--reduce", "mean"]
    one = mgrad(*words)
    for _ in range(2):
        cluster.worker()
        many = mgrad(*words, "--engine", "dask", "--scheduler", cluster.address, "--quiet")
        assert (many.returncode, many.stdout) == (0, one.stdout)


@pytest.mark.slow
def test_the_scheduler_may_be_given_by_the_configuration_of_dask(
    mgrad: Run, cluster: Cluster, tmp_path: Path, data: Path
) -> None:
    cluster.worker()
    report = tmp_path / "report.json"
    ran = mgrad("map", "x*y", str(data), "-o", f"{tmp_path / 'out'}/", "--engine", "dask", "--report", str(report),
                env={"DASK_SCHEDULER_ADDRESS": cluster.address})  # fmt: skip
    assert ran.returncode == 0
    assert json.loads(report.read_text())["where"] == cluster.address
    assert ran.stderr.startswith("dashboard: http://")


@pytest.mark.slow
@pytest.mark.parametrize("nanny", [False, True], ids=["with-its-nanny", "alone"])
def test_a_worker_that_is_killed_in_a_part(
    cluster: Cluster, tmp_path: Path, data: Path, whole: Path, nanny: bool
) -> None:
    cluster.hold(1)
    victim = cluster.worker(nanny=nanny)
    cluster.worker()
    process = driver(cluster, data, tmp_path / "out")
    wait_for_parts(tmp_path / "out", 1, process)
    if nanny:
        kill_child(victim.pid)
    else:
        cluster.kill(victim)
    cluster.gate.open()
    assert ended(process) == (0, "180,000 rows")
    assert same(tmp_path / "out", whole)


def kill_child(nanny: int) -> None:
    """Ends the worker that a nanny watches over."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if int(fields[1]) == nanny and "resource_tracker" not in command:
                os.kill(int(entry.name), signal.SIGKILL)


@pytest.mark.slow
def test_all_workers_are_killed_and_others_come(cluster: Cluster, tmp_path: Path, data: Path, whole: Path) -> None:
    cluster.hold(1)
    workers = [cluster.worker(), cluster.worker()]
    process = driver(cluster, data, tmp_path / "out")
    wait_for_parts(tmp_path / "out", 1, process)
    for worker in workers:
        cluster.kill(worker)
    cluster.gate.open()
    cluster.worker()
    cluster.worker()
    assert ended(process) == (0, "180,000 rows")
    assert same(tmp_path / "out", whole)


@pytest.mark.slow
def test_all_workers_are_killed_and_none_comes(
    mgrad: Run, cluster: Cluster, tmp_path: Path, data: Path, whole: Path
) -> None:
    cluster.hold(1)
    worker = cluster.worker()
    process = driver(cluster, data, tmp_path / "out", "--wait-workers", "2")
    wait_for_parts(tmp_path / "out", 1, process)
    cluster.kill(worker)
    code, said = ended(process)
    assert code == 2
    assert said.startswith(f"error: {cluster.address} has had no workers for 2 seconds; ")
    assert said.endswith(" of 6 parts are done, and --resume continues")
    assert mgrad("map", SLOW, str(data), "-o", f"{tmp_path / 'out'}/", "--resume").returncode == 0
    assert same(tmp_path / "out", whole)


@pytest.mark.slow
def test_the_scheduler_goes_away(cluster: Cluster, tmp_path: Path, data: Path) -> None:
    cluster.hold(1)
    cluster.worker()
    process = driver(cluster, data, tmp_path / "out")
    wait_for_parts(tmp_path / "out", 1, process)
    cluster.kill(cluster.scheduler)
    code, said = ended(process)
    assert (code, said.count("\n")) == (2, 0)
    assert "scheduler" in said
    assert "parts are done, and --resume continues" in said


@pytest.mark.slow
def test_a_killed_driver_is_gone_on_with(cluster: Cluster, tmp_path: Path, data: Path, whole: Path) -> None:
    cluster.hold(2)
    cluster.worker()
    process = driver(cluster, data, tmp_path / "out")
    wait_for_parts(tmp_path / "out", 2, process)
    process.kill()
    process.communicate()
    cluster.gate.open()
    assert ended(driver(cluster, data, tmp_path / "out", "--resume")) == (0, "180,000 rows")
    assert same(tmp_path / "out", whole)


@pytest.mark.slow
def test_a_scheduler_that_asks_for_certificates(mgrad: Run, tmp_path: Path, data: Path, whole: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    key, certificate = str(tmp_path / "me.key"), str(tmp_path / "me.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    security = ("--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key)
    cluster = Cluster(tmp_path, "tls", (*security, "--protocol", "tls"))
    try:
        cluster.worker()
        assert ended(driver(cluster, data, tmp_path / "out", *security)) == (0, "180,000 rows")
        assert same(tmp_path / "out", whole)
        code, said = ended(driver(cluster, data, tmp_path / "none"))
        assert (code, said.count("\n")) == (2, 0)
        assert said.startswith(f"error: no scheduler answers at '{cluster.address}'")
    finally:
        cluster.close()


@pytest.mark.slow
def test_an_interrupt_cancels_what_is_under_way(cluster: Cluster, tmp_path: Path, data: Path) -> None:
    cluster.hold(1)
    worker = cluster.worker()
    process = driver(cluster, data, tmp_path / "out")
    done = wait_for_parts(tmp_path / "out", 1, process)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (130, "")
    with distributed.Client(cluster.address) as client:
        wait_for(lambda: client.run_on_scheduler(lambda dask_scheduler: not dask_scheduler.tasks), worker)
    cluster.gate.open()
    assert len(done_parts(tmp_path / "out")) <= len(done) + 1


@pytest.mark.slow
def test_a_part_that_ends_every_worker(cluster: Cluster, tmp_path: Path, data: Path) -> None:
    preload = tmp_path / "poison.py"
    preload.write_text(
        textwrap.dedent("""
        import os
        from mgrad_cli.mapping import worker
        def poisoned(task, ready, part, *others, attempt=worker.attempt):
            if part.number == 3:
                os._exit(1)
            return attempt(task, ready, part, *others)
        worker.attempt = poisoned
    """)
    )
    for _ in range(2):
        cluster.worker("--preload", str(preload), nanny=True)
    # Parts that wait at a worker when it dies are lost with it; the more attempts, the surer which part ended them all.
    code, said = ended(driver(cluster, data, tmp_path / "out", "--ship", "none", "--retries", "4"))
    assert code == 1
    assert said.startswith("error: part 3 could not be done in 5 attempts: it crashed every worker that ran it")
    assert "--resume continues" in said


@pytest.mark.slow
def test_a_task_that_fails_ends_the_run_with_its_message(cluster: Cluster, tmp_path: Path, data: Path) -> None:
    preload = tmp_path / "deep.py"
    preload.write_text(
        textwrap.dedent("""
        from mgrad_cli.mapping import worker
        def deep(task, ready, part, *others, attempt=worker.attempt):
            return deep(task, ready, part, *others) if part.number == 3 else attempt(task, ready, part, *others)
        worker.attempt = deep
    """)
    )
    cluster.worker("--preload", str(preload))
    code, said = ended(driver(cluster, data, tmp_path / "out", "--ship", "none"))
    assert code == 70
    assert said.startswith("error: part 3: internal error: RecursionError: maximum recursion depth exceeded")


@pytest.mark.slow
def test_an_attempt_that_fails_is_made_again(cluster: Cluster, tmp_path: Path, data: Path, whole: Path) -> None:
    preload = tmp_path / "flaky.py"
    preload.write_text(
        textwrap.dedent("""
        from mgrad_cli.mapping import worker
        seen = set()
        def flaky(task, ready, part, *others, attempt=worker.attempt):
            if part.number not in seen:
                seen.add(part.number)
                raise ConnectionResetError("the store hung up")
            return attempt(task, ready, part, *others)
        worker.attempt = flaky
    """)
    )
    cluster.worker("--preload", str(preload))
    report = tmp_path / "report.json"
    assert ended(driver(cluster, data, tmp_path / "out", "--ship", "none", "--report", str(report)))[0] == 0
    assert same(tmp_path / "out", whole)
    assert json.loads(report.read_text())["retries"] == 6
    code, said = ended(driver(cluster, data, tmp_path / "none", "--ship", "none", "--retries", "0"))
    assert code == 0 or "the store hung up" in said


HIDDEN = """
    import os, sys
    from importlib.machinery import PathFinder
    class Hidden:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name == "mgrad_cli" and not any("mgrad-" in part for part in sys.path):
                raise ModuleNotFoundError("No module named 'mgrad_cli'", name="mgrad_cli")
    sys.meta_path.insert(0, Hidden)
"""


@pytest.mark.slow
def test_workers_without_the_package_are_given_it(cluster: Cluster, tmp_path: Path, data: Path, whole: Path) -> None:
    preload = tmp_path / "hidden.py"
    preload.write_text(textwrap.dedent(HIDDEN))
    cluster.worker("--preload", str(preload))
    code, said = ended(driver(cluster, data, tmp_path / "none", "--ship", "none"))
    assert code == 2
    assert said.endswith("lacks mgrad; --ship auto sends this one")
    assert ended(driver(cluster, data, tmp_path / "out")) == (0, "180,000 rows")
    assert same(tmp_path / "out", whole)


@pytest.mark.slow
def test_another_version_of_the_package_is_named_and_replaced(
    cluster: Cluster, tmp_path: Path, data: Path, whole: Path
) -> None:
    preload = tmp_path / "other.py"
    preload.write_text("from mgrad_cli.mapping import shipping\nshipping.package_digest = lambda: 'another'\n")
    cluster.worker("--preload", str(preload))
    code, said = ended(driver(cluster, data, tmp_path / "none", "--ship", "none"))
    assert (code, "has mgrad 0.1.0 from another build; --ship auto sends this one" in said) == (2, True)
    assert ended(driver(cluster, data, tmp_path / "out")) == (0, "180,000 rows")
    assert same(tmp_path / "out", whole)


@pytest.mark.slow
def test_a_library_that_a_worker_lacks_or_has_in_another_version_is_named(
    cluster: Cluster, tmp_path: Path, data: Path
) -> None:
    preload = tmp_path / "old.py"
    preload.write_text(
        textwrap.dedent("""
        from importlib import metadata
        def version(name, version=metadata.version):
            return "1.0" if name == "polars" else version(name)
        metadata.version = version
    """)
    )
    cluster.worker("--preload", str(preload))
    code, said = ended(driver(cluster, data, tmp_path / "out"))
    assert code == 2
    assert "has polars 1.0, and here is" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_an_expression_that_workers_cannot_compute(mgrad: Run, cluster: Cluster, tmp_path: Path, data: Path) -> None:
    preload = tmp_path / "bare.py"
    preload.write_text("import sys\nsys.modules['scipy'] = sys.modules['scipy.special'] = None\n")
    cluster.worker("--preload", str(preload))
    ran = mgrad("map", "gamma(x)*y", str(data), "-o", f"{tmp_path / 'out'}/", "--engine", "dask",
                "--scheduler", cluster.address, "--quiet")  # fmt: skip
    assert (ran.returncode, ran.stderr) == (
        2,
        "error: the gamma family needs SciPy: pip install 'mgrad-cli[special]' (in a checkout: pip install '.[special]')\n",
    )


def test_a_bad_row_on_a_worker_is_told_as_here(mgrad: Run, cluster: Cluster, tmp_path: Path) -> None:
    data = written(tmp_path / "csv", files=2, form="csv")
    (data / "9.csv").write_text("x,y\n1,no\n")
    cluster.worker()
    words = ["map", "x*y", str(data), "--engine", "dask", "--scheduler", cluster.address, "--quiet"]
    ran = mgrad(*words, "-o", f"{tmp_path / 'out'}/")
    assert ran.returncode == 4
    assert ran.stderr.startswith(f"error: {data / '9.csv'}, line 2, column 3: 'no' in column 'y'")
    ran = mgrad(*words, "-o", f"{tmp_path / 'null'}/", "--on-error", "null")
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"warning: {data / '9.csv'}, line 2, column 3: 'no' in column 'y'")
    assert success(tmp_path / "null")["failed"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:1", "no scheduler answers at 'tcp://127.0.0.1:1'"),
        ("nonsense://x", "no scheduler answers at 'nonsense://x'"),
    ],
)
def test_a_wrong_address_is_one_line(mgrad: Run, tmp_path: Path, data: Path, address: str, message: str) -> None:
    ran = mgrad("map", "x*y", str(data), "-o", f"{tmp_path / 'out'}/", "--engine", "dask", "--scheduler", address)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert message in ran.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_cluster_without_workers_is_one_line(mgrad: Run, cluster: Cluster, tmp_path: Path, data: Path) -> None:
    ran = mgrad("map", "x*y", str(data), "-o", f"{tmp_path / 'out'}/", "--engine", "dask", "--scheduler",
                cluster.address, "--wait-workers", "1")  # fmt: skip
    assert (ran.returncode, ran.stderr) == (2, f"error: {cluster.address} has no workers, after 1 seconds\n")


def test_nothing_of_dask_is_imported_without_being_asked_for(tmp_path: Path, data: Path) -> None:
    script = (
        "import sys; from mgrad_cli.cli.main import run; code = run(sys.argv[1:]); "
        "print(code, sorted(name for name in sys.modules if name.partition('.')[0] in {'dask', 'distributed'}))"
    )
    words = ["map", "x*y", str(data), "-o", f"{tmp_path / 'out'}/", "--quiet"]
    ran = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=True)
    assert ran.stdout == "0 []\n"


def test_without_dask_one_line_says_what_to_install(tmp_path: Path, data: Path) -> None:
    script = (
        "import sys; sys.modules['distributed'] = None; from mgrad_cli.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    words = ["map", "x*y", str(data), "-o", f"{tmp_path / 'out'}/", "--engine", "dask"]
    ran = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (
        2, "error: --engine dask needs distributed: pip install 'mgrad-cli[dask]' (in a checkout: pip install '.[dask]')\n",
    )  # fmt: skip
