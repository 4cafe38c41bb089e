"""A recorder of formulas: what programs are traced and differentiated with where people are to read the result."""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from mgrad_cli.operations import Operation
from mgrad_cli.program import Program
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.nodes import COMPARISONS
from mgrad_cli.symbolic import arithmetic, choices, functions
from mgrad_cli.symbolic.fractions import shortest
from mgrad_cli.symbolic.numbers import Number, from_double
from mgrad_cli.symbolic.rebuilding import rebuild
from mgrad_cli.symbolic.terms import (
    Algebra,
    CallForm,
    ConstantForm,
    Form,
    ProductForm,
    SumForm,
    SymbolForm,
    Term,
    parts,
)

Rule: TypeAlias = Callable[[Algebra, Sequence[Term]], Term | None]
"""What an operation on operands is in simpler words, or `None`."""

RULES: dict[str, Rule] = {
    "add": arithmetic.add,
    "subtract": arithmetic.subtract,
    "multiply": arithmetic.multiply,
    "divide": arithmetic.divide,
    "negative": arithmetic.negative,
    "pow": arithmetic.power,
    "sqrt": arithmetic.square_root,
    **{name: choices.comparison(name) for name in COMPARISONS},
    "logical_and": choices.conjunction,
    "logical_or": choices.disjunction,
    "logical_not": choices.negation,
    "where": choices.choose,
    "max": choices.extremum,
    "min": choices.extremum,
    **functions.RULES,
}
MAX_WHOLE = 1e15


def key_of(form: Form) -> Hashable:
    """What tells forms apart."""
    match form:
        case ConstantForm(number):  # nan is not equal to itself, and 1 equal to 1.0
            return ConstantForm, type(number), str(number)
        case SumForm(constant, parts):
            return SumForm, constant, frozenset(parts)
        case ProductForm(coefficient, parts):
            return ProductForm, coefficient, frozenset(parts)
    return type(form), *form


class Simplifier:
    """The formulas made so far, each in its normal form, and each once.

    `constants` are the symbols that stand for numbers, and `spellings` numbers that people know by another name: for
    each, what makes its term. `unspelled` are helpers that stay calls, because their derivatives are to be taken: those
    of what they come to cancel.
    """

    def __init__(
        self,
        constants: Collection[str] = (),
        named_numbers: dict[float, Callable[[Algebra], Any]] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget or Budget()
        self.known: dict[Hashable, Term] = {}
        self.results: dict[tuple[Operation, tuple[Term, ...]], Term] = {}
        self.constants = constants
        self.is_tracing = False
        self.is_general = False
        self.unexpanded: Collection[str] = ()
        self.named_numbers = named_numbers or {}

    def find(self, form: Form) -> Term | None:
        """The term of this form, if it has come up."""
        return self.known.get(key_of(form))

    def make(self, form: Form) -> Term:
        """The one term of this form; a sum or product in another order is the same, in the order that came first."""
        inner = parts(form)
        self.budget.spend(1 + len(inner))
        key = key_of(form)
        term = self.known.get(key)
        if term is None:
            term = self.known[key] = Term(self, form, len(self.known))
            for part in inner:
                part.uses += 1
        return term

    def input(self, name: str) -> Term:
        return self.make(SymbolForm(name))

    def constant(self, number: Number) -> Term:
        """The term of a number: a double is what its shortest decimal says."""
        if isinstance(number, float):
            if number in self.named_numbers:
                expansion: Term = self.named_numbers[number](self)
                return expansion
            return self.make(ConstantForm(from_double(number)))
        return self.make(ConstantForm(Fraction(number)))

    def register(self, operand: Any) -> Term:
        return operand if isinstance(operand, Term) else self.constant(operand)

    def apply(self, operation: Operation, *operands: Any) -> Term:
        terms = tuple([self.register(operand) for operand in operands])
        key = (operation, terms)
        known = self.results.get(key)
        if known is None or self.is_general:
            known = self.simplified(operation, terms)
            if not self.is_general:
                self.results[key] = known
        return known

    def simplified(self, operation: Operation, terms: tuple[Term, ...]) -> Term:
        if operation.expansion is not None and operation.name not in self.unexpanded:
            expansion: Term = operation.expansion(*terms)
            return expansion
        rule = RULES.get(operation.name)
        simpler = rule(self, terms) if rule is not None else None
        return simpler or self.evaluated(operation, terms) or self.make(CallForm(operation, terms))

    def evaluated(self, operation: Operation, operands: Sequence[Term]) -> Term | None:
        """A call on numbers whose result is a whole one, which says more than the call: `cos(0)` is 1."""
        known = [float(number) for operand in operands if isinstance(number := operand.number, Fraction)]
        if len(known) < len(operands) or operation.group == "special":
            return None
        result = operation.evaluate(*known)
        return self.constant(Fraction(result)) if abs(result) < MAX_WHOLE and result % 1 == 0 else None

    def program(self, outputs: Iterable[Any]) -> Program:
        """The program that computes these terms as people would write them."""
        terms = [shortest(self.register(output)) for output in outputs]
        symbols = [term for term in self.known.values() if isinstance(term.form, SymbolForm)]
        return rebuild(terms, symbols)
