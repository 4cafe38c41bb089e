"""Values of variables as doubles: arrays, sequences and numbers of any real type."""

from collections.abc import Sequence
from typing import Any

import numpy

from mgrad_cli.errors import InputError
from mgrad_cli.operations.operand import as_float

DOUBLE = numpy.dtype(numpy.float64)
NUMBERS = frozenset({float, int, bool, numpy.float64})
"""The types whose values are numbers at once, without a look at each."""


def common_shape(values: Sequence[Any]) -> tuple[int, ...] | None:
    """Return the shape of arrays of doubles; `None` unless all values are such arrays, and of one shape."""
    shape = getattr(values[0], "shape", None)
    for value in values:
        if type(value) is not numpy.ndarray or value.dtype is not DOUBLE or value.shape != shape:
            return None
    return shape


def broadcast(names: Sequence[str], values: Sequence[Any]) -> tuple[tuple[int, ...], list[Any]]:
    """Return the shape to which the values of variables broadcast, and each as an array of doubles of this shape.

    Raises: InputError for elements that are not real numbers; ValueError for shapes that do not broadcast.
    """
    arrays = [*map(as_doubles, names, values)]
    try:
        shape = numpy.broadcast_shapes(*[array.shape for array in arrays])
    except ValueError:
        shapes = ", ".join(f"'{name}' {array.shape}" for name, array in zip(names, arrays, strict=True) if array.ndim)
        raise ValueError(f"shapes do not broadcast together: {shapes}") from None
    return shape, [numpy.broadcast_to(array, shape) for array in arrays]


def as_doubles(name: str, values: Any) -> Any:
    """Return the values of a variable as an array of doubles, each rounded to nearest.

    Raises: InputError for elements that are not real numbers. NumPy would convert some of them: complex numbers to
    their real part, text to the number it spells, and times to a count.
    """
    if type(values) is numpy.ndarray and values.dtype is DOUBLE:
        return values
    try:
        array = numpy.asarray(values)
    except ValueError:
        raise InputError(f"'{name}': sequences of different lengths do not make an array of numbers") from None
    if isinstance(values, numpy.ndarray) and numpy.any(getattr(values, "mask", False)):
        raise InputError(f"'{name}' has masked elements, which are not numbers; fill them, as with filled(nan)")
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
    except (TypeError, OverflowError) as error:
        raise InputError(f"'{name}': {error}") from None
