"""Expand derivatives inside a formula, such as diff(f, x, 2), to the steps of the derivative."""

from functools import partial
from typing import Any

from mgrad_cli.errors import ExpressionError, LimitError
from mgrad_cli.language.expansion import CallExpansion, Cost, name_of
from mgrad_cli.language.syntax import Call, Name

COST = 10
"""About how many steps the derivative of one takes, for each order."""


def begin_derivative(expansion: CallExpansion, call: Call) -> None:
    """Walk the order of a derivative."""
    if len(call.operands) not in {2, 3} or not isinstance(call.operands[1], Name):
        message = "write diff(f, x) with the name of a variable, or diff(f, x, 2) for the second derivative"
        raise ExpressionError(message, expansion.text, call.span)
    function, variable = call.operands[:2]
    if isinstance(function, Name) and function != variable and function.name not in expansion.scope.bound:
        from mgrad_cli.language.definition_errors import check_no_function

        check_no_function(function.name, call, expansion.functions, expansion.text)
    expansion.stack += [
        partial(walk_function, expansion, call, len(expansion.steps), expansion.is_keeping),
        *call.operands[2:],
    ]
    expansion.is_keeping = False


def walk_function(expansion: CallExpansion, call: Call, start: int, is_keeping: bool) -> None:
    """Walk what is differentiated. The order is the step at `start`, if it is given."""
    from mgrad_cli.language.inner_derivatives import MAX_ORDER, Variable, check_variable

    function, node, *orders = call.operands
    order = expansion.whole_number(call, orders[0], "the order") if orders else 1
    expansion.forget_steps(start)
    if order is not None and not 1 <= order <= MAX_ORDER:
        message = f"the order of a derivative is 1 to {MAX_ORDER}, not {order}"
        raise (ExpressionError if order < 1 else LimitError)(message, expansion.text, orders[0].span)
    name = name_of(node)
    if name in expansion.scope.counters:
        message = f"'{name}' is the index of a sum; diff takes a variable"
        raise ExpressionError(message, expansion.text, node.span)
    place = expansion.scope.bound.get(name)
    if place is None:
        check_variable(name, node.span, expansion.functions, expansion.text)
    variable = Variable(name, place)
    order = 1 if order is None else order
    expansion.stack += [partial(differentiate, expansion, call, variable, order, start, is_keeping), function]


def differentiate(
    expansion: CallExpansion, call: Call, variable: Any, order: int, start: int, is_keeping: bool
) -> None:
    """Replace the steps from `start` on, of what is differentiated, with those of its derivative."""
    from mgrad_cli.language.inner_derivatives import append_steps, derivative

    expansion.is_keeping = is_keeping
    result = expansion.scope.indices[id(call.operands[0])]
    if variable.step is None:
        expansion.names[variable.name] = None
    expansion.spend(Cost(COST * order * (len(expansion.steps) - start)), call)
    if expansion.is_count:
        expansion.scope.indices[id(call)] = expansion.unknown_step()
        return
    try:
        program = derivative(expansion.steps, result, start, variable, order, expansion.functions)
    except LimitError as error:
        raise LimitError(error.message, expansion.text, call.span) from None
    literals = {step.number: step.span for step in expansion.steps[start:] if step.number is not None}
    expansion.forget_steps(start)
    place = expansion.place(call)
    expansion.names.update(dict.fromkeys(name for name in program.inputs if not name.startswith("`")))
    expansion.finish(call, append_steps(program, expansion.steps, place, literals), place, expansion.scope, start)
