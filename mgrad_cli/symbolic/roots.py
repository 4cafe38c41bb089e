"""Test whether one form of a formula loses digits that another keeps, at and near the roots of its sums.

Near x = 1, `(1 - x)**2` has all its digits, and `x**2 - 2*x + 1` has none.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from mgrad_cli.symbolic.error_bounds import Rounded, evaluate_rounded, round_terms, scatter_values
from mgrad_cli.symbolic.terms import SumForm, SymbolForm, Term, parts_first

MAX_SUMS, MAX_ROOTS, BASES, TOLERATED = 8, 4, 2, 16.0
GRID = [index / 4 + 0.0625 for index in range(-16, 17)]
OFFSETS = (1e-2, 1e-4, 1e-7, -1e-7)

Point = dict[str, float]


def loses_digits(candidate: Term, original: Term) -> bool:
    """Return whether rounding errors in a candidate exceed those in the original near the roots of their sums."""
    terms = list(parts_first([original, candidate]))
    names = [term.form.name for term in terms if isinstance(term.form, SymbolForm)]
    names = [name for name in names if name not in original.algebra.constants]
    sums = [term for term in terms if isinstance(term.form, SumForm) and term not in (original, candidate)][:MAX_SUMS]
    for trial in range(BASES):
        base = scatter_values(names, trial, 0.5, 2.5)
        for point in near_roots(sums, base):
            old, new = evaluate_rounded([original, candidate], point)
            if old.is_known and not new.error <= TOLERATED * old.error + 1e-15 * TOLERATED * abs(old.value):
                return True
    return False


def near_roots(sums: Sequence[Term], base: Point) -> Iterator[Point]:
    """Yield points near a root of each sum, then points near a root of as many sums as possible."""
    joint, free = dict(base), list(base)
    for term in sums:
        found = ((name, root) for name in base for root in roots_of(term, name, base))
        for name, root in islice(found, MAX_ROOTS):
            for offset in OFFSETS:
                yield {**base, name: root + offset * (abs(root) + 0.5)}
        for name in free:
            first = next(roots_of(term, name, joint), None)
            if first is not None:
                free.remove(name)
                joint[name] = first
                break
    for offset in OFFSETS:
        yield {name: value + offset * (abs(value) + 0.5) * (name not in free) for name, value in joint.items()}


def roots_of(term: Term, name: str, base: Point) -> Iterator[float]:
    """Yield values of a variable at which a formula is zero, by bisection."""
    order = list(parts_first([term]))
    varying: set[Term] = set()
    for part in order:
        is_variable = isinstance(part.form, SymbolForm) and part.form.name == name
        if is_variable or not varying.isdisjoint(part.parts):
            varying.add(part)
    if not varying:
        return
    found: dict[Term, Rounded] = {}
    round_terms([part for part in order if part not in varying], found, base)
    order = [part for part in order if part in varying]
    point = dict(base)

    def at(value: float) -> float:
        point[name] = value
        round_terms(order, found, point)
        return found[term].value

    assert isinstance(term.form, SumForm)
    values = [at(value) for value in GRID]
    for (low, below), (high, above) in pairwise(zip(GRID, values, strict=True)):
        if below == 0:
            yield low
        if below * above < 0:
            is_rising = below < 0
            for _ in range(60):
                middle = (low + high) / 2
                if (at(middle) < 0) == is_rising:
                    low = middle
                else:
                    high = middle
            yield high
