"""Convert normal forms back to operations, in the order people write: `2*x/y - 1`, not `-1 + 2*x*y**-1`."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.program.nodes import Program
from mgrad_cli.program.recorder import Recorder, Register
from mgrad_cli.symbolic.numbers import ONE, Number, as_double, is_negative, is_whole, magnitude, written_fraction
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


class VerbatimRecorder(Recorder):
    """A recorder that simplifies nothing, but records equal operations on equal operands once."""

    def apply(self, operation: Operation, *operands: Any) -> Register:
        return self.perform(operation, [self.register(operand) for operand in operands])


def rebuild(outputs: Sequence[Term], symbols: Iterable[Term]) -> Program:
    """Return the program of some terms; its inputs are these symbols, in order."""
    recorder = VerbatimRecorder()
    writer = TermEmitter(recorder)
    for term in (*symbols, *parts_first(outputs)):
        writer.write(term)
    return recorder.program([writer.registers[output] for output in outputs])


def is_constant(term: Term) -> bool:
    """Return whether a term is a number or a constant."""
    form = term.form
    return isinstance(form, ConstantForm) or (isinstance(form, SymbolForm) and form.name in term.algebra.constants)


class TermEmitter:
    """Writes terms to a recorder, and maps each to its register."""

    def __init__(self, recorder: VerbatimRecorder) -> None:
        self.recorder = recorder
        self.registers: dict[Term, Register] = {}

    def write(self, term: Term) -> None:
        """Record a term whose parts are recorded."""
        recorder = self.recorder
        match term.form:
            case ConstantForm(number):
                register = self.number(number)
            case SymbolForm(name):
                register = recorder.input(name)
            case CallForm(operation, operands):
                register = recorder.apply(operation, *[self.registers[operand] for operand in operands])
            case ProductForm(coefficient, factors):
                register = self.product(coefficient, factors)
            case SumForm(constant, addends):
                register = self.sum(constant, addends)
        self.registers[term] = register

    def number(self, number: Number) -> Register:
        """Return a number, as a quotient if it has no finite decimal form. A minus sign is an operation."""
        numerator, denominator = written_fraction(magnitude(number))
        register = self.recorder.constant(as_double(numerator))
        register = self.recorder.apply(NEGATIVE, register) if number < 0 else register
        return register if denominator == 1 else self.recorder.apply(DIVIDE, register, float(denominator))

    def sum(self, constant: Number, addends: Sequence[tuple[Term, Number]]) -> Register:
        """Return a sum of the addends in written order."""
        apply = self.recorder.apply
        items = written_order(constant, addends)
        total: Register | None = None
        for times, term in items:
            if total is None:
                total = self.multiple(times, term)
            else:
                total = apply(SUBTRACT if is_negative(times) else ADD, total, self.multiple(magnitude(times), term))
        assert total is not None
        return total

    def multiple(self, times: Number, term: Term | None) -> Register:
        """Return a multiple of a term, with the number among its factors."""
        if term is None:
            return self.number(times)
        if times == 1:
            return self.registers[term]
        factors = term.form.factors if isinstance(term.form, ProductForm) else ((term, Fraction(1)),)
        return self.product(times, factors)

    def product(self, coefficient: Number, factors: Sequence[tuple[Term, Number]]) -> Register:
        """Return the powers with positive exponents over those with negative ones."""
        apply, recorder = self.recorder.apply, self.recorder
        numerator, denominator = written_fraction(magnitude(coefficient))
        powers = self.powers(factors)
        above = [
            base if exponent is ONE else self.power(base, exponent)
            for base, exponent in powers
            if exponent is ONE or not is_negative(exponent)
        ]
        below = [
            self.power(base, -exponent) for base, exponent in powers if exponent is not ONE and is_negative(exponent)
        ]
        if numerator != 1 or not above:
            above.insert(0, recorder.constant(as_double(numerator)))
        if denominator != 1:
            below.insert(0, recorder.constant(float(denominator)))
        if is_negative(coefficient):
            above[0] = apply(NEGATIVE, above[0])
        result = above[0]
        for factor in above[1:]:
            result = apply(MULTIPLY, result, factor)
        if below:
            divisor = below[0]
            for factor in below[1:]:
                divisor = apply(MULTIPLY, divisor, factor)
            result = apply(DIVIDE, result, divisor)
        return result

    def powers(self, factors: Sequence[tuple[Term, Number]]) -> list[tuple[Register, Number]]:
        """Return the registers of bases with their exponents. Constants with one fractional exponent are one base."""
        found: list[tuple[Register, Number]] = []
        roots: dict[Number, int] = {}
        for base, exponent in factors:
            register = self.registers[base]
            if exponent is ONE or is_whole(exponent) or not is_constant(base) or exponent not in roots:
                if is_constant(base):
                    roots.setdefault(exponent, len(found))
                found.append((register, exponent))
            else:
                index = roots[exponent]
                found[index] = (self.recorder.apply(MULTIPLY, found[index][0], register), exponent)
        return found

    def power(self, register: Register, exponent: Number) -> Register:
        """Return a power."""
        if exponent == 1:
            return register
        if exponent == Fraction(1, 2):
            return self.recorder.apply(SQRT, register)
        return self.recorder.apply(POW, register, self.number(exponent))
