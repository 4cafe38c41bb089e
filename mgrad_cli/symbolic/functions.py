"""Simplify functions: take signs out of odd and even functions, and cancel inverses."""

from typing import Any

from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.symbolic.arithmetic import constant_power
from mgrad_cli.symbolic.numbers import MINUS_ONE, ONE, product_of
from mgrad_cli.symbolic.products import is_root, product, without_coefficient
from mgrad_cli.symbolic.terms import Algebra, Operands, ProductForm, SymbolForm, Term


def is_negative(x: Term) -> bool:
    """Return whether a term is a negative multiple of another."""
    inner, coefficient = without_coefficient(x)
    return inner is not None and coefficient < 0


def odd(operation: Operation) -> Any:
    """Return the rule f(-x) = -f(x)."""

    def rule(algebra: Algebra, operands: Operands) -> Term | None:
        (x,) = operands
        return product(algebra, MINUS_ONE, [(operation(-x), ONE)]) if is_negative(x) else None

    return rule


def even(operation: Operation) -> Any:
    """Return the rule f(-x) = f(x)."""

    def rule(algebra: Algebra, operands: Operands) -> Term | None:
        (x,) = operands
        return operation(-x) if is_negative(x) else None

    return rule


def magnitude(algebra: Algebra, operands: Operands) -> Term | None:
    """Replace |c*x| by |c|*|x|, and ||x|| by |x|."""
    (x,) = operands
    inner, coefficient = without_coefficient(x)
    if x.operands_of("abs"):
        return x
    if inner is None or coefficient == 1:
        return None
    size = product_of(coefficient, MINUS_ONE) if coefficient < 0 else coefficient
    return product(algebra, size, [(TABLE["abs"][0](inner), ONE)])


def exponential(algebra: Algebra, operands: Operands) -> Term | None:
    """Replace exp(c*log(x)) by x**c."""
    inner, coefficient = without_coefficient(operands[0])
    logarithm = inner.operands_of("log") if inner is not None else ()
    return constant_power(algebra, logarithm[0], coefficient) if logarithm else None


def logarithm(algebra: Algebra, operands: Operands) -> Term | None:
    """Replace log(exp(x)) by x, log(sqrt(x)) by log(x)/2, and log(e) by 1."""
    (x,) = operands
    if isinstance(x.form, ProductForm) and is_root(x.form):
        ((base, exponent),) = x.form.factors
        return product(algebra, exponent, [(TABLE["log"][0](base), ONE)])
    if isinstance(x.form, SymbolForm) and x.form.name == "e" and "e" in algebra.constants:
        return algebra.constant(ONE)
    inner = x.operands_of("exp")
    return inner[0] if inner else None


def undoing(name: str, rule: Any) -> Any:
    """Return the rule f(g(x)) = x for the inverse function g, and otherwise another rule."""

    def undone(algebra: Algebra, operands: Operands) -> Term | None:
        inner = operands[0].operands_of(name)
        return inner[0] if inner else rule(algebra, operands) if rule else None

    return undone


def length(algebra: Algebra, operands: Operands) -> Term | None:
    """Order the operands: replace hypot(b, a) by hypot(a, b)."""
    a, b = operands
    return TABLE["hypot"][0](b, a) if a.index > b.index else None


RULES = {
    **{row.name: odd(row) for candidates in TABLE.values() for row in candidates if row.parity == "odd"},
    **{row.name: even(row) for candidates in TABLE.values() for row in candidates if row.parity == "even"},
    "abs": magnitude,
    "exp": exponential,
    "log": logarithm,
    "hypot": length,
}

RULES |= {name: undoing(f"a{name}", RULES.get(name)) for name in TABLE if f"a{name}" in TABLE}
