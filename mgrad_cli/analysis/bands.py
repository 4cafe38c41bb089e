"""The prediction of a fitted model with the confidence band of its mean, by the delta method."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mgrad_cli.analysis.residuals import row_function
from mgrad_cli.errors import BindingError
from mgrad_cli.program import Program

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[numpy.float64]


class Prediction(NamedTuple):
    """The model at n rows: its value, the ends of its 95 % confidence band, and its standard error, of shape (n,)."""

    value: "Array"
    low: "Array"
    high: "Array"
    error: "Array"


class Band(NamedTuple):
    """A fitted model as a function of its variables.

    program     the model, whose inputs are parameters, numbers and variables
    names       the free parameters
    point       their estimates
    covariance  their covariance, of shape (p, p)
    quantile    the half-width of the band in standard errors
    numbers     the other inputs that are not variables
    """

    program: Program
    names: tuple[str, ...]
    point: "Array"
    covariance: "Array"
    quantile: float
    numbers: Mapping[str, float]

    @property
    def variables(self) -> tuple[str, ...]:
        """The inputs that have a value for each row."""
        return tuple(name for name in self.program.inputs if name not in self.names and name not in self.numbers)

    def over(self, columns: "Mapping[str, Array]", rows: int) -> Prediction:
        """Return the prediction for rows of columns: contiguous arrays of doubles of shape (rows,)."""
        import numpy

        function = row_function(self.program, self.names, self.numbers, columns, rows)
        value, jacobian = function.values(self.point), function.jacobian(self.point)
        with numpy.errstate(all="ignore"):
            variance = numpy.einsum("in,ij,jn->n", jacobian, self.covariance, jacobian, optimize=True)
            error = numpy.sqrt(numpy.maximum(variance, 0.0))
            half = self.quantile * error
        return Prediction(value, value - half, value + half, error)

    def at(self, columns: Mapping[str, Any]) -> Prediction:
        """Return the prediction for arrays or numbers by name, which broadcast to one shape (n,).

        Raises: BindingError for a variable without values.
        """
        import numpy

        missing = [name for name in self.variables if name not in columns]
        if missing:
            raise BindingError(f"no values for {', '.join(missing)}")
        from mgrad_cli.kernels.doubles import as_doubles

        arrays = [as_doubles(name, columns[name]) for name in self.variables]
        shape = numpy.broadcast_shapes(*(array.shape for array in arrays))
        rows = int(numpy.prod(shape))
        flat = {
            name: numpy.ascontiguousarray(numpy.broadcast_to(array, shape)).reshape(-1)
            for name, array in zip(self.variables, arrays, strict=True)
        }
        return Prediction(*(figure.reshape(shape) for figure in self.over(flat, rows)))
