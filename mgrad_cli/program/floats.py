"""Run programs on floats, at a point or at several: one list of function calls, without NumPy."""

from collections.abc import Callable, Sequence
from operator import attrgetter

from mgrad_cli.operations import Operation
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, InputNode, Program

MIN_ROWS = 6
"""The smallest number of points that take longer one by one than together."""


class FloatProgram:
    """A program as a function of floats. `function_of` gives the function of an operation, by default that of `eval`.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.program import differentiate, trace
    >>> f = FloatProgram(differentiate(trace(read("x**2*y"), ["x", "y"]), ["x", "y"]))
    >>> f([3.0, 2.0])
    [18.0, 12.0, 9.0]
    """

    def __init__(
        self, program: Program, function_of: Callable[[Operation], Callable[..., float]] = attrgetter("evaluate")
    ) -> None:
        self.inputs = program.inputs
        nodes = program.nodes
        self.constants = [node.number for node in nodes if isinstance(node, ConstantNode)]
        kinds = (InputNode, ConstantNode, ApplyNode)
        order = [index for kind in kinds for index, node in enumerate(nodes) if isinstance(node, kind)]
        places = {index: place for place, index in enumerate(order)}
        self.outputs = [places[output] for output in program.outputs]
        self.calls: list[tuple[Callable[..., float], int, int, tuple[int, ...]]] = []
        for node in nodes:
            if isinstance(node, ApplyNode):
                operands = tuple([places[operand] for operand in node.operands])
                first, second = (*operands, -1)[:2] if len(operands) < 3 else (-1, -1)
                self.calls.append((function_of(node.operation), first, second, operands))

    def __call__(self, values: Sequence[float]) -> list[float]:
        """Return the outputs for the values of the inputs, in the order of `inputs`.

        Raises: ValueError for too few or too many values.
        """
        if len(values) != len(self.inputs):
            raise ValueError(f"{len(self.inputs)} values are needed, not {len(values)}")
        registers = [*values, *self.constants]
        add = registers.append
        for evaluate, first, second, operands in self.calls:
            if second >= 0:  # two operands, without a list, which costs more than the arithmetic
                add(evaluate(registers[first], registers[second]))
            elif first >= 0:
                add(evaluate(registers[first]))
            else:
                add(evaluate(*[registers[operand] for operand in operands]))
        return [registers[output] for output in self.outputs]

    def rows(self, points: Sequence[Sequence[float]]) -> list[Sequence[float]]:
        """Return the outputs at several points, the same as a call at each.

        Each operation is done at all points at once, which takes half the time for more than a few.
        """
        if len(points) < MIN_ROWS:
            return [self(point) for point in points]
        registers: list[Sequence[float]] = [*zip(*points, strict=True)]
        registers += [(number,) * len(points) for number in self.constants]
        add = registers.append
        for evaluate, first, second, operands in self.calls:
            if second >= 0:
                add([*map(evaluate, registers[first], registers[second])])
            elif first >= 0:
                add([*map(evaluate, registers[first])])
            else:
                add([*map(evaluate, *[registers[operand] for operand in operands])])
        return [*zip(*[registers[output] for output in self.outputs], strict=True)]
