"""Read programs as formulas for people, and differentiate them as such."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

from mgrad_cli.operations import Operation
from mgrad_cli.program import Program, differentiate
from mgrad_cli.program.budget import Budget
from mgrad_cli.symbolic.paths import Paths
from mgrad_cli.symbolic.simplifier import Simplifier
from mgrad_cli.symbolic.terms import Algebra
from mgrad_cli.symbolic.tracing import TermTracer

UNEXPANDED = frozenset({"direction"})
"""Internal operations whose derivatives are more accurate than those of their expansions: y**2/h**3 is
1/h - x**2/h**3 without cancellation.
"""


class FormulaReading(NamedTuple):
    """How programs are read as formulas.

    constants       the inputs that stand for numbers
    named_numbers   numbers that have a name, with a function that makes the term of each
    is_textbook     whether the rules are those of a table of derivatives, and not those of evaluation
    pi              a name of pi that nothing else has, if any
    """

    constants: Collection[str]
    named_numbers: dict[float, Callable[[Algebra], Any]]
    budget: Budget | None
    is_textbook: bool = True
    pi: str | None = None

    def tracer(self, operations: Iterable[Operation]) -> TermTracer:
        """Return a tracer of these operations, which makes terms in an algebra of its own."""
        simplifier = Simplifier(self.constants, self.named_numbers, self.budget)
        simplifier.is_tracing = True
        return TermTracer(simplifier, operations, self.pi)

    def shown(self, program: Program) -> Program:
        """Return a program without operations that only serve further derivatives."""
        tracer = self.tracer(program.operations)
        registers = tracer.read(program)
        return tracer.algebra.program([registers[output] for output in program.outputs])

    def differentiated(self, program: Program, wrt: Sequence[str], first: int, is_last: bool) -> Program:
        """Return a program with the derivatives of its first outputs. Unless `is_last`, these can be differentiated."""
        tracer = self.tracer(program.operations)
        registers = tracer.read(program)
        algebra = tracer.algebra
        algebra.is_tracing = False
        algebra.given = frozenset(registers)
        algebra.unexpanded = () if is_last else UNEXPANDED
        return differentiate(program, wrt, algebra, Paths(algebra, self.is_textbook), first, registers)
