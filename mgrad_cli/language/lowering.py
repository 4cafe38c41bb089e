"""Lower a syntax tree to a script: flat steps in the order of evaluation, with names and functions resolved."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mgrad_cli.errors import ExpressionError, LimitError, MgradError, Span
from mgrad_cli.language.expression_lowering import check_order, lower_expression
from mgrad_cli.language.outputs import check_commas, output_names
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits, parse, scan, tree_of
from mgrad_cli.language.syntax import (
    FunctionDefinition,
    Number,
    Statement,
    SyntaxTree,
    parts_of,
)
from mgrad_cli.language.user_functions import Functions
from mgrad_cli.operations import FUNCTION_NAMES
from mgrad_cli.script import (
    CONSTANTS,
    FIXED,
    Assignment,
    Script,
    Step,
    new_step,
    run_block,
    run_script,
)

if TYPE_CHECKING:
    pass

__all__ = [
    "CONSTANTS",
    "FIXED",
    "Assignment",
    "Script",
    "check_assignment",
    "define",
    "lower",
    "lower_statement",
    "read",
    "read_all",
    "run_block",
    "run_script",
    "target_span",
]


def read(
    text: str, limits: Limits = DEFAULT_LIMITS, variables: Collection[str] = (), is_keeping: bool = False
) -> Script:
    """Parse and lower a text, as `lower` does.

    Raises: ExpressionError, with a span, for an invalid expression; LimitError beyond a limit.

    >>> read("c = a*b; c + 1").names
    ('c', 'a', 'b')
    >>> read("c = a*b; c, c + 1").outputs
    ('c', 'f2')
    >>> [step.operation and step.operation.name for step in read("f(x) = x*x; f(a)").blocks[0].steps]
    [None, 'multiply']
    """
    return lower(parse(text, limits, FUNCTION_NAMES), variables, is_keeping)


def read_all(texts: Sequence[str], limits: Limits = DEFAULT_LIMITS) -> list[Script | None]:
    """Parse and lower texts, each pass over all of them, in three quarters of the time that it takes text by text.

    The code of one pass stays in the processor's cache. A text with an error has `None` in its place.

    >>> [script and script.names for script in read_all(["a*b", "a*", "c"])]
    [('a', 'b'), None, ('c',)]
    """
    items: list[Any] = list(texts)
    passes: tuple[Callable[[Any], Any], ...] = (
        lambda text: scan(text, limits, FUNCTION_NAMES),
        lambda tokens: tree_of(tokens, FUNCTION_NAMES),
        lower,
    )
    for each in passes:
        for index, item in enumerate(items):
            if item is not None:
                try:
                    items[index] = each(item)
                except MgradError:
                    items[index] = None
    return items


def lower(program: SyntaxTree, variables: Collection[str] = (), is_keeping: bool = False) -> Script:
    """Lower the statements of a syntax tree to steps.

    `variables` are names that have a value, beside those that the text assigns. With `is_keeping`, calls of functions
    that the text defines stay calls, and the script has these functions as `kept`. It can only be differentiated.

    Raises: ExpressionError for an unknown function, a wrong number of arguments, a name that is assigned twice or used
    before its statement, a statement whose value is not used, or a definition that is not valid; LimitError for calls
    that are expanded to too much.
    """
    text = program.text
    statements = program.statements
    if program.definitions and program.definitions[-1].position == len(statements):
        from mgrad_cli.language.definition_errors import no_output

        raise no_output(program.definitions[-1], text)
    outputs = statements[-program.outputs :]
    check_commas(outputs, text)
    assigned: dict[str, int] = {}
    for index, statement in enumerate(statements):
        if statement.name is None and index < len(statements) - program.outputs:
            from mgrad_cli.language.definition_errors import unused_value

            raise unused_value(statements, index, text)
        check_assignment(statement, text, assigned)
        if statement.name is not None:
            assigned[statement.name] = index
    known = {*assigned, *variables}
    functions = Functions(program.definitions, is_keeping)
    names: dict[str, None] = {}
    blocks: list[Assignment] = []
    functions.assigned, functions.blocks = assigned, blocks
    for part in parts_of(program):
        if isinstance(part, FunctionDefinition):
            define(part, functions, text, known, assigned)
            continue
        if part.name is not None:
            names[part.name] = None
        block = lower_statement(part, text, known, functions)
        for name in block.names:
            if assigned.get(name, -1) >= len(blocks):
                check_order(block.steps, len(blocks), assigned, text)
            names[name] = None
        blocks.append(block)
    named = output_names(outputs, names)
    derived_by, series = tuple(functions.derived_by.items()), tuple(functions.indices.items())
    script = Script(text, tuple(blocks), tuple(names), assigned, named, program.definitions, derived_by, series)
    if not program.definitions:
        return script
    kept = [function.kept for function in functions.defined.values() if function is not None and function.kept]
    return script._replace(tree=program, kept=tuple(kept))


def define(
    definition: FunctionDefinition,
    functions: Functions,
    text: str,
    variables: Collection[str],
    assigned: Mapping[str, int],
) -> None:
    """Define a function. Raises: as `lower` does."""
    from mgrad_cli.language.definition_errors import check_function_name
    from mgrad_cli.language.expansion import TOO_MUCH, Cost, UserFunction

    check_function_name(definition, functions.defined, text)
    functions.current = definition
    kept = None
    if functions.is_keeping:
        from mgrad_cli.language.kept_functions import kept_function

        kept = kept_function(definition, functions, text, variables)
    functions.is_keeping, is_keeping = False, functions.is_keeping
    try:
        steps, names, expansion = lower_expression(
            definition.expression, text, variables, functions, definition.parameters, is_count=True
        )
        cost = expansion.cost if expansion else Cost(len(steps))
    except LimitError:
        if kept is None:
            raise
        steps, names, cost = list(kept.steps), (), TOO_MUCH
    functions.is_keeping = is_keeping
    for step in steps:
        if step.name and assigned.get(step.name, -1) >= definition.position:
            raise ExpressionError(f"'{step.name}' is used before its statement", text, step.span)
    functions.current = None
    functions.defined[definition.name] = UserFunction(definition, names, cost, kept)


def check_assignment(statement: Statement, text: str, assigned: dict[str, int]) -> None:
    """Check that a statement's name, if it has one, can be assigned.

    Raises: ExpressionError otherwise.
    """
    name = statement.name
    if name is None:
        return
    if name in assigned:
        raise ExpressionError(f"'{name}' is assigned twice", text, target_span(statement, text))
    if name in FIXED:
        raise ExpressionError(f"'{name}' is a constant and cannot be assigned", text, target_span(statement, text))


def target_span(statement: Statement, text: str) -> Span | None:
    """Return the span of the name in an assignment."""
    span, name = statement.span, statement.name
    if span is None or name is None:
        return span
    is_quoted = text.startswith("`", span.start)
    return Span(span.start, span.start + len(name) + 2 * is_quoted)


def lower_statement(
    statement: Statement, text: str, variables: Collection[str], functions: Functions | None
) -> Assignment:
    """Lower one statement.

    `variables` are the names that have a value, for error messages, and `functions` those that the text has defined.
    """
    name, expression, span = statement
    if expression.__class__ is Number:  # nearly every statement that has a name
        step = new_step(Step, (None, (), expression[0], "", expression[1]))
        return new_step(Assignment, (name, (step,), (), span, ()))
    steps, names, expansion = lower_expression(expression, text, variables, functions or Functions())
    called = tuple(expansion.called) if expansion else ()
    return Assignment(name, tuple(steps), names, span, called)
