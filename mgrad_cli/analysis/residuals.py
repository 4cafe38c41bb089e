"""The residuals of a model over the rows of data, with exact derivatives by its parameters."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.kernels import Kernel, kernel_for
from mgrad_cli.language.lowering import Script
from mgrad_cli.program import InputNode, Program, differentiate, replay, substitute, trace
from mgrad_cli.program.hessian import HessianProgram, hessian
from mgrad_cli.program.recorder import Recorder, Recording

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]

BLOCK_ROWS = 1 << 16
"""Rows computed at a time, which bounds the memory beside the columns and the Jacobian."""


class ModelScripts(NamedTuple):
    """What is compared: residual = (model - response)/sigma. Without `sigma` it is 1."""

    model: Script
    response: Script
    sigma: Script | None = None


def inputs_of(script: Script, known: Collection[str]) -> list[str]:
    """Return the inputs of a script among names that have a value; what it assigns itself is none."""
    return [name for name in input_names(script, known)[0] if name in known]


def residual_program(scripts: ModelScripts, known: Collection[str]) -> Program:
    """Return the program of the residual; `known` are the names of variables, parameters and numbers.

    >>> from mgrad_cli.language.lowering import read
    >>> residual_program(ModelScripts(read("y = a*x"), read("y")), {"a", "x", "y"}).inputs
    ('a', 'x', 'y')
    """
    recorder = Recorder()
    model, response, *sigma = [recorded(script, known, recorder) for script in scripts if script is not None]
    residual = model - response
    return recorder.program([residual / sigma[0] if sigma else residual])


def recorded(script: Script, known: Collection[str], recorder: Recording) -> Any:
    """Record a script of one output, and return the operand of its output."""
    program = trace(script, inputs_of(script, known))
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    return registers[program.outputs[0]]


class RowFunction:
    """The output of a program for every row, as a function of p parameters; other inputs have columns of n rows.

    names       the names of the parameters, in the order of a point
    rows        n
    evaluations how often values or derivatives were computed

    >>> import numpy
    >>> from mgrad_cli.language.lowering import read
    >>> f = RowFunction(trace(read("a*x + b"), ["x", "a", "b"]), ["a", "b"], {"x": numpy.array([1.0, 2.0])}, 2)
    >>> f.values([3, 1]).tolist(), f.jacobian([3, 1]).tolist()
    ([4.0, 7.0], [[1.0, 2.0], [1.0, 1.0]])
    """

    def __init__(self, program: Program, names: Sequence[str], columns: "Mapping[str, Array]", rows: int) -> None:
        self.program = program
        self.names = tuple(names)
        self.columns = columns
        self.rows = rows
        self.evaluations = 0
        self.first_order = differentiate(program, self.names)
        self._point: bytes = b""
        self._results: Array | None = None

    def values(self, point: "Sequence[float] | Array") -> "Array":
        """Return the output of every row, of shape (n,)."""
        values: Array = self._first(point)[0]
        return values

    def jacobian(self, point: "Sequence[float] | Array") -> "Array":
        """Return the partial derivatives, of shape (p, n): a row for each parameter."""
        return self._first(point)[1:]

    def curvature(self, point: "Sequence[float] | Array", weights: "Array") -> "Array":
        """Return the sum over all rows of weight times second partial derivatives, of shape (p, p)."""
        import numpy

        total = numpy.zeros((len(self.names), len(self.names)))
        entries = self._second_order.entries
        if not entries:
            return total
        rows, columns = [each.row for each in entries], [each.column for each in entries]
        for start, stop, results in self._blocks(self._second_kernel, len(entries), point):
            with numpy.errstate(all="ignore"):
                total[rows, columns] += results @ weights[start:stop]
        total[columns, rows] = total[rows, columns]
        return total

    def linear_names(self) -> list[str]:
        """Return parameters that the output is linear in together: no partial derivative by one depends on one."""
        reached = [inputs_reached(self.first_order, output) for output in self.first_order.outputs[1:]]
        depends = dict(zip(self.names, reached, strict=True))
        found: list[str] = []
        for name in self.names:
            if not depends[name].intersection([*found, name]) and not any(name in depends[each] for each in found):
                found.append(name)
        return found

    def _first(self, point: "Sequence[float] | Array") -> "Array":
        """Return the output and its partials, of shape (1 + p, n); those of the latest point are kept."""
        import numpy

        key = numpy.asarray(point, dtype=float).tobytes()
        if self._results is None or key != self._point:
            results = numpy.empty((1 + len(self.names), self.rows))
            for _ in self._blocks(self._first_kernel, len(results), point, results):
                pass
            self._point, self._results = key, results
            self.evaluations += 1
        return self._results

    def _blocks(
        self, kernel: Kernel, outputs: int, point: "Sequence[float] | Array", results: "Array | None" = None
    ) -> "Iterator[tuple[int, int, Array]]":
        """Run a kernel over blocks of rows, and yield the start, the stop and the results of each."""
        import numpy

        size = min(BLOCK_ROWS, self.rows)
        numbers = {name: numpy.full(size, value) for name, value in zip(self.names, point, strict=True)}
        for start in range(0, self.rows, BLOCK_ROWS):
            stop = min(self.rows, start + BLOCK_ROWS)
            found = numpy.empty((outputs, stop - start)) if results is None else results[:, start:stop]
            given = [
                numbers[name][: stop - start] if name in numbers else self.columns[name][start:stop]
                for name in self.program.inputs
            ]
            kernel(given, list(found))
            yield start, stop, found

    @cached_property
    def _first_kernel(self) -> Kernel:
        return kernel_for(self.first_order, rows=self.rows)

    @cached_property
    def _second_order(self) -> HessianProgram:
        return hessian(self.program, self.names)

    @cached_property
    def _second_kernel(self) -> Kernel:
        """The kernel of the second partials alone."""
        program = self._second_order.program
        return kernel_for(Program(program.nodes, program.outputs[1 + len(self.names) :]), rows=self.rows)


def row_function(
    program: Program, names: Sequence[str], numbers: Mapping[str, float], columns: "Mapping[str, Array]", rows: int
) -> RowFunction:
    """Return a program as a function of parameters, with numbers for some of its inputs and columns for others."""
    given = {name: value for name, value in numbers.items() if name in program.inputs}
    return RowFunction(substitute(program, given), names, columns, rows)


def inputs_reached(program: Program, output: int) -> set[str]:
    """Return the names of the inputs that a register depends on."""
    seen: set[int] = set()
    waiting, names = [output], set()
    while waiting:
        index = waiting.pop()
        if index in seen:
            continue
        seen.add(index)
        node = program.nodes[index]
        if isinstance(node, InputNode):
            names.add(node.name)
        else:
            waiting += getattr(node, "operands", ())
    return names
