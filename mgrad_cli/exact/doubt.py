"""Describe what balls could not decide, as a formula."""

from collections.abc import Sequence
from typing import Any

from mgrad_cli.exact.ball import Ball
from mgrad_cli.exact.recording import FORMULA_MARK
from mgrad_cli.language.printing import Formula, constant
from mgrad_cli.language.syntax import Name
from mgrad_cli.program.nodes import COMPARISONS, ApplyNode, InputNode, Program, prune

MAX_TREE = 40
"""The most nodes of a formula to show. Longer operands are shown as dots."""
TIGHT = 20
"""The accuracy in bits of a number that is well known."""


def what_is_open(program: Program, registers: Sequence[Any], output: int) -> str:
    """Return what is open for an output: the first undecided comparison or value that it depends on."""
    needed = {output}
    for index in range(output, -1, -1):
        node = program.nodes[index]
        if index in needed and isinstance(node, ApplyNode):
            needed.update(node.operands)
    for index in sorted(needed):
        node = program.nodes[index]
        if not isinstance(node, ApplyNode) or is_settled(Ball.of(registers[index])):
            continue
        operands = [Ball.of(registers[operand]) for operand in node.operands]
        if node.operation.name in COMPARISONS:
            return f"whether {text_of(program, index)}"
        if all(map(is_settled, operands)) and not all(map(is_tight, operands)):
            loose = next(each for each, ball in zip(node.operands, operands, strict=True) if not is_tight(ball))
            return f"whether {text_of(program, loose)} is 0"
        if all(map(is_settled, operands)):
            return f"the value of {text_of(program, index)}"
    ball = Ball.of(registers[output])
    if ball.is_known and not is_tight(ball):
        size = decimal_exponent(ball.interval.abs_upper())
        return f"whether {text_of(program, output)} is 0 (it is smaller than 1e{size})"
    return f"the double nearest to {text_of(program, output)}"


def decimal_exponent(bound: Any) -> int:
    """Return the exponent of a power of ten that is at least the bound."""
    return int((bound.log_base(10)).ceil().upper().unique_fmpz() or 0)


def is_settled(ball: Ball) -> bool:
    """Return whether the ball is small, at least compared with 1."""
    return ball.is_known and (isinstance(ball.value, float) or ball.value.rel_one_accuracy_bits() > TIGHT)


def is_tight(ball: Ball) -> bool:
    """Return whether the ball is small compared with its number."""
    return isinstance(ball.value, float) or ball.value.is_exact() or not ball.value.contains(0)


def text_of(program: Program, index: int) -> str:
    """Return the formula of a register, with long operands as dots."""
    part = prune(program.nodes[: index + 1], [index])
    sizes: list[int] = []
    for node in part.nodes:
        sizes.append(1 + sum(sizes[each] for each in node.operands) if isinstance(node, ApplyNode) else 1)
    shown: list[Any] = []
    for node, size in zip(part.nodes, sizes, strict=True):
        if isinstance(node, InputNode):
            shown.append(Formula(Name(node.name.removeprefix(FORMULA_MARK))))
        elif not isinstance(node, ApplyNode):
            shown.append(Formula(constant(node.number)))
        elif size > MAX_TREE and node is not part.nodes[part.outputs[0]]:
            shown.append(Formula(Name("...")))
        else:
            shown.append(node.operation(*(shown[each] for each in node.operands)))
    return str(shown[part.outputs[0]])
