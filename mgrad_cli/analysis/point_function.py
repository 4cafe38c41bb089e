"""A script as a function of a vector of unknowns in doubles, with its exact derivatives, for solvers."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from mgrad_cli.errors import BindingError
from mgrad_cli.language.lowering import CONSTANTS, Script
from mgrad_cli.program import Program, differentiate, hessian, jacobian, substitute, trace
from mgrad_cli.program.floats import FloatProgram

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]


class PointFunction:
    """The outputs of a script as a function of n unknowns, at given values of its p parameters.

    unknowns            the names of the n variables that a point gives values to, in order
    parameters          the names of the p other variables, in order
    parameter_values    their values
    size                m, the number of outputs

    A point is a sequence of n doubles. Derivatives are those of `eval`, exact and not by differences, with its
    conventions at kinks. A derivative is compiled when it is first asked for.

    Raises: BindingError for a variable that is neither an unknown nor a parameter.

    >>> from mgrad_cli.language.lowering import read
    >>> f = PointFunction(read("x**2*y - p"), ["x", "y"], {"p": 1.0})
    >>> f.value([3, 2]), f.gradient([3, 2]).tolist()
    (17.0, [12.0, 9.0])
    >>> f.hessian([3, 2]).tolist()
    [[4.0, 6.0], [6.0, 0.0]]
    >>> f.parameter_jacobian([3, 2]).tolist()
    [[-1.0]]
    """

    def __init__(self, script: Script, unknowns: Sequence[str], parameters: Mapping[str, float]) -> None:
        self.script = script
        self.unknowns = tuple(unknowns)
        self.parameters = tuple(name for name in parameters if name not in self.unknowns)
        self.parameter_values = {name: float(parameters[name]) for name in self.parameters}
        known = {*self.unknowns, *self.parameters}
        missing = [name for name in script.names if name not in known and not has_value(name, script)]
        if missing:
            raise BindingError(f"no value for {', '.join(missing)}")
        self.program = trace(script, [*self.unknowns, *self.parameters])
        self.size = len(self.program.outputs)

    def values(self, point: Sequence[float]) -> "Array":
        """Return the outputs, of shape (m,)."""
        return self._run(self._values, point)

    def value(self, point: Sequence[float]) -> float:
        """Return the first output."""
        return float(self._run(self._values, point)[0])

    def jacobian(self, point: Sequence[float]) -> "Array":
        """Return the partial derivatives of the outputs by the unknowns, of shape (m, n)."""
        return self._run(self._jacobian, point).reshape(self.size, len(self.unknowns))

    def parameter_jacobian(self, point: Sequence[float]) -> "Array":
        """Return the partial derivatives of the outputs by the parameters, of shape (m, p)."""
        return self._run(self._parameter_jacobian, point).reshape(self.size, len(self.parameters))

    def gradient(self, point: Sequence[float]) -> "Array":
        """Return the partial derivatives of the first output by the unknowns, of shape (n,)."""
        gradient: Array = self.jacobian(point)[0]
        return gradient

    def hessian(self, point: Sequence[float]) -> "Array":
        """Return the second partials of the first output by the unknowns, of shape (n, n) and symmetric."""
        import numpy

        count = len(self.unknowns)
        matrix = numpy.zeros((count, count))
        places, run = self._hessian
        entries = self._run(run, point)
        rows, columns = places
        matrix[rows, columns] = entries
        matrix[columns, rows] = entries
        return matrix

    def mixed(self, point: Sequence[float]) -> "Array":
        """Return the second partials of the first output by unknowns and parameters, of shape (n, p)."""
        return self._run(self._mixed, point).reshape(len(self.unknowns), len(self.parameters))

    def _run(self, program: FloatProgram, point: Sequence[float]) -> "Array":
        import numpy

        if len(point) != len(self.unknowns):
            raise ValueError(f"a point has {len(self.unknowns)} values, not {len(point)}")
        given = dict(zip(self.unknowns, map(float, point), strict=True))
        given |= self.parameter_values
        return numpy.array(program([given[name] for name in program.inputs]), dtype=numpy.float64)

    def _partials(self, names: Sequence[str]) -> Program:
        """Return the program of the partial derivatives of every output by these names."""
        program = jacobian(self.program, names)
        return Program(program.nodes, program.outputs[self.size :])

    def _compiled(self, program: Program) -> FloatProgram:
        """Return a program as a function, with the parameters folded into it."""
        return FloatProgram(substitute(program, self.parameter_values))

    @cached_property
    def _values(self) -> FloatProgram:
        return self._compiled(self.program)

    @cached_property
    def _jacobian(self) -> FloatProgram:
        return self._compiled(self._partials(self.unknowns))

    @cached_property
    def _parameter_jacobian(self) -> FloatProgram:
        return self._compiled(self._partials(self.parameters))

    @cached_property
    def _first(self) -> Program:
        """The program of the first output, with the parameters as inputs."""
        return Program(self.program.nodes, self.program.outputs[:1])

    @cached_property
    def _gradient_program(self) -> Program:
        """The program of the gradient of the first output, with the parameters as inputs."""
        program = differentiate(self._first, self.unknowns)
        return Program(program.nodes, program.outputs[1:])

    @cached_property
    def _hessian(self) -> tuple[tuple[list[int], list[int]], FloatProgram]:
        """The rows and the columns of the second partials that are not zero everywhere, and their program."""
        program, _, entries = hessian(self._first, self.unknowns)
        places = [entry.row for entry in entries], [entry.column for entry in entries]
        return places, self._compiled(Program(program.nodes, program.outputs[1 + len(self.unknowns) :]))

    @cached_property
    def _mixed(self) -> FloatProgram:
        program = jacobian(self._gradient_program, self.parameters)
        return self._compiled(Program(program.nodes, program.outputs[len(self.unknowns) :]))


def has_value(name: str, script: Script) -> bool:
    """Return whether a name needs no value: it is assigned in the script, or a constant."""
    return name in script.assigned or name in CONSTANTS
