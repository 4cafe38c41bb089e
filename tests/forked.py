"""Run `mgrad` in a process forked from one that has imported it: a short run spends most of its time on imports.

The forked process has its own streams, folder, environment, signals and exit code, as one that is started.
"""

import gc
import json
import os
import pkgutil
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

IMPORTED_LATER = ("polars", "pyarrow.parquet", "scipy.optimize", "scipy.special", "matplotlib.figure", "plotext")
"""Libraries that a run imports where it uses them. They make their pools of threads at their first use, in the fork."""
READ_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC", "OMP", "OPENBLAS")
"""How the names of variables begin that the interpreter and libraries read when they start."""
LARGEST_REQUEST = 1 << 20


def read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an environment that act when a process starts."""
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


class ForkServer:
    """A process that has imported `mgrad` and forks once for each run."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.at_start = read_at_start(environment)
        self.lock = threading.Lock()
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", f"from tests.forked import serve; serve({theirs.fileno()})"],
                # pipes, as every run has: a stream remembers whether its file has a position
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment, cwd=Path(__file__).parent.parent, pass_fds=[theirs.fileno()],
            )  # fmt: skip

    def close(self) -> None:
        self.socket.close()
        self.process.communicate()

    def can_run(self, environment: Mapping[str, str]) -> bool:
        """Whether a run in an environment is the same forked as started."""
        return read_at_start(environment) == self.at_start

    def run(
        self, words: Sequence[str], stdin: bytes, environment: Mapping[str, str], folder: Path, seconds: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `mgrad` as `subprocess.run` does with captured output. A run that takes too long is killed."""
        request = json.dumps({"words": words, "environment": dict(environment), "folder": str(folder)}).encode()
        (stdin_theirs, stdin_ours), (stdout_ours, stdout_theirs), (stderr_ours, stderr_theirs) = (
            os.pipe() for _ in range(3)
        )
        theirs = [stdin_theirs, stdout_theirs, stderr_theirs]
        with self.lock:
            socket.send_fds(self.socket, [request], theirs)
            for number in theirs:
                os.close(number)
            guard = threading.Timer(seconds, os.kill, (int(self.socket.recv(100)), 9))
            guard.start()
            errors: list[bytes] = []
            others = [
                threading.Thread(target=write_all, args=(stdin_ours, stdin)),
                threading.Thread(target=lambda: errors.append(read_all(stderr_ours))),
            ]
            for thread in others:
                thread.start()
            output = read_all(stdout_ours)
            for thread in others:
                thread.join()
            code = int(self.socket.recv(100))
            guard.cancel()
        return subprocess.CompletedProcess(["mgrad", *words], code, output, errors[0])


def read_all(number: int) -> bytes:
    with open(number, "rb") as file:
        return file.read()


def write_all(number: int, content: bytes) -> None:
    with suppress(BrokenPipeError), open(number, "wb", buffering=0) as file:
        while content:
            content = content[file.write(content) :]


def serve(number: int) -> None:
    """Fork for each request that comes by a socket, and answer with the process and then its exit code."""
    gc.disable()
    import mgrad_cli

    modules = [module.name for module in pkgutil.walk_packages(mgrad_cli.__path__, "mgrad_cli.")]
    for name in (*modules, *IMPORTED_LATER):
        with suppress(ImportError):  # of an extra that is not installed
            import_module(name)
    gc.freeze()
    sys.path.pop(0)  # the folder of the checkout, which a command that is started does not have
    requests = socket.socket(fileno=number)
    while True:
        content, streams, _, _ = socket.recv_fds(requests, LARGEST_REQUEST, 3)
        if not content:
            return
        if (pid := os.fork()) == 0:
            requests.close()
            run(json.loads(content), streams)
        for stream in streams:
            os.close(stream)
        requests.send(b"%d" % pid)
        requests.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def run(request: dict[str, Any], streams: list[int]) -> None:
    from mgrad_cli.__main__ import main

    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv = [shutil.which("mgrad") or "mgrad", *request["words"]]
    main()
