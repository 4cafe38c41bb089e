"""Data of a fit in Python: a mapping of arrays, or a table, as arrays of doubles."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mgrad_cli.errors import InputError, UsageError
from mgrad_cli.kernels.doubles import as_doubles


class FitTable(NamedTuple):
    """Data in Python.

    table           a mapping of arrays, or a table
    renamed         the columns of variables whose column has another name
    skip_missing    whether rows without a finite number are left out
    """

    table: Any
    renamed: Mapping[str, str]
    skip_missing: bool

    @property
    def columns(self) -> list[str]:
        return names_of(self.table)

    def with_sigma(self, sigma: Any) -> "tuple[FitTable, str | None]":
        """Return the data and the text of sigma, which may be an array of one number for each row."""
        if sigma is None or isinstance(sigma, str) or not getattr(sigma, "__len__", None):
            return self, None if sigma is None else str(sigma)
        name = next(name for name in ("sigma", "sigma of the rows") if name not in self.columns)
        return self._replace(table={each: self.table[each] for each in self.columns} | {name: sigma}), name

    def arrays(self, columns: Mapping[str, str]) -> tuple[dict[str, Any], int]:
        """Return the columns of variables as arrays of doubles, and the number of rows left out.

        Raises: InputError for a row without a finite number, unless such rows are left out; also as `columns_of`.
        """
        arrays, is_there = columns_of(self.table, columns)
        if is_there.all():
            return arrays, 0
        if not self.skip_missing:
            row = int((~is_there).argmax())
            bad = next(name for name, array in arrays.items() if array[row] - array[row] != 0)
            raise InputError(f"row {row + 1}: '{columns[bad]}' is {arrays[bad][row]}; skip_missing=True leaves it out")
        return {name: array[is_there] for name, array in arrays.items()}, int((~is_there).sum())


def names_of(data: Any) -> list[str]:
    """Return the names of the columns of a mapping, or of a table of pyarrow, pandas or polars."""
    names = data.keys() if isinstance(data, Mapping) else getattr(data, "column_names", getattr(data, "columns", None))
    if names is None:
        raise TypeError(f"data is a mapping of arrays, or a table with columns, not {type(data).__name__}")
    return [str(name) for name in names]


def columns_of(data: Any, columns: Mapping[str, str]) -> tuple[dict[str, Any], Any]:
    """Return the columns of variables as arrays of doubles, and which rows have finite numbers in all of them.

    Raises: UsageError for columns of different lengths; InputError for one that does not hold real numbers.
    """
    import numpy

    arrays = {}
    for name, column in columns.items():
        values = data[column]
        arrays[name] = numpy.ascontiguousarray(as_doubles(column, getattr(values, "to_numpy", lambda v=values: v)()))
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        shown = ", ".join(f"{columns[name]} {array.shape}" for name, array in arrays.items())
        raise UsageError(f"columns must have one shape (n,): {shown}")
    is_there = numpy.ones(next(iter(shapes))[0] if shapes else 0, dtype=bool)
    for array in arrays.values():
        is_there &= numpy.isfinite(array)
    return arrays, is_there
