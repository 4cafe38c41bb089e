"""Like terms, like factors, powers and signs: how terms become one sum or one product."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from mgrad_cli.operations import TABLE
from mgrad_cli.symbolic.choices import merged_choices
from mgrad_cli.symbolic.numbers import Number, as_double, is_whole, power_of, product_of, sum_of
from mgrad_cli.symbolic.terms import Algebra, Call, Constant, Operands, Product, Sum, Symbol, Term, is_even

ZERO, ONE, MINUS_ONE, HALF = Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2)
(POW,), (ABS,) = TABLE["pow"], TABLE["abs"]
MOST_PARTS = 48
"""How long a sum or product may be that is taken apart to become part of another; so work stays in proportion."""
MOST_ADDENDS, MOST_FACTORS = 6, 12
"""The same for one that is part of something else already, whose parts would be written twice."""


def add(algebra: Algebra, operands: Operands) -> Term:
    return total(algebra, [(operand, ONE) for operand in operands])


def subtract(algebra: Algebra, operands: Operands) -> Term:
    a, b = operands
    return total(algebra, [(a, ONE), (b, MINUS_ONE)])


def negative(algebra: Algebra, operands: Operands) -> Term:
    return total(algebra, [(operands[0], MINUS_ONE)])


def multiply(algebra: Algebra, operands: Operands) -> Term:
    return product(algebra, ONE, [(operand, ONE) for operand in operands])


def divide(algebra: Algebra, operands: Operands) -> Term | None:
    a, b = operands
    return None if b.number == 0 else product(algebra, ONE, [(a, ONE), (b, MINUS_ONE)])


def square_root(algebra: Algebra, operands: Operands) -> Term | None:
    return raised(algebra, operands[0], HALF)


def power(algebra: Algebra, operands: Operands) -> Term | None:
    base, exponent = operands
    if base.number == 1:
        return base
    return raised(algebra, base, exponent.number) if isinstance(exponent.number, Fraction) else None


def raised(algebra: Algebra, base: Term, exponent: Number) -> Term | None:
    """The power with a number for an exponent; `None` where only the numbers of IEEE 754 say what it is."""
    if exponent == 0:
        return algebra.constant(ONE)
    number = base.number
    if number is not None and (
        not isinstance(number, Fraction) or number == 0 or (number < 0 and not is_whole(exponent))
    ):
        return None
    return product(algebra, ONE, [(base, exponent)])


def total(algebra: Algebra, parts: Iterable[tuple[Term, Number]]) -> Term:
    """The sum of multiples of terms, like ones collected."""
    constant: Number = ZERO
    addends: dict[Term, Number] = {}
    for part, times in parts:
        inner, coefficient = without_coefficient(part)
        coefficient = product_of(coefficient, times)
        if inner is None:
            constant = sum_of(constant, coefficient)
        elif isinstance(form := inner.form, Sum) and abs(coefficient) == 1 and opens(inner, form.addends, MOST_ADDENDS):
            constant = sum_of(constant, product_of(coefficient, form.constant))
            for addend, multiple in form.addends:
                addends[addend] = sum_of(addends.get(addend, ZERO), product_of(coefficient, multiple))
        else:
            addends[inner] = sum_of(addends.get(inner, ZERO), coefficient)
    kept = []
    for term, coefficient in merged_choices(algebra, addends):
        if term.number is not None:
            constant = sum_of(constant, product_of(coefficient, term.number))
        elif coefficient != 0:
            kept.append((term, coefficient))
    if not kept:
        return algebra.constant(constant)
    if len(kept) == 1 and constant == 0:
        ((term, coefficient),) = kept
        return product(algebra, coefficient, [(term, ONE)])
    return algebra.make(Sum(constant, tuple(kept)))


def is_split(base: Term, exponent: Number) -> bool:
    """Whether a power of a product is taken apart into powers of its factors."""
    form = base.form
    return isinstance(form, Product) and is_whole(exponent) and opens(base, form.factors, MOST_FACTORS)


def opens(term: Term, parts: Sequence[Any], most: int) -> bool:
    return len(parts) <= (most if term.uses else MOST_PARTS)


def without_coefficient(term: Term) -> tuple[Term | None, Number]:
    """A term as a multiple of another; a number as one of nothing."""
    match term.form:
        case Constant(number):
            return None, number
        case Product(coefficient, factors) if coefficient != 1:
            return assembled(term.algebra, ONE, factors), coefficient
    return term, ONE


def product(algebra: Algebra, coefficient: Number, parts: Iterable[tuple[Term, Number]]) -> Term:
    """A multiple of a product of powers, like bases collected."""
    factors: dict[Term, Number] = {}
    for part, exponent in parts:
        form = part.form
        if isinstance(form, Product) and is_split(part, exponent):
            coefficient = product_of(coefficient, whole_power(form.coefficient, exponent))
            for base, inner in form.factors:
                factors[base] = sum_of(factors.get(base, ZERO), product_of(inner, exponent))
        else:
            factors[part] = sum_of(factors.get(part, ZERO), exponent)
    kept: list[tuple[Term, Number]] = []
    settled = not joins_powers(factors) and not joins_signs(factors)
    for base, exponent in factors.items():
        number = base.number
        folded = None if number is None else number if exponent == 1 else power_of(number, exponent)
        if folded is not None:
            coefficient = product_of(coefficient, folded)
        elif is_even(exponent) and (inner_base := base.operands_of("abs")):
            kept.append((inner_base[0], exponent))
            settled = False
        elif exponent != 0:
            kept.append((base, exponent))
            settled = settled and not (len(factors) > 1 and is_split(base, exponent))
    if coefficient == 0:
        return algebra.constant(ZERO)
    return assembled(algebra, coefficient, kept) if settled else product(algebra, coefficient, kept)


def joins_powers(factors: dict[Term, Number]) -> bool:
    """Makes x**a * x**b one power, where a is a formula; whether it did."""
    by_base: dict[Term, list[Term]] = {}
    for factor, exponent in factors.items():
        if exponent == 1 and (operands := factor.operands_of("pow")):
            by_base.setdefault(operands[0], []).append(factor)
    joined = False
    for base, powers in by_base.items():
        if base.number is None and (base in factors or len(powers) > 1):
            exponents = [(power.operands_of("pow")[1], ONE) for power in powers]
            own = base.algebra.constant(factors.pop(base, ZERO))
            for power in powers:
                del factors[power]
            whole = POW(base, total(base.algebra, [*exponents, (own, ONE)]))
            factors[whole] = sum_of(factors.get(whole, ZERO), ONE)
            joined = True
    return joined


def joins_signs(factors: dict[Term, Number]) -> bool:
    """Makes x * sign(x) the magnitude of x; whether it did."""
    joined = False
    for factor, exponent in list(factors.items()):
        operands = factor.operands_of("sign")
        if operands and exponent == 1 and factors.get(operands[0]) == 1:
            del factors[factor], factors[operands[0]]
            magnitude = ABS(operands[0])
            factors[magnitude] = sum_of(factors.get(magnitude, ZERO), ONE)
            joined = True
    return joined


def whole_power(base: Number, exponent: Number) -> Number:
    """A power with a whole exponent, in doubles where the fraction would be unwieldy."""
    folded = power_of(base, exponent)
    return POW.evaluate(as_double(base), as_double(exponent)) if folded is None else folded


def assembled(algebra: Algebra, coefficient: Number, factors: Sequence[tuple[Term, Number]]) -> Term:
    """The term of a product whose factors are settled: the plainest form that it has."""
    if not factors:
        return algebra.constant(coefficient)
    base, exponent = factors[0]
    if len(factors) == 1 and exponent == 1:
        if coefficient == 1:
            return base
        if isinstance(base.form, Sum) and coefficient == -1:
            form = base.form
            addends = tuple((term, product_of(MINUS_ONE, times)) for term, times in form.addends)
            return algebra.make(Sum(product_of(MINUS_ONE, form.constant), addends))
    ordered = sorted(factors, key=lambda factor: reading_order(factor[0]))
    return algebra.make(Product(coefficient, tuple(ordered)))


def reading_order(term: Term) -> tuple[int, int]:
    """Numbers before names, names before sums and functions, each in the order in which they came up."""
    form = term.form
    if isinstance(form, Symbol) and form.name in term.algebra.constants:
        return 0, term.place
    return (Constant, Symbol, Product, Sum, Call).index(type(form)), term.place
