"""The library's interface to columns: compile an expression once, then call it on arrays or tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mgrad_cli.errors import BindingError, InputError, MissingValueError, UnknownVariableError, UsageError, nearest
from mgrad_cli.evaluation.graph import constant_value, input_names
from mgrad_cli.kernels import KERNELS, Kernel, kernel_for, kernel_name, paying_rows
from mgrad_cli.kernels.point_kernel import PointKernel
from mgrad_cli.language.derivative_names import derivative_name
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.operations.operand import as_float
from mgrad_cli.program import Program, differentiate, trace


@dataclass(frozen=True, slots=True, eq=False)
class Gradients:
    """The value of an expression at every element, and its partial derivatives by name, as arrays of one shape.

    >>> compile("x**2")(x=[[1, 2], [3, 4]]).grads["x"].tolist()
    [[2.0, 4.0], [6.0, 8.0]]
    """

    value: Any
    grads: dict[str, Any]


class Compiled:
    """An expression as a function of columns, made by `compile`.

    inputs      the names of its variables, in order of appearance
    defaults    the values of variables that the expression itself assigns
    wrt         the variables it is differentiated with respect to
    outputs     the names of its outputs
    """

    def __init__(
        self,
        program: Program,
        wrt: tuple[str, ...],
        defaults: dict[str, float],
        kind: str,
        text: str = "",
        outputs: tuple[str, ...] = ("value",),
    ) -> None:
        self.text = text
        self.outputs = outputs
        self.program = program
        self.inputs = program.inputs
        self.known = frozenset(program.inputs)
        self.wrt = wrt
        self.defaults = defaults
        self.kind = kind
        self.kernel: Kernel | None = None
        self.rows = 0
        self.changes_after = paying_rows(program) if kind == "auto" else math.inf

    def __call__(self, table: Any = None, /, **columns: Any) -> Any:
        """Return the value and the partial derivatives at every element or row.

        Arrays are keyword arguments by the names of the variables. They broadcast together to a shape S; numbers have
        shape (). Numbers alone are computed as floats, with the results that the numpy kernel has. The result is
        `Gradients`, where `value` and each `grads[name]` for a name in `wrt` are NumPy arrays of doubles of shape S.
        Of several outputs, it is a dictionary with the `Gradients` of each by its name.

        A table is a `pyarrow.Table` or `RecordBatch` with a column for each variable that has no keyword argument. The
        result is a table of the same rows: its columns, then `value`, then `d_NAME` for each name in `wrt`. Of several
        outputs it has the columns that `mgrad map` writes: each output by its name, then each `d_OUTPUT_NAME`. These
        are null where a variable is null.

        Raises: BindingError for a variable without a column or value, or a value without a variable; InputError
        for a column that does not hold numbers; ValueError for shapes that do not broadcast.

        >>> f = compile("x*y")
        >>> result = f(x=[1, 2, 3], y=2)
        >>> result.value.tolist(), result.grads["y"].tolist()
        ([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
        >>> polar = compile("r*cos(t), r*sin(t)", wrt=["r"])
        >>> {name: each.value.tolist() for name, each in polar(r=[1, 2], t=0).items()}
        {'f1': [1.0, 2.0], 'f2': [0.0, 0.0]}
        """
        for name in columns:
            if name not in self.known:
                raise UnknownVariableError(name, self.inputs)
        return self.on_arrays(columns) if table is None else self.on_table(table, columns)

    def __repr__(self) -> str:
        return f"Compiled({self.text!r}, wrt={self.wrt}, kernel={self.kind!r})"

    def on_arrays(self, columns: Mapping[str, Any]) -> Gradients | dict[str, Gradients]:
        """Evaluate at arrays or numbers by the names of the variables, as `__call__` describes."""
        import numpy

        given = {**self.defaults, **columns}
        if not self.known <= given.keys():
            raise MissingValueError([name for name in self.inputs if name not in given], "", self.text, None)
        values = [given[name] for name in self.inputs]
        if self.kind != "native" and all(isinstance(value, (float, int)) for value in values):
            results = self.point_kernel([float(value) for value in values])
            return self.gradients([numpy.array(result) for result in results])
        arrays = [as_doubles(name, value) for name, value in zip(self.inputs, values, strict=True)]
        shapes = {array.shape for array in arrays}
        shape = shapes.pop() if len(shapes) == 1 else numpy.broadcast_shapes(*shapes)
        flat = [(array if array.shape == shape else numpy.broadcast_to(array, shape)).ravel() for array in arrays]
        return self.gradients([result.reshape(shape) for result in self.run(flat, math.prod(shape))])

    def gradients(self, results: Sequence[Any]) -> Gradients | dict[str, Gradients]:
        """Return the outputs of the program by their names."""
        count, width = len(self.outputs), len(self.wrt)
        if count == 1:
            return Gradients(results[0], dict(zip(self.wrt, results[1:], strict=True)))
        starts = [count + position * width for position in range(count)]
        found = [
            Gradients(value, dict(zip(self.wrt, results[start : start + width], strict=True)))
            for value, start in zip(results[:count], starts, strict=True)
        ]
        return dict(zip(self.outputs, found, strict=True))

    def on_table(self, table: Any, numbers: Mapping[str, float]) -> Any:
        """Evaluate at the rows of a table, as `__call__` describes."""
        import numpy

        from mgrad_cli.data.arrow_columns import extended, table_columns

        present = table.schema.names
        given = {name: value for name, value in self.defaults.items() if name not in present} | dict(numbers)
        for name in self.inputs:
            if name not in given and name not in present:
                raise BindingError(f"no column '{name}'; columns: {', '.join(present)}")
        columns, nulls = table_columns(table, [name for name in self.inputs if name not in given])
        columns |= {name: numpy.full(table.num_rows, number(name, value)) for name, value in given.items()}
        results = self.run([columns[name] for name in self.inputs], table.num_rows)
        return extended(table, self.column_names, results, nulls)

    @cached_property
    def point_kernel(self) -> PointKernel:
        """The program as a function of floats."""
        return PointKernel(self.program)

    @property
    def column_names(self) -> list[str]:
        """The names of the columns that a table gets."""
        owners = [()] if len(self.outputs) == 1 else [(output,) for output in self.outputs]
        names = dict.fromkeys(["value"] if len(self.outputs) == 1 else self.outputs)
        for by in [(*owner, name) for owner in owners for name in self.wrt]:
            names[derivative_name(by, names)] = None
        return list(names)

    def run(self, columns: Sequence[Any], rows: int) -> list[Any]:
        """Return the outputs of the program for contiguous columns of doubles, all of shape (rows,)."""
        import numpy

        results = list(numpy.empty((len(self.program.outputs), rows)))
        self.kernel_after(rows)(columns, results)
        return results

    def kernel_after(self, rows: int) -> Kernel:
        """Return the kernel for a call with this number of rows.

        `auto` counts the rows of all calls. It changes to machine code when they are enough to pay for compiling it.
        """
        self.rows += rows
        if self.kernel is None:
            self.kernel = kernel_for(self.program, self.kind, self.rows)
        elif self.rows > self.changes_after:
            self.changes_after = math.inf
            if kernel_name(self.program, self.kind, self.rows) != self.kernel.name:
                self.kernel = kernel_for(self.program, self.kind, self.rows)
        return self.kernel


def as_doubles(name: str, values: Any) -> Any:
    """Return the values of a variable as an array of doubles, each rounded to nearest.

    Raises: InputError for elements that are not real numbers. NumPy would convert some of them: complex numbers to
    their real part, text to the number it spells, and times to a count.
    """
    import numpy

    array = numpy.asarray(values)
    if array.dtype.kind in "biuf":
        return numpy.asarray(array, dtype=numpy.float64)
    if array.dtype.kind != "O":
        raise InputError(f"'{name}' is an array of {array.dtype}, not of real numbers")
    found = numpy.empty(array.shape)
    found.reshape(-1)[:] = [number(name, element) for element in array.flat]  # integers beyond 64 bits, decimals
    return found


def number(name: str, value: Any) -> float:
    """Return the value of a variable as a float.

    Raises: InputError for a value that is not a real number.
    """
    try:
        return as_float(value)
    except TypeError as error:
        raise InputError(f"'{name}': {error}") from None


def compile(expression: str, wrt: Sequence[str] | None = None, kernel: str = "auto") -> Compiled:  # noqa: A001
    """Compile an expression and its partial derivatives to a function of columns.

    wrt         the variables to differentiate with respect to; by default all
    kernel      `numpy`, `native` (machine code; extra `native`), or `auto`, the faster one for the number of rows
                of all calls so far

    Raises: ExpressionError, with a span, for an invalid expression; BindingError for a name in `wrt` that is not a
    variable; UsageError for an unknown kernel; MissingExtraError for `native` if llvmlite is not installed.

    >>> compile("hypot(x, y)", wrt=["x"])
    Compiled('hypot(x, y)', wrt=('x',), kernel='auto')
    """
    return compile_script(read(expression), wrt, kernel)


def compile_script(
    script: Script, wrt: Sequence[str] | None, kernel: str, inputs: Sequence[str] | None = None
) -> Compiled:
    """Compile a script, as `compile` does. `inputs` are its variables, by default those that appear in it."""
    if kernel not in KERNELS:
        raise UsageError(f"unknown kernel '{kernel}'; choose from {', '.join(KERNELS)}")
    names, declared = input_names(script, ())
    names = names if inputs is None else list(inputs)
    chosen = tuple(names if wrt is None else wrt)
    known = set(names)
    for name in chosen:
        if name not in known:
            raise BindingError(f"no variable '{name}' in the expression{nearest(name, names)}")
    program = differentiate(trace(script, names), chosen)
    defaults = {name: constant_value(block) for name, block in declared.items()}
    compiled = Compiled(program, chosen, defaults, kernel, script.text, script.outputs)
    if kernel == "native":
        compiled.kernel = kernel_for(program, kernel)
    return compiled
