"""An expression as a function of its ranged variables, with exact derivatives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mgrad_cli.errors import LimitError
from mgrad_cli.evaluation.graph import input_values
from mgrad_cli.kernels import Kernel, kernel_for
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.program import Program, differentiate, expand, substitute, trace

MAX_OUTPUTS = 6
MAX_OPERATIONS = 25_000
"""Primitive operations of a function and its derivatives, each of which runs at some thousands of places."""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of one or two variables.

    outputs     the names of the outputs; one without a name has one that no variable has
    variables   those with ranges
    fixed       the values of the others
    order       the order of its derivatives: up to 2 for one variable, up to 1 for two, 0 for several outputs
    operations  the number of primitive operations of the program and the derivatives
    """

    outputs: tuple[str, ...]
    variables: tuple[str, ...]
    fixed: dict[str, float]
    order: int
    program: Program
    kernel: Kernel
    operations: int

    def __call__(self, *columns: Any) -> Any:
        """Return the values, then the derivatives: an array of shape (results, rows) from arrays of shape (rows,).

        The derivatives of one output are nan wherever its value is.
        """
        import numpy

        results = numpy.empty((len(self.program.outputs), len(columns[0])))
        given = dict(zip(self.variables, columns, strict=True))
        self.kernel([numpy.ascontiguousarray(given[name]) for name in self.program.inputs], list(results))
        if self.order:
            results[:, numpy.isnan(results[0])] = numpy.nan
        return results


def function_of(script: Script, variables: Sequence[str], values: Mapping[str, float], order: int = 1) -> Function:
    """Return a script as a function of these variables; the others have the given values or their defaults.

    Raises: BindingError for a variable without a value, or a value or a range without a variable; LimitError if
    there is too much to compute.
    """
    if order or len(variables) > 1:
        check_one_output(script, "a plot of derivatives" if order else "a plot over two ranges")
    if len(script.outputs) > MAX_OUTPUTS:
        raise LimitError(f"{len(script.outputs):,} outputs are too many to plot; the maximum is {MAX_OUTPUTS}")
    inputs = input_values(script, {**values, **dict.fromkeys(variables, 0.0)})
    fixed = {name: value for name, value in inputs.items() if name not in variables}
    program = substitute(trace(script, list(inputs)), fixed)
    count = check_length(program, 0)
    for _ in range(order):
        outputs = len(program.outputs)
        program = differentiate(program, variables)
        if outputs > 1:  # only the derivative of the last output is new
            program = Program(program.nodes, (*program.outputs[:outputs], program.outputs[-1]))
        count = check_length(program, order)
    return Function(script.outputs, tuple(variables), fixed, order, program, kernel_for(program, "numpy"), count)


def check_length(program: Program, order: int) -> int:
    """Return the number of primitive operations of a function and its derivatives up to an order.

    Raises: LimitError if there are too many.
    """
    try:
        return len(expand(program, limit=MAX_OPERATIONS))
    except LimitError:
        fewer = ", or fewer derivatives (--order 0 draws the function alone)" if order else ""
        raise LimitError(
            f"more than {MAX_OPERATIONS:,} operations are too many to plot: plot a part of the formula{fewer}"
        ) from None
