"""How tests wait for processes, and hold them where they are wanted: on no machine does it matter how fast it is."""

import os
import subprocess
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Found = TypeVar("Found")
HANG_SECONDS = 300
"""After which what is waited for is taken to never come."""


def wait_for(condition: Callable[[], Found], process: "subprocess.Popen[Any] | None" = None) -> Found:
    """What a condition comes to as soon as it is true, so that what is waited for is what is then used."""
    deadline = time.monotonic() + HANG_SECONDS
    while not (found := condition()):
        assert process is None or process.poll() is None, "the process ended before"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def done_parts(out: Path) -> list[str]:
    """The names of the parts that are on record as done in a folder."""
    return sorted(path.stem for path in (out / "_tmp" / "done").glob("part-*.json"))


class Gate:
    """Before which parts of a run wait, from one on, so that no run ends before a test has done what it wants to do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_open = folder / "open"
        folder.mkdir()

    def before(self, part: int) -> dict[str, str]:
        """The environment of processes in which that part and the later ones wait."""
        (self.folder / "sitecustomize.py").write_text(
            textwrap.dedent(f"""
            import os, time
            from mgrad_cli.mapping import worker
            def attempt(task, ready, part, *others, attempt=worker.attempt):
                while part.number >= {part} and not os.path.exists({str(self.is_open)!r}):
                    time.sleep(0.01)
                return attempt(task, ready, part, *others)
            worker.attempt = attempt
        """)
        )
        return {"PYTHONPATH": os.pathsep.join([str(self.folder), *filter(None, [os.environ.get("PYTHONPATH")])])}

    def open(self) -> None:
        self.is_open.touch()
