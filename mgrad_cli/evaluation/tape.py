"""A differentiated computation on record: what each node computed, and what it handed back to each of its operands.

Equal subexpressions are one entry. Lessons, pictures and pages are readings of this one record.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mgrad_cli.evaluation.diagnosis import Finding
from mgrad_cli.language.printing import constant, unparse
from mgrad_cli.language.syntax import Call, Expression
from mgrad_cli.operations import Operation, call_name
from mgrad_cli.program import ApplyNode, ConstantNode, InputNode, Node, Program
from mgrad_cli.text import truncate

MAX_FORMULA = 400
"""Characters of a formula in the names of operands, of which a function of many has many."""
UNREACHED = "nothing came back to"


class Contribution(NamedTuple):
    """What an entry hands back to one operand: its own gradient times the local derivative.

    formula     the local derivative in the names of the operands and the result, as it stands in a product
    slope       the same as a number
    share       what is added to the operand's gradient
    before      the operand's gradient until then; `None` where nothing had come
    total       the operand's gradient after
    nothing     why nothing flows back, where nothing does; `share` is then 0
    """

    operand: int
    formula: str
    slope: float
    share: float
    before: float | None
    total: float
    nothing: str = ""


class NodeRecord(NamedTuple):
    """A node: `name` is what formulas call it, `label` what the text does, `op` as in results.

    formula     its operation in the names of its operands: `a*b`; of an input or a constant, nothing
    grad        `None` for a constant
    also        further names that statements give to it
    """

    id: int
    name: str
    label: str
    op: str
    operation: Operation | None
    formula: str
    operands: tuple[int, ...]
    data: float
    grad: float | None
    pulls: tuple[Contribution, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def is_input(self) -> bool:
        return self.op == ""

    @property
    def is_reached(self) -> bool:
        """Whether anything came back to it, which is not the same as zero."""
        return not any(pull.nothing.startswith(UNREACHED) for pull in self.pulls)

    @property
    def is_constant(self) -> bool:
        return self.op == "const"


class Tape(NamedTuple):
    """The entries in the order of evaluation, inputs first, and the order in which the backward pass took them."""

    expr: str
    entries: tuple[NodeRecord, ...]
    output: int
    backward: tuple[int, ...]
    vars: dict[str, float]
    conventions: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def result(self) -> NodeRecord:
        return self.entries[self.output]

    @property
    def steps(self) -> list[NodeRecord]:
        """The entries that had something to hand back, in the order of the backward pass."""
        return [entry for index in self.backward if (entry := self.entries[index]).pulls and entry.is_reached]

    @property
    def inputs(self) -> list[NodeRecord]:
        return [entry for entry in self.entries if entry.is_input]

    @property
    def program(self) -> Program:
        """The computation alone, a register for each entry."""
        nodes: list[Node] = []
        for entry in self.entries:
            if entry.operation is not None:
                nodes.append(ApplyNode(entry.operation, entry.operands))
            else:
                nodes.append(ConstantNode(entry.data) if entry.is_constant else InputNode(entry.label))
        return Program(tuple(nodes), (self.output,))

    def substituted(self, entry: NodeRecord, round_to: Callable[[float], float] = float) -> str:
        """The operation of an entry on the numbers of its operands: `2*3`."""
        assert entry.operation is not None
        numbers = [constant(round_to(self.entries[operand].data)) for operand in entry.operands]
        return written(entry.operation, numbers)


def written(operation: Operation, operands: Sequence[Expression]) -> str:
    return truncate(unparse(Call(call_name(operation), tuple(operands))), MAX_FORMULA)
