"""Decide whether formulas for people keep the digits that the formulas of evaluation keep."""

from collections.abc import Collection

from mgrad_cli.operations import TABLE
from mgrad_cli.program import Program
from mgrad_cli.symbolic.roots import loses_digits
from mgrad_cli.symbolic.simplifier import Simplifier
from mgrad_cli.symbolic.terms import Term
from mgrad_cli.symbolic.tracing import TermTracer

MAX_SIZE = 1_000
INTERNAL = frozenset(row.name for rows in TABLE.values() for row in rows if row.is_internal)


def keep_digits(found: Program, exact: Program, count: int, variables: Collection[str]) -> list[bool]:
    """Return for each of the first outputs of two programs whether the first one is as accurate as the second.

    Running error bounds are compared near the roots of the sums in both, and far from 0. Formulas too large for that
    count as less accurate.
    """
    algebra = Simplifier(frozenset(found.inputs).difference(variables))
    algebra.is_tracing = True
    algebra.unexpanded = INTERNAL
    return [
        is_as_accurate(*pair)
        for pair in zip(outputs(algebra, found, count), outputs(algebra, exact, count), strict=True)
    ]


def outputs(algebra: Simplifier, program: Program, count: int) -> list[Term]:
    """Return the first outputs of a program as terms that compute as it does."""
    registers = TermTracer(algebra).read(program)
    return [registers[output] for output in program.outputs[:count]]


def is_as_accurate(found: Term, exact: Term) -> bool:
    """Return whether a formula loses no digits that another keeps."""
    return found is exact or (max(found.size, exact.size) <= MAX_SIZE and not loses_digits(found, exact, is_far=True))
