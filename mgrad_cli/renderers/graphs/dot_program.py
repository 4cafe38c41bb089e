"""The Graphviz program `dot`, which places the nodes of a graph and routes its edges."""

import signal
from collections.abc import Callable

from mgrad_cli.errors import LimitError, MissingExtraError, OutputError, UsageError
from mgrad_cli.text import printable

MAX_COMPLAINT = 200
MAX_SECONDS = 8
"""The CPU time after which the system ends `dot`; some graphs of thousands of nodes take it much longer."""


def run_dot(source: str, output_format: str, what: str) -> bytes:
    """Return what `dot` makes of DOT text: `svg`, `png` or `json0`. `what` names what needs it in errors.

    Raises: MissingExtraError without the package graphviz; UsageError without the program; LimitError if it takes too
    long, on systems that limit the time of a process; OutputError if it fails.
    """
    try:
        import graphviz
        from graphviz.backend import dot_command, execute
    except ImportError:
        raise MissingExtraError(what, "graphviz", "graph") from None
    command = dot_command.command("dot", output_format)
    try:
        ran = execute.run_check(
            command, input=source.encode(), capture_output=True, quiet=True, preexec_fn=time_limit()
        )
    except graphviz.ExecutableNotFound:
        install = "install it, for example apt install graphviz"
        raise UsageError(f"{what} needs the program dot (Graphviz): {install}") from None
    except graphviz.CalledProcessError as error:
        if error.returncode == -getattr(signal, "SIGXCPU", 0):
            raise LimitError(
                f"{what} takes dot more than {MAX_SECONDS} s; use --dot, --mermaid or a smaller graph"
            ) from None
        complaint = " ".join((error.stderr or b"").decode(errors="replace").split()) or f"exit code {error.returncode}"
        raise OutputError(f"dot failed: {printable(complaint[:MAX_COMPLAINT])}") from None
    picture: bytes = ran.stdout
    return picture


def time_limit() -> Callable[[], None] | None:
    """Return what limits the CPU time of the process that calls it, or `None` if the system has no such limit."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_CORE, RLIMIT_CPU, getrlimit, setrlimit
    except ImportError:
        return None
    soft, hard = getrlimit(RLIMIT_CPU)
    seconds = min(limit for limit in (MAX_SECONDS, soft, hard) if limit != RLIM_INFINITY)

    def limit_time() -> None:
        setrlimit(RLIMIT_CPU, (seconds, hard))
        setrlimit(RLIMIT_CORE, (0, 0))  # the signal at the limit would leave a core file

    return limit_time
