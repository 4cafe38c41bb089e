"""Like terms, powers and roots: how terms become one sum, and what each operation of arithmetic comes to."""

from collections.abc import Iterable
from fractions import Fraction

from mgrad_cli.symbolic.choices import merged_choices
from mgrad_cli.symbolic.numbers import Number, is_whole, product_of, sum_of
from mgrad_cli.symbolic.products import MINUS_ONE, ONE, ZERO, opens, product, without_coefficient
from mgrad_cli.symbolic.terms import Algebra, Operands, Sum, Term

HALF = Fraction(1, 2)
MOST_ADDENDS = 6
"""How long a sum may be that is part of something else already, and is taken apart to become part of another sum."""


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
    if base.number == 1 or (base.number == 0 and exponent.number is None):  # 0**x is 0 where x is positive
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
