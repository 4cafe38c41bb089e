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
from mgrad_cli.symbolic.numbers import MINUS_ONE, ONE, Number, is_negative, is_positive, is_unit, is_zero

MAX_SIZE = 10**9
PARTS, SIZE, HAS_CALL = map(attrgetter, ("parts", "size", "has_call"))
IS_MATCHING, IS_PIECEWISE = map(attrgetter, ("is_matching", "is_piecewise"))
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

    number          the number of a constant term, or `None`
    parts           the terms that it consists of
    uses            the number of terms that it is a part of
    size            the number of operations and operands, written out
    opposite        the sum that is its negative, once known; itself if there is none, as for names and calls
    rank            its place among the factors of a product: numbers and constants, names, products, sums without
                    calls, calls, sums with calls
    has_call        whether it is a call, or a product or sum with one among its parts
    is_matching     whether it has a factor of which rows state an identity with another
    is_joining      whether it is a call that can combine with other factors
    is_piecewise    whether it has parts that can be constant on an interval where their operands are not
    """

    __slots__ = (
        "algebra",
        "form",
        "has_call",
        "index",
        "is_joining",
        "is_matching",
        "is_piecewise",
        "number",
        "opposite",
        "parts",
        "rank",
        "size",
        "uses",
    )

    def __init__(self, algebra: Algebra, form: Form, parts: Sequence["Term"], index: int) -> None:
        """Make the term of a form with these parts."""
        self.algebra = algebra
        self.form = form
        self.parts = parts
        self.index = index
        self.uses = 0
        self.number: Number | None = None
        self.opposite: Term | None = None
        self.size = size_of(form, parts)
        self.rank = RANKS[form.__class__]
        self.has_call = self.is_joining = self.is_matching = self.is_piecewise = False
        if isinstance(form, CallForm):
            operation = form.operation
            self.opposite = self
            self.has_call = True
            self.is_joining = operation.name in JOINING
            self.is_piecewise = operation.name in PIECEWISE or not operation.group
            self.is_matching = operation.name in MATCHING
        elif isinstance(form, ProductForm):
            self.has_call = parts[-1].has_call
            self.is_matching = any(map(IS_MATCHING, parts))
        elif isinstance(form, SymbolForm):
            self.opposite = self
            if form.name in algebra.constants:
                self.rank = 0
        elif isinstance(form, ConstantForm):
            self.number = form.number
        elif any(map(HAS_CALL, parts)):
            self.has_call = True
            self.rank = len(RANKS)
        if not self.is_piecewise:
            self.is_piecewise = any(map(IS_PIECEWISE, parts))

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "Term":
        first = operands[0]
        known = first if isinstance(first, Term) else next(each for each in operands if isinstance(each, Term))
        return known.algebra.apply(operation, *operands)

    def operands_of(self, name: str) -> tuple["Term", ...]:
        """Return the operands of a call of this operation; for other terms, none."""
        return self.form.operands if isinstance(self.form, CallForm) and self.form.operation.name == name else ()


def parts_of(form: Form) -> Sequence[Term]:
    """Return the terms that a form consists of."""
    if isinstance(form, COMBINATIONS):
        return [part for part, _ in form[1]]
    return form.operands if isinstance(form, CallForm) else ()


def size_of(form: Form, inner: Sequence[Term]) -> int:
    """Return the number of operations and operands in a form with these parts, up to `MAX_SIZE`."""
    size: int = sum(map(SIZE, inner))
    if not isinstance(form, COMBINATIONS):
        return min(size + 1, MAX_SIZE)
    number, multiples = form
    size += len(multiples) - 1
    negative = 0
    for _, multiple in multiples:
        if multiple is not ONE:
            size += 2 * (multiple is not MINUS_ONE and not is_unit(multiple))
            negative += is_negative(multiple)
    if isinstance(form, SumForm):
        size += 2 * (not is_zero(number))
    else:
        size += 2 * (not is_unit(number)) + (negative == len(multiples))
    return min(size, MAX_SIZE)


def parts_first(terms: Sequence[Term]) -> Iterator[Term]:
    """Yield these terms and their parts, parts before the terms that contain them, each once."""
    return postorder(terms, PARTS)


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
