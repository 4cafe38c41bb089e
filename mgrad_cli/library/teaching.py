"""A derivative as it is taught: each rule with the subexpression it applies to, and the derivative of that."""

from collections.abc import Sequence

from mgrad_cli.errors import LimitError
from mgrad_cli.language.lowering import Assignment, Script
from mgrad_cli.language.printing import constant, unparse
from mgrad_cli.language.syntax import Call, Expression, Name
from mgrad_cli.library.derivation import formulas_of
from mgrad_cli.operations import call_name
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.symbolic.rules import MAX_ADDENDS, RulePart, RuleStep, RuleSteps, rule_of, sum_rule

MAX_STEPS = 300
SUMS = {"add": 1, "subtract": -1}
CONDITIONS = COMPARISONS | CONNECTIVES


def rule_steps(script: Script, inputs: Sequence[str], wrt: str) -> RuleSteps:
    """Return the steps from a script with one output to its derivative by a variable.

    Raises: LimitError for more than `MAX_STEPS` steps.
    """
    teacher = Teacher(script, inputs, wrt)
    for index in range(len(script.blocks)):
        teacher.teach(index)
    derivative, (output,) = derivative_of(script, inputs, wrt), script.outputs
    return RuleSteps(script.text, wrt, tuple(teacher.steps), derivative, output, is_partial=len(inputs) > 1)


def derivative_of(script: Script, inputs: Sequence[str], wrt: str) -> str:
    """Return the derivative of a script as `diff` writes it, without the variables that have a value in the text."""
    formulas = formulas_of(script, [wrt], inputs=inputs, with_functions=False)
    return "; ".join(formulas.program(0)[len(formulas.declared(0)) :])


class Teacher:
    """Collects the steps. Equal subexpressions have one."""

    def __init__(self, script: Script, inputs: Sequence[str], wrt: str) -> None:
        self.script = script
        self.inputs = inputs
        self.wrt = wrt
        self.steps: list[RuleStep] = []
        self.known: dict[str, int | None] = {}
        self.named: dict[str, int | None] = {}

    def teach(self, number: int) -> None:
        """Add the steps of a statement."""
        block = self.script.blocks[number]
        if block.name in self.inputs:
            return
        statement = StatementParts(block, self.wrt, self.named)
        inner = statement.inner_sums()
        for index in range(len(block.steps)):
            if statement.varies[index] and block.steps[index].operation is not None and index not in inner:
                self.add(number, statement, index)
        last = len(block.steps) - 1
        if block.name is not None and statement.varies[last]:
            self.named[block.name] = self.step_of(statement, last)

    def step_of(self, statement: "StatementParts", index: int) -> int | None:
        """Return the step of a part of a statement, or `None`."""
        step = statement.block.steps[index]
        if step.operation is None:
            return self.named.get(step.name)
        return self.known.get(statement.text(index))

    def add(self, number: int, statement: "StatementParts", index: int) -> None:
        """Add the step of an operation, unless there is one for the same expression."""
        block = statement.block
        text = statement.text(index)
        if text in self.known:
            return
        if len(self.steps) == MAX_STEPS:
            raise LimitError(f"the derivative takes more than {MAX_STEPS} steps; mgrad diff writes its formula")
        operation = block.steps[index].operation
        assert operation is not None
        signs, operands = statement.addends(index)
        varies = [statement.varies[operand] for operand in operands]
        if signs:
            rule = sum_rule(signs, varies)
        else:
            chained = any(block.steps[operand].name != self.wrt for operand in operands if statement.varies[operand])
            rule = rule_of(operation, varies, chained)
        parts = tuple(
            RulePart(letter, statement.text(operand), self.step_of(statement, operand) if changes else None)
            for letter, operand, changes in zip(rule.letters, operands, varies, strict=True)
        )
        is_last = index == len(block.steps) - 1
        name = block.name if is_last else None
        self.steps.append(RuleStep(name, text, rule, parts, self.derivative(number, index)))
        self.known[text] = len(self.steps)

    def derivative(self, number: int, index: int) -> str:
        """Return the derivative of a part of a statement, as `diff` writes it."""
        block = self.script.blocks[number]
        part = Assignment(None, block.steps[: index + 1], block.names, block.span, block.functions)
        script = self.script._replace(blocks=(*self.script.blocks[:number], part), outputs=("f",))
        return derivative_of(script, self.inputs, self.wrt)


class StatementParts:
    """A statement with the text of each part, and whether it depends on the variable."""

    def __init__(self, block: Assignment, wrt: str, named: dict[str, int | None]) -> None:
        self.block = block
        self.trees: list[Expression] = []
        self.varies: list[bool] = []
        for step in block.steps:
            if step.operation is not None:
                operands = tuple(self.trees[operand] for operand in step.operands)
                self.trees.append(Call(call_name(step.operation), operands))
                is_condition = step.operation.name in CONDITIONS
                self.varies.append(not is_condition and any(self.varies[operand] for operand in step.operands))
            elif step.number is not None:
                self.trees.append(constant(step.number))
                self.varies.append(False)
            else:
                self.trees.append(Name(step.name))
                self.varies.append(step.name == wrt or step.name in named)

    def text(self, index: int) -> str:
        return unparse(self.trees[index])

    def is_sum(self, index: int) -> bool:
        operation = self.block.steps[index].operation
        return operation is not None and operation.name in SUMS

    def addends(self, index: int) -> tuple[list[int], list[int]]:
        """Return the signs and the addends of a sum with the sums on its left; else no signs, and the operands."""
        if not self.is_sum(index):
            return [], list(self.block.steps[index].operands)
        signs: list[int] = []
        operands: list[int] = []
        while self.is_sum(index) and len(signs) < MAX_ADDENDS - 2:
            operation = self.block.steps[index].operation
            assert operation is not None
            index, right = self.block.steps[index].operands
            signs.append(SUMS[operation.name])
            operands.append(right)
        return [1, *signs[::-1]], [index, *operands[::-1]]

    def inner_sums(self) -> set[int]:
        """Return the sums that are shown as a part of a longer one."""
        inner: set[int] = set()
        for index in reversed(range(len(self.block.steps))):
            if index in inner or not self.is_sum(index):
                continue
            first = self.addends(index)[1][0]
            while (index := self.block.steps[index].operands[0]) != first:
                inner.add(index)
        return inner
