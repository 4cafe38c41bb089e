"""Run programs on floats: one list of function calls for a point, without NumPy."""

from collections.abc import Callable, Sequence
from operator import attrgetter

from mgrad_cli.operations import Operation
from mgrad_cli.program.nodes import ApplyNode, ConstantNode, Program


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
        self.outputs = program.outputs
        self.registers = [node.number if isinstance(node, ConstantNode) else 0.0 for node in program.nodes]
        self.places: list[int] = []
        self.calls: list[tuple[int, Callable[..., float], int, int, tuple[int, ...]]] = []
        for index, node in enumerate(program.nodes):
            if isinstance(node, ApplyNode):
                operands = node.operands
                second = operands[1] if len(operands) == 2 else -1
                self.calls.append((index, function_of(node.operation), operands[0], second, operands))
            elif not isinstance(node, ConstantNode):
                self.places.append(index)

    def __call__(self, values: Sequence[float]) -> list[float]:
        """Return the outputs for the values of the inputs, in the order of `inputs`."""
        registers = self.registers.copy()
        for index, value in zip(self.places, values, strict=True):
            registers[index] = value
        for index, evaluate, first, second, operands in self.calls:
            if second >= 0:  # two operands, without a list, which costs more than the arithmetic
                registers[index] = evaluate(registers[first], registers[second])
            elif len(operands) == 1:
                registers[index] = evaluate(registers[first])
            else:
                registers[index] = evaluate(*[registers[operand] for operand in operands])
        return [registers[output] for output in self.outputs]
