"""Statements as typed, with their places in the entry, checked except for the meaning of their names."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from mgrad_cli.errors import ExpressionError, Span
from mgrad_cli.language.lowering import Assignment, check_assignment, define, lower_statement, target_span
from mgrad_cli.language.outputs import check_commas
from mgrad_cli.language.parser import Limits, parse
from mgrad_cli.language.syntax import Call, FunctionDefinition, Name, Statement, nodes_of, parts_of
from mgrad_cli.language.user_functions import Functions
from mgrad_cli.operations import FUNCTION_NAMES
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.text import normalised

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


class TypedFunction(NamedTuple):
    """The definition of a function, whose spans refer to the entry.

    names   the names in it, parameters included
    called  all functions that its expression calls
    """

    entry: str
    definition: FunctionDefinition
    names: tuple[str, ...]
    called: tuple[str, ...]

    def __str__(self) -> str:
        return self.text

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def text(self) -> str:
        """The whole definition, as typed."""
        start, end = self.definition.span or Span(0, 0)
        return self.entry[start:end]


def read_statements(
    entry: str, start: int, limits: Limits, variables: Collection[str], functions: Mapping[str, TypedFunction]
) -> list[Typed | TypedFunction]:
    """Return the statements of an entry from an index on, and the functions that it defines.

    `variables` are names that have a value or a formula, and `functions` those defined before.

    Raises: ExpressionError, with its place in the entry.
    """
    entry = normalised(entry)
    text = " " * start + entry[start:]  # so that spans refer to the entry
    try:
        program = parse(text, limits, FUNCTION_NAMES | functions.keys())
        check_commas(program.statements[-program.outputs :], program.text)
        known = {*variables, *(statement.name for statement in program.statements if statement.name)}
        defined = dict(functions)
        resolved = resolve(defined, known)
        found: list[Typed | TypedFunction] = []
        for part in parts_of(program):
            if isinstance(part, Statement):
                found.append(typed(part, text, entry, known, resolved))
            else:
                function = typed_function(part, entry)
                defined[function.name] = function
                resolved = redefined(function, defined, known)
                found.append(function)
        return found
    except ExpressionError as error:
        if error.source == text:
            error.source = entry
        raise


def typed_function(definition: FunctionDefinition, entry: str) -> TypedFunction:
    """Return a definition as typed."""
    nodes = list(nodes_of(definition.expression))
    names = dict.fromkeys(node.name for node in nodes if isinstance(node, Name))
    calls = dict.fromkeys(node.function for node in nodes if isinstance(node, Call))
    return TypedFunction(entry, definition, tuple(names), tuple(calls))


def resolve(functions: Mapping[str, TypedFunction], variables: Collection[str]) -> Functions:
    """Return functions that can be called, each defined after those that it calls.

    Raises: ExpressionError, with its place in what was typed, for a definition that is not valid.
    """
    resolved = Functions(tuple(function.definition for function in functions.values()))
    for name in called_first(functions, functions):
        define(functions[name].definition, resolved, functions[name].entry, variables, {})
    return resolved


def called_first(names: Iterable[str], functions: Mapping[str, TypedFunction]) -> Iterator[str]:
    """Yield functions and those that they call, each after those that it calls."""
    return postorder(names, lambda name: [each for each in functions[name].called if each in functions])


def redefined(function: TypedFunction, functions: Mapping[str, TypedFunction], variables: Collection[str]) -> Functions:
    """Return functions that can be called, one of which is new.

    Raises: ExpressionError, in its entry, if it is not valid, or another that calls it would not be valid any more.
    """
    name, span = function.name, function.definition.span
    for other in called_first([each for each in function.called if each in functions and each != name], functions):
        if name in functions[other].called and other != name:
            message = f"the function '{name}' calls itself, through {other}; functions cannot be recursive"
            raise ExpressionError(message, function.entry, span)
    try:
        resolved = resolve(functions, variables)
    except ExpressionError as error:
        if error.source == function.entry:
            raise
        message = f"a function that calls {name} would not be valid any more: {error.message}"
        raise ExpressionError(message, function.entry, span) from None
    known = resolved.defined[name]
    if known is not None and LAST in known.names:
        raise ExpressionError(
            f"a function cannot use '{LAST}', the last expression; give it a name", function.entry, span
        )
    return resolved


def typed(statement: Statement, text: str, entry: str, variables: Collection[str], functions: Functions) -> Typed:
    """Return a statement whose spans refer to the entry.

    Raises: ExpressionError for an unknown function, or a name that cannot be assigned.
    """
    check_assignment(statement, text, {})
    if statement.name == LAST:
        raise ExpressionError(
            f"'{LAST}' is the last expression and cannot be assigned", text, target_span(statement, text)
        )
    assert statement.span is not None
    start, end = statement.span
    if statement.name is not None:
        start = text.index("=", (target_span(statement, text) or statement.span).end) + 1
        start += len(text[start:end]) - len(text[start:end].lstrip())
    return Typed(entry, statement.name, Span(start, end), lower_statement(statement, text, variables, functions))
