"""The algebra of formulas for people: a recorder that traces and differentiates programs in normal form."""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from mgrad_cli.operations import Operation
from mgrad_cli.program import Program
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.nodes import COMPARISONS
from mgrad_cli.symbolic import arithmetic, choices, functions
from mgrad_cli.symbolic.numbers import MINUS_ONE, ONE, Number, as_key, from_double
from mgrad_cli.symbolic.rebuilding import rebuild
from mgrad_cli.symbolic.shortening import shortest
from mgrad_cli.symbolic.terms import (
    COMBINATIONS,
    Algebra,
    CallForm,
    ConstantForm,
    Form,
    SymbolForm,
    Term,
    parts_of,
)

Rule: TypeAlias = Callable[[Algebra, Sequence[Term]], Term | None]
"""Returns the simpler form of an operation on operands, or `None`."""

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
    """Return the key that identifies a form."""
    if isinstance(form, COMBINATIONS):
        number, multiples = form
        keys = [
            (part, 1 if multiple is ONE else -1 if multiple is MINUS_ONE else as_key(multiple))
            for part, multiple in multiples
        ]
        return form.__class__, as_key(number), frozenset(keys)
    if isinstance(form, ConstantForm):  # nan differs from itself, and 1 equals 1.0
        return ConstantForm, type(form.number), str(form.number)
    return form.__class__, *form


class Simplifier:
    """All formulas made so far, each in normal form and once.

    constants       symbols that stand for numbers
    named_numbers   numbers that have a name, with a function that makes the term of each
    given           terms that stay as they are, such as the statements of a text
    unexpanded      internal operations that stay calls, since the derivatives of their expansions would cancel
    """

    def __init__(
        self,
        constants: Collection[str] = (),
        named_numbers: dict[float, Callable[[Algebra], Any]] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.budget = budget or Budget()
        self.known: dict[Hashable, Term] = {}
        self.doubles: dict[float, Term] = {}
        self.results: dict[tuple[Operation, tuple[Term, ...]], Term] = {}
        self.constants = constants
        self.is_tracing = False
        self.is_general = False
        self.unexpanded: Collection[str] = ()
        self.given: Collection[Term] = ()
        self.named_numbers = named_numbers or {}

    def find(self, form: Form) -> Term | None:
        """Return the term of this form, or `None` if there is none yet."""
        return self.known.get(key_of(form))

    def make(self, form: Form) -> Term:
        """Return the term of this form. Sums and products in another order are the same term, in the first order."""
        key = key_of(form)
        term = self.known.get(key)
        if term is None:
            term = self.known[key] = Term(self, form, parts_of(form), len(self.known))
            for part in term.parts:
                part.uses += 1
        self.budget.spend(1 + len(term.parts))
        return term

    def input(self, name: str) -> Term:
        return self.make(SymbolForm(name))

    def constant(self, number: Number) -> Term:
        """Return the term of a number. A double counts as its shortest decimal."""
        if isinstance(number, float):
            known = self.doubles.get(number)
            if known is None:
                named = self.named_numbers.get(number)
                known = named(self) if named is not None else self.make(ConstantForm(from_double(number)))
                self.doubles[number] = known
            return known
        return self.make(ConstantForm(number if number.__class__ is Fraction else Fraction(number)))

    def register(self, operand: Any) -> Term:
        return operand if isinstance(operand, Term) else self.constant(operand)

    def apply(self, operation: Operation, *operands: Any) -> Term:
        """Return the simplified term of an operation."""
        terms = tuple([operand if isinstance(operand, Term) else self.constant(operand) for operand in operands])
        key = (operation, terms)
        known = self.results.get(key)
        if known is None or self.is_general:
            self.budget.spend(1)
            known = self.simplified(operation, terms)
            if not self.is_general:
                self.results[key] = known
        return known

    def simplified(self, operation: Operation, terms: tuple[Term, ...]) -> Term:
        """Return the term of an operation: its expansion, a simpler form, its value, or a call."""
        if operation.expansion is not None and operation.name not in self.unexpanded:
            return self.register(operation.expansion(*terms))
        rule = RULES.get(operation.name)
        simpler = rule(self, terms) if rule is not None else None
        return simpler or self.evaluated(operation, terms) or self.make(CallForm(operation, terms))

    def evaluated(self, operation: Operation, operands: Sequence[Term]) -> Term | None:
        """Return the result of a call on numbers if it is whole, as for `cos(0)`, or `None`."""
        numbers = [operand.number for operand in operands]
        if None in numbers or operation.group in {"special", ""}:
            return None
        known = [float(number) for number in numbers if isinstance(number, Fraction)]
        if len(known) < len(operands):
            return None
        result = operation.evaluate(*known)
        return self.constant(Fraction(result)) if abs(result) < MAX_WHOLE and result % 1 == 0 else None

    def program(self, outputs: Iterable[Any]) -> Program:
        """Return the program that computes these terms, as people write them. New ones are shortened."""
        registers = [self.register(output) for output in outputs]
        terms = [term if self.is_tracing or term in self.given else shortest(term) for term in registers]
        symbols = [term for term in self.known.values() if isinstance(term.form, SymbolForm)]
        return rebuild(terms, symbols)
