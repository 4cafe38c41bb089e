"""The second derivatives of an output at a point, as a symmetric matrix with names."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mgrad_cli.errors import FEWER_VARIABLES, LimitError
from mgrad_cli.language.printing import literal
from mgrad_cli.text import printable

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

MAX_ENTRIES = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Hessian(Mapping[str, dict[str, float]]):
    """The second partial derivatives of an output at a point, by the names of two variables: a symmetric matrix.

    names       the variables of its rows and columns
    entries     the second partials by row and column, row <= column; one that is absent is 0 wherever it is defined

    >>> found = Hessian(("x", "y"), {(0, 0): 2.0, (0, 1): 3.0})
    >>> found["x"]["y"], found["y"]["x"], found["y"]["y"]
    (3.0, 3.0, 0.0)
    >>> found.matrix.tolist()
    [[2.0, 3.0], [3.0, 0.0]]
    """

    names: tuple[str, ...]
    entries: Mapping[tuple[int, int], float]

    def entry(self, row: int, column: int) -> float:
        """Return one second partial, by the indices of its variables in any order."""
        return self.entries.get((row, column) if row <= column else (column, row), 0.0)

    def __getitem__(self, name: str) -> dict[str, float]:
        """Return the row of a variable. Raises: KeyError for an unknown name."""
        if name not in self.names:
            raise KeyError(name)
        row = self.names.index(name)
        return {other: self.entry(row, column) for column, other in enumerate(self.names)}

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Hessian({dict(self)!r})"

    @property
    def matrix(self) -> "NDArray[numpy.float64]":
        """The whole matrix as an array of doubles of shape (n, n), in the order of the n `names`."""
        import numpy

        matrix = numpy.zeros((len(self.names), len(self.names)))
        if self.entries:
            rows, columns = numpy.array(list(self.entries)).T
            matrix[rows, columns] = matrix[columns, rows] = list(self.entries.values())
        return matrix

    def check_size(self, outputs: int = 1) -> None:
        """Raise LimitError if the whole matrices of this and the other outputs are too large to write."""
        count = len(self.names)
        if (entries := outputs * count**2) > MAX_ENTRIES:
            of = f"Hessians of {outputs:,} outputs" if outputs > 1 else "Hessian"
            raise LimitError(
                f"the {of} by {count:,} variables {'have' if outputs > 1 else 'has'} {entries:,} entries, more than "
                f"the maximum of {MAX_ENTRIES:,}; {FEWER_VARIABLES}"
            )

    @classmethod
    def of_pairs(cls, names: Sequence[str], seconds: Mapping[tuple[str, str], float]) -> "Hessian":
        """Return the Hessian of second partials that are given by the names of each pair of variables once."""
        places = {name: index for index, name in enumerate(names)}
        return cls(tuple(names), {(places[a], places[b]): entry for (a, b), entry in seconds.items()})

    def among(self, names: Sequence[str]) -> "Hessian":
        """Return the Hessian with these variables, which include its own; it does not depend on the others."""
        places = [names.index(name) for name in self.names]
        if places == list(range(len(names))):
            return self
        entries = {}
        for (row, column), entry in self.entries.items():
            first, second = sorted((places[row], places[column]))
            entries[first, second] = entry
        return Hessian(tuple(names), entries)

    def triangle(self) -> Iterator[tuple[str, str, float]]:
        """Yield every pair of variables once, and their second partial. Raises: LimitError if there are too many."""
        self.check_size()
        for row, a in enumerate(self.names):
            for column in range(row, len(self.names)):
                yield a, self.names[column], self.entry(row, column)

    def pairs(self) -> Iterator[tuple[str, str, float]]:
        """Yield the two variables and the second partial of each entry."""
        for (row, column), entry in self.entries.items():
            yield self.names[row], self.names[column], entry

    @property
    def is_finite(self) -> bool:
        """Whether every second partial is finite."""
        return all(map(math.isfinite, self.entries.values()))

    def _repr_html_(self) -> str:
        """Return the matrix as an HTML table."""
        from html import escape

        heads = "".join(f"<th>{escape(printable(name))}</th>" for name in self.names)
        cells = {name: "".join(f"<td>{literal(entry)}</td>" for entry in row.values()) for name, row in self.items()}
        rows = "".join(f"<tr><th>{escape(printable(name))}</th>{row}</tr>" for name, row in cells.items())
        return f"<table><tr><th></th>{heads}</tr>{rows}</table>"
