"""A progress bar on standard error for long runs."""

import time
from typing import Any

from mgrad_cli.storage.streams import terminal_for_progress
from mgrad_cli.text import printable

PATIENCE_SECONDS = 1.0


class Progress:
    """Shows lines or rows and failures so far, the rate, and the time left if the size of the input is known.

    Nothing is drawn, and rich is not imported, in the first second or if standard error is not a terminal.
    """

    def __init__(self, total: int | None, wanted: bool, unit: str = "lines") -> None:
        self.total = total
        self.unit = unit
        self.terminal = terminal_for_progress() if wanted else None
        self.wanted = self.terminal is not None
        self.started = time.monotonic()
        self.bar: Any = None
        self.note = ""
        self.lines = self.failed = self.done = 0

    def advance(self, lines: int, failed: int, done: int) -> None:
        """Count some more lines, and `done` more of the total."""
        self.lines += lines
        self.failed += failed
        self.done += done
        if not self.wanted:
            return
        seconds = time.monotonic() - self.started
        if self.bar is None:
            if seconds < PATIENCE_SECONDS:
                return
            self.bar = self.begin()
        rate = f"{self.lines / seconds:,.0f} {self.unit}/s"
        failures = f", {self.failed} failed" if self.failed else ""
        self.bar.update(
            0,
            completed=self.done,
            description=printable(f"{self.lines:,} {self.unit}, {rate}{failures}{self.note and ', '}{self.note}"),
        )

    def begin(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeRemainingColumn(),
            console=Console(file=self.terminal),
            transient=True,
        )
        bar.add_task("", total=self.total)
        bar.start()
        return bar

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()
