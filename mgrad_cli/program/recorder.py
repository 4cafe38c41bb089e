"""How programs are made: operands that record what is done with them, an equal operation on equal operands once."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from mgrad_cli.operations import Operand, Operation
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.identities import IDENTITIES
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Node, Program, is_boolean, pruned

COMMUTATIVE = frozenset({"add", "multiply"})


class Recording(Protocol):
    """What programs are recorded by; its operands, of one kind, have a `place`, and a `number` where they are one."""

    def input(self, name: str) -> Any: ...

    def constant(self, number: float) -> Any: ...

    def apply(self, operation: Operation, *operands: Any) -> Any: ...

    def program(self, outputs: Iterable[Any]) -> Program: ...


class Register(Operand):
    """An operand that stands for a register of a program in the making; an operation on registers makes a new one."""

    __slots__ = ("place", "recorder")

    def __init__(self, recorder: "Recorder", place: int) -> None:
        self.recorder = recorder
        self.place = place

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Any]: ...

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "Register":
        recorder = next(operand.recorder for operand in operands if isinstance(operand, Register))
        return recorder.apply(operation, *operands)

    @property
    def number(self) -> float | None:
        """The number that the register always holds, if it does."""
        node = self.recorder.nodes[self.place]
        return node.number if isinstance(node, ConstantNode) else None

    @property
    def node(self) -> Node:
        return self.recorder.nodes[self.place]

    @property
    def is_boolean(self) -> bool:
        return self.recorder.is_boolean_at(self.place)


class Recorder:
    """The nodes of a program in the making: constants folded, identities that hold bit for bit used."""

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget
        self.nodes: list[Node] = []
        self.places: dict[Any, int] = {}
        self.truths: set[int] = set()

    def input(self, name: str) -> Register:
        return self.add(name, InputNode(name))

    def constant(self, number: float) -> Register:
        """The register of a number, known by its bits: 0 is not -0."""
        return self.add(float(number).hex(), ConstantNode(float(number)))

    def register(self, operand: Any) -> Register:
        return operand if isinstance(operand, Register) else self.constant(operand)

    def apply(self, operation: Operation, *operands: Any) -> Register:
        registers = [self.register(operand) for operand in operands]
        numbers = [register.number for register in registers]
        known = [number for number in numbers if number is not None]
        if len(known) == len(numbers):
            return self.constant(operation.evaluate(*known))
        identity = IDENTITIES.get(operation.name)
        simpler = identity(*registers) if identity is not None else None
        return self.perform(operation, registers) if simpler is None else self.register(simpler)

    def perform(self, operation: Operation, registers: list[Register]) -> Register:
        """Adds the operation to the program, or finds it there."""
        places = tuple(register.place for register in registers)
        if self.budget is not None:
            self.budget.spend(1)
        key = tuple(sorted(places)) if operation.name in COMMUTATIVE else places
        return self.add((operation, key), ApplyNode(operation, places))

    def add(self, key: Any, node: Node) -> Register:
        place = self.places.get(key)
        if place is None:
            place = self.places[key] = len(self.nodes)
            self.nodes.append(node)
            if is_boolean(node, self.is_boolean_at):
                self.truths.add(place)
        return Register(self, place)

    def is_boolean_at(self, place: int) -> bool:
        return place in self.truths

    def program(self, outputs: Iterable[Any]) -> Program:
        """The program of what the outputs need, and of every input."""
        places = [self.register(output).place for output in outputs]
        return pruned(self.nodes, places)
