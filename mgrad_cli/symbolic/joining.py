"""Combine calls with other factors of a product: x**a * x**b, x*sign(x), degrees(x)/x."""

import math
from typing import Any

from mgrad_cli.operations import TABLE
from mgrad_cli.symbolic.numbers import MINUS_ONE, ONE, ZERO, Number, is_whole, magnitude, product_of, sum_of
from mgrad_cli.symbolic.terms import ProductForm, SumForm, Term

(POW,), (ABS,), (HYPOT,) = TABLE["pow"], TABLE["abs"], TABLE["hypot"]
SCALES = {"degrees": 180 / math.pi, "radians": math.pi / 180}
"""The numbers that functions multiply by."""


def add_exponent(factors: dict[Term, Number], base: Term, exponent: Number) -> None:
    """Add an exponent to that of a base."""
    known = factors.get(base)
    factors[base] = exponent if known is None else sum_of(known, exponent)


def join_powers(factors: dict[Term, Number]) -> bool:
    """Combine x**a * x**b for terms a and b, and (x**a)**2, in place. Return whether any were combined."""
    by_base: dict[Term, list[Term]] = {}
    for factor, exponent in factors.items():
        operands = factor.operands_of("pow") if is_whole(exponent) else ()
        if operands and operands[0].number is None and not operands[0].is_piecewise:  # 0**a * 0**b differs
            by_base.setdefault(operands[0], []).append(factor)
    joined = False
    for base, found in by_base.items():
        powers = [power for power in found if power in factors]
        if powers and (base in factors or len(powers) > 1 or magnitude(factors[powers[0]]) > 1):
            whole: Any = base.algebra.constant(factors.pop(base, ZERO))
            for power in powers:
                whole = power.operands_of("pow")[1] * factors.pop(power) + whole
            sign = MINUS_ONE if is_all_negative(whole) else ONE
            joint = POW(base, whole * sign)
            factors[joint] = sum_of(factors.get(joint, ZERO), sign)
            joined = True
    return joined


def is_all_negative(term: Term) -> bool:
    """Return whether every addend of a sum, or the coefficient of a product, is negative."""
    form = term.form
    if isinstance(form, SumForm):
        return form.constant <= 0 and all(times < 0 for _, times in form.addends)
    return isinstance(form, ProductForm) and form.coefficient < 0


def join_signs(factors: dict[Term, Number]) -> bool:
    """Replace x*sign(x) by abs(x), and sign(x)/abs(x) by 1/x, in place. Return whether any were replaced."""
    joined = False
    for factor, exponent in list(factors.items()):
        operands = factor.operands_of("sign")
        if not operands or exponent != 1:
            continue
        (x,) = operands
        magnitude = ABS(x)
        if factors.get(x) == 1:
            del factors[factor], factors[x]
            factors[magnitude] = sum_of(factors.get(magnitude, ZERO), ONE)
            joined = True
        elif magnitude in factors:
            del factors[factor]
            factors[magnitude] = sum_of(factors[magnitude], MINUS_ONE)
            factors[x] = sum_of(factors.get(x, ZERO), ONE)
            joined = True
    return joined


def join_lengths(factors: dict[Term, Number]) -> bool:
    """Replace direction(a, b)*hypot(a, b) by a, in place. Return whether any were replaced."""
    for factor, exponent in list(factors.items()):
        operands = factor.operands_of("direction")
        if operands and (length := HYPOT(*operands)) in factors:
            del factors[factor]
            add_exponent(factors, operands[0], exponent)
            add_exponent(factors, length, product_of(MINUS_ONE, exponent))
            return True
    return False


def join_angles(factors: dict[Term, Number]) -> bool:
    """Replace degrees(x)/x by 180/pi, and radians(x)/x by pi/180, in place. Return whether any were replaced."""
    for factor, exponent in list(factors.items()):
        name = next(filter(factor.operands_of, SCALES), "")
        if not name:
            continue
        (x,) = factor.operands_of(name)
        bases = [base for base, _ in x.form.factors] if isinstance(x.form, ProductForm) else [x]
        if any(factors.get(base, ZERO) * exponent < 0 for base in bases):
            del factors[factor]
            add_exponent(factors, x, exponent)
            add_exponent(factors, x.algebra.constant(SCALES[name]), exponent)
            return True
    return False


JOINS = (join_powers, join_signs, join_lengths, join_angles)
