"""LLVM code for operations on vectors of doubles: instructions for arithmetic, calls for elementary functions.

Booleans are vectors of bits. Everything follows IEEE 754 without contraction, so that exact results stay exact.
"""

import math
import platform
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from llvmlite import binding, ir

from mgrad_cli.kernels.vector_exp import exponential
from mgrad_cli.operations import Operation

DOUBLE = ir.DoubleType()
BIT = ir.IntType(1)

INTRINSICS = {"abs": "fabs", "floor": "floor", "ceil": "ceil", "round": "rint", "trunc": "trunc"}
COMPARISONS = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "=="}


class Machine(NamedTuple):
    """The vector unit of this machine.

    lanes       doubles in a vector
    prefix      the prefix of names in its vector math library
    has_fma     whether it has fused multiply-add
    """

    lanes: int
    prefix: str
    has_fma: bool


@cache
def machine() -> Machine:
    """Return the vector unit of this machine, with its math libraries loaded."""
    features = binding.get_host_cpu_features()
    for library in ("libm.so.6", "libmvec.so.1"):
        try:
            binding.load_library_permanently(library)
        except RuntimeError:  # other systems load the scalar functions anyway
            continue
    if platform.machine() in {"aarch64", "arm64"}:
        return Machine(2, "_ZGVnN2", has_fma=True)
    if features.get("avx512f") and features.get("avx512dq"):
        return Machine(8, "_ZGVeN8", has_fma=True)
    if features.get("avx2") and features.get("fma"):
        return Machine(4, "_ZGVdN4", has_fma=True)
    return Machine(2, "_ZGVbN2", has_fma=False)


def is_native(operation: Operation) -> bool:
    """Return whether an operation has machine code. Others run as array functions."""
    if operation.name in {"mod", "floor_divide"}:
        return is_linked("fmod")
    return operation.name in INSTRUCTIONS or (operation.libm and is_linked(operation.name))


def is_linked(name: str) -> bool:
    """Return whether the process or a library it loaded has a function of this name."""
    machine()
    return binding.address_of_symbol(name) is not None


class LlvmEmitter:
    """Writes the code of operations on vectors into a block of a function."""

    def __init__(self, builder: ir.IRBuilder) -> None:
        self.builder = builder
        self.lanes = machine().lanes
        self.vector = ir.VectorType(DOUBLE, self.lanes)
        self.booleans = ir.VectorType(BIT, self.lanes)

    def number(self, value: float) -> Any:
        """Return a vector of one number, encoded by its bits, since the text form would lose a nan."""
        return ir.Constant(self.vector, [ir.Constant(DOUBLE, value)] * self.lanes)

    def double(self, operand: Any) -> Any:
        """Return the operand as doubles; booleans become 1 and 0."""
        return self.builder.uitofp(operand, self.vector) if operand.type == self.booleans else operand

    def boolean(self, operand: Any) -> Any:
        """Return whether the operand is not 0, nan included."""
        if operand.type == self.booleans:
            return operand
        return self.builder.fcmp_unordered("!=", operand, self.number(0.0))

    def is_nan(self, *operands: Any) -> Any:
        """Return whether any of one or two operands is nan."""
        return self.builder.fcmp_unordered("uno", operands[0], operands[-1])

    def intrinsic(self, name: str, *operands: Any) -> Any:
        """Call an intrinsic function of LLVM."""
        function = self.declared(f"llvm.{name}.v{self.lanes}f64", self.vector, len(operands))
        return self.builder.call(function, operands)

    def fused(self, a: Any, b: Any, c: Any) -> Any:
        """Return a*b + c, rounded once."""
        return self.intrinsic("fma", a, b, c)

    def declared(self, name: str, kind: Any, arity: int) -> Any:
        """Return a function of the module or a library, with operands and result of one type."""
        module = self.builder.module
        function = module.globals.get(name)
        if function is None:
            function = ir.Function(module, ir.FunctionType(kind, [kind] * arity), name)
            if not name.startswith("llvm."):
                function.attributes.add("nobuiltin")  # LLVM's fmod with nan and pow with 0.5 differ
        return function

    def library(self, name: str, *operands: Any) -> Any:
        """Call a function of C's math library on every lane, by the vector library if it has the function."""
        symbol = f"{machine().prefix}{'v' * len(operands)}_{name}"
        if is_linked(symbol):
            return self.builder.call(self.declared(symbol, self.vector, len(operands)), operands)
        return self.lane_by_lane(name, *operands)

    def lane_by_lane(self, name: str, *operands: Any) -> Any:
        """Call a scalar function on every lane."""
        function = self.declared(name, DOUBLE, len(operands))
        result = ir.Constant(self.vector, ir.Undefined)
        for lane in range(self.lanes):
            index = ir.Constant(ir.IntType(32), lane)
            numbers = [self.builder.extract_element(operand, index) for operand in operands]
            result = self.builder.insert_element(result, self.builder.call(function, numbers), index)
        return result

    def apply(self, operation: Operation, operands: list[Any]) -> Any:
        """Return the result of a primitive operation."""
        name = operation.name
        if name in INSTRUCTIONS:
            return INSTRUCTIONS[name](self, *operands)
        return self.library(name, *map(self.double, operands))


def arithmetic(instruction: str) -> Callable[..., Any]:
    def write(code: LlvmEmitter, *operands: Any) -> Any:
        return getattr(code.builder, instruction)(*map(code.double, operands))

    return write


def intrinsic(name: str) -> Callable[..., Any]:
    return lambda code, x: code.intrinsic(name, code.double(x))


def comparison(symbol: str) -> Callable[..., Any]:
    return lambda code, a, b: code.builder.fcmp_ordered(symbol, code.double(a), code.double(b))


def exponent(code: LlvmEmitter, x: Any) -> Any:
    return exponential(code, code.double(x)) if machine().has_fma else code.library("exp", code.double(x))


def square_root(code: LlvmEmitter, x: Any) -> Any:
    return code.builder.fadd(code.intrinsic("sqrt", code.double(x)), code.number(0.0))


def extremum(symbol: str) -> Callable[..., Any]:
    """Return the code for max or min: nan with nan, and +0 for a zero."""

    def write(code: LlvmEmitter, a: Any, b: Any) -> Any:
        a, b = code.double(a), code.double(b)
        chosen = code.builder.select(code.builder.fcmp_ordered(symbol, a, b), a, b)
        chosen = code.builder.select(code.is_nan(a, b), code.number(math.nan), chosen)
        return code.builder.fadd(chosen, code.number(0.0))

    return write


def sign(code: LlvmEmitter, x: Any) -> Any:
    x, zero, b = code.double(x), code.number(0.0), code.builder
    below = b.select(b.fcmp_ordered("<", x, zero), code.number(-1.0), b.fadd(x, zero))
    return b.select(b.fcmp_ordered(">", x, zero), code.number(1.0), below)


def choose(code: LlvmEmitter, condition: Any, a: Any, b: Any) -> Any:
    chosen = code.builder.select(code.boolean(condition), code.double(a), code.double(b))
    if condition.type == code.booleans:
        return chosen
    return code.builder.select(code.is_nan(condition), condition, chosen)


def connective(instruction: str) -> Callable[..., Any]:
    """Return the code for logic: a boolean from booleans; from doubles 1 or 0, or nan with nan."""

    def write(code: LlvmEmitter, *operands: Any) -> Any:
        result = getattr(code.builder, instruction)(*map(code.boolean, operands))
        if all(operand.type == code.booleans for operand in operands):
            return result
        operands = tuple(map(code.double, operands))
        return code.builder.select(code.is_nan(*operands), code.number(math.nan), code.double(result))

    return write


def remainder(code: LlvmEmitter, a: Any, b: Any) -> Any:
    return float_divmod(code, code.double(a), code.double(b))[1]


def floor_quotient(code: LlvmEmitter, a: Any, b: Any) -> Any:
    """Write Python's `//`: the floor of the exact quotient, or IEEE's quotient for a divisor of 0."""
    a, b = code.double(a), code.double(b)
    f, zero = code.builder, code.number(0.0)
    quotient, _ = float_divmod(code, a, b)
    whole = code.intrinsic("floor", quotient)
    whole = f.select(
        f.fcmp_ordered(">", f.fsub(quotient, whole), code.number(0.5)), f.fadd(whole, code.number(1.0)), whole
    )
    signed_zero = code.intrinsic("copysign", zero, f.fdiv(a, b))
    whole = f.select(f.fcmp_ordered("==", quotient, zero), signed_zero, whole)
    return f.select(f.fcmp_ordered("==", b, zero), f.fdiv(a, b), whole)


def float_divmod(code: LlvmEmitter, a: Any, b: Any) -> tuple[Any, Any]:
    """Write the quotient, whole up to rounding, and the remainder with b's sign, as CPython's `float_divmod` does."""
    f, zero = code.builder, code.number(0.0)
    rest = code.lane_by_lane("fmod", a, b)
    quotient = f.fdiv(f.fsub(a, rest), b)
    is_opposite = f.icmp_signed("!=", f.fcmp_ordered("<", rest, zero), f.fcmp_ordered("<", b, zero))
    corrects = f.and_(f.fcmp_unordered("!=", rest, zero), is_opposite)
    quotient = f.select(corrects, f.fsub(quotient, code.number(1.0)), quotient)
    signed = f.select(corrects, f.fadd(rest, b), rest)
    return quotient, f.select(f.fcmp_ordered("==", signed, zero), code.intrinsic("copysign", zero, b), signed)


INSTRUCTIONS: dict[str, Callable[..., Any]] = {
    "add": arithmetic("fadd"), "subtract": arithmetic("fsub"), "multiply": arithmetic("fmul"),
    "exp": exponent, "divide": arithmetic("fdiv"), "negative": arithmetic("fneg"), "sqrt": square_root, "sign": sign,
    "max": extremum(">"), "min": extremum("<"), "where": choose, "mod": remainder, "floor_divide": floor_quotient,
    "logical_and": connective("and_"), "logical_or": connective("or_"), "logical_not": connective("not_"),
    "degrees": lambda code, x: code.builder.fmul(code.double(x), code.number(180 / math.pi)),
    "radians": lambda code, x: code.builder.fmul(code.double(x), code.number(math.pi / 180)),
    "not_equal": lambda code, a, b: code.builder.fcmp_ordered("!=", code.double(a), code.double(b)),
    **{name: comparison(symbol) for name, symbol in COMPARISONS.items()},
    **{name: intrinsic(function) for name, function in INTRINSICS.items()},
}  # fmt: skip
"""Functions that write the code of operations, by name."""
