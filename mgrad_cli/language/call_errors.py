"""Error messages for calls of unknown functions: a module prefix, a product without `*`, or a misspelling."""

import re
from collections.abc import Collection

from mgrad_cli.errors import UnknownFunctionError
from mgrad_cli.language.call_places import function_span, is_method
from mgrad_cli.language.derivative_notation import derivative_around, derivative_before
from mgrad_cli.language.function_powers import power_of_function
from mgrad_cli.language.syntax import Call, Expression, Name, nodes_of
from mgrad_cli.language.words import REQUESTS
from mgrad_cli.operations import TABLE, find, nearest_function, other_systems

MAX_ARGUMENT = 40
OTHERWISE = {"e": ", for the exponential exp(...)", **dict.fromkeys("dD", ", for a derivative diff(f, x)")}
"""What a letter before a parenthesis stands for in other systems, besides a variable."""
LETTERS = re.compile(r"\b[a-z]\b(?!\()")
"""The operands in the spelling of a function."""
PLACE = re.compile(r"\(x\)|\bx\b(?!\()")
ATOM = re.compile(r"[\w.]+|\w+\([^()]*\)")


def check_modules(expression: Expression, text: str, variables: Collection[str]) -> None:
    """Check that no function is written with a module, as in `np.log(x)`, which would mean `log(np, x)`.

    Raises: UnknownFunctionError, at the function's name.
    """
    for node in nodes_of(expression):
        if isinstance(node, Call) and (module := module_of(node, text, variables)):
            raise UnknownFunctionError(module_message(node, module), text, function_span(node, text))


def unknown_call(
    error: UnknownFunctionError, call: Call, expression: Expression, text: str, variables: Collection[str]
) -> UnknownFunctionError:
    """Return the error of a call in an expression, with its span and the correct spelling.

    `variables` are the names that have a value.
    """
    if call.span is None:
        return error
    span = function_span(call, text)
    module = module_of(call, text, variables)
    message = with_argument(error.message, call, text)
    if module:
        message = module_message(call, module)
    elif call.function in TABLE:
        message += receiver_advice(call, text)
    elif power := power_before(call, text):
        message = power
    elif derivative := derivative_before(text, span.end) or derivative_around(text, call.function, call.span.end):
        message = derivative
    elif is_product(call, expression, text, variables):
        message = f"'{call.function}' is not a function; for a product write {call.function}*{argument(call, text)}"
        message += OTHERWISE.get(call.function, "")
        if re.fullmatch(r"\([0-9]+\)", index := argument(call, text)):
            message += f", for an element {call.function}{index[1:-1]}"
    elif not call.operands and (constant := other_systems.constant(call.function, with_own=True)):
        message = f"unknown function '{call.function}'; the constant is written {constant}"
    elif (request := call.function.lower()) in REQUESTS and not other_systems.equivalent(
        call.function, len(call.operands)
    ):
        message = f"unknown function '{call.function}'; {REQUESTS[request]}"
    return UnknownFunctionError(message, text, span)


def with_argument(message: str, call: Call, text: str) -> str:
    """Return a message that shows a spelling in x with the argument of the call, as written, in place of x."""
    known, write, spelled = message.partition("; write ")
    written = argument(call, text)
    if len(call.operands) != 1 or is_method(call, text) or written == "(...)" or {*LETTERS.findall(spelled)} != {"x"}:
        return message
    inner = written[1:-1].strip()
    shown = inner if ATOM.fullmatch(inner) or spelled == "x" else f"({inner})"
    return known + write + PLACE.sub(lambda place: f"({inner})" if place[0] == "(x)" else shown, spelled)


def module_of(call: Call, text: str, variables: Collection[str]) -> str:
    """Return the module that a call is written with, if any.

    A name that has a value is a variable, and so is one in parentheses or between backquotes.
    """
    first = call.operands[0] if call.operands else None
    if not isinstance(first, Name) or first.name in variables or not is_plain_prefix(first, call, text):
        return ""
    is_one = other_systems.is_module(first.name, call.function, len(call.operands) - 1)
    return first.name if is_one and is_method(call, text) else ""


def is_plain_prefix(name: Name, call: Call, text: str) -> bool:
    """Return whether a call starts with a name, without a parenthesis or backquote before it."""
    if name.span is None or call.span is None:
        return False
    return name.span.start == call.span.start and text[name.span.start] != "`"


def module_message(call: Call, module: str) -> str:
    """Return the message for a call in a module, with its spelling here."""
    name = call.function
    message = other_systems.module_function_advice(module, name, name in TABLE, len(call.operands) - 1)
    if name not in TABLE:
        return f"{message}{'' if other_systems.equivalent(name) else nearest_function(name)}"
    return f"{message}; with a variable '{module}', write {name}({module})" if len(call.operands) == 1 else message


def receiver_advice(call: Call, text: str) -> str:
    """Return advice for a method call with one argument too many, whose first operand is the receiver."""
    first = call.operands[0] if call.operands else None
    if not isinstance(first, Name) or not is_method(call, text):
        return ""
    try:
        find(call.function, len(call.operands) - 1)
    except UnknownFunctionError:
        return ""
    name = call.function
    return f"; {first.name}.{name}(...) is {name}({first.name}, ...), and functions of a module have no prefix here"


def power_before(call: Call, text: str) -> str | None:
    """Return the message for `sin^n(x)`, where the exponent looks like a function."""
    assert call.span is not None
    end = call.span.start + len(call.function)
    return power_of_function(text[max(0, end - MAX_ARGUMENT) : end], TABLE)


def is_product(call: Call, expression: Expression, text: str, variables: Collection[str]) -> bool:
    """Return whether a call of an unknown function looks like a product with a variable, as in `x(x + 1)`."""
    name = call.function
    if len(call.operands) != 1 or is_method(call, text):
        return False
    if len(name) == 1 or name in variables or other_systems.constant(name, with_own=True):
        return True
    return any(isinstance(node, Name) and node.name == name for node in nodes_of(expression))


def argument(call: Call, text: str) -> str:
    """Return the argument of a call as written, in parentheses, or `(...)` if it is long."""
    assert call.span is not None
    written = text[call.span.start + len(call.function) : call.span.end].strip()
    return written if len(written) <= MAX_ARGUMENT and "\n" not in written and "#" not in written else "(...)"
