"""Equations in some unknowns: the outputs of a script, which a root makes zero, or the gradient of its only output."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from mgrad_cli.analysis.point_function import PointFunction
from mgrad_cli.errors import ExpressionError, UsageError
from mgrad_cli.language.lowering import Assignment, Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.operations import TABLE
from mgrad_cli.program import Program, differentiate
from mgrad_cli.program.accuracy import with_errors
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.nodes import COMPARISONS, CONNECTIVES
from mgrad_cli.text import counted, name_list

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]
    Point: TypeAlias = Sequence[float] | Array

MAX_NAMES = 10
(SUBTRACT,) = TABLE["subtract"]


class Equations:
    """As many equations as unknowns, with their exact derivatives, in doubles.

    names           the equations: the names of the outputs, or `d/dx` for the slope along x
    unknowns        the names of the n unknowns
    parameters      the names of the p other variables

    With `is_slope` the equations say that the gradient of the output is zero. A point is a sequence of n doubles.

    Raises: UsageError if there are more or fewer equations than unknowns; ExpressionError for an inequality, or several
    outputs with `is_slope`.

    >>> from mgrad_cli.language.lowering import read
    >>> found = Equations(read("x**2 == p"), ["x"], {"p": 9.0})
    >>> found.residual([2.0]).tolist(), found.jacobian([2.0]).tolist(), found.parameter_jacobian([2.0]).tolist()
    ([-5.0], [[4.0]], [[-1.0]])
    """

    def __init__(
        self, script: Script, unknowns: Sequence[str], parameters: Mapping[str, float], is_slope: bool = False
    ) -> None:
        script = script if is_slope else as_differences(script)
        if is_slope:
            check_one_output(script, "--slope")
        self.script = script
        self.is_slope = is_slope
        self.unknowns = tuple(unknowns)
        self.names = tuple(f"d/d{name}" for name in unknowns) if is_slope else script.outputs
        if len(self.names) != len(self.unknowns):
            raise UsageError(miscounted(len(self.names), self.unknowns))
        self._function = PointFunction(script, unknowns, parameters)
        self.parameters = self._function.parameters
        self._numbers = {name: float(parameters[name]) for name in self.parameters}

    def residual(self, point: "Point") -> "Array":
        """Return the values of the equations, of shape (n,): all are zero at a root."""
        return self._function.gradient(list(point)) if self.is_slope else self._function.values(list(point))

    def jacobian(self, point: "Point") -> "Array":
        """Return the derivatives of the equations by the unknowns, of shape (n, n)."""
        return self._function.hessian(list(point)) if self.is_slope else self._function.jacobian(list(point))

    def parameter_jacobian(self, point: "Point") -> "Array":
        """Return the derivatives of the equations by the parameters, of shape (n, p)."""
        return self._function.mixed(list(point)) if self.is_slope else self._function.parameter_jacobian(list(point))

    def rounding(self, point: "Point") -> "Array":
        """Return a bound on the rounding error of each equation, to first order, of shape (n,)."""
        import numpy

        return numpy.array(self._errors(self.inputs(point))[len(self.names) :])

    def inputs(self, point: "Point") -> list[float]:
        """Return the values of the inputs of `program` at a point."""
        return [*map(float, point), *self._numbers.values()]

    @cached_property
    def program(self) -> Program:
        """The program of the equations, with the unknowns and the parameters as inputs."""
        program = self._function.program
        if not self.is_slope:
            return program
        slopes = differentiate(program, self.unknowns)
        return Program(slopes.nodes, slopes.outputs[1:])

    @cached_property
    def _errors(self) -> FloatProgram:
        return FloatProgram(with_errors(self.program, 0 if self.is_slope else len(self.program.outputs)))


def miscounted(equations: int, unknowns: Sequence[str]) -> str:
    """Return the message for a number of equations that is not the number of unknowns."""
    given = f"{counted(equations, 'equation')}"
    names = f"{counted(len(unknowns), 'unknown')} ({name_list(unknowns, MAX_NAMES)})"
    if equations < len(unknowns):
        return (
            f"{given} and {names}: write as many equations, with commas between them, or give some unknowns a "
            "value instead of a start"
        )
    return f"{given} and {names}: name as many unknowns with --for; mgrad minimize finds where several are least"


def as_differences(script: Script) -> Script:
    """Return a script in which outputs that compare two sides, `left == right`, are their difference.

    Raises: ExpressionError for any other comparison.
    """
    first = len(script.blocks) - len(script.outputs)
    blocks = [*script.blocks[:first], *(as_difference(block, script.text) for block in script.blocks[first:])]
    return script._replace(blocks=tuple(blocks))


def as_difference(block: Assignment, text: str) -> Assignment:
    last = block.steps[-1]
    name = last.operation.name if last.operation is not None else ""
    if name == "equal":
        return block._replace(steps=(*block.steps[:-1], last._replace(operation=SUBTRACT)))
    if name in COMPARISONS or name in CONNECTIVES:
        raise ExpressionError("an equation has two sides and '==' between them, as in x**3 == 5", text, last.span)
    return block
