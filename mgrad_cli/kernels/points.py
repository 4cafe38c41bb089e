"""A compiled expression as functions of a point, in the forms that SciPy's searches and solvers take."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy

from mgrad_cli.errors import MAX_NAMES, BindingError, InputError, MissingValueError, UnknownVariableError, UsageError
from mgrad_cli.kernels.adaptive import AdaptiveKernel
from mgrad_cli.kernels.doubles import as_doubles, number
from mgrad_cli.kernels.second_order import HessianKernel, ProductKernel
from mgrad_cli.program import Program
from mgrad_cli.script import Script
from mgrad_cli.text import name_list


class PointMethods:
    """The values of a script and its derivatives by the variables in `wrt`, at a point of these.

    `program` has the values and the partial derivatives of each output. `defaults` are values of other variables.
    """

    def __init__(
        self, script: Script, program: Program, wrt: tuple[str, ...], defaults: dict[str, float], kind: str
    ) -> None:
        self.script = script
        self.text = script.text
        self.outputs = script.outputs
        self.program = program
        self.inputs = program.inputs
        self.wrt = wrt
        self.defaults = defaults
        self.kind = kind
        self.kernel = AdaptiveKernel(program, kind)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how it is copied and pickled: kernels are made anew."""
        return type(self), (self.script, self.program, self.wrt, self.defaults, self.kind)

    def value_and_gradient(self, point: Any, /, **values: float) -> tuple[float, Any]:
        """Return the value at a point and the gradient there, as SciPy's `minimize(..., jac=True)` takes them.

        The point is a sequence of the numbers of the variables in `wrt`, in that order, and so is the gradient, an
        array. Other variables are keyword arguments, or have the values that the expression assigns.

        Raises: UsageError for an expression of several outputs; InputError for a point that is not one number for each
        variable; BindingError as a call.

        >>> from mgrad_cli import compile
        >>> value, gradient = compile("a*x**2*y", wrt=["x", "y"]).value_and_gradient([3.0, 2.0], a=1)
        >>> value, gradient.tolist()
        (18.0, [12.0, 9.0])
        """
        self.check_one_output("value_and_gradient", ": use values_and_jacobian")
        results = numpy.asarray(self.kernel.at_point(self.inputs_at(point, values)))
        return float(results[0]), results[1:]

    def values_and_jacobian(self, point: Any, /, **values: float) -> tuple[Any, Any]:
        """Return the values of the m outputs at a point and their Jacobian, as SciPy's `root(..., jac=True)` takes it.

        The point is as in `value_and_gradient`. The values are an array of shape (m,), and the Jacobian is one of shape
        (m, n) for the n variables in `wrt`.

        Raises: InputError and BindingError as `value_and_gradient`.

        >>> from mgrad_cli import compile
        >>> values, jacobian = compile("x*y, x + y").values_and_jacobian([2.0, 3.0])
        >>> values.tolist(), jacobian.tolist()
        ([6.0, 5.0], [[3.0, 2.0], [1.0, 1.0]])
        """
        results = numpy.asarray(self.kernel.at_point(self.inputs_at(point, values)))
        count = len(self.outputs)
        return results[:count], results[count:].reshape(count, len(self.wrt))

    def hessian(self, point: Any, /, **values: float) -> Any:
        """Return the second partial derivatives at a point, as `hess` of SciPy's `minimize` returns them.

        The point is as in `value_and_gradient`. The result is a symmetric array of shape (n, n) for the n variables in
        `wrt`, in that order. The first call derives them.

        Raises: UsageError, InputError and BindingError as `value_and_gradient`; LimitError for too many operations.

        >>> from mgrad_cli import compile
        >>> compile("x**2*y").hessian([2.0, 3.0]).tolist()
        [[6.0, 4.0], [4.0, 0.0]]
        """
        self.check_one_output("hessian")
        return self.hessian_kernel(self.inputs_at(point, values))

    def hvp(self, point: Any, vector: Any, /, **values: float) -> Any:
        """Return the product of the Hessian at a point and a vector, as `hessp` of SciPy's `minimize` returns it.

        The vector has a number for each variable in `wrt`, and so has the product, an array. The matrix is not made.

        Raises: as `hessian`.

        >>> from mgrad_cli import compile
        >>> compile("x**2*y").hvp([2.0, 3.0], [1.0, 0.5]).tolist()
        [8.0, 4.0]
        """
        self.check_one_output("hvp")
        return self.product_kernel(self.inputs_at(point, values), self.numbers_by("vector", vector))

    @cached_property
    def hessian_kernel(self) -> HessianKernel:
        """The Hessian as a function of the inputs."""
        return HessianKernel(self.script, self.inputs, self.wrt, self.kind)

    @cached_property
    def product_kernel(self) -> ProductKernel:
        """The product of the Hessian and a vector as a function of the inputs and the vector."""
        return ProductKernel(self.script, self.inputs, self.wrt, self.kind)

    def check_one_output(self, method: str, advice: str = "") -> None:
        """Check that the expression has one output."""
        if len(self.outputs) > 1:
            raise UsageError(f"{method} is for an expression of one output, not {len(self.outputs)}{advice}")

    def numbers_by(self, name: str, values: Any) -> Any:
        """Return an array of a number for each variable in `wrt`."""
        numbers = as_doubles(name, values)
        if numbers.shape != (len(self.wrt),):
            raise InputError(f"the {name} has shape {numbers.shape}, not ({len(self.wrt)},) as `wrt`")
        return numbers

    def inputs_at(self, point: Any, values: Mapping[str, float]) -> Any:
        """Return the numbers of the inputs at a point of `wrt` and with values of other variables."""
        inputs = numpy.empty(len(self.inputs))
        inputs[self.wrt_positions] = self.numbers_by("point", point)
        if values or len(self.wrt) < len(self.inputs):
            self.fill_others(inputs, values)
        return inputs

    @cached_property
    def wrt_positions(self) -> Any:
        """The positions of the variables in `wrt` among the inputs."""
        positions = {name: position for position, name in enumerate(self.inputs)}
        return numpy.array([positions[name] for name in self.wrt], dtype=numpy.intp)

    @cached_property
    def others(self) -> dict[str, int]:
        """The variables that are not in `wrt`, with their positions among the inputs."""
        in_point = set(self.wrt)
        return {name: position for position, name in enumerate(self.inputs) if name not in in_point}

    def fill_others(self, inputs: Any, values: Mapping[str, float]) -> None:
        """Set the inputs that are not in `wrt` to values by name."""
        others = self.others
        for name in values:
            if name in others:
                continue
            if name in self.wrt:
                raise BindingError(
                    f"'{name}' has two values: it is part of the point, the values of {name_list(self.wrt, MAX_NAMES)}"
                )
            raise UnknownVariableError(name, others)
        given = {**self.defaults, **values}
        if not others.keys() <= given.keys():
            raise self.missing(given, list(others))
        for name, position in others.items():
            inputs[position] = number(name, given[name])

    def missing(self, given: Mapping[str, Any], names: Sequence[str]) -> MissingValueError:
        """Return the error for names without a value."""
        return MissingValueError([name for name in names if name not in given], "", self.text, None)
