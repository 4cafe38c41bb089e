"""Second derivatives of a script at a point: the Hessian of each output, and its product with a vector."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mgrad_cli.errors import FEWER_VARIABLES, LimitError
from mgrad_cli.evaluation.gradients import check_wrt
from mgrad_cli.evaluation.results import Result
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.printing import literal
from mgrad_cli.program import HessianProgram, Program, SecondPartial, hessian, hessian_vector, trace
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.nodes import prune
from mgrad_cli.program.recorder import Recorder
from mgrad_cli.text import printable

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

MAX_KNOWN = 16
"""The most programs that are kept for further points."""
MAX_NODES = 2_000_000
"""The most operations of a program of second derivatives. They take a gigabyte, and most of a minute."""
MAX_ENTRIES = 4_000_000
MARK = "`"
"""The prefix of the inputs that are the components of a vector. No variable's name contains it."""


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
        """Return the row of a variable. Raises: KeyError for a name that is none."""
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


class ScriptKey:
    """A script as a key: equal to that of the same object only, so that long scripts are not compared."""

    __slots__ = ("script",)

    def __init__(self, script: Script) -> None:
        self.script = script

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ScriptKey) and self.script is other.script

    def __hash__(self) -> int:
        return id(self.script)


def hessians(script: Script, point: Mapping[str, float], wrt: Sequence[str]) -> list[Hessian]:
    """Return the Hessian of each output at a point, which has a value for every variable of the script.

    >>> from mgrad_cli.language.lowering import read
    >>> [found.entries for found in hessians(read("x*y, x**3"), {"x": 2.0, "y": 3.0}, ["x", "y"])]
    [{(0, 1): 1.0}, {(0, 0): 12.0}]
    """
    entries, run = hessian_function(ScriptKey(script), tuple(point), tuple(wrt))
    found: list[dict[tuple[int, int], float]] = [{} for _ in script.outputs]
    for (output, row, column), entry in zip(entries, run([point[name] for name in run.inputs]), strict=True):
        found[output][row, column] = entry
    return [Hessian(tuple(wrt), each) for each in found]


def products(
    script: Script, point: Mapping[str, float], wrt: Sequence[str], vector: Mapping[str, float]
) -> list[dict[str, float]]:
    """Return the product of each output's Hessian and a vector at a point, by the names in `wrt`, without the matrix.

    The components of the vector that are not given are 0.

    >>> from mgrad_cli.language.lowering import read
    >>> products(read("x**2*y"), {"x": 2.0, "y": 3.0}, ["x", "y"], {"x": 1.0})
    [{'x': 6.0, 'y': 4.0}]
    """
    moving = {name: component for name, component in vector.items() if component != 0}
    run = product_function(ScriptKey(script), tuple(point), tuple(wrt), tuple(moving))
    values = {**point, **{f"{MARK}{name}": component for name, component in moving.items()}}
    figures = run([values[name] for name in run.inputs])
    count = len(wrt)
    return [
        dict(zip(wrt, figures[index * count : (index + 1) * count], strict=True))
        for index in range(len(script.outputs))
    ]


@lru_cache(MAX_KNOWN)
def hessian_function(
    key: ScriptKey, inputs: tuple[str, ...], wrt: tuple[str, ...]
) -> tuple[tuple[SecondPartial, ...], FloatProgram]:
    """Return the places of all second partials, and a function of the values of the inputs that computes them."""
    program, _, entries = hessian_program(key.script, inputs, wrt)
    return entries, last(program, len(entries))


@lru_cache(MAX_KNOWN)
def product_function(
    key: ScriptKey, inputs: tuple[str, ...], wrt: tuple[str, ...], moving: tuple[str, ...]
) -> FloatProgram:
    """Return a function of the values of the inputs and of a vector that computes products with Hessians."""
    program = product_program(key.script, inputs, wrt, moving)
    return last(program, len(key.script.outputs) * len(wrt))


def hessian_program(script: Script, inputs: tuple[str, ...], wrt: tuple[str, ...]) -> HessianProgram:
    """Return the program of all second partials of a script. Raises: LimitError if it is too long."""
    try:
        return hessian(trace(script, inputs), wrt, new_recorder=lambda: Recorder(Budget(MAX_NODES)))
    except LimitError:
        raise LimitError(
            f"the second derivatives by {len(wrt):,} variables take more than {MAX_NODES:,} operations; "
            f"{FEWER_VARIABLES}, or take a product with a vector (--hvp)"
        ) from None


def product_program(script: Script, inputs: tuple[str, ...], wrt: tuple[str, ...], moving: tuple[str, ...]) -> Program:
    """Return the program of the products of Hessians and a vector.

    The components of the vector by the variables in `moving` are inputs after those of the script; others are 0.
    """
    return hessian_vector(trace(script, inputs), wrt, {name: f"{MARK}{name}" for name in moving})


def last(program: Program, count: int) -> FloatProgram:
    """Return a function that computes the last outputs of a program."""
    return FloatProgram(prune(program.nodes, program.outputs[len(program.outputs) - count :]))


def add_second_order(
    result: Result,
    script: Script,
    order: int,
    vector: Mapping[str, float] | None,
    explain: bool = True,
    with_digits: bool = False,
) -> None:
    """Add second derivatives to the result of a script: the Hessians for order 2, products with a vector if given.

    `explain` looks for the cause of one that is not finite, and for lost digits unless that takes long; `with_digits`
    estimates how many digits of each are right.

    Raises: BindingError for a name in the vector that is not a variable; LimitError if there are too many.
    """
    check_wrt(tuple(vector or ()), result.vars)
    names = list(result.grads or {})
    was_finite = result.is_finite
    if order > 1:
        for part, matrix in zip(result.parts, hessians(script, result.vars, names), strict=True):
            part.hessian = matrix
    if vector is not None:
        for part, product in zip(result.parts, products(script, result.vars, names, vector), strict=True):
            part.hvp = product
    first = result.parts[0]
    result.hessian, result.hvp = first.hessian, first.hvp
    if order > 1 and (explain or with_digits):
        from mgrad_cli.evaluation.second_accuracy import add_second_digits, second_digits, second_losses

        digits = second_digits(script, result.vars, names, with_digits) or {}
        if with_digits:
            add_second_digits(result, digits)
        if explain:
            result.losses = [*result.losses, *second_losses(result, digits)]
    if explain and was_finite and not result.is_finite:
        from mgrad_cli.evaluation.second_diagnosis import second_findings

        result.findings = [*result.findings, *second_findings(result, script)]
