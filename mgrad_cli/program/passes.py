"""Passes from a script to a program, and from one program to the next."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from mgrad_cli.errors import LimitError
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, PrimitiveProgram, Program
from mgrad_cli.program.recorder import Recorder, Recording, Register
from mgrad_cli.script import CONSTANTS, Script, Step, run_script

(ADD,) = TABLE["add"]
HIGHEST_PRODUCT = 4


def trace(
    script: Script, inputs: Collection[str], kept: Collection[str] = (), recorder: Recording | None = None
) -> Program:
    """Return the program of a script with these inputs, in this order.

    Its outputs are those of the script, then the statements with names in `kept`. An input replaces the statement of
    its name. Every other name must be assigned or a constant. `recorder` records the program, by default a new one.
    """
    recorder = recorder or Recorder()
    named: dict[str, Any] = {name: recorder.input(name) for name in inputs}

    def register(step: Step, operands: list[Any]) -> Any:
        if step.operation is not None:
            return recorder.apply(step.operation, *operands)
        return recorder.constant(CONSTANTS[step.name] if step.number is None else step.number)

    outputs = run_script(script, named, register)
    return recorder.program([*outputs, *(named[name] for name in kept)])


def substitute(program: Program, values: Mapping[str, float], recorder: Recording | None = None) -> Program:
    """Replace inputs of a program with numbers, and compute everything that depends only on them."""
    if not values and recorder is None:
        return program
    recorder = recorder or Recorder()
    inputs = {
        name: recorder.constant(values[name]) if name in values else recorder.input(name) for name in program.inputs
    }
    return rerecord(program, recorder, inputs)


def expand(
    program: Program, keeps_public: bool = False, limit: int | None = None, kept: frozenset[str] = frozenset()
) -> Program:
    """Expand a program to primitive operations: replace operations that are written over other rows by their bodies.

    With `keeps_public`, expand only internal operations. Operations with names in `kept` stay.

    Raises: LimitError if the result has more operations than `limit`.
    """
    recorder = Expander(keeps_public, limit=limit, kept=kept)
    if limit is not None and len(program) > limit:
        raise recorder.excess
    if isinstance(program, PrimitiveProgram):
        return program
    return rerecord(program, recorder, {name: recorder.input(name) for name in program.inputs})


def rerecord(program: Program, recorder: Recording, inputs: Mapping[str, Any]) -> Program:
    """Run a program on the operands of a recorder, and return the program recorded."""
    registers = record(program, recorder, inputs)
    return recorder.program(registers[output] for output in program.outputs)


def record(program: Program, recorder: Recording, inputs: Mapping[str, Any]) -> list[Any]:
    """Run a program on the operands of a recorder, and return all of its registers."""
    registers: list[Any] = []
    for node in program.nodes:
        if isinstance(node, ApplyNode):
            registers.append(recorder.apply(node.operation, *[registers[operand] for operand in node.operands]))
        elif isinstance(node, ConstantNode):
            registers.append(recorder.constant(node.number))
        else:
            registers.append(inputs[node.name])
    return registers


def body(operation: Operation) -> Program:
    """Return the body of a row that is written over other rows, as a program of its operands."""
    assert operation.body is not None
    recorder = Expander(keeps_public=True)
    return recorder.program([operation.body(*map(recorder.input, operation.operands))])


class Expander(Recorder):
    """A recorder that expands operations to primitives.

    With `keeps_public`, it expands only internal operations. With `keeps_bits`, powers stay as they are, which round in
    another way than products. Operations with names in `kept` stay.
    """

    def __init__(
        self,
        keeps_public: bool = False,
        limit: int | None = None,
        keeps_bits: bool = False,
        kept: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.keeps_public = keeps_public
        self.keeps_bits = keeps_bits
        self.limit = limit
        self.kept = kept

    def perform(self, operation: Operation, registers: list[Register]) -> Register:
        if self.limit is not None and len(self.nodes) > self.limit:
            raise self.excess
        if operation.name in self.kept:
            return super().perform(operation, registers)
        if operation.body is not None and (operation.is_internal or operation.variadic or not self.keeps_public):
            numbers = [None if register.number is None else register.number.hex() for register in registers]
            found = expansion(operation, tuple(numbers), self.keeps_public, self.keeps_bits, self.kept)
            return self.copied(found, dict(zip(operand_names(operation, len(registers)), registers, strict=True)))
        if self.keeps_bits:
            return super().perform(operation, registers)
        if operation.variadic:
            first, *others = registers
            if not others:
                return self.apply(ADD, first, 0.0)  # as max and min do, to make a zero +0
            for other in others:
                first = super().perform(operation, [first, other])
            return first
        if operation.name == "pow" and (exponent := registers[1].number) is not None:
            product = product_for(registers[0], exponent)
            if product is not None:
                return self.register(product)
        return super().perform(operation, registers)

    def program(self, outputs: Iterable[Any]) -> Program:
        made = super().program(outputs)
        return made if self.keeps_public or self.keeps_bits or self.kept else PrimitiveProgram(made.nodes, made.outputs)

    @property
    def excess(self) -> LimitError:
        """The error for too many operations."""
        return LimitError(f"the formula and its derivatives take more than {self.limit:,} operations")

    def copied(self, program: Program, inputs: dict[str, Register]) -> Register:
        """Copy a program of primitives with these inputs. Operations on the inputs are simplified again."""
        registers: list[Register] = []
        given: set[int] = set()
        for index, node in enumerate(program.nodes):
            if isinstance(node, ApplyNode):
                found = [registers[operand] for operand in node.operands]
                make = super().perform if given.isdisjoint(node.operands) else self.simplified
                registers.append(make(node.operation, found))
            elif isinstance(node, ConstantNode):
                registers.append(self.constant(node.number))
            else:
                registers.append(inputs[node.name])
                given.add(index)
        return registers[program.outputs[0]]


@lru_cache(maxsize=4096)
def expansion(
    operation: Operation, numbers: tuple[str | None, ...], keeps_public: bool, keeps_bits: bool, kept: frozenset[str]
) -> Program:
    """Return the expansion of a row as a program of its operands. Some are numbers, as `float.hex` writes them."""
    assert operation.body is not None
    recorder = Expander(keeps_public, keeps_bits=keeps_bits, kept=kept)
    operands = [
        recorder.input(name) if number is None else recorder.constant(float.fromhex(number))
        for name, number in zip(operand_names(operation, len(numbers)), numbers, strict=True)
    ]
    return recorder.program([operation.body(*operands)])


def operand_names(operation: Operation, count: int) -> Sequence[str]:
    """Return the names of the inputs of an operation's body."""
    return [f"x{index}" for index in range(count)] if operation.variadic else operation.operands


def product_for(base: Any, exponent: float) -> Any:
    """Return a power as a product, quotient or root that over- and underflows like the power, or `None`."""
    if exponent == -1:
        return 1 / base
    if abs(exponent) == 0.5:  # the power of -inf equals that of inf
        root = base.equal(-math.inf).where(math.inf, base.sqrt())
        return root if exponent > 0 else 1 / root
    if exponent not in range(2, HIGHEST_PRODUCT + 1):
        return None
    square = base * base
    return square if exponent == 2 else square * base if exponent == 3 else square * square
