"""Return derivatives as formulas: a script traced and differentiated in an algebra, with its statements kept."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mgrad_cli.language.lowering import Script
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.function_operation import FunctionOperation
from mgrad_cli.program import ApplyNode, Program, differentiate, hessian, substitute, trace
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.hessian import upper_triangle
from mgrad_cli.program.masking import EXACT
from mgrad_cli.program.recorder import Recorder
from mgrad_cli.script import unbound_constants
from mgrad_cli.symbolic.definitions import FunctionBody, definitions
from mgrad_cli.symbolic.reading import FormulaReading
from mgrad_cli.symbolic.terms import Algebra

NOTHING: Mapping[FunctionOperation, FunctionBody] = {}


class Derivatives(NamedTuple):
    """A program whose outputs are partial derivatives, then the values of the script's outputs, then its statements.

    by          for each derivative, the variables it is taken with respect to, in order
    of          for each derivative, the number of the output that it is one of
    statements  the names of the statements
    defined     the functions that it may call
    in_tables   for each derivative, whether it is that of a call, such as tanh(x + y), whose form in a table is kept
                even if longer; empty if evaluation has the same rules
    """

    program: Program
    by: tuple[tuple[str, ...], ...]
    of: tuple[int, ...]
    statements: tuple[str, ...]
    defined: Mapping[FunctionOperation, FunctionBody] = NOTHING
    in_tables: tuple[bool, ...] = ()

    @property
    def values(self) -> tuple[int, ...]:
        """The registers of the values of the script's outputs."""
        return self.program.outputs[len(self.by) : len(self.program.outputs) - len(self.statements)]


def derivatives(
    script: Script,
    inputs: Sequence[str],
    wrt: Sequence[str],
    order: int = 1,
    values: Mapping[str, float] | None = None,
    is_exact: bool = False,
    budget: Budget | None = None,
    with_first: bool = False,
    is_textbook: bool = True,
) -> Derivatives:
    """Return the partial derivatives of all outputs; those that differ only in the order of variables occur once.

    With `with_first`, those of the first order precede those of a higher order.

    `inputs` are the variables of the script. Those in `values` become numbers. The formulas are simplified for people:
    pi stays a name, they hold at points in general position, and they call the functions that the script keeps. The
    rules are those of a table of derivatives, or of evaluation if not `is_textbook`. With `is_exact` the formulas are
    those of evaluation, with the same results to the last bit.

    Raises: LimitError if they take more terms than the budget allows, at once if there are more of them.
    """
    if budget is not None:
        budget.check(len(script.outputs) * math.comb(len(wrt) + order - 1, order) if wrt else 0)
    statements = [block.name for block in script.blocks if block.name is not None and block.name not in inputs]
    constants = [] if is_exact else unbound_constants(script, inputs)

    taken = {*inputs, *script.assigned}
    pi = name_of_pi(taken)
    reading = FormulaReading({*constants, *filter(None, [pi])}, named_numbers(pi), budget, is_textbook, pi)

    def recorder(operations: Iterable[Operation]) -> Any:
        return Recorder(budget) if is_exact else reading.tracer(operations)

    def differentiated(known: Program, first: int, is_last: bool) -> Program:
        if is_exact:
            return differentiate(known, wrt, Recorder(budget), EXACT, first)
        return reading.differentiated(known, wrt, first, is_last)

    defined = definitions(script, reading, inputs, wrt, order, values or {}) if script.kept else {}
    program = trace(script, [*inputs, *constants], statements, recorder(script.operations))
    if values:
        program = substitute(program, values, recorder(program.operations))
    if is_exact and order == 2:
        return exact_second_partials(program, wrt, statements, budget, with_first)
    count = len(script.outputs)
    in_tables, has_choice = [False] * count, False
    rank = {name: index for index, name in enumerate(wrt)}
    by: list[tuple[str, ...]] = [()] * count
    of = list(range(count))
    first: tuple[list[tuple[str, ...]], list[int], list[bool]] = [], [], []
    for turn in range(1, order + 1):
        if budget is not None:
            budget.spend(count * len(wrt))
        has_choice = has_choice or has_textbook_partials(program)
        program = differentiated(program, count, turn == order)
        split = len(program.outputs) - count * len(wrt)
        before, partials = program.outputs[:split], program.outputs[split:]
        pairs = [(number, names, name) for number, names in zip(of, by, strict=True) for name in wrt]
        chosen = [index for index, (_, names, name) in enumerate(pairs) if not names or rank[name] >= rank[names[-1]]]
        latest = [partials[index] for index in chosen]
        known_tables = [known or is_tabled(program, output) for known, output in zip(in_tables, before, strict=False)]
        in_tables = [known_tables[index // len(wrt)] for index in chosen]
        by = [(*pairs[index][1], pairs[index][2]) for index in chosen]
        of = [pairs[index][0] for index in chosen]
        rest = before if turn == 1 else before[count:]
        count = len(by)
        if with_first and turn == 1 < order:
            first = by, of, in_tables
            rest = (*latest, *rest)
        program = Program(program.nodes, (*latest, *rest))
    outputs, split = program.outputs, count + len(first[0])
    program = Program(program.nodes, (*outputs[count:split], *outputs[:count], *outputs[split:]))
    tables = (*first[2], *in_tables) if has_choice else ()
    return Derivatives(program, (*first[0], *by), (*first[1], *of), tuple(statements), defined, tables)


def has_textbook_partials(program: Program) -> bool:
    """Return whether a table of derivatives has another form for an operation of a program than evaluation."""
    return any(operation.textbook is not operation.partials for operation in program.operations)


def is_tabled(program: Program, output: int) -> bool:
    """Return whether an output is a call whose derivative has the form of a table, however long."""
    node = program.nodes[output]
    return isinstance(node, ApplyNode) and node.operation.is_tabled


def exact_second_partials(
    program: Program, wrt: Sequence[str], statements: Sequence[str], budget: Budget | None, with_first: bool
) -> Derivatives:
    """Return the second partial derivatives, which evaluation computes, of all outputs but the statements."""
    pairs = [(a, b) for index, a in enumerate(wrt) for b in wrt[index:]]
    count = len(program.outputs)
    numbers = range(count - len(statements))
    if budget is not None:
        budget.spend(len(numbers) * (len(wrt) + len(pairs)))
    found = upper_triangle(hessian(program, wrt, len(numbers), lambda: Recorder(budget)), len(numbers))
    split = count + (0 if with_first else len(numbers) * len(wrt))
    by: list[tuple[str, ...]] = [pair for _ in numbers for pair in pairs]
    of = [number for number in numbers for _ in pairs]
    if with_first:
        by = [*((name,) for _ in numbers for name in wrt), *by]
        of = [*(number for number in numbers for _ in wrt), *of]
    outputs = (*found.outputs[split:], *found.outputs[:count])
    return Derivatives(Program(found.nodes, outputs), tuple(by), tuple(of), tuple(statements))


def name_of_pi(taken: Collection[str]) -> str | None:
    """Return a name of pi that is not taken, or `None`."""
    return next((name for name in ("pi", "π") if name not in taken), None)


def named_numbers(pi: str | None) -> dict[float, Callable[[Algebra], Any]]:
    """Return terms for numbers in rules that have a name, such as log(2). `pi` is a name of pi, if any."""
    (log,), (sqrt,) = (TABLE["log"][:1], TABLE["sqrt"])
    known: dict[float, Callable[[Algebra], Any]] = {
        math.log(2): lambda algebra: log(algebra.constant(2.0)),
        math.log(10): lambda algebra: log(algebra.constant(10.0)),
    }
    if pi is not None:
        known |= {
            2 / math.sqrt(math.pi): lambda algebra: 2 / sqrt(algebra.input(pi)),
            -2 / math.sqrt(math.pi): lambda algebra: -2 / sqrt(algebra.input(pi)),
            math.sqrt(math.pi) / 2: lambda algebra: sqrt(algebra.input(pi)) / 2,
            -math.sqrt(math.pi) / 2: lambda algebra: sqrt(algebra.input(pi)) / -2,
            math.pi / 180: lambda algebra: algebra.input(pi) / 180,
            180 / math.pi: lambda algebra: 180 / algebra.input(pi),
        }
    return known
