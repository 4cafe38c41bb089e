"""A program at one point: the results of the NumPy kernel to the bit, without its cost for each call."""

from collections.abc import Callable
from contextvars import Context
from typing import Any

import numpy

from mgrad_cli.kernels.costs import point_seconds
from mgrad_cli.kernels.grouped_program import GroupedProgram
from mgrad_cli.kernels.numpy_kernel import primitives
from mgrad_cli.operations import Operation
from mgrad_cli.program import ApplyNode, Program
from mgrad_cli.program.floats import FloatProgram

EXACT = frozenset(
    {
        "abs", "add", "ceil", "divide", "equal", "floor", "greater", "greater_equal", "less", "less_equal",
        "logical_and", "logical_not", "logical_or", "max", "min", "multiply", "negative", "not_equal", "round", "sign",
        "sqrt", "subtract", "trunc", "where",
    }
)  # fmt: skip
"""The operations whose result IEEE 754 determines to the last bit, so that floats and arrays agree."""

MIN_GROUPED = 100
"""The number of operations from which groups of them are looked for."""


def quiet_context() -> Context:
    """Return a context in which NumPy, which keeps its settings in the context since version 2, does not warn.

    A call in a copy of it takes less time than one in `numpy.errstate`.
    """
    context = Context()
    context.run(numpy.seterr, all="ignore")
    return context


QUIET = quiet_context()


class PointKernel:
    """A program as a function of floats. Operations that NumPy rounds in its own way are NumPy's.

    `seconds` is the estimated time of a call.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.program import differentiate, trace
    >>> PointKernel(differentiate(trace(read("x*y"), ["x", "y"]), ["x", "y"]))([2.0, 3.0])
    [6.0, 3.0, 2.0]
    """

    def __init__(self, program: Program) -> None:
        expanded = primitives(program)
        operations = [node.operation for node in expanded.nodes if isinstance(node, ApplyNode)]
        self.seconds = point_seconds(operations)
        self.is_quiet = all(operation.name in EXACT for operation in set(operations))
        self.run: Callable[[Any], Any]
        grouped = GroupedProgram(expanded, point_function) if len(operations) >= MIN_GROUPED else None
        if grouped is not None and grouped.seconds < self.seconds:
            self.run, self.seconds, self.is_quiet = grouped, grouped.seconds, False
        else:
            self.run = FloatProgram(expanded, point_function)
        self.takes_arrays = self.run is grouped

    def __call__(self, point: Any) -> Any:
        """Return the outputs for the values of the inputs, each a list of floats or an array. Thread-safe."""
        if type(point) is not list and not self.takes_arrays:
            point = point.tolist()
        if self.is_quiet:
            return self.run(point)
        return QUIET.copy().run(self.run, point)


def point_function(operation: Operation) -> Callable[..., float]:
    """Return the function of floats that has the results of the operation's array function."""
    if operation.name in EXACT:
        return operation.evaluate
    function = operation.array_function()
    if isinstance(function, numpy.ufunc) and function.nin == 1:
        return lambda operand: float(function(operand))
    if isinstance(function, numpy.ufunc):
        return lambda first, second: float(function(first, second))

    def evaluate(*operands: float) -> float:
        result: Any = function(*[numpy.array([operand]) for operand in operands])
        return float(result[0])

    return evaluate
