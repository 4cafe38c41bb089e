"""What the page of a stream is: its width and its colours, which the environment can override."""

import os
from contextlib import suppress
from typing import IO

from mgrad_cli.renderers import Page

FORCING = ("FORCE_COLOR", "TTY_COMPATIBLE")
"""Variables that may give colours to what is no terminal."""
USUAL_WIDTH = 80


def page_of(stream: IO[str]) -> Page:
    """Return the page of a stream. Only rich knows the colours of a terminal, and it is imported only for them."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if not stream.isatty() and not any(name in os.environ for name in FORCING):
        return Page(width=page_width(), encoding=encoding)
    from rich.console import Console

    seen = Console(file=stream)
    return Page(seen.width, seen.is_terminal, seen.color_system, seen.no_color, encoding)


def page_width() -> int:
    """Return the width that the environment gives, or that of the first standard stream which is a terminal."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given):
        return int(given)
    for descriptor in range(3):
        with suppress(OSError):
            return os.get_terminal_size(descriptor).columns or USUAL_WIDTH
    return USUAL_WIDTH
