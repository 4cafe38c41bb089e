"""Several divisions by one divisor: its reciprocal, and three operations for each quotient, with the same bits.

With r = 1/d and q = a*r rounded to nearest, q + r*(a - q*d) with two fused operations is a/d rounded to nearest, unless
something overflows or underflows (Brisebarre, Muller and Raina 2004, Accelerating correctly rounded floating-point
division when the divisor is known in advance). What overflows makes the quotient nan, as do a divisor of 0 and operands
that are infinite or nan. Nothing underflows if r and a are large enough, or a is 0. Other operands are divided.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from itertools import zip_longest
from typing import NamedTuple

from mgrad_cli.kernels.emitter import LlvmEmitter, LlvmValue
from mgrad_cli.program import ApplyNode, ConstantNode, Program

LARGE, LARGE_BITS = 2.0**-511, 3 << 61
"""The least magnitude of reciprocals and dividends: one of the first two bits of the exponent is set from there."""
DIVISORS, DIVIDENDS = (2.0**-511, 2.0**511), (LARGE, math.inf)
"""The magnitudes of constants."""
SCALES = (1.0, 2.0**16)


class Divisor(NamedTuple):
    """A register times a power of two: 2*sqrt(x), in the derivative of a square root, shares the reciprocal of it."""

    register: int
    scale: float


def shared_divisors(program: Program, registers: Iterable[int]) -> dict[int, Divisor]:
    """Return the divisors whose reciprocals it pays to use: those of several of the registers, and constants."""
    nodes = [program.nodes[register] for register in registers]
    divided = [node.operands[1] for node in nodes if isinstance(node, ApplyNode) and node.operation.name == "divide"]
    divisors = {register: divisor_of(program, register) for register in divided}
    uses = Counter(divisors[register].register for register in divided)

    def pays(register: int) -> bool:
        number = constant(program, register)
        return uses[register] > 1 if number is None else within(number, DIVISORS)

    return {register: divisor for register, divisor in divisors.items() if pays(divisor.register)}


def divisor_of(program: Program, register: int) -> Divisor:
    """Return what a register is as a divisor."""
    node = program.nodes[register]
    if isinstance(node, ApplyNode) and node.operation.name == "multiply":
        for number, other in (node.operands, node.operands[::-1]):
            scale = constant(program, number)
            if scale is not None and is_power_of_two(scale) and within(scale, SCALES):
                return Divisor(other, scale)
    return Divisor(register, 1.0)


class Quotients:
    """Writes quotients of registers, whose values `value` returns.

    checks      whether each operand is in its range, for each row
    results     the numbers that are not nan unless an operand is, or something overflowed
    """

    def __init__(
        self, code: LlvmEmitter, program: Program, divisors: Mapping[int, Divisor], value: Callable[[int], LlvmValue]
    ) -> None:
        self.code = code
        self.program = program
        self.divisors = divisors
        self.value = value
        self.reciprocals: dict[int, LlvmValue] = {}
        self.checks: list[LlvmValue] = []
        self.results: list[LlvmValue] = []

    def write(self, dividend: int, divisor: int) -> LlvmValue:
        """Write the quotient of two registers and return it."""
        code, number = self.code, constant(self.program, dividend)
        a, d, r = code.double(self.value(dividend)), code.double(self.value(divisor)), self.reciprocal(divisor)
        if number == 1:
            return r
        product = code.instruction("fmul", a, r)
        quotient = code.fused(code.fused(code.instruction("fneg", d), product, a), r, product)
        if number is None or not within(number, DIVIDENDS):
            self.require_large(code.instruction("add", code.convert("bitcast", a, code.integers), code.integer(-1)))
            is_other = code.compare("une", a, code.number(0.0))  # than 0, for which the product has the right sign
            quotient = code.select(is_other, quotient, product)
        self.results.append(quotient)
        return quotient

    def reciprocal(self, divisor: int) -> LlvmValue:
        """Write the reciprocal of a register to nearest, once for each."""
        code, number = self.code, constant(self.program, divisor)
        if number is not None:
            return code.number(1 / number)
        register, scale = self.divisors[divisor]
        if register not in self.reciprocals:
            d = code.double(self.value(register))
            r = self.reciprocals[register] = code.instruction("fdiv", code.number(1.0), d)
            self.require_large(code.convert("bitcast", r, code.integers))
        r = self.reciprocals[register]
        if scale == 1:
            return r
        self.results.append(code.instruction("fsub", r, r))  # since it may be infinite where its part is not
        return code.instruction("fmul", r, code.number(1 / scale))

    def require_large(self, bits: LlvmValue) -> None:
        """Require that a number of these bits is LARGE. Less 1, those of a zero are those of a large number."""
        code = self.code
        large = code.instruction("and", bits, code.integer(LARGE_BITS))
        self.checks.append(code.instruction("icmp ne", large, code.integer(0), result_type=code.booleans))

    def are_right(self) -> LlvmValue | None:
        """Write whether all quotients are right, for each row; `None` if they are for any operands."""
        code = self.code
        pairs = zip_longest(self.results[::2], self.results[1::2])
        checks = [*self.checks, *(code.compare("ord", a, a if b is None else b) for a, b in pairs)]
        return reduce(lambda some, more: code.instruction("and", some, more), checks) if checks else None


def constant(program: Program, register: int) -> float | None:
    """Return the number of a register, if it is a constant."""
    node = program.nodes[register]
    return node.number if isinstance(node, ConstantNode) else None


def is_power_of_two(number: float) -> bool:
    """Return whether the magnitude of a number is a power of two."""
    return abs(math.frexp(number)[0]) == 0.5


def within(number: float, bounds: tuple[float, float]) -> bool:
    """Return whether the magnitude of a number is within bounds."""
    return bounds[0] <= abs(number) <= bounds[1]
