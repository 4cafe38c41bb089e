"""Lower a syntax tree to a script: flat steps in the order of evaluation, with names and functions resolved.

`run_script` is the one loop over these steps. It runs on any kind of operand: floats, Values, registers of a program.
"""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from mgrad_cli.errors import ExpressionError, Span, UnknownFunctionError
from mgrad_cli.language.outputs import check_commas, output_names
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits, parse
from mgrad_cli.language.syntax import Call, Expression, Name, Statement, SyntaxTree
from mgrad_cli.operations import FUNCTION_NAMES, Operation, find
from mgrad_cli.operations.other_systems import POSSIBLE_MODULES

FIXED = {"inf": math.inf, "nan": math.nan}
"""Constants that cannot be given a value."""

CONSTANTS = {"pi": math.pi, "π": math.pi, "tau": math.tau, "τ": math.tau, "e": math.e, **FIXED}
"""All constants. A value or assignment for a name takes precedence, except over `FIXED`."""


class Step(NamedTuple):
    """One step: an operation on earlier steps of its block, a number, or a name to look up."""

    operation: Operation | None
    operands: tuple[int, ...]
    number: float | None
    name: str
    span: Span | None


class Assignment(NamedTuple):
    """A statement: its name, if any, its steps, and the names that they look up."""

    name: str | None
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    span: Span | None


class Script(NamedTuple):
    """A program ready to run: its statements in order, and every name by first appearance.

    assigned    the statement of each name that the text assigns
    outputs     the names of the outputs; the last statements are theirs, one for each
    """

    text: str
    blocks: tuple[Assignment, ...]
    names: tuple[str, ...]
    assigned: dict[str, int]
    outputs: tuple[str, ...] = ("f",)


def read(text: str, limits: Limits = DEFAULT_LIMITS, variables: Collection[str] = ()) -> Script:
    """Parse and lower a text. `variables` are names that have a value, beside those that the text assigns.

    Raises: ExpressionError, with a span, for an invalid expression; LimitError beyond a limit.

    >>> read("c = a*b; c + 1").names
    ('c', 'a', 'b')
    >>> read("c = a*b; c, c + 1").outputs
    ('c', 'f2')
    """
    return lower(parse(text, limits, FUNCTION_NAMES), variables)


def lower(program: SyntaxTree, variables: Collection[str] = ()) -> Script:
    """Lower the statements of a syntax tree to steps.

    Raises: ExpressionError for an unknown function, a wrong number of arguments, a name that is assigned twice or used
    before its statement, or a statement whose value is not used.
    """
    text = program.text
    statements = program.statements
    outputs = statements[-program.outputs :]
    check_commas(outputs, text)
    assigned: dict[str, int] = {}
    for index, statement in enumerate(statements):
        check_statement(statement, text, assigned, is_output=index >= len(statements) - program.outputs)
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
    return Script(text, tuple(blocks), tuple(names), assigned, output_names(outputs, names))


def check_one_output(script: Script, what: str) -> None:
    """Raise ExpressionError, at the second output of a script that has several. `what` takes only one."""
    count = len(script.outputs)
    if count > 1:
        span = script.blocks[1 - count].span
        raise ExpressionError(f"{what} takes one output, and the expression has {count}", script.text, span)


def one_output(script: Script, index: int) -> Script:
    """Return a script with one of its outputs. All its variables and named statements stay.

    >>> one_output(read("u = a*b; u, u + 1"), 1).outputs
    ('f2',)
    """
    count = len(script.outputs)
    if count == 1:
        return script
    first = len(script.blocks) - count
    blocks = (*script.blocks[:first], script.blocks[first + index])
    return script._replace(blocks=blocks, outputs=(script.outputs[index],))


def run_script(script: Script, named: dict[str, Any], make: Callable[[Step, list[Any]], Any]) -> list[Any]:
    """Run a script on operands of any class and return its outputs, in order.

    `named` maps names to operands: the inputs at first, and the result of each statement as it is computed. A statement
    with the name of an input is not run. `make` returns the operand for a step, given the step and its operands. It is
    called for operations, numbers and constants, but not for names in `named`.
    """
    results: list[Any] = []
    for block in script.blocks:
        result = named[block.name] if block.name in named else run_block(block, named, make)
        if block.name is not None:
            named[block.name] = result
        results.append(result)
    return results[-len(script.outputs) :]


def run_block(block: Assignment, named: Mapping[str, Any], make: Callable[[Step, list[Any]], Any]) -> Any:
    """Run one statement, with the arguments of `run_script`, and return its result."""
    registers: list[Any] = []
    for step in block.steps:
        if step.name in named:
            registers.append(named[step.name])
        else:
            registers.append(make(step, [registers[index] for index in step.operands]))
    return registers[-1]


def check_statement(statement: Statement, text: str, assigned: dict[str, int], is_output: bool) -> None:
    """Check that a statement's value is used, and that its name can be assigned.

    Raises: ExpressionError otherwise.
    """
    name = statement.name
    if name is None:
        if not is_output:
            raise ExpressionError(
                "the value of this statement is not used; assign it to a name, as in 'y = ...'", text, statement.span
            )
        return
    if name in assigned:
        raise ExpressionError(f"'{name}' is assigned twice", text, target_span(statement))
    if name in FIXED:
        raise ExpressionError(f"'{name}' is a constant and cannot be assigned", text, target_span(statement))


def target_span(statement: Statement) -> Span | None:
    """Return the span of the name in an assignment."""
    if statement.span is None or statement.name is None:
        return statement.span
    return Span(statement.span.start, statement.span.start + len(statement.name))


def lower_statement(statement: Statement, text: str, variables: Collection[str]) -> Assignment:
    """Lower one statement. `variables` are the names that have a value, for error messages."""
    steps: list[Step] = []
    indices: dict[int, int] = {}
    names: dict[str, None] = {}
    calls: list[Call] = []
    stack: list[Expression | None] = [statement.expression]
    while stack:
        node = stack.pop()
        if node is None:  # all operands of the last call have their steps
            call = calls.pop()
            operands = [indices[id(operand)] for operand in call.operands]
            operation = operation_of(call, statement, text, variables)
            for default in operation.complete(len(operands)) if operation.defaults else ():
                operands.append(len(steps))
                steps.append(new_step(Step, (None, (), default, "", call.span)))
            indices[id(call)] = len(steps)
            steps.append(new_step(Step, (operation, tuple(operands), None, "", call.span)))
        elif id(node) in indices:  # the middle of a chain such as a < b < c
            continue
        elif node.__class__ is Call:
            calls.append(node)
            stack.append(None)
            stack += node.operands[::-1]
        else:
            number, name, span = (None, *node) if node.__class__ is Name else (node[0], "", node[1])
            if number is None:
                names[name] = None
            indices[id(node)] = len(steps)
            steps.append(new_step(Step, (None, (), number, name, span)))
    if not POSSIBLE_MODULES.isdisjoint(names):
        from mgrad_cli.language.call_errors import check_modules

        check_modules(statement.expression, text, variables)
    return Assignment(statement.name, tuple(steps), tuple(names), statement.span)


def operation_of(call: Call, statement: Statement, text: str, variables: Collection[str]) -> Operation:
    """Return the operation that a call refers to. Raises: ExpressionError if there is none."""
    try:
        return find(call.function, len(call.operands))
    except UnknownFunctionError as error:
        from mgrad_cli.language.call_errors import unknown_call

        raise unknown_call(error, call, statement.expression, text, variables) from None


new_step = tuple.__new__
"""Makes a step from its fields, in half the time that its class takes: a formula has one for every word."""
