"""Statements as typed, with their places in the entry, checked except for the meaning of their names."""

import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.language.lowering import Assignment, check_statement, lower_statement, target_span
from mgrad_cli.language.outputs import check_commas
from mgrad_cli.language.parser import Limits, parse
from mgrad_cli.language.syntax import Statement
from mgrad_cli.operations import FUNCTION_NAMES

LAST = "_"
"""The name of the last expression."""


class Typed(NamedTuple):
    """A statement whose expression fills `span` of the entry; the spans of its block also refer to the entry."""

    entry: str
    name: str | None
    span: Span
    block: Assignment

    @property
    def text(self) -> str:
        return self.entry[self.span.start : self.span.end]

    @property
    def is_atom(self) -> bool:
        """Whether it needs no parentheses inside another expression."""
        operation = self.block.steps[-1].operation
        return operation is None or not operation.symbol

    def uses(self, name: str) -> list[Span]:
        """Return the spans of a name, in order."""
        return sorted(step.span for step in self.block.steps if step.name == name and step.span is not None)


def read_statements(entry: str, start: int, limits: Limits, variables: Collection[str]) -> list[Typed]:
    """Return the statements of an entry from an index on; `known` names have a value or a formula.

    Raises: ExpressionError, with its place in the entry.
    """
    entry = unicodedata.normalize("NFC", entry)
    text = " " * start + entry[start:]  # so that spans refer to the entry
    try:
        program = parse(text, limits, FUNCTION_NAMES)
        check_commas(program.statements[-program.outputs :], program.text)
        known = {*variables, *(statement.name for statement in program.statements if statement.name)}
        return [typed(statement, text, entry, known) for statement in program.statements]
    except ExpressionError as error:
        error.source = entry
        raise


def typed(statement: Statement, text: str, entry: str, variables: Collection[str]) -> Typed:
    """Return a statement whose spans refer to the entry.

    Raises: ExpressionError for an unknown function, or a name that cannot be assigned.
    """
    check_statement(statement, text, {}, is_output=True)
    if statement.name == LAST:
        raise ExpressionError(f"'{LAST}' is the last expression and cannot be assigned", text, target_span(statement))
    assert statement.span is not None
    start, end = statement.span
    if statement.name is not None:
        start = text.index("=", start + len(statement.name)) + 1
        start += len(text[start:end]) - len(text[start:end].lstrip())
    return Typed(entry, statement.name, Span(start, end), lower_statement(statement, text, variables))
