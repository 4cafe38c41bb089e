"""Allocate the registers of a program to a few buffers, each reused as soon as its value is no longer needed."""

from typing import NamedTuple

from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Program, booleans
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES


class Slot(NamedTuple):
    """A column of a block. `kind` is input, output, constant, double, boolean or buffer."""

    kind: str
    number: int


class ScheduledCall(NamedTuple):
    """An operation on slots that writes its result into a slot; a copy if there is no operation."""

    operation: Operation | None
    operands: tuple[Slot, ...]
    out: Slot


class Schedule(NamedTuple):
    """The calls for a block in order, the constants, and the number of buffers for doubles and for booleans."""

    tasks: tuple[ScheduledCall, ...]
    constants: tuple[float, ...]
    doubles: int
    booleans: int


class Pool:
    """Buffers of one kind. The most recently released is reused first, while it is still in the cache."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.free: list[Slot] = []
        self.made = 0

    def take(self) -> Slot:
        """Return a free buffer, or a new one."""
        if self.free:
            return self.free.pop()
        self.made += 1
        return Slot(self.kind, self.made - 1)


def schedule(program: Program) -> Schedule:
    """Schedule a program of primitive operations. Outputs are computed in place where possible."""
    nodes = program.nodes
    boolean_registers = booleans(program)
    last_use = {
        operand: register
        for register, node in enumerate(nodes)
        if isinstance(node, ApplyNode)
        for operand in node.operands
    }
    for output in program.outputs:  # needed until the end, where some are copied
        last_use.pop(output, None)
    homes = {output: Slot("output", position) for position, output in reversed(list(enumerate(program.outputs)))}
    pools = {kind: Pool(kind) for kind in ("double", "boolean")}
    slots: dict[int, Slot] = {}
    constants: list[float] = []
    tasks: list[ScheduledCall] = []
    inputs = 0

    def release(register: int, at: int) -> None:
        slot = slots[register]
        if slot.kind in pools and last_use.get(register) == at:
            pools[slot.kind].free.append(slot)
            del slots[register]

    for register, node in enumerate(nodes):
        match node:
            case InputNode():
                slots[register] = Slot("input", inputs)
                inputs += 1
            case ConstantNode(number):
                slots[register] = Slot("constant", len(constants))
                constants.append(number)
            case ApplyNode(operation, operands):
                is_boolean = register in boolean_registers
                read = [slots[operand] for operand in operands]
                casts = []
                for position, slot in enumerate(read):
                    if slot.kind == "boolean" and not takes_booleans(operation, position, is_boolean):
                        read[position] = pools["double"].take()
                        casts.append(read[position])
                        tasks.append(ScheduledCall(None, (slot,), read[position]))
                kept = set(operands[:2]) if operation.name == "where" else set()  # read while the result is written
                for operand in dict.fromkeys(operands):
                    if operand not in kept:
                        release(operand, register)
                out = pools["boolean"].take() if is_boolean else homes.get(register) or pools["double"].take()
                tasks.append(ScheduledCall(operation, tuple(read), out))
                slots[register] = out
                for operand in kept:
                    release(operand, register)
                pools["double"].free.extend(casts)
    for position, output in enumerate(program.outputs):
        if slots[output] != Slot("output", position):
            tasks.append(ScheduledCall(None, (slots[output],), Slot("output", position)))
    return Schedule(tuple(tasks), tuple(constants), pools["double"].made, pools["boolean"].made)


def takes_booleans(operation: Operation, position: int, is_boolean: bool) -> bool:
    """Return whether an operand may be an array of booleans: a condition, or logic on booleans alone."""
    if operation.name == "where":
        return position == 0
    return is_boolean and operation.name in CONNECTIVES and operation.name not in COMPARISONS
