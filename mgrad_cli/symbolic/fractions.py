"""Combine sums over a common denominator, expanded and with common factors in front, where the result is shorter."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from mgrad_cli.symbolic.arithmetic import total
from mgrad_cli.symbolic.identities import multiplied, square_of
from mgrad_cli.symbolic.numbers import MINUS_ONE, ONE, ZERO, Number, magnitude, product_of, sum_of
from mgrad_cli.symbolic.polynomials import Monomial, quotient
from mgrad_cli.symbolic.products import product
from mgrad_cli.symbolic.roots import loses_digits
from mgrad_cli.symbolic.terms import CallForm, ProductForm, SumForm, Term

TWO = ONE * 2
MAX_ADDENDS, MAX_EXPANDED, MAX_SIZE, MAX_ROUNDS = 8, 40, 300, 4
"""The longest sum to combine, the most addends of an expanded product, and the most operations of a term."""


def shorter_sum(term: Term) -> Term:
    """Return a sum factored or as a fraction if that is shorter and loses no digits, else the sum."""
    if not isinstance(term.form, SumForm) or len(term.form.addends) > MAX_ADDENDS:
        return term
    candidates = []
    if any(isinstance(base.form, CallForm | SumForm) for base in common_factors(addends_of(term))):
        candidates.append(factor_out(term))
    fraction = over_common_denominator(term)
    if fraction is not None:
        candidates.append(fraction)
    candidates += [factor_out(sum_of_monomials(term, addends)) for addends in with_squares_replaced(term)]
    expanded = [part for times, monomial in addends_of(term) for part in expand_product(times, monomial)]
    if len(addends_of(term)) < len(expanded) <= MAX_EXPANDED:
        opened = sum_of_monomials(term, expanded)
        candidates += [opened, factor_out(opened)]
    for candidate in sorted(candidates, key=lambda each: each.size):
        if candidate.size < term.size and not loses_digits(candidate, term):
            return candidate
    return term


def with_squares_replaced(term: Term) -> Iterator[list[tuple[Number, Monomial]]]:
    """Yield the addends of a sum with f**2 replaced by a + b*g**2, for each f with that identity."""
    addends = addends_of(term)
    for base in dict.fromkeys(base for _, monomial in addends for base in monomial if base.is_matching):
        replaced: list[tuple[Number, Monomial]] = []
        for times, monomial in addends:
            found = square_of(base) if monomial.get(base, ZERO) in {2, 3} else None
            if found is None:
                replaced.append((times, monomial))
            else:
                partner, a, b = found
                rest = multiplied(monomial, {base: -TWO})
                replaced += [(product_of(times, a), rest), (product_of(times, b), multiplied(rest, {partner: TWO}))]
        if len(replaced) > len(addends):
            yield replaced


def addends_of(term: Term) -> list[tuple[Number, Monomial]]:
    """Return the addends of a sum, each as a number and a product of powers."""
    assert isinstance(term.form, SumForm)
    found: list[tuple[Number, Monomial]] = [(term.form.constant, {})] if term.form.constant != 0 else []
    for addend, times in term.form.addends:
        form = addend.form
        monomial: Monomial = dict(form.factors) if isinstance(form, ProductForm) else {addend: ONE}
        found.append((times, monomial))
    return found


def over_common_denominator(term: Term) -> Term | None:
    """Return a sum over its common denominator: common factors in front, and the numerator expanded.

    Return `None` if there is no denominator, or the expansion is too long.
    """
    addends = addends_of(term)
    common = common_factors(addends)
    addends = [(times, multiply_monomials(monomial, inverse(common))) for times, monomial in addends]
    below: Monomial = {}
    for _, monomial in addends:
        for base, exponent in monomial.items():
            if exponent < 0:
                below[base] = max(below.get(base, ZERO), -exponent)
    has_sums = any(isinstance(base.form, SumForm) for _, monomial in addends for base in monomial)
    if not below and not has_sums and all(exponent > 0 for exponent in common.values()):
        return None
    expanded = [(times, multiply_monomials(monomial, below)) for times, monomial in addends]
    for _ in range(MAX_ROUNDS):
        before = len(expanded)
        expanded = [part for times, monomial in expanded for part in expand_product(times, monomial)]
        if len(expanded) > MAX_EXPANDED:
            return None
        if len(expanded) == before:
            break
    sums = [base for _, monomial in addends for base in monomial if isinstance(base.form, SumForm)]
    expanded, divisors = divide_by_sums(expanded, [*below, *common, *sums])
    numerator = factor_out(sum_of_monomials(term, expanded))
    return product(term.algebra, ONE, [(numerator, ONE), *divisors, *common.items(), *inverse(below).items()])


def divide_by_sums(
    dividend: list[tuple[Number, Monomial]], divisors: Iterable[Term]
) -> tuple[list[tuple[Number, Monomial]], list[tuple[Term, Number]]]:
    """Divide a sum of monomials by sums as long as there is no remainder. Return the quotient and the divisors."""
    found: list[tuple[Term, Number]] = []
    for base in dict.fromkeys(divisors):
        if not isinstance(base.form, SumForm) or len(base.form.addends) > MAX_ADDENDS:
            continue
        divisor = addends_of(base)
        while len(dividend) > 1 and (result := quotient(dividend, divisor)) is not None:
            dividend = result
            found.append((base, ONE))
    return dividend, found


def inverse(monomial: Monomial) -> Monomial:
    """Return the reciprocal of a monomial."""
    return {base: -exponent for base, exponent in monomial.items()}


def expand_product(times: Number, monomial: Monomial) -> list[tuple[Number, Monomial]]:
    """Expand the sums with small whole exponents in a product, or only the first ones if the result is too long."""
    sums = [base for base, exponent in monomial.items() if isinstance(base.form, SumForm) and exponent in (1, 2, 3)]
    terms: list[tuple[Number, Monomial]] = [(times, {b: e for b, e in monomial.items() if e != 0 and b not in sums})]
    for base in sums:
        for _ in range(int(monomial[base])):
            terms = [
                (product_of(a, b), multiply_monomials(one, other)) for a, one in terms for b, other in addends_of(base)
            ]
            if len(terms) > MAX_EXPANDED:
                return terms
    return terms


def multiply_monomials(one: Monomial, other: Monomial) -> Monomial:
    """Return the product of two monomials."""
    return reduce(lambda m, item: {**m, item[0]: sum_of(m.get(item[0], ZERO), item[1])}, other.items(), one)


def sum_of_monomials(like: Term, terms: Iterable[tuple[Number, Monomial]]) -> Term:
    """Return the term of a sum of monomials."""
    algebra = like.algebra
    return total(algebra, [(product(algebra, times, monomial.items()), ONE) for times, monomial in terms])


def factor_out(term: Term) -> Term:
    """Return a sum with the common factors of its addends in front."""
    if not isinstance(term.form, SumForm) or len(term.form.addends) > MAX_EXPANDED:
        return term
    addends = addends_of(term)
    common = common_factors(addends)
    scale = addends[0][0]
    same = all(magnitude(times) == magnitude(scale) for times, _ in addends)
    times = magnitude(scale) if same else ONE
    if all(number < 0 for number, _ in addends):
        times = product_of(times, MINUS_ONE)
    if not common and times == 1:
        return term
    inner = sum_of_monomials(
        term, [(number / times, multiply_monomials(monomial, inverse(common))) for number, monomial in addends]
    )
    return product(term.algebra, times, [*common.items(), (inner, ONE)])


def common_factors(addends: Sequence[tuple[Number, Monomial]]) -> Monomial:
    """Return the powers that every addend has."""
    common = dict(addends[0][1])
    for _, monomial in addends[1:]:
        common = {
            base: min(exponent, monomial[base], key=magnitude)
            for base, exponent in common.items()
            if base in monomial and (exponent > 0) == (monomial[base] > 0)
        }
    return common
