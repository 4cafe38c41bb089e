"""Collect multiples of terms into one sum, where like terms are combined.

A sum keeps the groups in which it was written, as in `x + (y - 2)`: in another order, the difference would lose its
digits where y is near 2. A group is expanded if a part of it and another addend are like terms.
"""

from collections.abc import Iterable

from mgrad_cli.symbolic.numbers import ONE, ZERO, Number, is_unit, is_zero, magnitude, product_of, sum_of
from mgrad_cli.symbolic.products import can_expand, without_coefficient
from mgrad_cli.symbolic.terms import Items, SumForm, Term, is_same_order, written_order

MAX_ADDENDS = 48
"""The most addends of a sum that is expanded into another, so that the work stays proportional."""
MAX_GROUP = 6
"""The most addends of a shared sum that is expanded into another sum."""
DROWNED = 1e-6
"""A number smaller than another by this factor is not combined with it."""


class Addends:
    """The sum of a constant and multiple * term, where no term is a number or has a coefficient of its own.

    All terms enter by `add`, which ensures this. `order` is the order in which the parts were written, or `None` once
    any of them have been combined.
    """

    __slots__ = ("constant", "groups", "multiples", "order")

    def __init__(self, parts: Iterable[tuple[Term, Number]] = ()) -> None:
        self.constant: Number = ZERO
        self.multiples: dict[Term, Number] = {}
        self.groups: dict[Term, Term] = {}
        self.order: Items | None = []
        for part, times in parts:
            self.add(part, times)

    def add(self, part: Term, times: Number = ONE) -> None:
        """Add a multiple of a term. Short sums are expanded if they come first or have like terms here."""
        inner, coefficient = without_coefficient(part)
        coefficient = product_of(coefficient, times)
        if inner is None:
            self.add_number(coefficient)
            return
        form = inner.form
        if (
            isinstance(form, SumForm)
            and is_unit(coefficient)
            and can_expand(inner, form.addends, MAX_ADDENDS, MAX_GROUP)
        ):
            constant = product_of(coefficient, form.constant)
            if (self.order == [] and not self.multiples) or self.is_like(form, constant):
                for multiple, addend in written_order(form.constant, form.addends):
                    if addend is None:
                        self.add_number(constant)
                    else:
                        self.add_multiple(addend, product_of(coefficient, multiple))
                return
        self.add_multiple(inner, coefficient)

    def is_like(self, form: SumForm, constant: Number) -> bool:
        """Return whether any addend of a sum is already here, or its constant cancels."""
        if not is_zero(constant) and constant == -self.constant:
            return True
        addends = [addend for addend, _ in form.addends]
        return not (self.multiples.keys().isdisjoint(addends) and self.groups.keys().isdisjoint(addends))

    def add_number(self, number: Number) -> None:
        """Add a number to the constant."""
        if is_zero(number):
            return
        if self.order is not None:
            self.order.append((number, None))
            low, high = sorted((magnitude(number), magnitude(self.constant))) if self.constant != 0 else (ZERO, ZERO)
            if low != 0 and low >= DROWNED * high:
                self.order = None
        self.constant = sum_of(self.constant, number)

    def add_multiple(self, term: Term, times: Number) -> None:
        """Add a multiple of a term that has no coefficient, and expand the group that the term is in."""
        group = self.groups.pop(term, None)
        if group is not None and is_unit(self.multiples.get(group, ZERO)):
            self.expand(group)
        known = self.multiples.get(term)
        self.multiples[term] = times if known is None else sum_of(known, times)
        if known is not None:
            self.order = None
        elif self.order is not None:
            self.order.append((times, term))
        if isinstance(term.form, SumForm) and can_expand(term, term.form.addends, MAX_ADDENDS, MAX_GROUP):
            self.groups |= dict.fromkeys((addend for addend, _ in term.form.addends), term)

    def expand(self, group: Term) -> None:
        """Replace a group by its addends."""
        assert isinstance(group.form, SumForm)
        times = self.multiples.pop(group)
        self.order = None
        self.constant = sum_of(self.constant, product_of(times, group.form.constant))
        for addend, multiple in group.form.addends:
            known = self.multiples.get(addend, ZERO)
            self.multiples[addend] = sum_of(known, product_of(times, multiple))

    def pop(self, term: Term) -> Number:
        """Remove a term, and return its multiple."""
        self.order = None
        return self.multiples.pop(term)

    @property
    def kept(self) -> tuple[tuple[Term, Number], ...]:
        """The terms whose multiple is not zero."""
        return tuple([item for item in self.multiples.items() if item[1] is ONE or not is_zero(item[1])])

    def adds_up_as(self, form: SumForm) -> bool:
        """Return whether a sum is written in the order of its parts; the first two may be swapped."""
        if self.order is None:
            return True
        return is_same_order(self.order, written_order(form.constant, form.addends))


def flatten(parts: Iterable[tuple[Term, Number]]) -> Addends:
    """Return multiples of terms with all groups expanded."""
    found = Addends()
    stack = list(parts)
    while stack:
        part, times = stack.pop()
        inner, coefficient = without_coefficient(part)
        coefficient = product_of(coefficient, times)
        if (
            inner is not None
            and isinstance(inner.form, SumForm)
            and can_expand(inner, inner.form.addends, MAX_ADDENDS, MAX_GROUP)
        ):
            found.constant = sum_of(found.constant, product_of(coefficient, inner.form.constant))
            stack += [(addend, product_of(coefficient, multiple)) for addend, multiple in inner.form.addends]
        elif inner is None:
            found.constant = sum_of(found.constant, coefficient)
        else:
            found.multiples[inner] = sum_of(found.multiples.get(inner, ZERO), coefficient)
    return found
