"""From the syntax tree to flat steps in the order of evaluation: names and functions resolved, nothing computed.

Every reading of a program is one loop over these steps, each time with other kinds of operands.
"""

import math
from collections.abc import Collection
from typing import NamedTuple

from mgrad_cli.errors import ExpressionError, Span, UnknownFunctionError
from mgrad_cli.language.call_errors import check_modules, unknown_call
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits, parse
from mgrad_cli.language.syntax import Call, Name, Statement, SyntaxTree, nodes_of
from mgrad_cli.operations import FUNCTION_NAMES, Operation, find
from mgrad_cli.operations.other_systems import MAY_BE_MODULES

FIXED = {"inf": math.inf, "nan": math.nan}
"""Constants that nothing rebinds."""

CONSTANTS = {"pi": math.pi, "π": math.pi, "tau": math.tau, "τ": math.tau, "e": math.e, **FIXED}
"""Constants; a binding or an assignment of the same name wins over the others."""


class Step(NamedTuple):
    """One node: an operation on earlier steps of its block, a number, or a name that is looked up."""

    operation: Operation | None
    operands: tuple[int, ...]
    number: float | None
    name: str
    span: Span | None


class Assignment(NamedTuple):
    """A statement: the name it gives, if any, its steps, and the names they look up."""

    name: str | None
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    span: Span | None


class Script(NamedTuple):
    """A program ready to be evaluated: its blocks in order, and every name in it by first appearance."""

    text: str
    blocks: tuple[Assignment, ...]
    names: tuple[str, ...]
    assigned: dict[str, int]


def read(text: str, limits: Limits = DEFAULT_LIMITS, variables: Collection[str] = ()) -> Script:
    """The unit that a text spells. `variables` are names that have a value, beside those that the text assigns.

    Raises: ExpressionError with the place of what is wrong.
    """
    return lower(parse(text, limits, FUNCTION_NAMES), variables)


def lower(program: SyntaxTree, variables: Collection[str] = ()) -> Script:
    """The program's statements as blocks of steps.

    Raises: ExpressionError for an unknown function, a wrong number of arguments, a name assigned twice or used
    before its statement, or a statement whose value nothing could use.
    """
    text = program.text
    statements = program.statements
    assigned: dict[str, int] = {}
    for index, statement in enumerate(statements):
        check_statement(statement, text, assigned, is_last=index == len(statements) - 1)
        if statement.name is not None:
            assigned[statement.name] = index
    known = {*assigned, *variables}
    names: dict[str, None] = {}
    blocks = []
    for index, statement in enumerate(statements):
        if statement.name is not None:
            names[statement.name] = None
        block = lower_statement(statement, text, known)
        for step in block.steps:
            if step.name and assigned.get(step.name, -1) >= index:
                when = "in its own statement" if assigned[step.name] == index else "before its statement"
                raise ExpressionError(f"'{step.name}' is used {when}", text, step.span)
        names.update(dict.fromkeys(block.names))
        blocks.append(block)
    return Script(text, tuple(blocks), tuple(names), assigned)


def check_statement(statement: Statement, text: str, assigned: dict[str, int], is_last: bool) -> None:
    name = statement.name
    if name is None:
        if not is_last:
            raise ExpressionError(
                "the value of this statement is not used; assign it to a name, as in 'y = ...'", text, statement.span
            )
        return
    if name in assigned:
        raise ExpressionError(f"'{name}' is assigned twice", text, head(statement))
    if name in FIXED:
        raise ExpressionError(f"'{name}' is a constant and cannot be assigned", text, head(statement))


def head(statement: Statement) -> Span | None:
    """Where the name of an assignment stands."""
    if statement.span is None or statement.name is None:
        return statement.span
    return Span(statement.span.start, statement.span.start + len(statement.name))


def lower_statement(statement: Statement, text: str, variables: Collection[str]) -> Assignment:
    steps: list[Step] = []
    indices: dict[int, int] = {}
    names: dict[str, None] = {}
    for node in nodes_of(statement.expression):
        if isinstance(node, Call):
            try:
                operation = find(node.function, len(node.operands))
            except UnknownFunctionError as error:
                raise unknown_call(error, node, statement.expression, text, variables) from None
            operands = [indices[id(operand)] for operand in node.operands]
            for default in operation.complete(len(operands)):
                operands.append(len(steps))
                steps.append(Step(None, (), default, "", node.span))
            step = Step(operation, tuple(operands), None, "", node.span)
        elif isinstance(node, Name):
            names[node.name] = None
            step = Step(None, (), None, node.name, node.span)
        else:
            step = Step(None, (), node.value, "", node.span)
        indices[id(node)] = len(steps)
        steps.append(step)
    if not MAY_BE_MODULES.isdisjoint(names):
        check_modules(statement.expression, text, variables)
    return Assignment(statement.name, tuple(steps), tuple(names), statement.span)
