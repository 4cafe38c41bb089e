"""Masks of adjoints as paths of conditions, so that what flows back through choices adds up to choices.

Where a formula chooses, each branch receives its adjoint under one more condition than the choice itself. Adjoints that
meet are put together from the innermost conditions outward: `where(c, a, 0) + where(not c, b, 0)` never comes up, but
`where(c, a, b)` does.
"""

import heapq
from collections.abc import Sequence
from fractions import Fraction
from itertools import count
from typing import Any

from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.operation import mask_at
from mgrad_cli.program.adjoint import NOWHERE, Adjoint
from mgrad_cli.symbolic.arithmetic import total
from mgrad_cli.symbolic.terms import Algebra, Term

(WHERE,), (AND,), (OR,), (NOT,) = (TABLE[name] for name in ("where", "logical_and", "logical_or", "logical_not"))
(EQUAL,) = TABLE["equal"]
ONE, ZERO = Fraction(1), Fraction(0)


class Path:
    """A conjunction of conditions: that of another path, and that one more holds or fails; the same one once."""

    __slots__ = ("condition", "depth", "further", "holds", "parent", "term")

    def __init__(self, parent: "Path | None", condition: Term | None, holds: bool) -> None:
        self.parent = parent
        self.condition = condition
        self.holds = holds
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.further: dict[tuple[Term, bool], Path] = {}
        self.term: Term | None = None

    def step(self, condition: Term, holds: bool) -> "Path":
        key = (condition, holds)
        if key not in self.further:
            self.further[key] = Path(self, condition, holds)
        return self.further[key]


class Branch:
    """What comes together at a path: addends of its own, and for each condition what came where it holds and fails."""

    def __init__(self) -> None:
        self.addends: list[Term] = []
        self.cases: dict[Term, list[tuple[Term, Term] | None]] = {}


class Paths:
    """How adjoints of formulas are masked and added."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self.root = Path(None, None, True)
        self.zero, self.one = algebra.constant(ZERO), algebra.constant(ONE)

    def restrict(self, mask: Path | None, operation: Operation, rule: Any, arguments: Sequence[Term]) -> Any:
        """The path with the condition of a rule; one that does not choose counts only where it holds on open sets."""
        algebra = self.algebra
        if operation.is_selection:
            condition = algebra.register(mask_at(rule, *arguments))
        else:
            algebra.is_general = True
            try:
                condition = algebra.register(mask_at(rule, *arguments))
            finally:
                algebra.is_general = False
        if condition.number is not None:
            return NOWHERE if condition.number == 0 else mask
        return (mask or self.root).step(*literal(condition))

    def add_adjoints(self, before: list[Adjoint] | None, share: Adjoint) -> list[Adjoint]:
        """The shares that have come to a register so far."""
        shares = before if before is not None else []
        shares.append(share)
        return shares

    def total(self, shares: list[Adjoint]) -> Adjoint:
        """What shares come to, under the longest path that all of them have in common and where any has come."""
        if len(shares) == 1:
            return shares[0]
        value, path, reached = self.gathered(shares)
        if reached is not self.one:
            path = path.step(*literal(reached))
        return Adjoint(value, None if path is self.root else path)

    def finalize(self, shares: list[Adjoint] | None) -> Term:
        """The derivative that shares come to at last: zero where nothing has come."""
        if shares is None:
            return self.zero
        value, path, _ = self.gathered(shares)
        return value if path is self.root else self.algebra.apply(WHERE, self.condition_of(path), value, self.zero)

    def gathered(self, shares: list[Adjoint]) -> tuple[Term, Path, Term]:
        """The sum of shares, the longest path that all of them have in common, and under it where any has come."""
        branches: dict[Path, Branch] = {}
        deepest: list[tuple[int, int, Path]] = []
        serial = count()

        def branch(path: Path) -> Branch:
            if path not in branches:
                branches[path] = Branch()
                heapq.heappush(deepest, (-path.depth, next(serial), path))
            return branches[path]

        for value, mask, _ in shares:
            branch(mask or self.root).addends.append(value)
        while len(branches) > 1:
            path = heapq.heappop(deepest)[2]
            assert path.parent is not None
            assert path.condition is not None
            case = self.branch_total(branches.pop(path))
            cases = branch(path.parent).cases.setdefault(path.condition, [None, None])
            cases[not path.holds] = case
        ((path, last),) = branches.items()
        value, reached = self.branch_total(last)
        return value, path, reached

    def branch_total(self, branch: Branch) -> tuple[Term, Term]:
        """The value of a branch, and where anything has come."""
        addends = [(addend, ONE) for addend in branch.addends]
        reached = self.one if addends else self.zero
        nothing = self.zero, self.zero
        for condition, cases in branch.cases.items():
            (a, reached_a), (b, reached_b) = (case or nothing for case in cases)
            addends.append((self.algebra.apply(WHERE, condition, a, b), ONE))
            if reached is not self.one:
                either = self.either(condition, reached_a, reached_b)
                reached = either if reached is self.zero else self.algebra.apply(OR, reached, either)
        return total(self.algebra, addends), reached

    def either(self, condition: Term, a: Term, b: Term) -> Term:
        """The condition that a condition and a hold, or b without the condition."""
        apply = self.algebra.apply
        if a is b:
            return a
        if self.one in (a, b):
            here = condition if a is self.one else apply(NOT, condition)
            other = b if a is self.one else a
            return here if other is self.zero else apply(OR, here, other)
        if self.zero in (a, b):
            return apply(AND, condition, a) if b is self.zero else apply(AND, apply(NOT, condition), b)
        return apply(WHERE, condition, a, b)

    def condition_of(self, path: Path) -> Term:
        """The condition of a path as a formula."""
        unknown: list[Path] = []
        while path.term is None and path is not self.root:
            unknown.append(path)
            assert path.parent is not None
            path = path.parent
        for path in reversed(unknown):
            assert path.condition is not None
            assert path.parent is not None
            own = path.condition if path.holds else self.algebra.apply(NOT, path.condition)
            before = path.parent.term
            path.term = own if before is None else self.algebra.apply(AND, before, own)
        assert path.term is not None
        return path.term


def literal(condition: Term) -> tuple[Term, bool]:
    """A condition without negations before it, and whether it is to hold; `x != 0` is that `x == 0` fails."""
    holds = True
    while inner := condition.operands_of("logical_not"):
        condition, holds = inner[0], not holds
    if (operands := condition.operands_of("not_equal")) and operands[1].number == 0:
        return condition.algebra.apply(EQUAL, *operands), not holds
    return condition, holds
