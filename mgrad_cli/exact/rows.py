"""Rows of data certified: those of which doubles may have lost digits are computed again in balls."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mgrad_cli.errors import UndecidedError
from mgrad_cli.exact.figures import require_flint
from mgrad_cli.language.lowering import Script
from mgrad_cli.program import Program, trace
from mgrad_cli.program.recorder import Recorder

MIN_DIGITS = 8.0
"""The right digits, by the estimate, with which a figure of doubles is left as it is."""
LOCK = threading.Lock()
"""The precision of Arb holds for the whole process."""


class RowCertifier:
    """A script whose figures are proven for single rows.

    names     its inputs
    numbers   the values of those that are no columns
    bound     the inputs that have a column or are bound; the others are what the script declares
    derive    returns the program of all figures from that of the values, with a recorder that does not round
    """

    def __init__(
        self,
        script: Script,
        names: Sequence[str],
        numbers: Mapping[str, float],
        bound: Sequence[str],
        derive: Callable[[Program, Callable[[], Recorder]], Program],
    ) -> None:
        """Raise MissingExtraError without python-flint."""
        require_flint("--certify")
        from mgrad_cli.exact.ball import irrational_names
        from mgrad_cli.exact.certifying import declared_inputs
        from mgrad_cli.exact.recording import ExactRecorder

        self.numbers = dict(numbers)
        self.declared = declared_inputs(script, bound)
        values = trace(script, [*names, *irrational_names(script, names)], recorder=ExactRecorder())
        self.program = derive(values, ExactRecorder)
        self.figures = len(self.program.outputs)

    def certify(self, columns: Mapping[str, Any], results: list[Any], nulls: Any) -> tuple[int, int]:
        """Replace the figures of suspect rows by proven ones; return how many rows that is, and how many stay open.

        `results` are the figures, and then how many digits of each are right by the estimate. A row is suspect if one
        has too few, or is not finite though the row is. What cannot be decided becomes nan.
        """
        import numpy

        figures, digits = results[: self.figures], results[self.figures :]
        suspect = numpy.zeros(len(figures[0]), dtype=bool)
        for figure, right in zip(figures, digits, strict=True):
            suspect |= ~(right >= MIN_DIGITS) | ~numpy.isfinite(figure)
        for column in columns.values():
            suspect &= numpy.isfinite(column)
        if nulls is not None:
            suspect &= ~nulls
        rows = numpy.flatnonzero(suspect).tolist()
        undecided = 0
        for row in rows:
            point = self.numbers | {name: float(column[row]) for name, column in columns.items()}
            try:
                proven = self.at(point)
            except UndecidedError:
                undecided += 1
                proven = [float("nan")] * self.figures
            for figure, number in zip(figures, proven, strict=True):
                figure[row] = number
            for right in digits:
                right[row] = 16.0
        return len(rows) - undecided, undecided

    def at(self, point: Mapping[str, float]) -> list[float]:
        """Return the figures at a point, proven.

        Raises: UndecidedError.
        """
        from mgrad_cli.exact.ball import Ball, constant_ball
        from mgrad_cli.exact.certifying import decided
        from mgrad_cli.exact.nearest import nearest

        def inputs() -> dict[str, Ball]:
            return {
                name: constant_ball(self.declared[name]) if name in self.declared else Ball.of(number)
                for name, number in point.items()
            }

        with LOCK:
            return decided(self.program, inputs, nearest)[0]
