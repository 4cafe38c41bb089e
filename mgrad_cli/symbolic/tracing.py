"""How a program is read: its formulas simplified, but what comparisons compare as it was written.

A formula that loses a part, as `sqrt(x)**2` and `log(x) - log(x)` do, gets values where it had none. That does no harm
to a derivative, but a comparison with nan is false: with a value it may be true, and another branch would be taken.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mgrad_cli.operations import TABLE, Operand, Operation
from mgrad_cli.program import Program, replay
from mgrad_cli.program.nodes import COMPARISONS
from mgrad_cli.symbolic.numbers import ONE, Number, as_double, is_whole, product_of
from mgrad_cli.symbolic.products import MINUS_ONE, without_coefficient
from mgrad_cli.symbolic.simplifier import Simplifier
from mgrad_cli.symbolic.terms import CallForm, ConstantForm, Operands, ProductForm, SumForm, SymbolForm, Term

(DIVIDE,), (POW,) = TABLE["divide"], TABLE["pow"]
SUMS = frozenset({"add", "subtract", "negative"})
PRODUCTS = frozenset({"multiply", "divide", "pow", "sqrt"})
EXPONENTS: Mapping[str, Number] = {"divide": MINUS_ONE, "sqrt": ONE / 2}


class TracedTerm(Operand):
    """A formula in its normal form, and one that has all of its parts, to be compared."""

    __slots__ = ("compared", "term", "tracer")

    def __init__(self, tracer: "TermTracer", term: Term, compared: Term) -> None:
        self.tracer = tracer
        self.term = term
        self.compared = compared

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "TracedTerm":
        tracer = next(operand.tracer for operand in operands if isinstance(operand, TracedTerm))
        return tracer.apply(operation, *operands)


class TermTracer:
    """Records a program in an algebra as it is read."""

    def __init__(self, algebra: Simplifier) -> None:
        self.algebra = algebra

    def read(self, program: Program) -> list[Term]:
        """Every register of a program as a formula."""
        registers: list[TracedTerm] = replay(
            program, {name: self.input(name) for name in program.inputs}, self.constant
        )
        return [register.term for register in registers]

    def input(self, name: str) -> TracedTerm:
        return self.same(self.algebra.input(name))

    def constant(self, number: float) -> TracedTerm:
        return self.same(self.algebra.constant(number))

    def same(self, term: Term) -> TracedTerm:
        return TracedTerm(self, term, term)

    def apply(self, operation: Operation, *operands: Any) -> TracedTerm:
        algebra = self.algebra
        traced = [each if isinstance(each, TracedTerm) else self.constant(each) for each in operands]
        if operation.expansion is not None and operation.name not in algebra.unexpanded:
            expansion: TracedTerm = operation.expansion(*traced)
            return expansion
        compared = [each.compared for each in traced]
        if operation.name in COMPARISONS:
            return self.same(algebra.apply(operation, *compared))
        terms = [each.term for each in traced]
        term = algebra.apply(operation, *terms)
        whole = term if compared == terms else algebra.apply(operation, *compared)
        if not keeps_all_parts(whole, operation, compared):
            whole = algebra.make(CallForm(operation, tuple(compared)))
        return TracedTerm(self, term, whole)

    def program(self, outputs: Iterable[TracedTerm]) -> Program:
        return self.algebra.program([output.term for output in outputs])


class Factor(NamedTuple):
    """A power in a product; `is_root` where a base below zero has none, also if that power is raised again."""

    base: Term
    exponent: Number
    is_root: bool


def keeps_all_parts(result: Term, operation: Operation, operands: Operands) -> bool:
    """Whether all parts of the operands are parts of what an operation on them has come to."""
    numbers = [as_double(each.number) for each in operands if each.number is not None]
    if len(numbers) == len(operands):
        return result.number is None or as_double(result.number) == operation.evaluate(*numbers)
    if result.form == (operation, operands) or result.operands_of(operation.name) == operands:
        return True
    if operation.name in SUMS:
        return keeps_addends(result, operands)
    if operation.name in PRODUCTS:
        return keeps_factors(result, operation, operands)
    if operation.name == "where":
        return result.number is None and result.operands_of("where") != ()
    inner, _ = without_coefficient(result)
    if inner is None:
        return False
    kept = {without_coefficient(each)[0] for each in inner.operands_of(operation.name)}
    return bool(kept) and all(without_coefficient(each)[0] in kept for each in operands)


def keeps_addends(result: Term, operands: Operands) -> bool:
    """Whether every addend is there, and none that may be infinite was there more than once."""
    kept = set(addends(result))
    seen: set[Term] = set()
    constants = 0
    for operand in operands:
        own = addends(operand)
        inner, _ = without_coefficient(operand)
        own = [inner] if inner in kept else own
        if not kept.issuperset(own) or any(each in seen and not is_finite(each) for each in own):
            return False
        seen.update(own)
        constants += isinstance(operand.form, ConstantForm | SumForm) and constant_of(operand) != 0
    return constants < 2


def is_finite(term: Term) -> bool:
    """Whether a term is a variable, or a product of variables."""
    if isinstance(term.form, ProductForm):
        return all(isinstance(base.form, SymbolForm) and exponent > 0 for base, exponent in term.form.factors)
    return isinstance(term.form, SymbolForm)


def constant_of(term: Term) -> Number:
    return term.form.constant if isinstance(term.form, SumForm) else term.number or ONE * 0


def addends(term: Term) -> list[Term]:
    """What a sum adds up multiples of, and anything else is one of."""
    if isinstance(term.form, SumForm):
        return [addend for addend, _ in term.form.addends]
    inner, _ = without_coefficient(term)
    return [] if inner is None else [inner]


def keeps_factors(result: Term, operation: Operation, operands: Operands) -> bool:
    """Whether every factor is there, under a root and on its side of the line where it was."""
    kept = {factor.base: factor for factor in factors(result, ONE)}
    exponents: list[Number] = [ONE] * len(operands)
    exponents[-1] = EXPONENTS.get(operation.name, ONE)
    if operation is POW:
        exponent = operands[1].number
        if exponent is None:
            return False
        operands, exponents = operands[:1], [exponent]
    for operand, outer in zip(operands, exponents, strict=True):
        for base, power, is_root in factors(operand, outer):
            found = kept.get(base)
            if found is None or (is_root and not found.is_root):
                return False
            if (power < 0) != (found.exponent < 0) and not (is_finite(base) and power > 0):
                return False
    return all(operand.number != 0 for operand in operands)


def factors(term: Term, outer: Number) -> list[Factor]:
    """The factors of a power of a term."""
    if isinstance(term.form, ProductForm) and is_whole(outer):
        return [Factor(base, product_of(inner, outer), not is_whole(inner)) for base, inner in term.form.factors]
    return [] if term.number is not None else [Factor(term, outer, not is_whole(outer))]
