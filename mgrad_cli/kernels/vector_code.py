"""Operations on vectors of doubles in LLVM's assembly language: instructions, or calls for elementary functions.

Booleans are vectors of bits. Everything follows IEEE 754 without contraction, so that exact results stay exact.
"""

import math
from collections.abc import Callable, Sequence

from mgrad_cli.kernels.emitter import LlvmEmitter, LlvmValue
from mgrad_cli.kernels.machine import is_linked, machine
from mgrad_cli.kernels.vector_exp import exponential, gaussian
from mgrad_cli.operations import Operation

INTRINSICS = {"abs": "fabs", "floor": "floor", "ceil": "ceil", "round": "rint", "trunc": "trunc"}
COMPARISONS = {
    "less": "olt", "less_equal": "ole", "greater": "ogt", "greater_equal": "oge", "equal": "oeq", "not_equal": "one",
}  # fmt: skip


def kept() -> frozenset[str]:
    """Return the names of operations with machine code that others expand."""
    return frozenset({"gaussian"} if machine().has_fma else {})


def is_native(operation: Operation) -> bool:
    """Return whether an operation has machine code. Others run as array functions."""
    if operation.name in {"mod", "floor_divide"}:
        return is_linked("fmod")
    return operation.name in INSTRUCTIONS or (operation.libm and is_linked(operation.name))


def apply(code: LlvmEmitter, operation: Operation, operands: list[LlvmValue]) -> LlvmValue:
    """Write a primitive operation and return its result."""
    name = operation.name
    if name in INSTRUCTIONS:
        return INSTRUCTIONS[name](code, *operands)
    return code.library(name, *map(code.double, operands))


def arithmetic(instruction: str) -> Callable[..., LlvmValue]:
    def write(code: LlvmEmitter, *operands: LlvmValue) -> LlvmValue:
        return code.instruction(instruction, *map(code.double, operands))

    return write


def intrinsic(name: str) -> Callable[..., LlvmValue]:
    return lambda code, x: code.intrinsic(name, code.double(x))


def comparison(condition: str) -> Callable[..., LlvmValue]:
    return lambda code, a, b: code.compare(condition, code.double(a), code.double(b))


def scaled(factor: float) -> Callable[..., LlvmValue]:
    return lambda code, x: code.instruction("fmul", code.double(x), code.number(factor))


def exponent(code: LlvmEmitter, x: LlvmValue) -> LlvmValue:
    return exponential(code, code.double(x)) if machine().has_fma else code.library("exp", code.double(x))


def bell(code: LlvmEmitter, x: LlvmValue) -> LlvmValue:
    return gaussian(code, code.double(x))


def square_root(code: LlvmEmitter, x: LlvmValue) -> LlvmValue:
    return code.instruction("fadd", code.intrinsic("sqrt", code.double(x)), code.number(0.0))


def extremum(condition: str) -> Callable[..., LlvmValue]:
    """Return the code for max or min: nan with nan, and +0 for a zero."""

    def write(code: LlvmEmitter, a: LlvmValue, b: LlvmValue) -> LlvmValue:
        a, b = code.double(a), code.double(b)
        chosen = code.select(code.compare(condition, a, b), a, b)
        chosen = code.select(code.is_nan(a, b), code.number(math.nan), chosen)
        return code.instruction("fadd", chosen, code.number(0.0))

    return write


def sign(code: LlvmEmitter, x: LlvmValue) -> LlvmValue:
    x, zero = code.double(x), code.number(0.0)
    below = code.select(code.compare("olt", x, zero), code.number(-1.0), code.instruction("fadd", x, zero))
    return code.select(code.compare("ogt", x, zero), code.number(1.0), below)


def choose(code: LlvmEmitter, condition: LlvmValue, a: LlvmValue, b: LlvmValue) -> LlvmValue:
    chosen = code.select(code.boolean(condition), code.double(a), code.double(b))
    if condition.type == code.booleans:
        return chosen
    return code.select(code.is_nan(condition), condition, chosen)


def connective(instruction: str) -> Callable[..., LlvmValue]:
    """Return the code for logic: a boolean from booleans; from doubles 1 or 0, or nan with nan."""

    def write(code: LlvmEmitter, *operands: LlvmValue) -> LlvmValue:
        result = code.instruction(instruction, *map(code.boolean, operands))
        return (
            result if all(operand.type == code.booleans for operand in operands) else with_nan(code, result, operands)
        )

    return write


def logical_not(code: LlvmEmitter, x: LlvmValue) -> LlvmValue:
    result = code.instruction("xor", code.boolean(x), LlvmValue("splat (i1 true)", code.booleans))
    return result if x.type == code.booleans else with_nan(code, result, [x])


def with_nan(code: LlvmEmitter, result: LlvmValue, operands: Sequence[LlvmValue]) -> LlvmValue:
    """Return a boolean as 1 or 0, or nan where an operand is nan."""
    return code.select(code.is_nan(*map(code.double, operands)), code.number(math.nan), code.double(result))


def remainder(code: LlvmEmitter, a: LlvmValue, b: LlvmValue) -> LlvmValue:
    return float_divmod(code, code.double(a), code.double(b))[1]


def floor_quotient(code: LlvmEmitter, a: LlvmValue, b: LlvmValue) -> LlvmValue:
    """Write Python's `//`: the floor of the exact quotient, or IEEE's quotient for a divisor of 0."""
    a, b, zero = code.double(a), code.double(b), code.number(0.0)
    quotient, _ = float_divmod(code, a, b)
    floor = code.intrinsic("floor", quotient)
    is_low = code.compare("ogt", code.instruction("fsub", quotient, floor), code.number(0.5))
    whole = code.select(is_low, code.instruction("fadd", floor, code.number(1.0)), floor)
    ratio = code.instruction("fdiv", a, b)
    signed_zero = code.intrinsic("copysign", zero, ratio)
    whole = code.select(code.compare("oeq", quotient, zero), signed_zero, whole)
    return code.select(code.compare("oeq", b, zero), ratio, whole)


def float_divmod(code: LlvmEmitter, a: LlvmValue, b: LlvmValue) -> tuple[LlvmValue, LlvmValue]:
    """Write the quotient, whole up to rounding, and the remainder with b's sign, as CPython's `float_divmod` does."""
    zero = code.number(0.0)
    rest = code.lane_by_lane("fmod", a, b)
    quotient = code.instruction("fdiv", code.instruction("fsub", a, rest), b)
    is_opposite = code.instruction("icmp ne", code.compare("olt", rest, zero), code.compare("olt", b, zero))
    corrects = code.instruction("and", code.compare("une", rest, zero), is_opposite)
    quotient = code.select(corrects, code.instruction("fsub", quotient, code.number(1.0)), quotient)
    signed = code.select(corrects, code.instruction("fadd", rest, b), rest)
    signed_zero = code.intrinsic("copysign", zero, b)
    return quotient, code.select(code.compare("oeq", signed, zero), signed_zero, signed)


INSTRUCTIONS: dict[str, Callable[..., LlvmValue]] = {
    "add": arithmetic("fadd"), "subtract": arithmetic("fsub"), "multiply": arithmetic("fmul"),
    "exp": exponent, "gaussian": bell,
    "divide": arithmetic("fdiv"), "negative": arithmetic("fneg"), "sqrt": square_root, "sign": sign,
    "max": extremum("ogt"), "min": extremum("olt"), "where": choose, "mod": remainder, "floor_divide": floor_quotient,
    "logical_and": connective("and"), "logical_or": connective("or"), "logical_not": logical_not,
    "degrees": scaled(180 / math.pi), "radians": scaled(math.pi / 180),
    **{name: comparison(symbol) for name, symbol in COMPARISONS.items()},
    **{name: intrinsic(function) for name, function in INTRINSICS.items()},
}  # fmt: skip
"""Functions that write the code of operations, by name."""
