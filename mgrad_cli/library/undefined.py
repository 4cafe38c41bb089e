"""Find the derivatives of a script that have no formula: those by operands that a function is not differentiable by."""

from collections.abc import Collection, Iterator

from mgrad_cli.evaluation.diagnosis import Finding, snippet
from mgrad_cli.language.printing import constant, unparse
from mgrad_cli.language.syntax import Call, Expression, Name
from mgrad_cli.library.derivation import expanded
from mgrad_cli.operations import call_name
from mgrad_cli.script import Assignment, InnerSpan, Script, Step
from mgrad_cli.text import truncate

MAX_TEXT = 60


def undefined_derivatives(script: Script, wrt: Collection[str]) -> list[Finding]:
    """Return what is said of each call that varies with `wrt` by such an operand, where nan stands for the derivative.

    Raises: LimitError if calls of functions of the text are too much to be expanded.

    >>> from mgrad_cli.language.lowering import read
    >>> undefined_derivatives(read("polygamma(n, x)"), ["n"])[0].message.partition(":")[0]
    'polygamma(n, x) is differentiable by x only'
    """
    varying = set(wrt)
    found: dict[str, Finding] = {}
    for block in expanded(script).blocks:
        if block.name in varying:
            continue
        is_varying = varying_steps(block, varying)
        if block.name is not None and is_varying[-1]:
            varying.add(block.name)
        for index, step in enumerate(block.steps):
            for operand in fixed_operands(step):
                if is_varying[step.operands[operand]]:
                    finding = undefined(script, block, index, operand)
                    found.setdefault(finding.message, finding)
    return list(found.values())


def varying_steps(block: Assignment, varying: Collection[str]) -> list[bool]:
    """Return for each step of a statement whether it depends on names that vary."""
    found: list[bool] = []
    for step in block.steps:
        inner = any(found[operand] for operand in step.operands)
        found.append(inner if step.operation is not None else step.number is None and step.name in varying)
    return found


def fixed_operands(step: Step) -> Iterator[int]:
    """Yield the operands of a step that its operation is not differentiable by."""
    if step.operation is not None and not step.operation.variadic:
        yield from step.operation.fixed_operands


def undefined(script: Script, block: Assignment, index: int, operand: int) -> Finding:
    """Return what is said of one call."""
    step = block.steps[index]
    operation = step.operation
    assert operation is not None
    is_expanded = step.span is None or isinstance(step.span, InnerSpan)
    text = truncate(unparse(tree_of(block, index)), MAX_TEXT) if is_expanded else snippet(script.text, step.span)
    reason = f"'{text}' has no derivative through {operation.operands[operand]}; nan stands for it"
    return Finding(f"{operation.differentiability}: {reason}", script.text, None if is_expanded else step.span)


def tree_of(block: Assignment, last: int) -> Expression:
    """Return a step of a statement as a syntax tree."""
    trees: list[Expression] = []
    for step in block.steps[: last + 1]:
        if step.operation is not None:
            trees.append(Call(call_name(step.operation), tuple(trees[operand] for operand in step.operands)))
        else:
            trees.append(Name(step.name) if step.number is None else constant(step.number))
    return trees[last]
