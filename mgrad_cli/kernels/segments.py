"""Split a program into segments to compile, separated by operations without machine code."""

from collections.abc import Callable
from typing import NamedTuple

from mgrad_cli.kernels.schedule import Pool, Slot
from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Program


class Segment(NamedTuple):
    """Registers that are computed together in order; a single one if `row`, an operation without code, is given.

    `reads` are the slots of registers from other segments, `writes` those that it fills, each with its register.
    """

    registers: tuple[int, ...]
    reads: dict[int, Slot]
    writes: tuple[tuple[int, Slot], ...]
    row: Operation | None = None


class Plan(NamedTuple):
    """The segments in order, and the number of buffers between them."""

    segments: tuple[Segment, ...]
    buffers: int


def plan(program: Program, has_code: Callable[[Operation], bool], most: int) -> Plan:
    """Split a program into segments of at most `most` operations. `has_code` tells which operations compile."""
    nodes = program.nodes
    pieces: list[list[int]] = []
    owner: dict[int, int] = {}
    fresh = True
    for register, node in enumerate(nodes):
        if not isinstance(node, ApplyNode):
            continue
        alone = not has_code(node.operation)
        if fresh or alone or len(pieces[-1]) >= most:
            pieces.append([])
        pieces[-1].append(register)
        owner[register] = len(pieces) - 1
        fresh = alone
    last_read = dict(owner)
    for register, position in owner.items():
        for operand in nodes[register].operands:  # type: ignore[union-attr]
            last_read[operand] = max(position, last_read.get(operand, 0))

    inputs = (register for register, node in enumerate(nodes) if isinstance(node, InputNode))
    slots = {register: Slot("input", position) for position, register in enumerate(inputs)}
    homes = {output: Slot("output", position) for position, output in reversed(list(enumerate(program.outputs)))}
    pool = Pool("buffer")
    segments = []
    for position, piece in enumerate(pieces):
        own = set(piece)
        read = [o for register in piece for o in nodes[register].operands if o not in own]  # type: ignore[union-attr]
        reads = {
            register: slots[register]
            for register in dict.fromkeys(read)
            if not isinstance(nodes[register], ConstantNode)
        }
        writes = {}
        for register in piece:
            if register in homes or last_read[register] > position:
                writes[register] = slots[register] = homes.get(register) or pool.take()
        first = nodes[piece[0]]
        assert isinstance(first, ApplyNode)
        row = None if has_code(first.operation) else first.operation
        segments.append(Segment(tuple(piece), reads, tuple(writes.items()), row))
        pool.free.extend(
            slots[register]
            for register in (*reads, *writes)
            if slots[register].kind == "buffer" and last_read[register] <= position
        )
    copies = tuple(
        (register, Slot("output", position))
        for position, register in enumerate(program.outputs)
        if slots.get(register) != Slot("output", position)
    )
    if copies:
        segments = with_copies(segments, copies, slots)
    return Plan(tuple(segments), pool.made)


def with_copies(segments: list[Segment], copies: tuple[tuple[int, Slot], ...], slots: dict[int, Slot]) -> list[Segment]:
    """Let the last segment also fill the outputs that are inputs, constants or other outputs."""
    if not segments or segments[-1].row is not None:
        segments = [*segments, Segment((), {}, ())]
    *others, last = segments
    reads = {register: slots[register] for register, _ in copies if register in slots}
    own = set(last.registers)
    return [
        *others,
        last._replace(
            reads=last.reads | {register: slot for register, slot in reads.items() if register not in own},
            writes=last.writes + copies,
        ),
    ]
