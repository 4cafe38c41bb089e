"""A program cut into pieces that are compiled, and operations without code between them, which run as their rows do."""

from collections.abc import Callable
from typing import NamedTuple

from mgrad_cli.kernels.schedule import Pool, Slot
from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Program

MOST_OPERATIONS = 500
"""In a piece: the time that a compiler takes for a function grows faster than the function."""


class Segment(NamedTuple):
    """Registers that are computed together, in order, or where `row` is given the one that it computes.

    `reads` and `writes` are the slots of what comes from other segments and of what others or the outputs need.
    """

    places: tuple[int, ...]
    reads: dict[int, Slot]
    writes: dict[int, Slot]
    row: Operation | None = None


class Plan(NamedTuple):
    """The segments in order, what is copied to outputs at the end, and how many buffers values between them take."""

    segments: tuple[Segment, ...]
    copies: tuple[tuple[Slot | float, Slot], ...]
    buffers: int


def plan(program: Program, has_code: Callable[[Operation], bool], most: int = MOST_OPERATIONS) -> Plan:
    nodes = program.nodes
    pieces: list[list[int]] = []
    owner: dict[int, int] = {}
    fresh = True
    for place, node in enumerate(nodes):
        if not isinstance(node, ApplyNode):
            continue
        alone = not has_code(node.operation)
        if fresh or alone or len(pieces[-1]) >= most:
            pieces.append([])
        pieces[-1].append(place)
        owner[place] = len(pieces) - 1
        fresh = alone
    last_read = dict(owner)
    for place, index in owner.items():
        for operand in nodes[place].operands:  # type: ignore[union-attr]
            last_read[operand] = max(index, last_read.get(operand, 0))

    inputs = (place for place, node in enumerate(nodes) if isinstance(node, InputNode))
    slots = {place: Slot("input", index) for index, place in enumerate(inputs)}
    homes = {output: Slot("output", index) for index, output in reversed(list(enumerate(program.outputs)))}
    pool = Pool("buffer")
    segments = []
    for index, piece in enumerate(pieces):
        own = set(piece)
        read = [o for place in piece for o in nodes[place].operands if o not in own]  # type: ignore[union-attr]
        reads = {place: slots[place] for place in dict.fromkeys(read) if not isinstance(nodes[place], ConstantNode)}
        writes = {}
        for place in piece:
            if place in homes or last_read[place] > index:
                writes[place] = slots[place] = homes.get(place) or pool.take()
        first = nodes[piece[0]]
        assert isinstance(first, ApplyNode)
        row = None if has_code(first.operation) else first.operation
        segments.append(Segment(tuple(piece), reads, writes, row))
        pool.free.extend(
            slots[place] for place in (*reads, *writes) if slots[place].kind == "buffer" and last_read[place] <= index
        )
    copies = []
    for index, output in enumerate(program.outputs):
        node = nodes[output]
        source = node.number if isinstance(node, ConstantNode) else slots[output]
        if source != Slot("output", index):
            copies.append((source, Slot("output", index)))
    return Plan(tuple(segments), tuple(copies), pool.made)
