"""Masks of adjoints as paths of conditions, so that derivatives of selections are selections again.

In `where`, each branch receives its adjoint under one more condition than `where` itself. Adjoints of one register are
combined from the innermost conditions outward, into `where(c, a, b)` instead of `where(c, a, 0) + where(not c, b, 0)`.
"""

import heapq
from collections.abc import Sequence
from fractions import Fraction
from itertools import count
from typing import Any

from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.operations.operation import mask_at
from mgrad_cli.program.masking import NOWHERE, LocalRules, MaskedDerivative
from mgrad_cli.symbolic.arithmetic import total
from mgrad_cli.symbolic.terms import Algebra, Term

(WHERE,), (AND,), (OR,), (NOT,) = (TABLE[name] for name in ("where", "logical_and", "logical_or", "logical_not"))
(EQUAL,) = TABLE["equal"]
ONE, ZERO = Fraction(1), Fraction(0)


class Path:
    """A conjunction of conditions: a parent path, and one more condition that holds or fails. Equal ones are shared."""

    __slots__ = ("condition", "depth", "further", "holds", "parent", "term")

    def __init__(self, parent: "Path | None", condition: Term | None, holds: bool) -> None:
        self.parent = parent
        self.condition = condition
        self.holds = holds
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.further: dict[tuple[Term, bool], Path] = {}
        self.term: Term | None = None

    def step(self, condition: Term, holds: bool) -> "Path":
        """Return the path with one more condition."""
        key = (condition, holds)
        if key not in self.further:
            self.further[key] = Path(self, condition, holds)
        return self.further[key]


class Branch:
    """The contributions at a path: its own addends, and for each condition those where it holds and where it fails."""

    def __init__(self) -> None:
        self.addends: list[Term] = []
        self.cases: dict[Term, list[tuple[Term, Term] | None]] = {}


class Paths:
    """The partials of textbooks or of evaluation, and the masking of adjoints of formulas."""

    def __init__(self, algebra: Algebra, is_textbook: bool) -> None:
        self.algebra = algebra
        self.is_textbook = is_textbook
        self.root = Path(None, None, True)
        self.zero, self.one = algebra.constant(ZERO), algebra.constant(ONE)

    def local_rules(self, operation: Operation, operands: Sequence[int], arguments: Sequence[Term]) -> LocalRules:
        partials = operation.textbook if self.is_textbook else operation.partials
        return operation.local_rules(operands, arguments, partials=partials)

    def restrict(self, mask: Path | None, operation: Operation, rule: Any, arguments: Sequence[Term]) -> Any:
        """Return the path extended by the condition of a rule.

        The condition of an operation that does not select counts only if it holds on an open set.
        """
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

    def add_contribution(
        self, before: list[MaskedDerivative] | None, amount: MaskedDerivative
    ) -> list[MaskedDerivative]:
        """Append a contribution to those of a register."""
        amounts = before if before is not None else []
        amounts.append(amount)
        return amounts

    def total(self, amounts: list[MaskedDerivative]) -> MaskedDerivative:
        """Return the sum of contributions, with their longest common path and where any of them applies."""
        if len(amounts) == 1:
            return amounts[0]
        value, path, reached = self.combined(amounts)
        if reached is not self.one:
            path = path.step(*literal(reached))
        return MaskedDerivative(value, None if path is self.root else path)

    def finalize(self, amounts: list[MaskedDerivative] | None) -> Term:
        """Return the derivative from all contributions: zero where none applies."""
        if amounts is None:
            return self.zero
        value, path, _ = self.combined(amounts)
        return value if path is self.root else self.algebra.apply(WHERE, self.condition_of(path), value, self.zero)

    def combined(self, amounts: list[MaskedDerivative]) -> tuple[Term, Path, Term]:
        """Return the sum of contributions, their longest common path, and where on it any of them applies."""
        branches: dict[Path, Branch] = {}
        deepest: list[tuple[int, int, Path]] = []
        serial = count()

        def branch(path: Path) -> Branch:
            if path not in branches:
                branches[path] = Branch()
                heapq.heappush(deepest, (-path.depth, next(serial), path))
            return branches[path]

        for value, mask, _ in amounts:
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
        """Return the value of a branch, and where any contribution applies."""
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
        """Return the condition `a` where the condition holds, or `b` where it fails."""
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
        """Return the condition of a path as a formula."""
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
    """Return a condition without leading negations, and whether it must hold; `x != 0` is `x == 0` that fails."""
    holds = True
    while inner := condition.operands_of("logical_not"):
        condition, holds = inner[0], not holds
    if (operands := condition.operands_of("not_equal")) and operands[1].number == 0:
        return condition.algebra.apply(EQUAL, *operands), not holds
    return condition, holds
