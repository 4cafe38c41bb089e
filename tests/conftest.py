"""How the tests run the installed command: a process, with standard output, standard error and exit code apart."""

import atexit
import functools
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import hypothesis
import pytest

from tests.forked import ForkServer
from tests.processes import HANG_SECONDS

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"

Run = Callable[..., subprocess.CompletedProcess[str]]

hypothesis.settings.register_profile("any speed", deadline=None)  # a slow machine is no failure
hypothesis.settings.load_profile("any speed")


def environment(**changes: str) -> dict[str, str]:
    """Return the environment with the command first on the path, and nothing that decides on colour or width."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERM", "PYTHONWARNINGS"}
    }
    kept["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return kept | {"LC_ALL": "C.UTF-8"} | changes


@functools.cache
def fork_server() -> ForkServer:
    server = ForkServer(environment())
    atexit.register(server.close)
    return server


def run_mgrad(
    *words: str, stdin: str | bytes = "", env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `mgrad` with the words, in a forked process where that is the same as a started one."""
    content = stdin.encode() if isinstance(stdin, str) else stdin
    wanted = environment(**(env or {}))
    if fork_server().can_run(wanted):
        finished = fork_server().run(words, content, wanted, cwd or Path.cwd(), HANG_SECONDS)
    else:
        finished = subprocess.run(
            ["mgrad", *words], input=content, capture_output=True, env=wanted, cwd=cwd, timeout=HANG_SECONDS
        )
    return subprocess.CompletedProcess(
        finished.args, finished.returncode, finished.stdout.decode(), finished.stderr.decode()
    )


@pytest.fixture
def mgrad() -> Run:
    return run_mgrad


def shared(name: str) -> Path:
    """A file of reference cases that stand beside the checkout; the test is skipped where they are absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"no {name} beside the checkout")
    return path


def pytest_configure() -> None:
    """Run the command as users have it: with its bytecode cached, and with the signals that the tests send.

    A process begun under `nohup`, or behind `&`, hands on that it ignores them.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each of thousands of processes would compile the package
    for sent in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(sent) == signal.SIG_IGN:
            signal.signal(sent, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave every case of a sampled test but one in so many to the slow tests."""
    seen: Counter[tuple[str, str]] = Counter()
    for item in items:
        if sampled := item.get_closest_marker("sampled"):
            test = item.location[0], item.name.partition("[")[0]
            if seen[test] % sampled.args[0]:
                item.add_marker(pytest.mark.slow)
            seen[test] += 1
