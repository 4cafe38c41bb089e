"""Combine addends that an identity between functions makes like terms: sin(x)**2 + cos(x)**2, and densities.

The identities stand in the rows: `square`, a square as a linear function of another row's, and `exponent`, for rows
that are exponentials. Two products are like terms if the ratio of their exponentials is a product of powers, as where
S*normpdf(d) equals K*exp(-r*t)*normpdf(d - s).
"""

from collections.abc import Iterator
from itertools import combinations, permutations

from mgrad_cli.operations import TABLE
from mgrad_cli.symbolic.addends import Addends
from mgrad_cli.symbolic.joining import add_exponent
from mgrad_cli.symbolic.numbers import MINUS_ONE, ONE, ZERO, Number, is_whole, product_of, sum_of
from mgrad_cli.symbolic.polynomials import Monomial
from mgrad_cli.symbolic.products import product
from mgrad_cli.symbolic.terms import Algebra, CallForm, ProductForm, SumForm, Term

MAX_COMBINED, MAX_MONOMIALS, MAX_ROUNDS = 8, 60, 12


def combine(algebra: Algebra, addends: Addends) -> None:
    """Combine pairs of addends that an identity makes like terms, in place."""
    matching = [term for term in addends.multiples if term.is_matching]
    if not 2 <= len(matching) <= MAX_COMBINED:
        return
    squared = {term for term in matching if any(map(is_square, powers_of(term).items()))}
    if squared:
        for one, other in combinations(matching, 2):
            if (one in squared or other in squared) and one in addends.multiples and other in addends.multiples:
                combine_squares(algebra, addends, one, other)
    exponential = [term for term in matching if any(map(is_exponential, powers_of(term)))]
    for one, other in permutations(exponential, 2):
        if one in addends.multiples and other in addends.multiples:
            combine_exponentials(algebra, addends, one, other)


def combine_squares(algebra: Algebra, addends: Addends, one: Term, other: Term) -> None:
    """Replace k*f**2*rest - k*b*g**2*rest by k*a*rest, where f**2 = a + b*g**2, in place."""
    for first, second in ((one, other), (other, one)):
        for rest, partner, a, b in without_squares(first):
            if powers_of(second) == multiplied(rest, {partner: ONE * 2}):
                times = addends.multiples[first]
                if addends.multiples[second] == product_of(times, product_of(MINUS_ONE, b)):
                    addends.pop(first)
                    addends.pop(second)
                    addends.add(product(algebra, ONE, rest.items()), product_of(times, a))
                    return


def without_squares(term: Term) -> Iterator[tuple[Monomial, Term, Number, Number]]:
    """Yield for each f**2 = a + b*g**2 in a product the other factors, g, a and b."""
    powers = powers_of(term)
    for power in filter(is_square, powers.items()):
        found = square_of(power[0])
        if found is not None:
            yield multiplied(powers, {power[0]: ONE * -2}), *found


def is_square(power: tuple[Term, Number]) -> bool:
    """Return whether a power is a multiple of a square, of which its row may state an identity."""
    base, exponent = power
    return base.is_matching and exponent is not ONE and is_whole(exponent) and exponent >= 2


def is_exponential(base: Term) -> bool:
    """Return whether a term is a call of a row that is an exponential."""
    return isinstance(base.form, CallForm) and base.form.operation.exponent is not None


def square_of(term: Term) -> tuple[Term, Number, Number] | None:
    """Return g, a and b where the square of a term is a + b*g**2 by an identity; otherwise `None`."""
    form = term.form
    if not isinstance(form, CallForm) or form.operation.square is None:
        return None
    name, a, b = form.operation.square
    (partner,) = TABLE[name]
    return partner(*form.operands), ONE * a, ONE * b


def combine_exponentials(algebra: Algebra, addends: Addends, one: Term, other: Term) -> None:
    """Write a product with the exponentials of another, in place, where that combines the two or is shorter.

    The ratio of the exponentials must be a product of powers.
    """
    (kept, parts), (rest, others) = split_exponentials(one), split_exponentials(other)
    if not parts or not others or parts == others or scales(parts) != scales(others):
        return
    difference = [(product_of(times, ONE), monomial) for times, monomial in exponent_of(others)]
    difference += [(product_of(times, MINUS_ONE), monomial) for times, monomial in exponent_of(parts)]
    powers = exponential_of(algebra, difference)
    if powers is None:
        return
    like = product(algebra, ONE, multiplied(rest, powers).items())
    if powers_of(like) == kept:
        times = product_of(coefficient_and_powers(like)[0], addends.pop(other))
        total = sum_of(addends.pop(one), times)
        if total != 0:
            addends.add(one, total)
    elif (written := product(algebra, ONE, [(like, ONE), *parts.items()])).size < other.size:
        addends.add(written, addends.pop(other))


def powers_of(term: Term) -> Monomial:
    """Return a term without its coefficient as powers of its factors; a number as none."""
    form = term.form
    if isinstance(form, ProductForm):
        return dict(form.factors)
    return {} if term.number is not None else {term: ONE}


def multiplied(one: Monomial, other: Monomial) -> Monomial:
    """Return the product of two monomials, without powers of zero."""
    found = dict(one)
    for base, exponent in other.items():
        add_exponent(found, base, exponent)
    return {base: exponent for base, exponent in found.items() if exponent != 0}


def split_exponentials(term: Term) -> tuple[Monomial, Monomial]:
    """Return the factors of a product that are not exponentials, and those that are."""
    kept: Monomial = {}
    found: Monomial = {}
    for base, exponent in powers_of(term).items():
        (found if is_exponential(base) else kept)[base] = exponent
    return kept, found


def scales(parts: Monomial) -> dict[str, Number]:
    """Return the total power of each row that is a multiple of an exponential."""
    found: dict[str, Number] = {}
    for base, exponent in parts.items():
        assert isinstance(base.form, CallForm)
        operation = base.form.operation
        if operation.evaluate(0.0) != 1:
            found[operation.name] = sum_of(found.get(operation.name, ZERO), exponent)
    return {name: exponent for name, exponent in found.items() if exponent != 0}


def exponent_of(parts: Monomial) -> list[tuple[Number, Monomial]]:
    """Return the logarithm of a product of exponentials, as multiples of monomials."""
    found = []
    for base, exponent in parts.items():
        assert isinstance(base.form, CallForm)
        assert base.form.operation.exponent is not None
        inner = base.form.operation.exponent(*base.form.operands)
        found += [(product_of(times, exponent), monomial) for times, monomial in monomials_of(inner)]
    return found


def monomials_of(term: Term) -> list[tuple[Number, Monomial]]:
    """Return a term as a sum of multiples of monomials."""
    form = term.form
    if isinstance(form, SumForm):
        found = [(product_of(times, inner), monomial) for addend, times in form.addends
                 for inner, monomial in [coefficient_and_powers(addend)]]  # fmt: skip
        return [*found, (form.constant, {})] if form.constant != 0 else found
    return [coefficient_and_powers(term)]


def coefficient_and_powers(term: Term) -> tuple[Number, Monomial]:
    """Return a product as its coefficient and its powers."""
    if term.number is not None:
        return term.number, {}
    return (term.form.coefficient if isinstance(term.form, ProductForm) else ONE), powers_of(term)


def exponential_of(algebra: Algebra, terms: list[tuple[Number, Monomial]]) -> Monomial | None:
    """Return the exponential of a sum as a product of powers, if the sum is one of multiples of logarithms; or `None`.

    Sums are multiplied out from the outermost inward, as far as they occur, and like monomials combined.
    """
    collected = collect(algebra, terms)
    for _ in range(MAX_ROUNDS):
        sums = {base for _, monomial in collected for base, e in monomial.items() if is_expandable(base, e)}
        if not sums or len(collected) > MAX_MONOMIALS:
            break
        outer = max(sums, key=lambda base: base.index)
        collected = collect(algebra, [part for term in collected for part in expanded(*term, outer)])
    powers: Monomial = {}
    for times, monomial in collected:
        ((base, exponent),) = monomial.items() if len(monomial) == 1 else ((None, ZERO),)
        logarithm = base.operands_of("log") if base is not None and exponent == 1 else ()
        if not logarithm:
            return None
        powers = multiplied(powers, {logarithm[0]: times})
    return powers


def is_expandable(base: Term, exponent: Number) -> bool:
    """Return whether a power of a sum is multiplied out."""
    return isinstance(base.form, SumForm) and is_whole(exponent) and 1 <= exponent <= 3


def expanded(times: Number, monomial: Monomial, base: Term) -> list[tuple[Number, Monomial]]:
    """Return a multiple of a monomial with one power of a sum multiplied out."""
    exponent = monomial.get(base, ZERO)
    if not is_expandable(base, exponent):
        return [(times, monomial)]
    found = [(times, {other: power for other, power in monomial.items() if other is not base})]
    for _ in range(int(exponent)):
        found = [(product_of(a, b), multiplied(one, other)) for a, one in found for b, other in monomials_of(base)]
    return found


def collect(algebra: Algebra, terms: list[tuple[Number, Monomial]]) -> list[tuple[Number, Monomial]]:
    """Return multiples of monomials in their normal form, with like ones combined."""
    found: dict[frozenset[tuple[Term, Number]], Number] = {}
    for times, monomial in terms:
        coefficient, powers = coefficient_and_powers(product(algebra, times, monomial.items()))
        key = frozenset(powers.items())
        found[key] = sum_of(found.get(key, ZERO), coefficient)
    return [(times, dict(key)) for key, times in found.items() if times != 0]
