"""Find the operations of a program that NumPy computes in one call at one point, as a long sum has many.

A group has operations of one kind whose operands are known at the same time. In a chain of them, as of sums, each takes
the result of the one before. All others run on floats.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Literal, NamedTuple

import numpy

from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, Node
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES

MIN_GROUP, MIN_CHAIN = 12, 12
"""The fewest operations of a group and of a chain for which a NumPy call takes less time than calls on floats."""
CHAINED = frozenset({"add", "subtract", "multiply", "divide"})
"""The operations of chains. Others may be rounded differently there, as NumPy computes one after the other."""


class Batch(NamedTuple):
    """Registers that are computed together, in order."""

    kind: Literal["group", "chain", "others"]
    registers: list[int]


def batches(nodes: Sequence[Node], users: Mapping[int, Sequence[int]]) -> Iterator[Batch]:
    """Yield all operations in an order in which they can be computed. `users` are those of `users_of`."""
    missing = Counter(user for each in users.values() for user in each)
    ready: dict[Operation, list[int]] = {}
    others: list[int] = []

    def add_ready(register: int) -> None:
        ready.setdefault(operation_of(nodes[register]), []).append(register)

    def finish(registers: list[int]) -> None:
        own = set(registers)
        for register in registers:
            for user in users[register]:
                missing[user] -= 1
                if not missing[user] and user not in own:
                    add_ready(user)

    for register in users:
        if not missing[register]:
            add_ready(register)
    while ready:
        operation = max(ready, key=lambda each: len(ready[each]) if is_elementwise(each) else 0)
        if len(ready[operation]) >= MIN_GROUP and is_elementwise(operation):
            found = [Batch("group", ready.pop(operation))]
        else:
            found = [single_or_chain(each, nodes, users, missing) for each in ready.pop(next(iter(ready)))]
        for batch in found:
            if batch.kind == "others":
                others += batch.registers
            else:
                if others:
                    yield Batch("others", others)
                    others = []
                yield batch
            finish(batch.registers)
    if others:
        yield Batch("others", others)


def single_or_chain(
    register: int, nodes: Sequence[Node], users: Mapping[int, Sequence[int]], missing: Mapping[int, int]
) -> Batch:
    """Return the longest chain from a register that misses nothing but its own results, or the register alone."""
    chain = [register]
    while True:
        last = chain[-1]
        following = [user for user in users[last] if missing[user] == 1 and continues(nodes[user], nodes[last], last)]
        if not following:
            return Batch("chain", chain) if len(chain) >= MIN_CHAIN else Batch("others", [register])
        chain.append(following[0])


def continues(node: Node, before: Node, register: int) -> bool:
    """Return whether an operation continues a chain that has come to a register: it is of the same kind."""
    operation, operands = operation_of(node), operands_of(node)
    if operation is not operation_of(before) or operation.name not in CHAINED or operands.count(register) != 1:
        return False
    return operands[0] == register or operation.is_commutative


def users_of(nodes: Sequence[Node]) -> dict[int, list[int]]:
    """Return the registers that have each operation as an operand."""
    users: dict[int, list[int]] = {index: [] for index, node in enumerate(nodes) if isinstance(node, ApplyNode)}
    for index in users:
        for operand in dict.fromkeys(operands_of(nodes[index])):
            if operand in users:
                users[operand].append(index)
    return users


def operands_of(node: Node) -> tuple[int, ...]:
    """Return the operands of a node."""
    return node.operands if isinstance(node, ApplyNode) else ()


def operation_of(node: Node) -> Operation:
    """Return the operation of a node."""
    assert isinstance(node, ApplyNode)
    return node.operation


@cache
def is_elementwise(operation: Operation) -> bool:
    """Return whether the function of arrays is NumPy's own, from doubles to doubles."""
    is_logic = operation.name in COMPARISONS or operation.name in CONNECTIVES
    return not is_logic and isinstance(operation.array_function(), numpy.ufunc)
