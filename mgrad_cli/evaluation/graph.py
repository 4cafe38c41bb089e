"""A script and values for its variables as a graph of `Value`s."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from mgrad_cli.errors import BindingError, MissingValueError, Span, UnknownVariableError
from mgrad_cli.evaluation.name_advice import missing_advice, unknown_advice
from mgrad_cli.language.lowering import CONSTANTS, FIXED, Assignment, Script, run_block, run_script
from mgrad_cli.operations.operand import closed_formula
from mgrad_cli.script import Step, check_derived_by
from mgrad_cli.value import Constant, Value


class Graph(NamedTuple):
    """An evaluated script: its nodes in the order of evaluation, inputs first, each with its place in the text.

    named       the inputs and the nodes of the statements, by their names
    outputs     the nodes of the outputs, in order
    output      the one of them that everything about gradients is about, at first the first
    """

    script: Script
    nodes: list[Value]
    spans: list[Span | None]
    inputs: dict[str, Value]
    named: dict[str, Value]
    outputs: tuple[Value, ...]
    output: Value


def evaluate(script: Script, bindings: Mapping[str, float], merges: bool = False) -> Graph:
    """Return the graph of a script at the given values of its variables, before any backward pass.

    With `merges`, equal operations on equal operands are one node, and so are equal numbers.

    Raises: as `input_values` does.
    """
    inputs = {name: Value(value, name) for name, value in input_values(script, bindings).items()}
    known: dict[Any, Value] = {}
    nodes: list[Value] = list(inputs.values())
    spans: list[Span | None] = [None] * len(nodes)
    named: dict[str, Value] = dict(inputs)

    def node_of(step: Step, operands: list[Value]) -> Value:
        operation, _, number, name, span = step
        if merges:
            key = (operation, name, number, *map(id, operands))
            if key in known:
                return known[key]
        if operation is not None:
            node = Value.apply(operation, *operands)
        else:
            label = name if number is None else closed_formula(number)
            node = Constant(CONSTANTS[name] if number is None else number, label)
        if merges:
            known[key] = node
        nodes.append(node)
        spans.append(span)
        return node

    outputs = run_script(script, named, node_of)
    for name, node in named.items():
        node.label = node.label or name
    return Graph(script, nodes, spans, inputs, named, tuple(outputs), outputs[0])


def input_values(script: Script, bindings: Mapping[str, float]) -> dict[str, float]:
    """Return the value of every input in order of appearance, and the names of the statements that declare one.

    A statement declares an input if its expression has no variables. A binding overrides its value.

    Raises: BindingError for a variable without a value, or a value without a variable; ExpressionError if the script
    differentiates by a constant without a value.
    """
    defaults = check_names(script, bindings)
    if script.derived_by:
        check_derived_by(script, {*bindings, *filter(None, defaults)})
    values: dict[str, float] = {}
    missing = []
    for name in script.names:
        if name in bindings:
            values[name] = bindings[name]
        elif name in defaults:
            values[name] = constant_value(defaults[name])
        elif name not in script.assigned and name not in CONSTANTS:
            missing.append(name)
    if missing:
        raise MissingValueError(
            missing,
            missing_advice(missing, script.definitions),
            script.text,
            first_use(missing[0], script),
        )
    return values


def input_names(script: Script, given: Collection[str]) -> tuple[list[str], dict[str, Assignment]]:
    """Return the variables of a script in order of appearance, and the statements that declare some of them.

    A constant whose name is among the given ones is a variable.
    """
    declared = {block.name: block for block in declarations(script, given) if block.name is not None}
    names = [
        name
        for name in script.names
        if name in declared or (name not in script.assigned and (name not in CONSTANTS or name in given))
    ]
    return names, declared


def check_names(script: Script, bound: Collection[str]) -> dict[str | None, Assignment]:
    """Return the statements that declare inputs, by name, if these names are bound.

    Raises: BindingError for a name that is not a variable of the script.
    """
    defaults: dict[str | None, Assignment] = {block.name: block for block in declarations(script, bound)}
    known = frozenset(script.names)
    for name in bound:
        check_binding(name, script, known, defaults, bound)
    return defaults


def declarations(script: Script, bound: Collection[str]) -> list[Assignment]:
    """Return the statements whose expression has no variables, if these names are bound."""
    return [
        block
        for block in script.blocks
        if block.name is not None and (not block.names or all(is_constant(name, script, bound) for name in block.names))
    ]


def first_use(name: str, script: Script) -> Span | None:
    return next((step.span for block in script.blocks for step in block.steps if step.name == name), None)


def is_constant(name: str, script: Script, bindings: Collection[str]) -> bool:
    return name in CONSTANTS and name not in bindings and name not in script.assigned


def check_binding(
    name: str, script: Script, known: Collection[str], defaults: Iterable[str | None], bound: Collection[str]
) -> None:
    """Raise BindingError if a bound name is not a variable of the script."""
    if name in FIXED:
        raise BindingError(f"'{name}' is a constant and cannot be given a value")
    if name in script.assigned and name not in defaults:
        raise BindingError(f"{name} is computed{bindable_names(script, defaults)}")
    if name not in known:
        names = variables(script, defaults)
        raise UnknownVariableError(
            name, names, unknown_advice(name, [n for n in names if n not in bound], script, bound)
        )


def variables(script: Script, defaults: Iterable[str | None]) -> list[str]:
    return [n for n in script.names if (n not in script.assigned or n in defaults) and n not in CONSTANTS]


def bindable_names(script: Script, defaults: Iterable[str | None]) -> str:
    names = variables(script, defaults)
    return f"; bind {', '.join(names)}" if names else ""


def constant_value(block: Assignment) -> float:
    """Return the value of a block without variables."""
    return float(run_block(block, {}, number_at))


def number_at(step: Step, operands: list[float]) -> float:
    """Return the number of a step where names are constants."""
    if step.operation is not None:
        return step.operation.evaluate(*operands)
    return CONSTANTS[step.name] if step.number is None else step.number
