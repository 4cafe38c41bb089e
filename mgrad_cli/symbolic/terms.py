"""Formulas in normal form: sums of multiples of products of powers, with equal formulas represented once.

A sum is never multiplied out, so the size of a formula stays proportional to that of its source.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeAlias

from mgrad_cli.operations import TABLE, Operand, Operation
from mgrad_cli.operations.traversal import postorder
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.symbolic.numbers import ONE, Number, is_negative, is_positive, is_unit, is_zero

MAX_SIZE = 10**9
SIZE, IS_MATCHING, IS_PIECEWISE = map(attrgetter, ("size", "is_matching", "is_piecewise"))
PIECEWISE = frozenset({
    "where", "max", "min", "clip", "relu", "relu6", "hardtanh", "sign", "floor", "ceil", "round", "trunc", "mod",
    *COMPARISONS, *CONNECTIVES,
})  # fmt: skip

JOINING = frozenset({"pow", "sign", "abs", "direction", "degrees", "radians"})
"""The calls that can combine with other factors of a product, or with their own exponent."""
MATCHING = frozenset(
    name for row, *_ in TABLE.values() if row.square or row.exponent for name in (row.name, *(row.square or ())[:1])
)
"""The functions of which rows state an identity."""


class ConstantForm(NamedTuple):
    """A number."""

    number: Number


class SymbolForm(NamedTuple):
    """A variable or constant."""

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
    """A call of an operation."""

    operation: Operation
    operands: tuple["Term", ...]


Form: TypeAlias = ConstantForm | SymbolForm | SumForm | ProductForm | CallForm

COMBINATIONS = (SumForm, ProductForm)
"""The forms of a number and of terms with numbers."""
RANKS: dict[type, int] = {
    kind: rank for rank, kind in enumerate((ConstantForm, SymbolForm, ProductForm, SumForm, CallForm))
}


class Algebra(Protocol):
    """The interface that makes terms, equal ones once.

    constants       the symbols that stand for numbers
    is_tracing      whether a text is traced: its factors keep their order, and its comparisons with nan stay
    budget          the limit that terms count against
    is_general      whether formulas count as different unless they can agree on an open set
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
    """A formula as an operand. Equal formulas of an algebra are the same object.

    uses            the number of terms that it is a part of
    size            the number of operations and operands, written out
    opposite        the sum that is its negative, once known; itself if there is none
    rank            its place among the factors of a product: numbers and constants, names, products, sums without
                    calls, calls, sums with calls
    is_matching     whether it has a factor of which rows state an identity with another
    is_joining      whether it is a call that can combine with other factors
    is_piecewise    whether it has parts that can be constant on an interval where their operands are not
    """

    __slots__ = (
        "algebra",
        "form",
        "index",
        "is_joining",
        "is_matching",
        "is_piecewise",
        "opposite",
        "rank",
        "size",
        "uses",
    )

    def __init__(self, algebra: Algebra, form: Form, inner: Sequence["Term"], index: int) -> None:
        """Make the term of a form with these parts."""
        self.algebra = algebra
        self.form = form
        self.index = index
        self.uses = 0
        self.opposite: Term | None = None
        self.size = size_of(form, inner)
        self.rank = RANKS[form.__class__]
        self.is_joining = self.is_matching = self.is_piecewise = False
        if isinstance(form, CallForm):
            self.is_joining = form.operation.name in JOINING
            self.is_piecewise = form.operation.name in PIECEWISE or not form.operation.group
            self.is_matching = form.operation.name in MATCHING
        elif isinstance(form, ProductForm):
            self.is_matching = any(map(IS_MATCHING, inner))
        elif isinstance(form, SymbolForm) and form.name in algebra.constants:
            self.rank = 0
        elif isinstance(form, SumForm) and any(part.has_call for part in inner):
            self.rank = len(RANKS)
        if not self.is_piecewise:
            self.is_piecewise = any(map(IS_PIECEWISE, inner))

    @property
    def has_call(self) -> bool:
        """Whether it is a call, or a product or sum with one among its parts."""
        form = self.form
        if isinstance(form, ProductForm):
            return form.factors[-1][0].has_call
        return isinstance(form, CallForm) or self.rank == len(RANKS)

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "Term":
        algebra = next(operand.algebra for operand in operands if isinstance(operand, Term))
        return algebra.apply(operation, *operands)

    @property
    def number(self) -> Number | None:
        """The number of a constant term, or `None`."""
        return self.form.number if isinstance(self.form, ConstantForm) else None

    def operands_of(self, name: str) -> tuple["Term", ...]:
        """Return the operands of a call of this operation; for other terms, none."""
        return self.form.operands if isinstance(self.form, CallForm) and self.form.operation.name == name else ()


def parts(form: Form) -> Sequence[Term]:
    """Return the terms that a form consists of."""
    if isinstance(form, COMBINATIONS):
        return [part for part, _ in form[1]]
    return form.operands if isinstance(form, CallForm) else ()


def size_of(form: Form, inner: Sequence[Term]) -> int:
    """Return the number of operations and operands in a form with these parts, up to `MAX_SIZE`."""
    size: int = sum(map(SIZE, inner))
    if isinstance(form, COMBINATIONS):
        number, multiples = form
        numbers = [multiple for _, multiple in multiples if multiple is not ONE]
        size += len(multiples) - 1 + 2 * sum([not is_unit(multiple) for multiple in numbers])
        if isinstance(form, SumForm):
            size += 2 * (not is_zero(number))
        else:
            size += 2 * (not is_unit(number))
            size += len(numbers) == len(multiples) and all(map(is_negative, numbers))
    else:
        size += 1
    return min(size, MAX_SIZE)


def parts_first(terms: Sequence[Term]) -> Iterator[Term]:
    """Yield these terms and their parts, parts before the terms that contain them, each once."""
    return postorder(terms, lambda term: parts(term.form))


Items: TypeAlias = list[tuple[Number, Term | None]]
"""Multiples of terms, in written order. `None` is the term of a plain number."""


def written_order(constant: Number, addends: Iterable[tuple[Term, Number]]) -> Items:
    """Return the parts of a sum in written order: a positive one first, if any.

    The constant comes last, unless it is the only positive part, or the other part is a power of a function.
    """
    items: Items = [(times, term) for term, times in addends]
    if not is_zero(constant):
        is_first = is_positive(constant) and (all(is_negative(times) for times, _ in items) or is_function(items))
        items.insert(0 if is_first else len(items), (constant, None))
    if not is_positive(items[0][0]):
        first = next((index for index, (times, _) in enumerate(items) if is_positive(times)), 0)
        items.insert(0, items.pop(first))
    return items


def is_function(items: Items) -> bool:
    """Return whether the only item is a multiple of a power of a function, as in `1 + tan(x)**2`."""
    _, term = items[0]
    form = term and term.form
    if isinstance(form, ProductForm):
        form = form.factors[0][0].form if len(form.factors) == 1 else None
    return len(items) == 1 and isinstance(form, CallForm)


def is_same_order(one: Items, other: Items) -> bool:
    """Return whether two sums are evaluated alike; the first two parts may be swapped."""
    return one[2:] == other[2:] and (one[:2] == other[:2] or one[1::-1] == other[:2])


Operands: TypeAlias = Sequence[Term]


def is_even(number: Number) -> bool:
    """Return whether a number is an even whole number."""
    return isinstance(number, Fraction) and number.denominator == 1 and number.numerator % 2 == 0
