"""An expression behind the formulas that it needs: one program that knows where each part was typed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.language.parser import Limits
from mgrad_cli.repl.statements import Typed


class Piece(NamedTuple):
    """A part of a program's text: where it begins in the program (`start`) and in what was typed (`offset`)."""

    start: int
    source: str
    offset: int


class Composition(NamedTuple):
    """A program made of pieces, and the values of those of its variables that have one."""

    script: Script
    pieces: tuple[Piece, ...]
    values: dict[str, float]

    @property
    def missing(self) -> list[str]:
        """The variables without a value."""
        names, declared = input_names(self.script, self.values)
        return [name for name in names if name not in self.values and name not in declared]

    @property
    def expression(self) -> str:
        """The expression alone, as typed."""
        return self.script.text[self.pieces[-1].start :]

    def origin(self, span: Span) -> tuple[str, Span]:
        """Return what was typed for a place of the program, and the place in it."""
        return origin(self.pieces, span)


def origin(pieces: Sequence[Piece], span: Span) -> tuple[str, Span]:
    piece = next(piece for piece in reversed(pieces) if piece.start <= span.start)
    shift = piece.offset - piece.start
    return piece.source, Span(span.start + shift, span.end + shift)


def composed(formulas: Iterable[str], typed: Typed, values: Mapping[str, float], limits: Limits) -> Composition:
    """Return the program of some formulas, each a statement, followed by an expression.

    Raises: LimitError, with its place in what was typed.
    """
    # Each part was read under the setting of its time, and what has its signs reads the same without one.
    pieces: list[Piece] = []
    lines: list[str] = []
    index = 0
    for line in formulas:
        pieces.append(Piece(index, line, 0))
        lines.append(line)
        index += len(line) + 1
    pieces.append(Piece(index, typed.entry, typed.span.start))
    try:
        script = read("\n".join([*lines, typed.text]), limits._replace(implicit=True), values)
    except ExpressionError as error:
        if error.span is not None:
            error.source, error.span = origin(pieces, error.span)
        raise
    return Composition(script, tuple(pieces), {name: values[name] for name in script.names if name in values})
