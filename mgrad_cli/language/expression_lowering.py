"""Lower an expression to steps, in the order of evaluation, with its names and functions resolved."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mgrad_cli.errors import ExpressionError, UnknownFunctionError
from mgrad_cli.language.syntax import Call, Expression, Name, Number
from mgrad_cli.language.user_functions import Functions
from mgrad_cli.operations import Operation, find
from mgrad_cli.operations.module_names import POSSIBLE_MODULES
from mgrad_cli.script import CallSpan, InnerSpan, Step, new_step
from mgrad_cli.suggestions import nearest

if TYPE_CHECKING:
    from mgrad_cli.language.expansion import CallExpansion

NOTHING: Mapping[str, Any] = {}


def lower_expression(
    expression: Expression,
    text: str,
    variables: Collection[str],
    functions: Functions,
    parameters: tuple[str, ...] = (),
    is_count: bool = False,
) -> tuple[list[Step], tuple[str, ...], "CallExpansion | None"]:
    """Return the steps of an expression, the names that they look up, and the expansion of its calls, if any.

    The last step is the result. With `is_count`, calls of functions that the text defines are counted but not expanded,
    and the first steps stand for the `parameters`.
    """
    steps: list[Step] = [new_step(Step, (None, (), None, "", None)) for _ in parameters]
    add = steps.append
    indices: dict[int, int] = {}
    bound: Mapping[str, int] = {name: index for index, name in enumerate(parameters)} if parameters else NOTHING
    place: CallSpan | None = None
    names: dict[str, None] = {}
    calls: list[Call] = []
    stack: list[Any] = [expression]
    expanded = functions.defined
    expansion: CallExpansion | None = None
    mentioned: tuple[str, ...] = ()
    while stack:
        node = stack.pop()
        kind = node.__class__
        if node is None:  # all operands of the last call have their steps
            call = calls.pop()
            _, operands, span = call
            places = [indices[id(operand)] for operand in operands]
            operation = operation_of(call, expression, text, variables, functions)
            if place is not None:
                span = InnerSpan.of(span, place)
            if operation.defaults:
                for default in operation.complete(len(places)):
                    places.append(len(steps))
                    add(new_step(Step, (None, (), default, "", span)))
            indices[id(call)] = len(steps)
            add(new_step(Step, (operation, tuple(places), None, "", span)))
        elif id(node) in indices:  # the middle of a chain such as a < b < c
            continue
        elif kind is Name or kind is Number:
            if kind is Number:
                number, span = node
                name = ""
            else:
                name, span = node
                if name in bound:
                    indices[id(node)] = bound[name]
                    continue
                names[name] = number = None
            if place is not None:
                span = InnerSpan.of(span, place)
            indices[id(node)] = len(steps)
            add(new_step(Step, (None, (), number, name, span)))
        elif kind is Call:
            if node.function in expanded:
                if expansion is None:
                    if not is_count:  # so that nothing is expanded that is too large
                        counted, mentioned, _ = lower_expression(
                            expression, text, variables, functions, parameters, is_count=True
                        )
                        check_order(counted, len(functions.blocks), functions.assigned, text)
                    expansion = new_expansion(functions, text, steps, stack, names, indices, bound, is_count)
                expansion.begin(node)
            else:
                calls.append(node)
                stack.append(None)
                stack += node.operands[::-1]
        else:  # a task of the expansion
            node()
            assert expansion is not None
            indices, bound, place, _ = expansion.scope
    if not POSSIBLE_MODULES.isdisjoint(names):
        from mgrad_cli.language.call_errors import check_modules

        check_modules(expression, text, variables)
    if expansion is not None or parameters:
        del steps[indices[id(expression)] + 1 :]  # so that the last step is the result
    if expansion is not None:
        expansion.close()
        names.update(dict.fromkeys(mentioned))
    return steps, tuple(names), expansion


def new_expansion(*arguments: Any) -> "CallExpansion":
    """Return the expansion of the calls in an expression."""
    from mgrad_cli.language.derivative_calls import begin_derivative
    from mgrad_cli.language.expansion import CallExpansion
    from mgrad_cli.language.sums import begin_sum

    forms = {"diff": begin_derivative, "prod": begin_sum, "sum": begin_sum}
    return CallExpansion(forms, *arguments)


def operation_of(
    call: Call, expression: Expression, text: str, variables: Collection[str], functions: Functions
) -> Operation:
    """Return the operation that a call refers to. Raises: ExpressionError if there is none."""
    try:
        return find(call.function, len(call.operands))
    except UnknownFunctionError as error:
        from mgrad_cli.language.call_errors import unknown_call
        from mgrad_cli.language.definition_errors import check_defined

        check_defined(call, functions, text)
        if functions.declared and (near := nearest(call.function, functions.defined)):
            error.message = f"unknown function '{call.function}'{near}"
        raise unknown_call(error, call, expression, text, variables) from None


def check_order(steps: Iterable[Step], index: int, assigned: Mapping[str, int], text: str) -> None:
    """Check that no step of the statement at an index uses a name before its statement.

    Raises: ExpressionError otherwise.
    """
    for step in steps:
        if step.name and assigned.get(step.name, -1) >= index:
            when = "in its own statement" if assigned[step.name] == index else "before its statement"
            raise ExpressionError(f"'{step.name}' is used {when}", text, step.span)
