"""What is wrong with the definition of a function, or with a call of one that the text defines."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mgrad_cli.errors import ExpressionError, Span, UnknownFunctionError
from mgrad_cli.language.call_places import function_span, is_method
from mgrad_cli.language.printing import spelled_name
from mgrad_cli.language.syntax import Call, Expression, FunctionDefinition, Name, Statement, nodes_of
from mgrad_cli.language.user_functions import FIXED_NAMES, FORMS, Functions
from mgrad_cli.operations import TABLE

if TYPE_CHECKING:
    from mgrad_cli.script import Defined


def signature(definition: "Defined") -> str:
    """Return how a function is called, as `f(x, y)`."""
    return f"{definition.name}({', '.join(map(spelled_name, definition.parameters))})"


def parameter_names(function: str, arguments: Sequence[Expression], span: Span) -> tuple[str, ...]:
    """Return the parameters of a definition. Raises: ExpressionError for one that is not a name, or occurs twice."""
    names: list[str] = []
    for argument in arguments:
        if not isinstance(argument, Name):
            message = f"a parameter is a name, as in {function}(x) = ...; to compare, write =="
            raise ExpressionError(message, "", argument.span or span)
        if argument.name in names:
            raise ExpressionError(f"'{argument.name}' is a parameter of {function} twice", "", argument.span)
        if argument.name in FIXED_NAMES:
            raise ExpressionError(f"'{argument.name}' is a constant and cannot be a parameter", "", argument.span)
        names.append(argument.name)
    return tuple(names)


def no_output(definition: FunctionDefinition, text: str) -> ExpressionError:
    """Return the error for a definition after which nothing is computed."""
    called = signature(definition)
    message = f"the last statement defines a function; call it after that, as in {called} = ...; {called}"
    return ExpressionError(message, text, definition.span)


def check_function_name(definition: FunctionDefinition, defined: Mapping[str, object], text: str) -> None:
    """Check that a function can be defined. Raises: ExpressionError, at its name."""
    name = definition.name
    span = name_place(definition)
    if name in TABLE or name in FORMS:
        raise ExpressionError(f"'{name}' is a function of the language and cannot be defined", text, span)
    if name in defined:
        raise ExpressionError(f"the function '{name}' is defined twice", text, span)


def name_place(definition: FunctionDefinition) -> Span | None:
    """Return the span of the function's name in its definition."""
    span = definition.span
    return None if span is None else Span(span.start, span.start + len(definition.name))


def check_defined(call: Call, functions: Functions, text: str) -> None:
    """Check that an unknown function is not one that the text defines only after the call.

    Raises: UnknownFunctionError, at the name of the function.
    """
    name = call.function
    if name not in functions.declared:
        return
    message = f"the function '{name}' is called before its definition"
    if functions.current is not None and functions.current.name == name:
        message = f"the function '{name}' calls itself; functions cannot be recursive"
    raise UnknownFunctionError(message, text, function_span(call, text) if call.span else None)


def wrong_count(call: Call, definition: FunctionDefinition, text: str) -> UnknownFunctionError:
    """Return the error for a call without an argument for each parameter, at the function's name."""
    count, name = len(call.operands), definition.name
    message = f"{name} is defined as {signature(definition)}, not with {count} argument{'s' * (count != 1)}"
    if call.span is not None and count == len(definition.parameters) + 1 and is_method(call, text):
        message += f"; x.{name}(...) is {name}(x, ...)"
    return UnknownFunctionError(message, text, function_span(call, text) if call.span else None)


def check_no_function(name: str, call: Call, functions: Functions, text: str) -> None:
    """Check that what `diff` differentiates is no function of the text that is not called, as in `diff(f, x)`.

    Raises: ExpressionError, at the function's name.
    """
    function = functions.defined.get(name)
    if function is None or name in functions.assigned:
        return
    node, variable, *orders = call.operands
    parameters = function.definition.parameters
    arguments = [variable.name] if len(parameters) == 1 and isinstance(variable, Name) else parameters
    called = f"{name}({', '.join(map(spelled_name, arguments))})"
    written = [text[slice(*each.span)] if each.span else "n" for each in (variable, *orders)]
    message = f"{name} is a function; write diff({', '.join([called, *written])})"
    raise ExpressionError(message, text, node.span)


def unused_value(statements: Sequence[Statement], index: int, text: str) -> ExpressionError:
    """Return the error of a statement without a name before the last one."""
    used = {node.name for node in nodes_of(statements[index].expression) if isinstance(node, Name)}
    if used.isdisjoint(statement.name for statement in statements[index + 1 :]):
        message = "the value of this statement is not used; assign it to a name, as in 'y = ...'"
    else:
        message = "the formula uses names that are assigned after it; write it after these statements"
    return ExpressionError(message, text, statements[index].span)
