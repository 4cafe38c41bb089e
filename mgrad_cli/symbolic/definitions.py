"""The functions that a text defines, and their derivatives, as functions that formulas call.

Each is an operation whose partial derivatives are calls of others: that of `f(u)` is `f_u(u)`, and that of `f_u(u)` is
`f_u_u(u)`. So a formula that calls them grows with the text, and not with what the calls are expanded to.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from mgrad_cli.language.derivative_names import free_name
from mgrad_cli.language.printing import spelled_name
from mgrad_cli.language.user_functions import FORMS
from mgrad_cli.operations import TABLE
from mgrad_cli.operations.function_operation import FunctionOperation, written_count
from mgrad_cli.operations.operation import Rule
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Program, replay
from mgrad_cli.program.nodes import prune
from mgrad_cli.script import CONSTANTS, Assignment, KeptFunction, Script, Step, run_block
from mgrad_cli.symbolic.reading import FormulaReading
from mgrad_cli.symbolic.terms import Term

WORTH = 5
"""The least size of a function that is called. A smaller one is written out where it is used.

So is one with choices. Their conditions are those of the derivatives of its arguments too: where(k > 0, f(u), 1) passes
nothing to u where k < 0, and the product of 0 and an infinite derivative of u would be nan.
"""
MAX_SIZE = 10**9
PARAMETER = "`{}"
"""The name of the input for a parameter. No name has a backquote, so it differs from those of all variables."""

Positions: TypeAlias = tuple[int, ...]
"""The positions of the operands that a function is differentiated by, in order."""


class FunctionBody(NamedTuple):
    """A function as it is written: `program` computes its result from `inputs`, one for each operand."""

    operation: FunctionOperation
    program: Program
    inputs: tuple[str, ...]

    @property
    def size(self) -> int:
        """The size of the expression, written out, up to `MAX_SIZE`."""
        sizes: list[int] = []
        for node in self.program.nodes:
            operands = node.operands[: written_count(node.operation)] if isinstance(node, ApplyNode) else ()
            sizes.append(min(MAX_SIZE, 1 + sum([sizes[operand] for operand in operands])))
        return sizes[self.program.outputs[0]]

    @property
    def used_inputs(self) -> list[str]:
        """The inputs that are written in the expression."""
        used = {self.program.outputs[0]}
        for index in reversed(range(len(self.program.nodes))):
            node = self.program.nodes[index]
            if index in used and isinstance(node, ApplyNode):
                used.update(node.operands[: written_count(node.operation)])
        nodes = [self.program.nodes[index] for index in sorted(used)]
        return [node.name for node in nodes if isinstance(node, InputNode)]

    @property
    def is_zero(self) -> bool:
        """Whether the result is the number 0."""
        node = self.program.nodes[self.program.outputs[0]]
        return isinstance(node, ConstantNode) and node.number == 0

    def expand(self, *operands: Any) -> Any:
        """Return the result as a formula of the operands."""
        first = operands[0]
        algebra = first.algebra if isinstance(first, Term) else first.tracer
        known = {name: algebra.input(name) for name in self.program.inputs if name not in self.inputs}  # pi, of a rule
        known |= dict(zip(self.inputs, operands, strict=True))
        return replay(self.program, known, algebra.constant)[self.program.outputs[0]]


def definitions(
    script: Script,
    reading: FormulaReading,
    variables: Collection[str],
    wrt: Collection[str],
    order: int,
    values: Mapping[str, float],
) -> dict[FunctionOperation, FunctionBody]:
    """Return the functions that the statements of a script call, and their derivatives up to an order.

    Afterwards the operations of the script have their partial derivatives.

    variables   the variables of the text
    wrt         those that are differentiated by
    values      those that are replaced by numbers

    Raises: LimitError if they take more terms than the budget allows.
    """
    names = {*script.names, *variables, *TABLE, *FORMS, *(definition.name for definition in script.definitions)}
    found: dict[FunctionOperation, FunctionBody] = {}
    functions = called_functions(script)
    varying = varying_positions(script, functions, wrt)
    for function in functions:
        operation = function.operation
        inputs = (*map(PARAMETER.format, range(len(operation.parameters))), *operation.variables)
        derivatives: dict[Positions, FunctionBody] = {}
        programs: dict[Positions, Program] = {(): body(script, function, inputs, reading, variables, values)}
        active = sorted(varying[operation])
        for positions in multi_indices(active, order):
            if positions:
                parts = [operand_label(operation, each) for each in positions]
                name = free_name("_".join([operation.name, *parts]), names)
                names.add(name)
                own = FunctionOperation(name, operation.parameters, operation.variables)
            else:
                own = operation
            program = programs[positions]
            is_last = len(positions) == order
            definition = FunctionBody(own, program if is_last or not positions else reading.shown(program), inputs)
            derivatives[positions] = found[own] = definition
            if definition.size < WORTH or selects(definition.program):
                own.expansion = definition.expand
            if not is_last:
                further = [position for position in active if not positions or position >= positions[-1]]
                partials = reading.differentiated(
                    program, [inputs[each] for each in further], 1, len(positions) + 1 == order
                )
                for each, output in zip(further, partials.outputs[1:], strict=True):
                    programs[*positions, each] = prune(partials.nodes, [output])
        for positions, definition in derivatives.items():
            if len(positions) < order:
                rules: list[Rule | None] = [None] * len(inputs)
                for each in active:
                    partial = derivatives[tuple(sorted((*positions, each)))]
                    rules[each] = None if partial.is_zero else rule_of(partial.operation)
                definition.operation.set_partials(rules)
    return found


def selects(program: Program) -> bool:
    """Return whether a program has a choice, which passes nothing to what it does not choose."""
    return any(isinstance(node, ApplyNode) and node.operation.is_selection for node in program.nodes)


def operand_label(operation: FunctionOperation, position: int) -> str:
    """Return the name of an operand as a part of the name of a derivative: its number, if it is not a plain name."""
    name = operation.operands[position]
    return name if spelled_name(name) == name else str(position + 1)


def rule_of(operation: FunctionOperation) -> Rule:
    """Return the rule of a partial derivative that is a call of an operation."""
    return lambda *arguments: operation(*arguments[:-1])


def multi_indices(active: Sequence[int], order: int) -> list[Positions]:
    """Return the choices of up to `order` positions, in any number each: shorter ones first."""
    latest: list[Positions] = [()]
    found = list(latest)
    for _ in range(order):
        latest = [(*each, position) for each in latest for position in active if not each or position >= each[-1]]
        found += latest
    return found


def called_functions(script: Script) -> list[KeptFunction]:
    """Return the functions that statements call, directly or through others, before those that call them."""
    called = {name for block in script.blocks for name in block.functions}
    found = []
    for function in reversed(script.kept):
        if function.operation.name in called:
            called.update(function.called)
            found.append(function)
    return found[::-1]


def body(
    script: Script,
    function: KeptFunction,
    inputs: Sequence[str],
    reading: FormulaReading,
    variables: Collection[str],
    values: Mapping[str, float],
) -> Program:
    """Return the program of a function's body. Statements that it uses are part of it."""
    operation = function.operation
    count = len(operation.parameters)
    tracer = reading.tracer(script.operations)
    operands = [tracer.input(name) for name in inputs]
    given = zip(operation.variables, operands[count:], strict=True)
    named: dict[str, Any] = {name: each for name, each in given if name in variables or name in reading.constants}
    named |= {name: tracer.constant(values[name]) for name in operation.variables if name in values}

    def register(step: Step, registers: list[Any]) -> Any:
        if step.operation is not None:
            return tracer.apply(step.operation, *registers)
        return tracer.constant(CONSTANTS[step.name] if step.number is None else step.number)

    for block in used_statements(script, function, named):
        named[block.name or ""] = run_block(block, named, register)
    results: list[Any] = operands[:count]
    for step in function.steps[count:]:
        is_named = step.name in named
        results.append(named[step.name] if is_named else register(step, [results[each] for each in step.operands]))
    return tracer.program([results[len(function.steps) - 1]])


def varying_positions(
    script: Script, functions: Sequence[KeptFunction], wrt: Collection[str]
) -> dict[FunctionOperation, set[int]]:
    """Return for each function the operands that depend on variables of `wrt` in some call."""
    found: dict[FunctionOperation, set[int]] = {function.operation: set() for function in functions}
    names = set(wrt)

    def read(steps: Sequence[Step], varies: list[bool]) -> bool:
        """Read the calls in the steps after those in `varies`, and return whether the last step depends on `wrt`."""
        for step in steps[len(varies) :]:
            if isinstance(step.operation, FunctionOperation):
                found[step.operation].update(at for at, operand in enumerate(step.operands) if varies[operand])
            varies.append(step.name in names or any(varies[operand] for operand in step.operands))
        return varies[len(steps) - 1]

    for block in script.blocks:
        if read(block.steps, []) and block.name is not None:
            names.add(block.name)
    for function in reversed(functions):
        own = found[function.operation]
        count = len(function.operation.parameters)
        read(function.steps, [at in own for at in range(count)])
    return found


def used_statements(script: Script, function: KeptFunction, known: Collection[str]) -> list[Assignment]:
    """Return the statements that a body uses, but for those of `known` names, in order."""
    used = {step.name for step in function.steps}
    found = []
    for block in reversed(script.blocks):
        if block.name in used and block.name not in known:
            used.update(block.names)
            found.append(block)
    return found[::-1]
