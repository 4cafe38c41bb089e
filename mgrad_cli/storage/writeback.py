"""Files whose content goes to the disk while it is written, so that waiting for all of it at the end is short."""

import io
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

WRITE = 2
"""The flag of Linux's `sync_file_range` that starts to write pages to the disk and does not wait."""
STARTED_BYTES = 8 << 20


class EarlyFile(io.FileIO):
    """A file to write. After every `STARTED_BYTES`, the system starts to write it to the disk."""

    waiting = 0

    def write(self, content: Any, /) -> int:
        written = super().write(content)
        self.waiting += written
        if self.waiting >= STARTED_BYTES:
            start_writing()(self.fileno())
            self.waiting = 0
        return written


@cache
def start_writing() -> Callable[[int], object]:
    """Return the function that starts to write a file, given its descriptor; on Linux only it does something."""
    import ctypes

    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a C library without the function
            function = ctypes.CDLL(None).sync_file_range
            function.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
            return lambda descriptor: function(descriptor, 0, 0, WRITE)
    return lambda descriptor: None
