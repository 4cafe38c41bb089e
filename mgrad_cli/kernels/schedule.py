"""Where the registers of a program live while a block runs: few buffers, each used again when its value is done."""

from typing import NamedTuple

from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Program, booleans
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES


class Slot(NamedTuple):
    """A place for the values of a block: `kind` is input, output, constant, double, truth or buffer."""

    kind: str
    number: int


class ScheduledCall(NamedTuple):
    """One call: an operation on slots, its result into a slot. Without an operation, a copy."""

    operation: Operation | None
    operands: tuple[Slot, ...]
    out: Slot


class Schedule(NamedTuple):
    """The calls for a block in order, the constants, and how many buffers of doubles and of truths it takes."""

    tasks: tuple[ScheduledCall, ...]
    constants: tuple[float, ...]
    doubles: int
    booleans: int


class Pool:
    """The buffers of one kind; those given back are handed out again first, while the cache still holds them."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.free: list[Slot] = []
        self.made = 0

    def take(self) -> Slot:
        if self.free:
            return self.free.pop()
        self.made += 1
        return Slot(self.kind, self.made - 1)


def schedule(program: Program) -> Schedule:
    """The calls of a program in primitives, with the result of each output computed where it is wanted."""
    nodes = program.nodes
    boolean_registers = booleans(program)
    last_use = {
        operand: register
        for register, node in enumerate(nodes)
        if isinstance(node, ApplyNode)
        for operand in node.operands
    }
    for output in program.outputs:  # which are copied at the end, if they are not in their place before
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
                kept = set(operands[:2]) if operation.name == "where" else set()  # read after the result is begun
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
    """Whether the operand may be an array of truths: in logic on truths alone, and as a condition."""
    if operation.name == "where":
        return position == 0
    return is_boolean and operation.name in CONNECTIVES and operation.name not in COMPARISONS
