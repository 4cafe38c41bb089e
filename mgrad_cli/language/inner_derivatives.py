"""Derivatives inside a formula: the steps that `diff(f, x)` is expanded to, from the rules of the operations in f."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from mgrad_cli.errors import ExpressionError, LimitError, Span
from mgrad_cli.language.user_functions import FIXED_NAMES, Functions
from mgrad_cli.operations import Operation
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.program.adjoint import differentiate
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Program, prune
from mgrad_cli.program.recorder import Recorder, Register
from mgrad_cli.script import CONSTANTS, CallSpan, InnerSpan, Step, run_block

MAX_ORDER = 100
MAX_OPERATIONS = 50_000
EXACT_OPERATIONS = frozenset({"add", "subtract", "multiply", "negative"})
EXACT = 2.0**53
OUTER = "`{}"
"""The name of the input that stands for a step outside of f. No name has a backquote."""
CLOSED = "`={}"
"""The name of the input that stands for a constant of a rule, such as pi/180, whatever value a text gives to pi."""


class StepRecorder(Recorder):
    """A recorder of steps that other readings run more exactly than doubles: no number is rounded here."""

    closed_forms: ClassVar[dict[str, ClosedForm]] = {}
    """The constants of rules that programs have as inputs, by the names of these."""

    def fold(self, operation: Operation, numbers: Sequence[Any]) -> float | None:
        """Return the result of an operation on whole numbers, if it is a whole number."""
        if operation.name not in EXACT_OPERATIONS or not all(number.is_integer() for number in numbers):
            return None
        result = operation.evaluate(*numbers)
        return result if abs(result) < EXACT else None

    def constant(self, number: float) -> Register:
        if not isinstance(number, ClosedForm):
            return super().constant(number)
        name = CLOSED.format(number.formula)
        self.closed_forms[name] = number
        return self.input(name)

    def step(self, step: Step, operands: list[Any]) -> Register:
        """Return the register of a step whose operands are registers."""
        if step.operation is not None:
            return self.apply(step.operation, *operands)
        return self.input(step.name) if step.number is None else self.constant(step.number)


class Variable(NamedTuple):
    """What is differentiated by: a name of the text, or the step that a parameter stands for."""

    name: str
    step: int | None


def check_variable(name: str, span: Span | None, functions: Functions, text: str) -> None:
    """Check that a name of the text is a variable that a derivative can be taken by. Raises: ExpressionError.

    A constant may be one: that depends on the names with a value, which are not known here.
    """
    place = functions.assigned.get(name)
    if name in FIXED_NAMES:
        raise ExpressionError(f"'{name}' is a constant; diff takes a variable", text, span)
    if place is None:
        if name in CONSTANTS:
            functions.derived_by.setdefault(name, span)
        return
    if place >= len(functions.blocks):
        raise ExpressionError(f"'{name}' is used before its statement", text, span)
    names = functions.blocks[place].names
    if not all(each in CONSTANTS and each not in functions.assigned for each in names):
        raise ExpressionError(f"'{name}' is computed; diff takes a variable", text, span)
    if names:
        functions.derived_by.setdefault(name, span)


def derivative(
    steps: Sequence[Step], result: int, start: int, variable: Variable, order: int, functions: Functions
) -> Program:
    """Return the derivative of a step as a program of one output.

    Steps before `start` are constant, unless the variable is one of them. Where that is a name, the statements that
    depend on it are differentiated too.

    Raises: LimitError if it takes too many operations.
    """
    budget = Budget(MAX_OPERATIONS)
    try:
        program = program_of(steps, result, start, variable, functions, StepRecorder(budget))
        name = variable.name if variable.step is None else OUTER.format(variable.step)
        for _ in range(order):
            found = differentiate(program, [name], StepRecorder(budget))
            program = prune(found.nodes, found.outputs[1:])
    except LimitError:
        raise LimitError(f"a derivative here takes more than {MAX_OPERATIONS:,} operations") from None
    return program


def program_of(
    steps: Sequence[Step], result: int, start: int, variable: Variable, functions: Functions, recorder: StepRecorder
) -> Program:
    """Return the program of a step, with the variable among its inputs."""
    name, place = variable
    named: dict[str, Any] = {}
    if place is None:
        named[name] = recorder.input(name)
        named.update(dependent_statements(steps[start:], name, named, functions, recorder))
    registers: dict[int, Any] = {}
    if place is not None:
        registers[place] = recorder.input(OUTER.format(place))

    def operands_of(index: int) -> tuple[int, ...]:
        return steps[index].operands if index >= start and index not in registers else ()

    for index in postorder([result], operands_of):
        step = steps[index]
        if index in registers:
            continue
        if index < start and step.number is None:
            registers[index] = recorder.input(OUTER.format(index))
        elif step.name in named:
            registers[index] = named[step.name]
        else:
            registers[index] = recorder.step(step, [registers[operand] for operand in step.operands])
    return recorder.program([registers[result]])


def dependent_statements(
    steps: Sequence[Step], name: str, named: Mapping[str, Any], functions: Functions, recorder: StepRecorder
) -> dict[str, Any]:
    """Return the registers of the statements that these steps use and that depend on a variable, by name."""
    blocks, assigned = functions.blocks, functions.assigned

    def used_by(each: str) -> list[str]:
        return [other for other in blocks[assigned[each]].names if is_statement(other)]

    def is_statement(each: str) -> bool:
        return each != name and assigned.get(each, len(blocks)) < len(blocks)

    found: dict[str, Any] = {}
    for each in postorder(filter(is_statement, dict.fromkeys(step.name for step in steps)), used_by):
        block = blocks[assigned[each]]
        if name in block.names or not found.keys().isdisjoint(block.names):
            found[each] = run_block(block, {**named, **found}, recorder.step)
    return found


def append_steps(program: Program, steps: list[Step], place: CallSpan, literals: Mapping[float, Span | None]) -> int:
    """Append the steps of a program with one output, and return the index of the result.

    `place` is that of the call that they are for, and `literals` are the places of the numbers that the text spells.
    """
    indices: dict[int, int] = {}

    def operands_of(index: int) -> tuple[int, ...]:
        node = program.nodes[index]
        return node.operands if isinstance(node, ApplyNode) else ()

    for index in postorder(program.outputs, operands_of):
        node = program.nodes[index]
        closed = StepRecorder.closed_forms.get(node.name) if isinstance(node, InputNode) else None
        if isinstance(node, InputNode) and closed is None and node.name.startswith(OUTER[0]):
            indices[index] = int(node.name[1:])
            continue
        indices[index] = len(steps)
        span = InnerSpan.of(place, place)
        if isinstance(node, ApplyNode):
            steps.append(Step(node.operation, tuple([indices[each] for each in node.operands]), None, "", span))
        elif closed is not None:
            steps.append(Step(None, (), closed, "", None))
        elif isinstance(node, ConstantNode):
            steps.append(Step(None, (), node.number, "", literals.get(node.number)))
        else:
            steps.append(Step(None, (), None, node.name, span))
    return indices[program.outputs[0]]
