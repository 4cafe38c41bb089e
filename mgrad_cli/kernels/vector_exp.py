"""The exponential function over vectors, with an error below one ulp. Vector libraries allow themselves four.

Many derivatives use it, and square it. With e**x = 2**n * e**r, n whole and |r| <= log(2)/2 (Cody and Waite 1980,
Software Manual for the Elementary Functions), e**r is a Taylor polynomial in two interleaved halves.
"""

import math
from typing import TYPE_CHECKING, Any

from llvmlite import ir

if TYPE_CHECKING:
    from mgrad_cli.kernels.vector_code import LlvmEmitter

LOW, HIGH = -750.0, 710.0
"""Outside these bounds the result is 0 or inf."""
LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42fefa0000p-1"), float.fromhex("0x1.cf79abc9e3b3ap-40")
"""log(2) in two parts. The first part times any n is exact."""
SHIFTER = 1.5 * 2.0**52
"""Added to a double below 2**51, it leaves the nearest whole number in the last bits."""
SHIFTER_BITS = 0x4338000000000000
COEFFICIENTS = [1 / math.factorial(degree) for degree in range(2, 14)]
MANTISSA_BITS, BIAS = 52, 1023


def exponential(code: "LlvmEmitter", x: Any) -> Any:
    """Return exp(x), computed with fused multiply-add."""
    b = code.builder
    integers = ir.VectorType(ir.IntType(64), code.lanes)

    def integer(value: int) -> Any:
        return ir.Constant(integers, [value] * code.lanes)

    def power_of_two(exponent: Any) -> Any:
        return b.bitcast(b.shl(b.add(exponent, integer(BIAS)), integer(MANTISSA_BITS)), code.vector)

    x = b.select(b.fcmp_ordered(">", x, code.number(HIGH)), code.number(HIGH), x)
    x = b.select(b.fcmp_ordered("<", x, code.number(LOW)), code.number(LOW), x)
    shifted = code.fused(x, code.number(1 / math.log(2)), code.number(SHIFTER))
    n = b.fsub(shifted, code.number(SHIFTER))
    near = code.fused(n, code.number(-LN2_HIGH), x)
    r = code.fused(n, code.number(-LN2_LOW), near)
    lost = code.fused(n, code.number(-LN2_LOW), b.fsub(near, r))  # the rounding error of r
    square = b.fmul(r, r)
    even, odd = (horner(code, square, COEFFICIENTS[start::2]) for start in (0, 1))
    tail = code.fused(odd, r, even)
    y = b.fadd(b.fadd(r, code.fused(square, tail, lost)), code.number(1.0))
    exponent = b.sub(b.bitcast(shifted, integers), integer(SHIFTER_BITS))
    half = b.ashr(exponent, integer(1))  # in two steps, since 2**n may be out of range
    return b.fmul(b.fmul(y, power_of_two(half)), power_of_two(b.sub(exponent, half)))


def horner(code: "LlvmEmitter", x: Any, coefficients: list[float]) -> Any:
    """Evaluate a polynomial; coefficients start with the constant."""
    result = code.number(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        result = code.fused(result, x, code.number(coefficient))
    return result
