"""Values of variables as numbers."""

from collections.abc import Mapping
from typing import Any

from mgrad_cli.errors import BindingError
from mgrad_cli.operations.operand import as_float


def number_of(name: str, value: Any) -> float:
    """Return the value of a variable as a float. Raises: BindingError if it is not a real number."""
    try:
        return as_float(value)
    except (TypeError, OverflowError) as error:
        arrays = "; compile() takes arrays" if getattr(value, "ndim", 0) or isinstance(value, list | tuple) else ""
        raise BindingError(f"the value of '{name}' is not a number: {error}{arrays}") from None


def check_mapping(what: str, values: Any) -> None:
    """Raise TypeError for values that are not given by name."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{what} is a mapping of names to numbers, not {type(values).__name__}")
