"""What the process runs in: environment variables that may be invalid, memory and cores."""

import os
from contextlib import suppress

from mgrad_cli.errors import UsageError

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX, KEPT_BYTES = -1, -3, -8, 32 << 20
"""Parameters of the C library's `mallopt`, and from which size memory is returned at once."""
COMPLETION = "_MGRAD_COMPLETE"
NUMBERS = {"COLUMNS": 100_000, "LINES": 100_000, "POLARS_MAX_THREADS": 1024}
"""Variables that are numbers, from 1 to these."""
SHELLS = ("bash", "zsh", "fish")


def clean_environment() -> None:
    """Remove invalid values, so that the library uses its default."""
    for name, largest in NUMBERS.items():
        if name in os.environ and not is_number(os.environ[name], largest):
            del os.environ[name]


def is_number(text: str, largest: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= largest


def check_completion() -> None:
    """Raise UsageError if the environment asks for an unknown kind of completion."""
    asked = os.environ.get(COMPLETION)
    if not asked:
        return
    shell, _, what = asked.partition("_")
    if shell not in SHELLS or what not in {"source", "complete"}:
        raise UsageError(f"{COMPLETION} is '{asked}', where it may be {', '.join(f'{each}_source' for each in SHELLS)}")
    index = os.environ.get("COMP_CWORD", "")
    is_there = "COMP_CWORD" in os.environ if shell == "fish" else index.isascii() and index.isdecimal()
    if what == "complete" and not ("COMP_WORDS" in os.environ and is_there and len(index) < 1000):
        raise UsageError(f"{COMPLETION} is set by a shell, together with COMP_WORDS and COMP_CWORD")


def keep_freed_memory() -> None:
    """Make the C library keep the memory of large blocks that are freed, which the next ones then need not get anew.

    All threads take it from one place: a thread frees what another needs next.
    """
    import ctypes
    import sys

    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library without the function
            library = ctypes.CDLL(None)
            library.mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)
            library.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
            library.mallopt(M_ARENA_MAX, 1)


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
