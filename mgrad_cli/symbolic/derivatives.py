"""Derivatives as formulas: a unit traced and differentiated in an algebra, once or twice, its statements kept."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from mgrad_cli.language.lowering import CONSTANTS, FIXED, Script
from mgrad_cli.operations import TABLE
from mgrad_cli.program import Program, differentiate, substitute, trace
from mgrad_cli.program.adjoint import EXACT
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.recorder import Recorder
from mgrad_cli.symbolic.paths import Paths
from mgrad_cli.symbolic.simplifier import Simplifier
from mgrad_cli.symbolic.terms import Algebra
from mgrad_cli.symbolic.tracing import TermTracer

UNEXPANDED = frozenset({"direction"})
"""The helpers whose derivatives keep digits that those of their formulas lose: 1/h - x**2/h**3 is y**2/h**3."""


class Derivatives(NamedTuple):
    """A program whose outputs are partial derivatives, then the value, then the statements of these names.

    by      for each derivative the variables that it is taken with respect to, in order
    """

    program: Program
    by: tuple[tuple[str, ...], ...]
    statements: tuple[str, ...]


def derivatives(
    script: Script,
    inputs: Sequence[str],
    wrt: Sequence[str],
    order: int = 1,
    values: Mapping[str, float] | None = None,
    is_exact: bool = False,
    budget: Budget | None = None,
) -> Derivatives:
    """The partial derivatives of an order, those that differ in the order of variables alone once.

    `inputs` are the variables of the unit, of which those with `values` become numbers. The formulas are simplified
    for people: pi stays pi, and they hold at points in general position; where `is_exact` they are those that
    evaluation uses, with the same result to the last bit.

    Raises: LimitError where they take more terms than the budget has.
    """
    statements = [block.name for block in script.blocks if block.name is not None and block.name not in inputs]
    constants = [] if is_exact else symbolic_constants(script, inputs)

    def recorder() -> Any:
        if is_exact:
            return Recorder(budget)
        simplifier = Simplifier(constants, named_numbers(inputs), budget)
        simplifier.is_tracing = True
        return TermTracer(simplifier)

    def differentiated(known: Program, first: int, is_last: bool) -> Program:
        if is_exact:
            return differentiate(known, wrt, Recorder(budget), EXACT, first)
        tracer = recorder()
        registers = tracer.read(known)
        algebra = tracer.algebra
        algebra.is_tracing = False
        algebra.unexpanded = () if is_last else UNEXPANDED
        return differentiate(known, wrt, algebra, Paths(algebra), first, registers)

    program = trace(script, [*inputs, *constants], statements, recorder())
    if values:
        program = substitute(program, values, recorder())
    count = 1
    rank = {name: index for index, name in enumerate(wrt)}
    by: list[tuple[str, ...]] = [()]
    for turn in range(1, order + 1):
        if budget is not None:
            budget.spend(count * len(wrt))
        program = differentiated(program, count, turn == order)
        split = len(program.outputs) - count * len(wrt)
        before, partials = program.outputs[:split], program.outputs[split:]
        pairs = [(indices, name) for indices in by for name in wrt]
        chosen = [index for index, (names, name) in enumerate(pairs) if not names or rank[name] >= rank[names[-1]]]
        rest = before if by == [()] else before[count:]
        program = Program(program.nodes, (*(partials[index] for index in chosen), *rest))
        by = [(*pairs[index][0], pairs[index][1]) for index in chosen]
        count = len(by)
    return Derivatives(program, tuple(by), tuple(statements))


def symbolic_constants(script: Script, inputs: Sequence[str]) -> list[str]:
    """The constants of a unit that stay names."""
    return [
        name
        for name in script.names
        if name in CONSTANTS and name not in FIXED and name not in inputs and name not in script.assigned
    ]


def named_numbers(inputs: Sequence[str]) -> dict[float, Callable[[Algebra], Any]]:
    """The numbers in rules that people know by another name; where pi is a variable, only those without it."""
    (log,), (sqrt,) = (TABLE["log"][:1], TABLE["sqrt"])
    known: dict[float, Callable[[Algebra], Any]] = {
        math.log(2): lambda algebra: log(algebra.constant(2.0)),
        math.log(10): lambda algebra: log(algebra.constant(10.0)),
    }
    if "pi" not in inputs:
        known |= {
            2 / math.sqrt(math.pi): lambda algebra: 2 / sqrt(algebra.input("pi")),
            -2 / math.sqrt(math.pi): lambda algebra: -2 / sqrt(algebra.input("pi")),
            math.pi / 180: lambda algebra: algebra.input("pi") / 180,
            180 / math.pi: lambda algebra: 180 / algebra.input("pi"),
        }
    return known
