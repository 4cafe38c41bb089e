"""Shorten products: with sums in them as fractions, numbers multiplied in, and exponentials as one."""

from fractions import Fraction

from mgrad_cli.operations import TABLE
from mgrad_cli.symbolic.arithmetic import total
from mgrad_cli.symbolic.fractions import (
    MAX_ADDENDS,
    MAX_ROUNDS,
    MAX_SIZE,
    addends_of,
    over_common_denominator,
    shorter_sum,
    sum_of_monomials,
)
from mgrad_cli.symbolic.numbers import ONE, is_whole, magnitude, product_of
from mgrad_cli.symbolic.products import product
from mgrad_cli.symbolic.roots import loses_digits
from mgrad_cli.symbolic.terms import ProductForm, SumForm, Term

(EXP,) = TABLE["exp"]


def shortest(term: Term) -> Term:
    """Return the shortest known form of a term, with the sums in it as fractions."""
    for _ in range(MAX_ROUNDS):
        if term.size > MAX_SIZE:
            break
        other = term
        if isinstance(term.form, ProductForm):
            factors = [(shorter_sum(base) if is_whole(e) else base, e) for base, e in term.form.factors]
            other = with_whole_numbers(product(term.algebra, term.form.coefficient, factors))
            joint = over_joint_denominator(other)
            other = min(other, joint, key=length_key)
        other = shorter_sum(other)
        if length_key(other) >= length_key(term):
            break
        term = other
    return with_joint_exponential(term)


def length_key(term: Term) -> tuple[int, int]:
    """Return the size of a term, then the number of fractions in the sums among its factors."""
    factors = [base for base, _ in term.form.factors] if isinstance(term.form, ProductForm) else [term]
    sums = [base.form for base in factors if isinstance(base.form, SumForm)]
    numbers = [number for form in sums for number in (form.constant, *(times for _, times in form.addends))]
    return term.size, sum(isinstance(number, Fraction) and number.denominator != 1 for number in numbers)


def with_whole_numbers(term: Term) -> Term:
    """Return a multiple of a product with a sum, with the number multiplied into the sum if that is shorter."""
    form = term.form
    if not isinstance(form, ProductForm) or form.coefficient == 1:
        return term
    for base, exponent in form.factors:
        if isinstance(base.form, SumForm) and exponent == 1:
            parts = [(product_of(times, form.coefficient), monomial) for times, monomial in addends_of(base)]
            factors = [(sum_of_monomials(term, parts) if other is base else other, e) for other, e in form.factors]
            candidate = product(term.algebra, ONE, factors)
            if length_key(candidate) < length_key(term):
                return candidate
    return term


def with_joint_exponential(term: Term) -> Term:
    """Return a product with its powers of exponentials as one: exp(-2*x) for exp(-x)**2, if that is shorter."""
    form = term.form
    if not isinstance(form, ProductForm):
        return term
    powers = [(base.operands_of("exp"), exponent) for base, exponent in form.factors]
    exponents = [(u[0], times) for u, times in powers if u]
    others = [factor for factor, (u, _) in zip(form.factors, powers, strict=True) if not u]
    if not exponents or (len(exponents) == 1 and exponents[0][1] == 1):
        return term
    exponent = total(term.algebra, [(product(term.algebra, times, [(u, ONE)]), ONE) for u, times in exponents])
    candidate = product(term.algebra, form.coefficient, [*others, (EXP(exponent), ONE)])
    is_power = any(magnitude(times) > 1 for _, times in exponents)
    return min(*((candidate, term) if is_power else (term, candidate)), key=length_key)


def over_joint_denominator(term: Term) -> Term:
    """Return a product with a sum in it as a fraction, if its denominator combines with the other factors."""
    form = term.form
    if not isinstance(form, ProductForm):
        return term
    for base, exponent in form.factors:
        if exponent == 1 and isinstance(base.form, SumForm) and len(base.form.addends) <= MAX_ADDENDS:
            fraction = over_common_denominator(base)
            if fraction is not None:
                others = [(fraction if other is base else other, power) for other, power in form.factors]
                candidate = product(term.algebra, form.coefficient, others)
                if length_key(candidate) < length_key(term) and not loses_digits(candidate, term):
                    return candidate
    return term
