"""The library's interface to columns: compile an expression once, then call it on arrays or tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from mgrad_cli.errors import (
    BindingError,
    LimitError,
    UnknownVariableError,
    UsageError,
)
from mgrad_cli.evaluation.gradients import check_wrt
from mgrad_cli.evaluation.graph import constant_value, input_names
from mgrad_cli.kernels import KERNELS
from mgrad_cli.kernels.doubles import NUMBERS, broadcast, common_shape, number
from mgrad_cli.kernels.numpy_kernel import MAX_OPERATIONS
from mgrad_cli.kernels.points import PointMethods
from mgrad_cli.language.derivative_names import derivative_name
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.program import Program, differentiate, trace
from mgrad_cli.program.passes import Expander


@dataclass(frozen=True, slots=True, eq=False)
class Gradients:
    """The value of an expression at every element, and its partial derivatives by name, as arrays of one shape.

    >>> compile("x**2")(x=[[1, 2], [3, 4]]).grads["x"].tolist()
    [[2.0, 4.0], [6.0, 8.0]]
    """

    value: Any
    grads: dict[str, Any]


class Compiled(PointMethods):
    """An expression as a function of columns, made by `compile`.

    inputs      the names of its variables, in order of appearance
    defaults    the values of variables that the expression itself assigns
    wrt         the variables it is differentiated with respect to
    outputs     the names of its outputs
    """

    def __init__(
        self, script: Script, program: Program, wrt: tuple[str, ...], defaults: dict[str, float], kind: str
    ) -> None:
        super().__init__(script, program, wrt, defaults, kind)
        self.known = frozenset(self.inputs)
        count, width = len(self.outputs), len(wrt)
        starts = [count + position * width for position in range(count)]
        self.places = [[*zip(wrt, range(start, start + width), strict=True)] for start in starts]

    def __call__(self, table: Any = None, /, **columns: Any) -> Any:
        """Return the value and the partial derivatives at every element or row.

        Arrays are keyword arguments by the names of the variables. They broadcast together to a shape S; numbers have
        shape (). Numbers alone are computed as floats, with the results that the numpy kernel has, until the calls have
        paid for machine code. The result is `Gradients`, where `value` and each `grads[name]` for a name in `wrt` are
        NumPy arrays of doubles of shape S.
        Of several outputs, it is a dictionary with the `Gradients` of each by its name.

        A table is a `pyarrow.Table` or `RecordBatch` with a column for each variable that has no keyword argument. The
        result is a table of the same rows: its columns, then `value`, then `d_NAME` for each name in `wrt`. Of several
        outputs it has the columns that `mgrad map` writes: each output by its name, then each `d_OUTPUT_NAME`. These
        are null where a variable is null.

        Raises: BindingError for a variable without a column or value, or a value without a variable; InputError
        for a column that does not hold numbers; ValueError for shapes that do not broadcast; UsageError for another
        kind of table.

        >>> f = compile("x*y")
        >>> result = f(x=[1, 2, 3], y=2)
        >>> result.value.tolist(), result.grads["y"].tolist()
        ([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
        >>> polar = compile("r*cos(t), r*sin(t)", wrt=["r"])
        >>> {name: each.value.tolist() for name, each in polar(r=[1, 2], t=0).items()}
        {'f1': [1.0, 2.0], 'f2': [0.0, 0.0]}
        """
        if table is None:
            return self.on_arrays(columns)
        self.check_known(columns)
        return self.on_table(table, columns)

    def __repr__(self) -> str:
        return f"Compiled({self.text!r}, wrt={self.wrt}, kernel={self.kind!r})"

    def on_arrays(self, columns: Mapping[str, Any]) -> Gradients | dict[str, Gradients]:
        """Evaluate at arrays or numbers by the names of the variables, as `__call__` describes."""
        if columns.keys() != self.known:
            columns = self.completed(columns)
        values = [*map(columns.__getitem__, self.inputs)]
        if NUMBERS.issuperset(map(type, values)):
            try:
                floats = [*map(float, values)]
            except OverflowError:
                floats = [*map(number, self.inputs, values)]  # the error with the name
            found = self.kernel.at_point(floats)
            return self.gradients([*map(numpy.array, found if type(found) is list else found.tolist())])
        shape = common_shape(values)
        if shape is None:
            shape, values = broadcast(self.inputs, values)
        results = self.kernel.run([*map(numpy.ndarray.ravel, values)], math.prod(shape))
        return self.gradients(results if len(shape) == 1 else [result.reshape(shape) for result in results])

    def completed(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of all variables, those that the expression assigns where no others are given."""
        self.check_known(columns)
        given = {**self.defaults, **columns}
        if given.keys() != self.known:
            raise self.missing(given, self.inputs)
        return given

    def check_known(self, columns: Mapping[str, Any]) -> None:
        """Check that every name is that of a variable."""
        if not columns.keys() <= self.known:
            raise UnknownVariableError(next(name for name in columns if name not in self.known), self.inputs)

    def gradients(self, results: Sequence[Any]) -> Gradients | dict[str, Gradients]:
        """Return the outputs of the program by their names."""
        if len(self.outputs) == 1:
            return Gradients(results[0], {name: results[place] for name, place in self.places[0]})
        return {
            output: Gradients(result, {name: results[place] for name, place in places})
            for output, result, places in zip(self.outputs, results, self.places, strict=False)
        }

    def on_table(self, table: Any, numbers: Mapping[str, float]) -> Any:
        """Evaluate at the rows of a table, as `__call__` describes."""
        from mgrad_cli.data.arrow_columns import extended, is_table, table_columns

        if not is_table(table):
            raise UsageError(
                f"a call takes a pyarrow.Table or RecordBatch, not {type(table).__name__}; give values by name, as in "
                f"f({', '.join(f'{name}=...' for name in self.inputs[:2])}), or a point to f.value_and_gradient"
            )
        present = table.schema.names
        given = {name: value for name, value in self.defaults.items() if name not in present} | dict(numbers)
        for name in self.inputs:
            if name not in given and name not in present:
                raise BindingError(f"no column '{name}'; columns: {', '.join(present)}")
        columns, nulls = table_columns(table, [name for name in self.inputs if name not in given])
        columns |= {name: numpy.full(table.num_rows, number(name, value)) for name, value in given.items()}
        results = self.kernel.run([columns[name] for name in self.inputs], table.num_rows)
        return extended(table, self.column_names, results, nulls)

    @property
    def column_names(self) -> list[str]:
        """The names of the columns that a table gets."""
        owners = [()] if len(self.outputs) == 1 else [(output,) for output in self.outputs]
        names = dict.fromkeys(["value"] if len(self.outputs) == 1 else self.outputs)
        for by in [(*owner, name) for owner in owners for name in self.wrt]:
            names[derivative_name(by, names)] = None
        return list(names)


def compile(expression: str, wrt: Sequence[str] | None = None, kernel: str = "auto") -> Compiled:  # noqa: A001
    """Compile an expression and its partial derivatives to a function of columns, ready for calls on numbers.

    wrt         the variables to differentiate with respect to; by default all, in the order of appearance
    kernel      `numpy`, `native` (machine code; extra `native`), or `auto`, the faster one for the number of rows
                and of calls so far

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
    check_wrt(chosen, dict.fromkeys(names))
    try:
        program = differentiate(trace(script, names), chosen, Expander(limit=MAX_OPERATIONS))
    except LimitError as error:
        raise LimitError(f"{error.message}; choose fewer variables with wrt") from None
    defaults = {name: constant_value(block) for name, block in declared.items()}
    return Compiled(script, program, chosen, defaults, kernel)
