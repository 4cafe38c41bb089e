"""Run programs on floats: one list of function calls for a point, without NumPy."""

from collections.abc import Callable, Sequence

from mgrad_cli.program.nodes import ApplyNode, ConstantNode, Program


class FloatProgram:
    """A program as a function of floats, with the same operations as `eval` applies.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.program import differentiate, trace
    >>> f = FloatProgram(differentiate(trace(read("x**2*y"), ["x", "y"]), ["x", "y"]))
    >>> f([3.0, 2.0])
    [18.0, 12.0, 9.0]
    """

    def __init__(self, program: Program) -> None:
        self.inputs = program.inputs
        self.outputs = program.outputs
        self.registers = [node.number if isinstance(node, ConstantNode) else 0.0 for node in program.nodes]
        self.places: list[int] = []
        self.calls: list[tuple[int, Callable[..., float], tuple[int, ...]]] = []
        for index, node in enumerate(program.nodes):
            if isinstance(node, ApplyNode):
                self.calls.append((index, node.operation.evaluate, node.operands))
            elif not isinstance(node, ConstantNode):
                self.places.append(index)

    def __call__(self, values: Sequence[float]) -> list[float]:
        """Return the outputs for the values of the inputs, in the order of `inputs`."""
        registers = self.registers.copy()
        for index, value in zip(self.places, values, strict=True):
            registers[index] = value
        for index, evaluate, operands in self.calls:
            registers[index] = evaluate(*[registers[operand] for operand in operands])
        return [registers[output] for output in self.outputs]
