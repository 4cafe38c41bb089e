"""Trace a program in an algebra: formulas are simplified, except for the operands of comparisons.

Simplifying `sqrt(x)**2` or `log(x) - log(x)` gives it values where it was nan. Derivatives allow that, but a comparison
with nan is false, so with a value it could select another branch.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mgrad_cli.language.lowering import read
from mgrad_cli.operations import TABLE, Operand, Operation
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.program import Program
from mgrad_cli.program.nodes import COMPARISONS
from mgrad_cli.program.passes import record
from mgrad_cli.script import CONSTANTS, Step, run_script
from mgrad_cli.symbolic.numbers import MINUS_ONE, ONE, Number, as_double, is_negative, is_whole, product_of
from mgrad_cli.symbolic.products import without_coefficient
from mgrad_cli.symbolic.simplifier import Simplifier
from mgrad_cli.symbolic.terms import CallForm, ConstantForm, Operands, ProductForm, SumForm, SymbolForm, Term

(DIVIDE,), (POW,) = TABLE["divide"], TABLE["pow"]
SUMS = frozenset({"add", "subtract", "negative"})
PRODUCTS = frozenset({"multiply", "divide", "pow", "sqrt"})
EXPONENTS: Mapping[str, Number] = {"divide": MINUS_ONE, "sqrt": ONE / 2}


class TracedTerm(Operand):
    """A formula in normal form, and the same formula with all of its parts, for comparisons."""

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
    """Records a program in an algebra.

    operations  those that are going to be applied
    pi          a name of pi that nothing else has, if any
    """

    def __init__(self, algebra: Simplifier, operations: Iterable[Operation], pi: str | None = None) -> None:
        self.algebra = algebra
        self.has_comparisons = any(each.name in COMPARISONS or each.expansion is not None for each in operations)
        self.pi = pi

    def read(self, program: Program) -> list[Term]:
        """Return every register of a program as a formula."""
        registers = record(program, self, {name: self.input(name) for name in program.inputs})
        return [register.term for register in registers]

    def input(self, name: str) -> TracedTerm:
        return self.same(self.algebra.input(name))

    def constant(self, number: float) -> TracedTerm:
        if isinstance(number, ClosedForm) and number not in self.algebra.named_numbers:
            (found,) = run_script(read(number.formula), {}, self.step)
            traced: TracedTerm = found
            return traced
        return self.same(self.algebra.constant(number))

    def step(self, step: Step, operands: list[Any]) -> TracedTerm:
        """Return the result of a step of a script without variables."""
        if step.operation is not None:
            return self.apply(step.operation, *operands)
        if step.name == "pi" and self.pi is not None:
            return self.input(self.pi)
        return self.constant(CONSTANTS[step.name] if step.number is None else step.number)

    def same(self, term: Term) -> TracedTerm:
        return TracedTerm(self, term, term)

    def apply(self, operation: Operation, *operands: Any) -> TracedTerm:
        algebra = self.algebra
        traced = [each if isinstance(each, TracedTerm) else self.constant(each) for each in operands]
        if operation.expansion is not None and operation.name not in algebra.unexpanded:
            expansion: TracedTerm = operation.expansion(*traced)
            return expansion
        terms = tuple([each.term for each in traced])
        if not self.has_comparisons:
            return self.same(algebra.apply(operation, *terms))
        compared = tuple([each.compared for each in traced])
        if operation.name in COMPARISONS:
            return self.same(algebra.apply(operation, *compared))
        term = algebra.apply(operation, *terms)
        whole = term if compared == terms else algebra.apply(operation, *compared)
        if not keeps_all_parts(whole, operation, compared):
            whole = algebra.make(CallForm(operation, compared))
        return TracedTerm(self, term, whole)

    def program(self, outputs: Iterable[TracedTerm]) -> Program:
        return self.algebra.program([output.term for output in outputs])


class Factor(NamedTuple):
    """A power in a product. With `is_root` it is nan for a negative base, also if the power is raised again."""

    base: Term
    exponent: Number
    is_root: bool


def keeps_all_parts(result: Term, operation: Operation, operands: Operands) -> bool:
    """Return whether the result of an operation contains all parts of the operands."""
    if result.operands_of(operation.name) == operands:
        return True
    numbers = [as_double(each.number) for each in operands if each.number is not None]
    if len(numbers) == len(operands):
        return result.number is None or as_double(result.number) == operation.evaluate(*numbers)
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
    """Return whether a sum contains every addend, and no possibly infinite one occurred more than once."""
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
    """Return whether a term is a variable or a product of variables."""
    if isinstance(term.form, ProductForm):
        return all(isinstance(base.form, SymbolForm) and exponent > 0 for base, exponent in term.form.factors)
    return isinstance(term.form, SymbolForm)


def constant_of(term: Term) -> Number:
    """Return the constant of a sum, or a number itself."""
    return term.form.constant if isinstance(term.form, SumForm) else term.number or ONE * 0


def addends(term: Term) -> list[Term]:
    """Return the addends of a sum without coefficients; for another term, the term itself."""
    if isinstance(term.form, SumForm):
        return [addend for addend, _ in term.form.addends]
    inner, _ = without_coefficient(term)
    return [] if inner is None else [inner]


def keeps_factors(result: Term, operation: Operation, operands: Operands) -> bool:
    """Return whether a product contains every factor, on the same side of the fraction and under the same root."""
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
            below = is_negative(power)
            if below != is_negative(found.exponent) and (below or not is_finite(base)):
                return False
    return all(operand.number != 0 for operand in operands)


def factors(term: Term, outer: Number) -> list[Factor]:
    """Return the factors of a power of a term."""
    if isinstance(term.form, ProductForm) and is_whole(outer):
        return [Factor(base, product_of(inner, outer), not is_whole(inner)) for base, inner in term.form.factors]
    return [] if term.number is not None else [Factor(term, outer, not is_whole(outer))]
