"""LLVM's assembly language for vectors of doubles, written line by line. Text is quicker to make than objects."""

import struct
from typing import NamedTuple

from mgrad_cli.kernels.machine import is_linked, machine

DOUBLE, BITS = struct.Struct("<d"), struct.Struct("<Q")


class LlvmValue(NamedTuple):
    """A value in the code: a name or a constant, and its LLVM type."""

    text: str
    type: str


class LlvmEmitter:
    """Writes instructions on vectors.

    lines           the instructions of the current function
    declarations    the declarations of the functions that they call, by name
    """

    def __init__(self) -> None:
        self.lanes = machine().lanes
        self.vector = f"<{self.lanes} x double>"
        self.booleans = f"<{self.lanes} x i1>"
        self.integers = f"<{self.lanes} x i64>"
        self.lines: list[str] = []
        self.declarations: dict[str, str] = {}
        self.count = 0

    def line(self, result_type: str, code: str) -> LlvmValue:
        """Write an instruction and return its result."""
        self.count += 1
        name = f"%v{self.count}"
        self.lines.append(f"{name} = {code}")
        return LlvmValue(name, result_type)

    def instruction(self, name: str, *operands: LlvmValue, result_type: str | None = None) -> LlvmValue:
        """Write an instruction on operands of one type, which is that of the result by default."""
        kind = operands[0].type
        return self.line(result_type or kind, f"{name} {kind} {', '.join([operand.text for operand in operands])}")

    def compare(self, condition: str, a: LlvmValue, b: LlvmValue) -> LlvmValue:
        """Write a comparison of doubles by one of LLVM's conditions, such as `olt`."""
        return self.instruction(f"fcmp {condition}", a, b, result_type=self.booleans)

    def convert(self, name: str, operand: LlvmValue, result_type: str) -> LlvmValue:
        """Write a conversion to another type."""
        return self.line(result_type, f"{name} {operand.type} {operand.text} to {result_type}")

    def select(self, condition: LlvmValue, a: LlvmValue, b: LlvmValue) -> LlvmValue:
        """Write the choice of a where a condition holds, else b."""
        return self.line(a.type, f"select {condition.type} {condition.text}, {a.type} {a.text}, {b.type} {b.text}")

    def number(self, value: float) -> LlvmValue:
        """Return a vector of one number, written as its bits."""
        (bits,) = BITS.unpack(DOUBLE.pack(value))
        return LlvmValue(f"splat (double 0x{bits:016X})", self.vector)

    def integer(self, value: int) -> LlvmValue:
        """Return a vector of one whole number."""
        return LlvmValue(f"splat (i64 {value})", self.integers)

    def double(self, operand: LlvmValue) -> LlvmValue:
        """Return the operand as doubles; booleans become 1 and 0."""
        return self.select(operand, self.number(1.0), self.number(0.0)) if operand.type == self.booleans else operand

    def boolean(self, operand: LlvmValue) -> LlvmValue:
        """Return whether the operand is not 0, nan included."""
        return operand if operand.type == self.booleans else self.compare("une", operand, self.number(0.0))

    def is_nan(self, *operands: LlvmValue) -> LlvmValue:
        """Return whether any of one or two operands is nan."""
        return self.compare("uno", operands[0], operands[-1])

    def call(self, name: str, *operands: LlvmValue) -> LlvmValue:
        """Call a function whose result has the type of its first operand."""
        if name not in self.declarations:
            # LLVM's own fmod of nan and pow with 0.5 differ.
            attribute = "" if name.startswith("llvm.") else " nobuiltin"
            types = ", ".join([operand.type for operand in operands])
            self.declarations[name] = f"declare {operands[0].type} @{name}({types}){attribute}"
        given = ", ".join([f"{operand.type} {operand.text}" for operand in operands])
        return self.line(operands[0].type, f"call {operands[0].type} @{name}({given})")

    def intrinsic(self, name: str, *operands: LlvmValue) -> LlvmValue:
        """Call an intrinsic function of LLVM."""
        return self.call(f"llvm.{name}.v{self.lanes}f64", *operands)

    def fused(self, a: LlvmValue, b: LlvmValue, c: LlvmValue) -> LlvmValue:
        """Return a*b + c, rounded once."""
        return self.intrinsic("fma", a, b, c)

    def library(self, name: str, *operands: LlvmValue) -> LlvmValue:
        """Call a function of C's math library on every lane, by the vector library if it has the function."""
        symbol = f"{machine().prefix}{'v' * len(operands)}_{name}"
        return self.call(symbol, *operands) if is_linked(symbol) else self.lane_by_lane(name, *operands)

    def lane_by_lane(self, name: str, *operands: LlvmValue) -> LlvmValue:
        """Call a scalar function on every lane."""
        result = LlvmValue("poison", self.vector)
        for lane in range(self.lanes):
            numbers = [
                self.line("double", f"extractelement {operand.type} {operand.text}, i32 {lane}") for operand in operands
            ]
            number = self.call(name, *numbers)
            result = self.line(
                self.vector, f"insertelement {self.vector} {result.text}, double {number.text}, i32 {lane}"
            )
        return result
