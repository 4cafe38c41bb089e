"""Statements as they were typed: each checked, but for what its names stand for, and with its place in the entry."""

import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.language.lowering import Assignment, check_statement, lower_statement, target_span
from mgrad_cli.language.parser import Limits, parse
from mgrad_cli.language.syntax import Statement
from mgrad_cli.operations import FUNCTION_NAMES

LAST = "_"
"""The name of the last expression."""


class Typed(NamedTuple):
    """A statement: its expression fills `span` of the entry, and the spans of its block are places there too."""

    entry: str
    name: str | None
    span: Span
    block: Assignment

    @property
    def text(self) -> str:
        return self.entry[self.span.start : self.span.end]

    @property
    def is_atom(self) -> bool:
        """Whether it can stand in another expression without parentheses."""
        operation = self.block.steps[-1].operation
        return operation is None or not operation.symbol

    def uses(self, name: str) -> list[Span]:
        """Where a name stands, in order."""
        return sorted(step.span for step in self.block.steps if step.name == name and step.span is not None)


def read_statements(entry: str, start: int, limits: Limits, variables: Collection[str]) -> list[Typed]:
    """The statements of an entry from a place on, where these names have a value or a formula.

    Raises: ExpressionError, at its place in the entry.
    """
    entry = unicodedata.normalize("NFC", entry)
    text = " " * start + entry[start:]  # so that places in it are places in the entry
    try:
        program = parse(text, limits, FUNCTION_NAMES)
        known = {*variables, *(statement.name for statement in program.statements if statement.name)}
        return [typed(statement, text, entry, known) for statement in program.statements]
    except ExpressionError as error:
        error.source = entry
        raise


def typed(statement: Statement, text: str, entry: str, variables: Collection[str]) -> Typed:
    """A statement of a text whose places are those of an entry.

    Raises: ExpressionError for an unknown function, or a name that cannot be given.
    """
    check_statement(statement, text, {}, is_last=True)
    if statement.name == LAST:
        raise ExpressionError(f"'{LAST}' is the last expression and cannot be assigned", text, target_span(statement))
    assert statement.span is not None
    start, end = statement.span
    if statement.name is not None:
        start = text.index("=", start + len(statement.name)) + 1
        start += len(text[start:end]) - len(text[start:end].lstrip())
    return Typed(entry, statement.name, Span(start, end), lower_statement(statement, text, variables))
