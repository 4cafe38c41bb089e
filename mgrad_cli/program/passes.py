"""From a formula to a program, and from one program to the next."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from mgrad_cli.language.lowering import CONSTANTS, Script, Step, run_script
from mgrad_cli.operations import TABLE, Operation
from mgrad_cli.program.nodes import Program, replay
from mgrad_cli.program.recorder import Recorder, Recording, Register

(ADD,) = TABLE["add"]
HIGHEST_PRODUCT = 4


def trace(
    unit: Script, inputs: Collection[str], kept: Collection[str] = (), recorder: Recording | None = None
) -> Program:
    """The program of a unit, with these names as its inputs, in this order: its output, then those of the statements
    to be kept.

    An input of the name of a statement stands for it. Every name that is no input must be assigned or a constant. It
    is recorded by a recorder of its own, or the given one.
    """
    recorder = recorder or Recorder()
    named: dict[str, Any] = {name: recorder.input(name) for name in inputs}

    def register(step: Step, operands: list[Any]) -> Any:
        if step.operation is not None:
            return recorder.apply(step.operation, *operands)
        return recorder.constant(CONSTANTS[step.name] if step.number is None else step.number)

    output = run_script(unit, named, register)
    return recorder.program([output, *(named[name] for name in kept)])


def substitute(program: Program, values: Mapping[str, float], recorder: Recording | None = None) -> Program:
    """The program with these inputs always at these values, and what that settles computed now."""
    if not values and recorder is None:
        return program
    recorder = recorder or Recorder()
    inputs = {
        name: recorder.constant(values[name]) if name in values else recorder.input(name) for name in program.inputs
    }
    return rerecorded(program, recorder, inputs)


def expand(program: Program, keeps_public: bool = False) -> Program:
    """The program in primitive operations alone: those that are written over other rows replaced by what they do.

    Where it `keeps_public`, that is done to helpers only.
    """
    recorder = Expander(keeps_public)
    return rerecorded(program, recorder, {name: recorder.input(name) for name in program.inputs})


def rerecorded(program: Program, recorder: Recording, inputs: Mapping[str, Any]) -> Program:
    registers = replay(program, inputs, recorder.constant)
    return recorder.program(registers[output] for output in program.outputs)


def body(operation: Operation) -> Program:
    """What a row that is written over other rows does, as a program with its operands as inputs."""
    assert operation.body is not None
    recorder = Expander(keeps_public=True)
    return recorder.program([operation.body(*map(recorder.input, operation.operands))])


class Expander(Recorder):
    """Records the primitives that an operation comes to."""

    def __init__(self, keeps_public: bool = False) -> None:
        super().__init__()
        self.keeps_public = keeps_public

    def perform(self, operation: Operation, registers: list[Register]) -> Register:
        if operation.body is not None and (operation.is_internal or not self.keeps_public):
            return self.register(operation.body(*registers))
        if operation.variadic:
            first, *others = registers
            if not others:
                return self.apply(ADD, first, 0.0)  # as max and min do, so that a zero is +0
            for other in others:
                first = super().perform(operation, [first, other])
            return first
        if operation.name == "pow" and (exponent := registers[1].number) is not None:
            product = product_for(registers[0], exponent)
            if product is not None:
                return self.register(product)
        return super().perform(operation, registers)


def product_for(base: Any, exponent: float) -> Any:
    """A power by multiplication, division or a root, which over- and underflows where the power does; or `None`."""
    if exponent == -1:
        return 1 / base
    if abs(exponent) == 0.5:  # the power of -inf is that of inf
        root = base.equal(-math.inf).where(math.inf, base.sqrt())
        return root if exponent > 0 else 1 / root
    if exponent not in range(2, HIGHEST_PRODUCT + 1):
        return None
    square = base * base
    return square if exponent == 2 else square * base if exponent == 3 else square * square
