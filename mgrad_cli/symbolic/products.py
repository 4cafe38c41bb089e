"""Simplify products: combine like factors, powers and signs."""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from operator import attrgetter
from typing import Any

from mgrad_cli.operations import TABLE
from mgrad_cli.symbolic.joining import JOINS, add_exponent
from mgrad_cli.symbolic.numbers import (
    MINUS_ONE,
    ONE,
    ZERO,
    Number,
    as_double,
    is_unit,
    is_whole,
    is_zero,
    magnitude,
    power_of,
    product_of,
)
from mgrad_cli.symbolic.terms import (
    Algebra,
    ConstantForm,
    ProductForm,
    SumForm,
    SymbolForm,
    Term,
    is_even,
    is_same_order,
    written_order,
)

(POW,) = TABLE["pow"]
IS_JOINING = attrgetter("is_joining")
MAX_LOGARITHM = 300.0
MAX_FACTORS = 16
"""The most factors of a product that is expanded into another, so that the work stays proportional."""
MAX_SHARED = 12
"""The same limit for a shared product, whose factors would be written twice."""


def product(algebra: Algebra, coefficient: Number, parts: Iterable[tuple[Term, Number]]) -> Term:
    """Return a multiple of a product of powers, with like bases combined."""
    factors: dict[Term, Number] = {}
    for part, exponent in parts:
        form = part.form
        if not isinstance(form, ProductForm):
            add_exponent(factors, part, exponent)
        elif is_root(form):
            ((base, inner),) = form.factors
            add_exponent(factors, base, product_of(inner, exponent))
        elif is_split(part, exponent):
            coefficient = product_of(coefficient, whole_power(form.coefficient, exponent))
            add_powers(factors, form.factors, exponent)
        elif is_positive_constant(part):
            factors[algebra.constant(form.coefficient)] = exponent
            add_powers(factors, form.factors, exponent)
        else:
            add_exponent(factors, part, exponent)
    is_joining = any(map(IS_JOINING, factors))
    settled = not (is_joining and any(join(factors) for join in JOINS))
    has_roots = False
    kept: list[tuple[Term, Number]] = []
    for base, exponent in factors.items():
        if base.opposite is base and (exponent is ONE or exponent is MINUS_ONE):
            kept.append((base, exponent))
            continue
        form = base.form
        if isinstance(form, ConstantForm):
            folded = form.number if exponent is ONE or exponent == 1 else power_of(form.number, exponent)
            if folded is not None:
                coefficient = product_of(coefficient, folded)
                continue
            has_roots = True
        if exponent is not ONE and is_zero(exponent):
            continue
        if isinstance(form, SumForm):
            opposite = negated_sum(base, form) if base.opposite is not base and is_whole(exponent) else None
            if opposite is not None:
                coefficient = coefficient if is_even(exponent) else product_of(coefficient, MINUS_ONE)
                base, settled = opposite, False
        elif base.is_joining and is_even(exponent) and (inner_base := base.operands_of("abs")):
            base, settled = inner_base[0], False
        elif isinstance(form, ProductForm) and len(factors) > 1 and is_split(base, exponent):
            settled = False
        kept.append((base, exponent))
    if is_zero(coefficient):
        return algebra.constant(ZERO)
    if has_roots:
        coefficient, kept = absorb_roots(coefficient, kept)
    return make_product(algebra, coefficient, kept) if settled else product(algebra, coefficient, kept)


def add_powers(factors: dict[Term, Number], powers: Sequence[tuple[Term, Number]], exponent: Number) -> None:
    """Add the exponents of a power of a product to those of its bases."""
    if not factors and exponent is ONE:
        factors.update(powers)
        return
    for base, inner in powers:
        add_exponent(factors, base, product_of(inner, exponent))


def is_positive_constant(term: Term) -> bool:
    """Return whether a term is a positive multiple of powers of constants, such as 2*pi."""
    form = term.form
    return (
        isinstance(form, ProductForm)
        and form.coefficient > 0
        and all(
            isinstance(base.form, SymbolForm) and base.form.name in term.algebra.constants for base, _ in form.factors
        )
    )


def negated_sum(base: Term, form: SumForm) -> Term | None:
    """Return the negative of a sum if it was made earlier, else `None`. The result is cached, as it never changes."""
    if base.opposite is None:
        addends = tuple((term, product_of(MINUS_ONE, times)) for term, times in form.addends)
        other = base.algebra.find(SumForm(product_of(MINUS_ONE, form.constant), addends))
        base.opposite = other if other is not None and other.index < base.index else base
    return None if base.opposite is base else base.opposite


def absorb_roots(coefficient: Number, factors: list[tuple[Term, Number]]) -> tuple[Number, list[tuple[Term, Number]]]:
    """Cancel a coefficient with powers of whole numbers: sqrt(2)/2 is 1/sqrt(2)."""
    settled = []
    for base, exponent in factors:
        number = base.number
        if isinstance(number, Fraction) and isinstance(coefficient, Fraction) and is_whole(number) and number > 1:
            while exponent > 0 and coefficient.denominator % number.numerator == 0:
                coefficient, exponent = coefficient * number, exponent - 1
        settled.append((base, exponent))
    return coefficient, settled


def whole_power(base: Number, exponent: Number) -> Number:
    """Return a power with a whole exponent, as a double if the fraction would be too long."""
    folded = power_of(base, exponent)
    return POW.evaluate(as_double(base), as_double(exponent)) if folded is None else folded


def is_root(form: ProductForm) -> bool:
    """Return whether a form is a power that only exists for bases that are not negative, such as sqrt(x)."""
    return form.coefficient == 1 and len(form.factors) == 1 and not is_whole(form.factors[0][1])


def is_split(base: Term, exponent: Number) -> bool:
    """Return whether a power of a product is split into powers of its factors."""
    form = base.form
    return (
        isinstance(form, ProductForm)
        and is_whole(exponent)
        and can_expand(base, form.factors, MAX_FACTORS, MAX_SHARED)
        and (exponent is ONE or is_unit(form.coefficient) or is_in_range(form.coefficient, exponent))
    )


def is_in_range(number: Number, exponent: Number) -> bool:
    """Return whether a power of a number is far from the largest and the smallest double."""
    return abs(math.log(as_double(magnitude(number)) or 1.0) * float(exponent)) < MAX_LOGARITHM


def can_expand(term: Term, parts: Sequence[Any], most: int, shared: int) -> bool:
    """Return whether a term has few enough parts to be expanded into another; a limit of its own if it is shared."""
    return len(parts) <= (shared if term.uses else most)


def without_coefficient(term: Term) -> tuple[Term | None, Number]:
    """Return a term as another term and its coefficient; a number as `None` and the number."""
    form = term.form
    if isinstance(form, ConstantForm):
        return None, form.number
    if isinstance(form, ProductForm) and form.coefficient is not ONE and form.coefficient != 1:
        return make_product(term.algebra, ONE, form.factors), form.coefficient
    return term, ONE


def make_product(algebra: Algebra, coefficient: Number, factors: Sequence[tuple[Term, Number]]) -> Term:
    """Return the term of a product whose factors are final, in its simplest form."""
    if not factors:
        return algebra.constant(coefficient)
    base, exponent = factors[0]
    if len(factors) == 1 and (exponent is ONE or exponent == 1):
        if coefficient is ONE or coefficient == 1:
            return base
        if isinstance(base.form, SumForm) and coefficient == -1:
            form = base.form
            addends = tuple((term, product_of(MINUS_ONE, times)) for term, times in form.addends)
            negated = SumForm(product_of(MINUS_ONE, form.constant), addends)
            order = [(product_of(MINUS_ONE, times), term) for times, term in written_order(*form)]
            if is_same_order(order, written_order(*negated)):
                return algebra.make(negated)
    ordered = sorted(factors, key=textual_order if algebra.is_tracing else reading_order)
    return algebra.make(ProductForm(coefficient, tuple(ordered)))


def reading_order(factor: tuple[Term, Number]) -> tuple[int, int]:
    """Return the sort key of a factor: numbers, names, then sums and functions. Within these, by time of creation."""
    base = factor[0]
    return base.rank, base.index


def textual_order(factor: tuple[Term, Number]) -> int:
    """Return the sort key of a factor in a traced text: in each group of `reading_order`, its order is kept."""
    return factor[0].rank
