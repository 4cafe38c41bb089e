"""Formulas in a normal form, an equal one once: sums of multiples of products of powers.

A sum is never multiplied out, so a formula's size stays in proportion to what it came from.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Protocol, TypeAlias

from mgrad_cli.operations import Operand, Operation
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.symbolic.numbers import Number

MAX_SIZE = 10**9
PIECEWISE = frozenset({
    "where", "max", "min", "clip", "relu", "relu6", "hardtanh", "sign", "floor", "ceil", "round", "trunc", "mod",
    *COMPARISONS, *CONNECTIVES,
})  # fmt: skip


class ConstantForm(NamedTuple):
    number: Number


class SymbolForm(NamedTuple):
    name: str


class SumForm(NamedTuple):
    """constant + the sum of coefficient * term."""

    constant: Number
    addends: tuple[tuple["Term", Number], ...]


class ProductForm(NamedTuple):
    """coefficient * the product of base**exponent."""

    coefficient: Number
    factors: tuple[tuple["Term", Number], ...]


class CallForm(NamedTuple):
    operation: Operation
    operands: tuple["Term", ...]


Form: TypeAlias = ConstantForm | SymbolForm | SumForm | ProductForm | CallForm


class Algebra(Protocol):
    """What makes terms, and makes equal ones once.

    constants       the symbols that stand for numbers
    is_reading      whether a text is read, whose factors stay in their order and whose comparisons with nan stay
    budget          what the terms made are counted against
    is_general      whether formulas that are not proven to agree on an open set are taken to differ
    """

    constants: Collection[str]
    budget: Budget
    is_tracing: bool
    is_general: bool

    def find(self, form: Form) -> "Term | None": ...

    def make(self, form: Form) -> "Term": ...

    def input(self, name: str) -> "Term": ...

    def constant(self, number: Number) -> "Term": ...

    def register(self, operand: Any) -> "Term": ...

    def apply(self, operation: Operation, *operands: Any) -> "Term": ...


class Term(Operand):
    """An operand that is a formula; equal ones of an algebra are the same object, at the same place.

    `uses` counts the terms that it is a part of, and `size` the operations and operands of it written out;
    `opposite` is the sum that is minus this one, and itself where there is none, once that is known;
    `is_stepped` is whether it has parts that may be constant on an interval though their operands are not.
    """

    __slots__ = ("algebra", "form", "index", "is_piecewise", "opposite", "size", "uses")

    def __init__(self, algebra: Algebra, form: Form, index: int) -> None:
        self.algebra = algebra
        self.form = form
        self.index = index
        self.uses = 0
        self.opposite: Term | None = None
        self.size = size_of(form)
        own = isinstance(form, CallForm) and form.operation.name in PIECEWISE
        self.is_piecewise: bool = own or any(part.is_piecewise for part in parts(form))

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "Term":
        algebra = next(operand.algebra for operand in operands if isinstance(operand, Term))
        return algebra.apply(operation, *operands)

    @property
    def number(self) -> Number | None:
        """The number that it is, if it is one."""
        return self.form.number if isinstance(self.form, ConstantForm) else None

    def operands_of(self, name: str) -> tuple["Term", ...]:
        """The operands of a call of this operation; none where it is something else."""
        return self.form.operands if isinstance(self.form, CallForm) and self.form.operation.name == name else ()


def parts(form: Form) -> Sequence[Term]:
    """The terms that a form is made of."""
    match form:
        case SumForm(_, addends):
            return [addend for addend, _ in addends]
        case ProductForm(_, factors):
            return [base for base, _ in factors]
        case CallForm(_, operands):
            return operands
    return ()


def size_of(form: Form) -> int:
    """How many operations and operands a form takes as it is written, up to `MAX_SIZE`."""
    size = sum([part.size for part in parts(form)])
    match form:
        case SumForm(constant, addends):
            size += len(addends) - 1 + 2 * (constant != 0) + 2 * sum([abs(times) != 1 for _, times in addends])
        case ProductForm(coefficient, factors):
            size += len(factors) - 1 + 2 * (abs(coefficient) != 1)
            size += 2 * sum([abs(exponent) != 1 for _, exponent in factors])
            size += all(exponent < 0 for _, exponent in factors)
        case _:
            size += 1
    return min(size, MAX_SIZE)


def parts_first(terms: Sequence[Term]) -> Iterator[Term]:
    """Yield the terms that these are made of, parts before what they are parts of, each once."""
    return postorder(terms, lambda term: parts(term.form))


Items: TypeAlias = list[tuple[Number, Term | None]]
"""Multiples of terms, and of `None` for a number by itself, in the order in which they are written."""


def written_order(constant: Number, addends: Iterable[tuple[Term, Number]]) -> Items:
    """A positive part first, if there is one; the number at the end, unless it is the only positive part."""
    items: Items = [(times, term) for term, times in addends]
    if constant != 0:
        items.insert(0 if constant > 0 and all(times < 0 for times, _ in items) else len(items), (constant, None))
    first = next((index for index, (times, _) in enumerate(items) if times > 0), 0)
    items.insert(0, items.pop(first))
    return items


def is_same_order(one: Items, other: Items) -> bool:
    """Whether sums add up alike: the first two parts may change places."""
    return one[2:] == other[2:] and (one[:2] == other[:2] or one[1::-1] == other[:2])


Operands: TypeAlias = Sequence[Term]


def is_even(number: Number) -> bool:
    return isinstance(number, Fraction) and number.denominator == 1 and number.numerator % 2 == 0
