"""What the page of a stream is: its width and its colours, which the environment can override."""

import os
from typing import IO

from mgrad_cli.renderers import Page
from mgrad_cli.text import page_width

FORCING = ("FORCE_COLOR", "TTY_COMPATIBLE")
"""Variables that may give colours to what is no terminal."""


def page_of(stream: IO[str]) -> Page:
    """Return the page of a stream. Only rich knows the colours of a terminal, and it is imported only for them."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if not stream.isatty() and not any(name in os.environ for name in FORCING):
        return Page(width=page_width(), encoding=encoding)
    from rich.console import Console

    seen = Console(file=stream)
    return Page(seen.width, seen.is_terminal, seen.color_system, seen.no_color, encoding)
