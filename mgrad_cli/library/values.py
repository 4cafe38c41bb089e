"""Values of variables as numbers."""

from typing import Any

from mgrad_cli.errors import BindingError
from mgrad_cli.operations.operand import as_float


def number_of(name: str, value: Any) -> float:
    """Return the value of a variable as a float. Raises: BindingError if it is not a real number."""
    try:
        return as_float(value)
    except TypeError as error:
        arrays = "; compile() takes arrays" if getattr(value, "ndim", 0) or isinstance(value, list | tuple) else ""
        raise BindingError(f"the value of '{name}' is not a number: {error}{arrays}") from None
