"""Several divisions by one divisor: its reciprocal, and three operations for each quotient, with the same bits.

With r = 1/d and q = a*r rounded to nearest, q + r*(a - q*d) with two fused operations is a/d rounded to nearest, unless
something overflows or underflows (Brisebarre, Muller and Raina 2004, Accelerating correctly rounded floating-point
division when the divisor is known in advance). Operands outside a range are therefore divided.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from mgrad_cli.kernels.emitter import LlvmEmitter, LlvmValue
from mgrad_cli.program import ApplyNode, ConstantNode, Program

DIVISORS = (2.0**-255, 2.0**256)
"""The magnitudes of divisors: in their bits, the first of the exponent differs from the second and the third."""
DIVIDENDS = (2.0**-511, 2.0**512)
"""The magnitudes of dividends: the first bit differs from the second. A dividend may also be 0.

With these no step overflows, nor does a remainder lose bits.
"""
SCALES = (2.0**-16, 2.0**16)
FIRST_BIT = 1 << 62


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
    """Writes quotients of registers, whose values `value` returns."""

    def __init__(
        self, code: LlvmEmitter, program: Program, divisors: Mapping[int, Divisor], value: Callable[[int], LlvmValue]
    ) -> None:
        self.code = code
        self.program = program
        self.divisors = divisors
        self.value = value
        self.reciprocals: dict[int, LlvmValue] = {}
        self.bits = self.none = code.integer(-1)

    def write(self, dividend: int, divisor: int) -> LlvmValue:
        """Write the quotient of two registers and return it."""
        code, number = self.code, constant(self.program, dividend)
        a, d, r = code.double(self.value(dividend)), code.double(self.value(divisor)), self.reciprocal(divisor)
        if number == 1:
            return r
        product = code.instruction("fmul", a, r)
        quotient = code.fused(code.fused(code.instruction("fneg", d), product, a), r, product)
        if number is not None and within(number, DIVIDENDS):
            return quotient
        is_other = code.compare("une", a, code.number(0.0))  # than 0, for which the product has the right sign
        self.require(a, (1,), where=is_other)
        return code.select(is_other, quotient, product)

    def reciprocal(self, divisor: int) -> LlvmValue:
        """Write the reciprocal of a register to nearest, once for each."""
        code, number = self.code, constant(self.program, divisor)
        if number is not None:
            return code.number(1 / number)
        register, scale = self.divisors[divisor]
        if register not in self.reciprocals:
            d = code.double(self.value(register))
            self.reciprocals[register] = code.instruction("fdiv", code.number(1.0), d)
            self.require(d, (1, 2))
        r = self.reciprocals[register]
        return r if scale == 1 else code.instruction("fmul", r, code.number(1 / scale))

    def require(self, x: LlvmValue, others: tuple[int, ...], where: LlvmValue | None = None) -> None:
        """Require that the first bit of the exponent of x differs from others, those so many places after it."""
        code = self.code
        bits, required = code.convert("bitcast", x, code.integers), self.bits
        for place in others:
            differs = code.instruction("xor", bits, code.instruction("shl", bits, code.integer(place)))
            required = code.instruction("and", required, differs)
        self.bits = required if where is None else code.select(where, required, self.bits)

    def are_right(self) -> LlvmValue | None:
        """Write whether all quotients are right, for each row; `None` if they are for any operands."""
        if self.bits == self.none:
            return None
        code = self.code
        first = code.instruction("and", self.bits, code.integer(FIRST_BIT))
        return code.instruction("icmp ne", first, code.integer(0), result_type=code.booleans)


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
