"""Functions of a text whose calls stay calls: each as an operation, with the steps of its body."""

from collections.abc import Collection, Iterable

from mgrad_cli.errors import LimitError
from mgrad_cli.language.expression_lowering import lower_expression
from mgrad_cli.language.syntax import FunctionDefinition
from mgrad_cli.language.user_functions import Functions
from mgrad_cli.operations.function_operation import FunctionOperation
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.script import CONSTANTS, FIXED, KeptFunction


def kept_function(
    definition: FunctionDefinition, functions: Functions, text: str, variables: Collection[str]
) -> KeptFunction | None:
    """Return a function whose calls stay calls, or `None` if the steps of its body depend on the arguments of a call.

    Raises: ExpressionError for an invalid body.
    """
    try:
        steps, names, calls = lower_expression(definition.expression, text, variables, functions, definition.parameters)
    except LimitError:
        return None
    operation = FunctionOperation(definition.name, definition.parameters, inputs_among(names, functions))
    return KeptFunction(operation, tuple(steps), tuple(calls.called) if calls else ())


def inputs_among(names: Iterable[str], functions: Functions) -> list[str]:
    """Return the inputs and constants that names stand for: those of a statement for its name, if it has variables.

    A statement without variables is an input, unless constants in it have a value: both are among the names.
    """
    blocks, assigned = functions.blocks, functions.assigned

    def used_by(name: str) -> tuple[str, ...]:
        place = assigned.get(name)
        if place is None or place >= len(blocks):
            return ()
        return blocks[place].names

    found = [name for name in postorder(dict.fromkeys(names), used_by) if name not in FIXED]
    return [name for name in found if all(each in CONSTANTS and each not in assigned for each in used_by(name))]
