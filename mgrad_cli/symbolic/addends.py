"""Multiples of terms on their way into one sum: each is added to what has come of its term, and none replaces it."""

from collections.abc import Iterable

from mgrad_cli.symbolic.numbers import ONE, Number, product_of, sum_of
from mgrad_cli.symbolic.products import ZERO, opens, without_coefficient
from mgrad_cli.symbolic.terms import SumForm, Term

MAX_OPENED = 6
"""How long a sum may be that is part of something else already, and is taken apart to become part of another sum."""


class Addends:
    """constant + the sum of multiple * term, where no term is a number or has a coefficient of its own.

    `add` is the one way in, so that every reader can rely on that.
    """

    __slots__ = ("constant", "multiples")

    def __init__(self, parts: Iterable[tuple[Term, Number]] = ()) -> None:
        self.constant: Number = ZERO
        self.multiples: dict[Term, Number] = {}
        for part, times in parts:
            self.add(part, times)

    def add(self, part: Term, times: Number = ONE) -> None:
        """Add a multiple of a term; a short sum is added addend by addend."""
        inner, coefficient = without_coefficient(part)
        coefficient = product_of(coefficient, times)
        if inner is None:
            self.constant = sum_of(self.constant, coefficient)
        elif (
            isinstance(form := inner.form, SumForm) and abs(coefficient) == 1 and opens(inner, form.addends, MAX_OPENED)
        ):
            self.constant = sum_of(self.constant, product_of(coefficient, form.constant))
            for addend, multiple in form.addends:
                self.add_multiple(addend, product_of(coefficient, multiple))
        else:
            self.add_multiple(inner, coefficient)

    def add_multiple(self, term: Term, times: Number) -> None:
        known = self.multiples.get(term)
        self.multiples[term] = times if known is None else sum_of(known, times)

    def pop(self, term: Term) -> Number:
        """Take out all of a term."""
        return self.multiples.pop(term)

    @property
    def kept(self) -> tuple[tuple[Term, Number], ...]:
        """The terms with a multiple that is not zero."""
        return tuple((term, times) for term, times in self.multiples.items() if times != 0)
