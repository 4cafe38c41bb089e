"""Read a square matrix with names from a file of CSV, TSV or JSON."""

import csv
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from mgrad_cli.data.expressions import read_text
from mgrad_cli.errors import InputError, LimitError
from mgrad_cli.text import counted, normalised

MAX_CHARS = 1 << 24
MATRIX_KEYS = ("covariance", "matrix")


class NamedMatrix(NamedTuple):
    """A matrix whose rows and columns have the same names; `is_of_fit` if it stood in a record of `mgrad fit`."""

    names: list[str]
    rows: list[list[float]]
    is_of_fit: bool = False


def read_matrix(path: str) -> NamedMatrix:
    """Return the matrix in a file, or on standard input for `-`.

    A table begins with a line of names; each line below is a row of numbers, which may have its name first. JSON is
    `{"a": {"a": 1, "b": 0.5}, ...}`, an object with such a member `covariance`, as `mgrad fit --json` writes, or
    `{"names": ["a", "b"], "covariance": [[1, 0.5], [0.5, 4]]}`.

    Raises: InputError for a file that cannot be read, or is anything else.
    """
    try:
        text = read_text(path, MAX_CHARS)
    except LimitError:
        raise InputError(f"'{path}' is too long for a matrix") from None
    try:
        text = normalised(text)
        return of_json(text) if text.lstrip().startswith(("{", "[")) else of_table(text)
    except InputError as error:
        error.file = "standard input" if path == "-" else path
        raise


def of_json(text: str) -> NamedMatrix:
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"invalid JSON: {getattr(error, 'msg', 'it cannot be read')}") from None
    if not isinstance(content, dict):
        raise InputError("a matrix in JSON is an object with names")
    inner = next((content[key] for key in MATRIX_KEYS if is_matrix(content.get(key), key)), content)
    if isinstance(inner, dict):
        names = list(inner)
        for name, row in inner.items():
            if not isinstance(row, dict):
                raise InputError(f"the row of '{name}' is not an object")
            for other in row:
                if other not in inner:
                    raise InputError(f"the matrix has a column '{other}', but no row")
        rows = [numbers(name, [inner[name].get(other) for other in names]) for name in names]
        return NamedMatrix(names, rows, is_of_fit=inner is not content and "params" in content)
    listed: Any = content.get("names")
    if not (isinstance(listed, list) and all(isinstance(name, str) for name in listed) and isinstance(inner, list)):
        raise InputError('a matrix in JSON has "names" and "covariance", or an object for each name')
    if len(inner) != len(listed) or not all(isinstance(row, list) for row in inner):
        raise InputError(f"the matrix of {counted(len(listed), 'name')} does not have {counted(len(listed), 'row')}")
    return NamedMatrix(listed, [numbers(name, row) for name, row in zip(listed, inner, strict=True)])


def is_matrix(member: Any, key: str) -> bool:
    """Return whether a member of an object is the matrix, not the row of an input with the name of its key."""
    return isinstance(member, list | dict) and key not in member


def of_table(text: str) -> NamedMatrix:
    lines = text.splitlines()
    delimiter = next((each for each in ("\t", ",", ";") if lines and each in lines[0]), ",")
    table = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
    heading, *body = [row for row in table if any(row)] or [[]]
    has_labels = bool(body) and len(body[0]) == len(heading) and not is_number(body[0][0])
    has_labels = has_labels or (bool(body) and len(body[0]) == len(heading) + 1)
    names = heading[1:] if has_labels and len(body[0]) == len(heading) else heading
    if not names or len(body) != len(names) or any(map(is_number, names)):
        raise InputError(
            f"a matrix has a first line of names and a line of numbers for each name, not {len(names)} names "
            f"and {len(body)} lines"
        )
    rows = []
    for name, row in zip(names, body, strict=True):
        if has_labels and row[0] != name:
            raise InputError(f"the row of '{name}' has the name '{row[0]}'; rows and columns have the same order")
        rows.append(numbers(name, row[has_labels:]))
    return NamedMatrix(names, rows)


def numbers(name: str, cells: Sequence[Any]) -> list[float]:
    """Return the numbers of a row. Raises: InputError for anything else."""
    found = []
    for cell in cells:
        if cell is None or isinstance(cell, bool) or not is_number(cell):
            what = "lacks a number" if cell is None else f"has '{cell}', which is not a number"
            raise InputError(f"the row of '{name}' {what}")
        found.append(float(cell))
    return found


def is_number(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError, OverflowError):
        return False
    return True
