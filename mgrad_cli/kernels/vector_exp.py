"""The exponential function over vectors, with an error below one ulp. Vector libraries allow themselves four.

Many derivatives use it, and square it; those of the error functions use exp(-x*x). With e**x = 2**n * e**r, n whole and
|r| <= log(2)/2 (Cody and Waite 1980, Software Manual for the Elementary Functions), e**r is a Taylor polynomial in two
interleaved halves.
"""

import math

from mgrad_cli.kernels.emitter import LlvmEmitter, LlvmValue
from mgrad_cli.kernels.machine import machine

LOW, HIGH = -750.0, 710.0
"""Outside these bounds the result is 0 or inf."""
LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42fefa0000p-1"), float.fromhex("0x1.cf79abc9e3b3ap-40")
"""log(2) in two parts. The first part times any n is exact."""
SHIFTER = 1.5 * 2.0**52
"""Added to a double below 2**51, it leaves the nearest whole number in the last bits."""
SHIFTER_BITS = 0x4338000000000000
COEFFICIENTS = [1 / math.factorial(degree) for degree in range(2, 14)]
MANTISSA_BITS, BIAS = 52, 1023


def exponential(code: LlvmEmitter, x: LlvmValue) -> LlvmValue:
    """Return exp(x), computed with fused multiply-add."""
    x = code.select(code.compare("ogt", x, code.number(HIGH)), code.number(HIGH), x)
    return exponential_within(code, code.select(code.compare("olt", x, code.number(LOW)), code.number(LOW), x))


def gaussian(code: LlvmEmitter, x: LlvmValue) -> LlvmValue:
    """Return exp(-x*x), with x*x in two parts: the rounding of the first would count as often as it is large."""
    size, limit = code.intrinsic("fabs", x), code.number(math.sqrt(-LOW))
    size = code.select(code.compare("ogt", size, limit), limit, size)
    minus = code.instruction("fneg", size)
    high = code.instruction("fmul", minus, size)
    return exponential_within(code, high, code.fused(minus, size, code.instruction("fneg", high)))


def exponential_within(code: LlvmEmitter, x: LlvmValue, low: LlvmValue | None = None) -> LlvmValue:
    """Return exp(x + low) for x between `LOW` and `HIGH`, and a low that is at most half an ulp of it."""
    write, number, integer = code.instruction, code.number, code.integer
    shifted = code.fused(x, number(1 / math.log(2)), number(SHIFTER))
    n = write("fsub", shifted, number(SHIFTER))
    near = code.fused(n, number(-LN2_HIGH), x)
    if low is None:
        r = code.fused(n, number(-LN2_LOW), near)
        lost = code.fused(n, number(-LN2_LOW), write("fsub", near, r))  # the rounding error of r
    else:
        small = code.fused(n, number(-LN2_LOW), low)
        r = write("fadd", near, small)
        lost = write("fadd", write("fsub", near, r), small)
    square = write("fmul", r, r)
    even, odd = (horner(code, square, COEFFICIENTS[start::2]) for start in (0, 1))
    tail = code.fused(odd, r, even)
    y = write("fadd", write("fadd", r, code.fused(square, tail, lost)), number(1.0))
    if machine().has_scale:
        every, current = LlvmValue("-1", "i8"), LlvmValue("4", "i32")  # lanes, and the direction of rounding
        return code.call("llvm.x86.avx512.mask.scalef.pd.512", y, n, y, every, current)
    exponent = write("sub", code.convert("bitcast", shifted, code.integers), integer(SHIFTER_BITS))
    half = write("ashr", exponent, integer(1))  # in two steps, since 2**n may be out of range
    first, second = (power_of_two(code, part) for part in (half, write("sub", exponent, half)))
    return write("fmul", write("fmul", y, first), second)


def power_of_two(code: LlvmEmitter, exponent: LlvmValue) -> LlvmValue:
    """Return 2 to the power of a whole number."""
    biased = code.instruction("add", exponent, code.integer(BIAS))
    return code.convert("bitcast", code.instruction("shl", biased, code.integer(MANTISSA_BITS)), code.vector)


def horner(code: LlvmEmitter, x: LlvmValue, coefficients: list[float]) -> LlvmValue:
    """Evaluate a polynomial; coefficients start with the constant."""
    result = code.number(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        result = code.fused(result, x, code.number(coefficient))
    return result
