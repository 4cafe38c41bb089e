"""Write the functions that formulas call as definitions in the language."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mgrad_cli.codegen.statements import MAX_SIZE, Naming, needed_registers, statements
from mgrad_cli.language.definition_errors import signature
from mgrad_cli.language.derivative_names import free_name
from mgrad_cli.language.printing import unparse
from mgrad_cli.language.syntax import FunctionDefinition
from mgrad_cli.operations import Operation
from mgrad_cli.operations.function_operation import FunctionOperation
from mgrad_cli.program import ApplyNode, InputNode, Program
from mgrad_cli.symbolic.definitions import FunctionBody

WHOLE = Naming(small=MAX_SIZE, worth=MAX_SIZE, depth=MAX_SIZE)
"""No part of an expression gets a name."""


def called_definitions(
    program: Program, outputs: Iterable[int], defined: Mapping[FunctionOperation, FunctionBody]
) -> list[FunctionBody]:
    """Return the functions that some outputs call, directly or through others, each before those that call it."""
    called = called_operations(program, outputs) if defined else set()
    found = []
    for operation, definition in reversed(list(defined.items())):
        if operation in called:
            called |= called_operations(definition.program, definition.program.outputs)
            found.append(definition)
    return found[::-1]


def called_operations(program: Program, outputs: Iterable[int]) -> set[Operation]:
    """Return the operations that some outputs need and that are functions of a text."""
    nodes = [program.nodes[index] for index in needed_registers(program, list(outputs))]
    return {node.operation for node in nodes if isinstance(node, ApplyNode) and not node.operation.group}


def written(definition: FunctionBody) -> FunctionDefinition:
    """Return a definition as a syntax tree. A parameter is renamed where the expression has a variable of its name."""
    program, operation, inputs = definition.program, definition.operation, definition.inputs
    names: dict[str, str] = {}
    taken = set(definition.used_inputs).difference(inputs[: len(operation.parameters)])
    for name, parameter in zip(inputs, operation.parameters, strict=False):
        names[name] = free_name(parameter, taken)
        taken.add(names[name])
    nodes = [
        InputNode(names.get(node.name, node.name)) if isinstance(node, InputNode) else node for node in program.nodes
    ]
    (statement,) = statements(replace(program, nodes=tuple(nodes)), [None], {}, (), WHOLE)
    return FunctionDefinition(operation.name, tuple(names.values()), statement.expression)


def definition_text(definition: FunctionDefinition) -> str:
    """Return a definition in the language.

    >>> from mgrad_cli.language.parser import parse
    >>> definition_text(parse("f(x,y) = x * y; 1").definitions[0])
    'f(x, y) = x*y'
    """
    return f"{signature(definition)} = {unparse(definition.expression)}"
