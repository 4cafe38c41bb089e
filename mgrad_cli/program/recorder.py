"""Record programs: operands that add each operation applied to them to a program, equal operations once."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from mgrad_cli.operations import Operand, Operation
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.identities import IDENTITIES
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Node, Program, is_boolean, prune


class Recording(Protocol):
    """The interface of recorders. Their operands have an `index`, and a `number` if they are constant."""

    def input(self, name: str) -> Any: ...

    def constant(self, number: float) -> Any: ...

    def apply(self, operation: Operation, *operands: Any) -> Any: ...

    def program(self, outputs: Iterable[Any]) -> Program: ...


class Register(Operand):
    """An operand that stands for a register of a program being recorded. Operations on registers return new ones."""

    __slots__ = ("index", "number", "recorder")

    def __init__(self, recorder: "Recorder", index: int, number: float | None = None) -> None:
        self.recorder = recorder
        self.index = index
        self.number = number  # the number that it always holds, if any

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Any]: ...

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "Register":
        first = operands[0]
        if not isinstance(first, Register):
            first = next(operand for operand in operands if isinstance(operand, Register))
        return first.recorder.apply(operation, *operands)

    @property
    def node(self) -> Node:
        return self.recorder.nodes[self.index]

    @property
    def is_boolean(self) -> bool:
        return self.recorder.is_boolean_at(self.index)


class Recorder:
    """The nodes of a program being recorded. Constants are folded, and bit-for-bit identities applied."""

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget
        self.nodes: list[Node] = []
        self.indices: dict[Any, int] = {}
        self.booleans: set[int] = set()

    def input(self, name: str) -> Register:
        node = InputNode(name)
        index = self.indices.get(node)
        return self.add(node, node) if index is None else self.register_at(index)

    def constant(self, number: float) -> Register:
        """Return the register of a number, identified by its bits: 0 is not -0."""
        number = float(number)
        key = number.hex()
        index = self.indices.get(key)
        return self.add(key, ConstantNode(number)) if index is None else Register(self, index, number)

    def register(self, operand: Any) -> Register:
        return operand if isinstance(operand, Register) else self.constant(operand)

    def apply(self, operation: Operation, *operands: Any) -> Register:
        """Return the register of an operation, after constant folding and identities."""
        return self.simplified(
            operation, [operand if isinstance(operand, Register) else self.constant(operand) for operand in operands]
        )

    def simplified(self, operation: Operation, registers: list[Register]) -> Register:
        """Return the register of a simpler form, or else perform the operation."""
        if registers[-1].number is not None:  # not so for most, which need no list
            numbers = [register.number for register in registers]
            if None not in numbers and (number := self.fold(operation, numbers)) is not None:
                return self.constant(number)
        identity = IDENTITIES.get(operation.name)
        simpler = identity(*registers) if identity is not None else None
        return self.perform(operation, registers) if simpler is None else self.register(simpler)

    def fold(self, operation: Operation, numbers: Sequence[Any]) -> float | None:
        """Return the result of an operation on numbers, or `None` if it must be recorded."""
        return operation.evaluate(*numbers)

    def perform(self, operation: Operation, registers: list[Register]) -> Register:
        """Add an operation to the program, or find it there."""
        operands = tuple([register.index for register in registers])
        if self.budget is not None:
            self.budget.spend(1)
        is_swapped = operation.is_commutative and operands[0] > operands[1]
        key = (operation, operands[::-1] if is_swapped else operands)
        index = self.indices.get(key)
        return self.add(key, ApplyNode(operation, operands)) if index is None else Register(self, index)

    def add(self, key: Any, node: Node) -> Register:
        """Add a node that is new."""
        index = self.indices[key] = len(self.nodes)
        self.nodes.append(node)
        if is_boolean(node, self.is_boolean_at):
            self.booleans.add(index)
        return Register(self, index, node.number if isinstance(node, ConstantNode) else None)

    def register_at(self, index: int) -> Register:
        node = self.nodes[index]
        return Register(self, index, node.number if isinstance(node, ConstantNode) else None)

    def is_boolean_at(self, index: int) -> bool:
        return index in self.booleans

    def program(self, outputs: Iterable[Any]) -> Program:
        """Return the program of the outputs, with every input."""
        indices = [self.register(output).index for output in outputs]
        return prune(self.nodes, indices)
