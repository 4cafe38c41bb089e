"""Convert normal forms back to operations, in the order people write: `2*x/y - 1`, not `-1 + 2*x*y**-1`."""

from collections.abc import Hashable, Iterable, Sequence

from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Node, Program, prune
from mgrad_cli.symbolic.numbers import (
    HALF,
    ONE,
    Number,
    as_double,
    is_negative,
    is_whole,
    magnitude,
    negated,
    written_fraction,
)
from mgrad_cli.symbolic.terms import (
    CallForm,
    ConstantForm,
    ProductForm,
    SumForm,
    SymbolForm,
    Term,
    parts_first,
    written_order,
)

(ADD,), (SUBTRACT,), (MULTIPLY,), (DIVIDE,) = TABLE["add"], TABLE["subtract"], TABLE["multiply"], TABLE["divide"]
(NEGATIVE,), (POW,), (SQRT,) = TABLE["negative"], TABLE["pow"], TABLE["sqrt"]


def rebuild(outputs: Sequence[Term], symbols: Iterable[Term]) -> Program:
    """Return the program of some terms; its inputs are these symbols, in order."""
    emitter = TermEmitter()
    for term in (*symbols, *parts_first(outputs)):
        emitter.write(term)
    return prune(emitter.nodes, [emitter.registers[output] for output in outputs])


def is_constant(term: Term) -> bool:
    """Return whether a term is a number or a constant."""
    form = term.form
    return isinstance(form, ConstantForm) or (isinstance(form, SymbolForm) and form.name in term.algebra.constants)


class TermEmitter:
    """Writes terms as nodes, equal ones once and without simplifying any, and maps each term to its register."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.indices: dict[Hashable, int] = {}
        self.registers: dict[Term, int] = {}

    def write(self, term: Term) -> None:
        """Write a term whose parts are written."""
        form = term.form
        if isinstance(form, ProductForm):
            register = self.product(form.coefficient, form.factors)
        elif isinstance(form, SumForm):
            register = self.sum(form.constant, form.addends)
        elif isinstance(form, CallForm):
            register = self.apply(form.operation, *[self.registers[operand] for operand in form.operands])
        elif isinstance(form, ConstantForm):
            register = self.number(form.number)
        else:
            register = self.node(form.name, InputNode(form.name))
        self.registers[term] = register

    def node(self, key: Hashable, node: Node) -> int:
        """Return the register of a node with this key."""
        index = self.indices.setdefault(key, len(self.nodes))
        if index == len(self.nodes):
            self.nodes.append(node)
        return index

    def apply(self, operation: Operation, *operands: int) -> int:
        """Return the register of an operation on registers."""
        is_swapped = operation.is_commutative and operands[0] > operands[1]
        return self.node((operation, operands[::-1] if is_swapped else operands), ApplyNode(operation, operands))

    def constant(self, number: float) -> int:
        """Return the register of a number, identified by its bits."""
        return self.node(number.hex(), ConstantNode(number))

    def number(self, number: Number) -> int:
        """Return a number, as a quotient if it has no finite decimal form. A minus sign is an operation."""
        numerator, denominator = written_fraction(magnitude(number))
        register = self.constant(as_double(numerator))
        register = self.apply(NEGATIVE, register) if is_negative(number) else register
        return register if denominator == 1 else self.apply(DIVIDE, register, self.constant(float(denominator)))

    def sum(self, constant: Number, addends: Sequence[tuple[Term, Number]]) -> int:
        """Return a sum of the addends in written order."""
        (times, first), *others = written_order(constant, addends)
        total = self.multiple(times, first)
        for times, term in others:
            total = self.apply(SUBTRACT if is_negative(times) else ADD, total, self.multiple(magnitude(times), term))
        return total

    def multiple(self, times: Number, term: Term | None) -> int:
        """Return a multiple of a term, with the number among its factors."""
        if term is None:
            return self.number(times)
        if times is ONE or times == 1:
            return self.registers[term]
        return self.product(times, term.form.factors if isinstance(term.form, ProductForm) else ((term, ONE),))

    def product(self, coefficient: Number, factors: Sequence[tuple[Term, Number]]) -> int:
        """Return the powers with positive exponents over those with negative ones."""
        numerator, denominator = written_fraction(magnitude(coefficient))
        above: list[int] = []
        divisors: list[tuple[int, Number]] = []
        for base, exponent in self.powers(factors):
            if exponent is ONE:
                above.append(base)
            elif is_negative(exponent):
                divisors.append((base, negated(exponent)))
            else:
                above.append(self.power(base, exponent))
        below = [self.power(base, exponent) for base, exponent in divisors]
        if not above or numerator != 1:
            above.insert(0, self.constant(as_double(numerator)))
        if denominator != 1:
            below.insert(0, self.constant(float(denominator)))
        if is_negative(coefficient):
            above[0] = self.apply(NEGATIVE, above[0])
        result = self.chained(above)
        return self.apply(DIVIDE, result, self.chained(below)) if below else result

    def chained(self, factors: Sequence[int]) -> int:
        """Return the product of registers, from left to right."""
        result = factors[0]
        for factor in factors[1:]:
            result = self.apply(MULTIPLY, result, factor)
        return result

    def powers(self, factors: Sequence[tuple[Term, Number]]) -> list[tuple[int, Number]]:
        """Return the registers of bases with their exponents. Constants with one fractional exponent are one base."""
        found: list[tuple[int, Number]] = []
        roots: dict[Number, int] = {}
        for base, exponent in factors:
            register = self.registers[base]
            if not is_whole(exponent) and is_constant(base):
                if exponent in roots:
                    index = roots[exponent]
                    found[index] = (self.apply(MULTIPLY, found[index][0], register), exponent)
                    continue
                roots[exponent] = len(found)
            found.append((register, exponent))
        return found

    def power(self, register: int, exponent: Number) -> int:
        """Return a power."""
        if exponent is ONE or exponent == 1:
            return register
        if exponent == HALF:
            return self.apply(SQRT, register)
        return self.apply(POW, register, self.number(exponent))
