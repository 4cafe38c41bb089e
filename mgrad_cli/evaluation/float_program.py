"""A tape as one program of primitive float functions, for a formula at many points.

It takes long to make and a fraction of the tape's time to run: rules are written out, what depends on numbers alone is
computed once, and so are equal operations on equal operands. The figures are those of the tape to the last bit.
"""

from collections.abc import Sequence

from mgrad_cli.evaluation.float_tape import FloatTape, Point, operands_of
from mgrad_cli.program.adjoint import backward, dependent_registers
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.masking import finalize
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Node, Program, replay
from mgrad_cli.program.passes import Expander

MAX_OPERATIONS = 20_000


class TapeProgram:
    """The figures of a tape at several points, computed together.

    Raises: LimitError if these take too many operations.

    >>> from mgrad_cli.language.lowering import read
    >>> TapeProgram(FloatTape(read("a*b*(a+b)"), {"a": 2.0, "b": 3.0})).points([[2.0, 3.0]])
    [[2.0, 3.0, 30.0, 21.0, 16.0]]
    """

    __slots__ = ("count", "edges", "run")

    def __init__(self, tape: FloatTape) -> None:
        program = transcribe(tape)
        recorder = Expander(limit=MAX_OPERATIONS, keeps_bits=True)
        registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
        active = dependent_registers(program, program.inputs)
        adjoints, _ = backward(program, tape.output, registers, active, recorder)
        inputs = range(len(program.inputs))
        outputs = [*registers[: len(inputs)], registers[tape.output]]
        outputs += [finalize(adjoints.get(index)) for index in inputs]
        self.count = len(outputs)
        self.edges = []
        for convention, operands in tape.edges:
            start = len(outputs)
            outputs += [registers[operand] for operand in operands]
            self.edges.append((convention.applies, start, len(outputs)))
        self.run = FloatProgram(recorder.program(outputs))

    def points(self, rows: Sequence[Sequence[float]]) -> Sequence[Point | None]:
        """Return what `FloatTape.at` does for each row of values."""
        points = self.run.rows(rows)
        if not self.edges:
            return points
        return [None if self.is_edge(outputs) else outputs[: self.count] for outputs in points]

    def is_edge(self, outputs: Point) -> bool:
        """Return whether a convention applies at the point of these outputs."""
        return any(applies(*outputs[start:end]) for applies, start, end in self.edges)


def transcribe(tape: FloatTape) -> Program:
    """Return the operations of a tape as a program, in which equal ones are not merged, as in the graph of Values."""
    nodes: list[Node] = [ConstantNode(number) for number in tape.registers]
    nodes[: len(tape.defaults)] = map(InputNode, tape.defaults)
    for step in tape.steps:
        nodes[step[0]] = ApplyNode(step[1], operands_of(step))
    return Program(tuple(nodes), (tape.output,))
