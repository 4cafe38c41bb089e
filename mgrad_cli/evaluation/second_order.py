"""Second derivatives of a script at a point: the Hessian of each output, and its product with a vector."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mgrad_cli.language.lowering import Script
from mgrad_cli.program import Program, SecondPartial, hessian, hessian_vector, trace
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.nodes import prune

MAX_KNOWN = 16
"""The most programs that are kept for further points."""
MARK = "`"
"""The prefix of the inputs that are the components of a vector. No variable's name contains it."""


@dataclass(frozen=True, slots=True)
class Hessian:
    """The second partial derivatives of an output, a symmetric matrix.

    names       the variables of its rows and columns
    entries     the second partials by row and column, row <= column; one that is absent is 0 wherever it is defined

    >>> found = Hessian(("x", "y"), {(0, 0): 2.0, (0, 1): 3.0})
    >>> found.rows()
    {'x': {'x': 2.0, 'y': 3.0}, 'y': {'x': 3.0, 'y': 0.0}}
    """

    names: tuple[str, ...]
    entries: Mapping[tuple[int, int], Any]

    def entry(self, row: int, column: int) -> Any:
        """Return one second partial, by the indices of its variables in any order."""
        return self.entries.get((row, column) if row <= column else (column, row), 0.0)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the whole matrix by the names of the variables."""
        count = range(len(self.names))
        rows = [[0.0] * len(self.names) for _ in count]
        for (row, column), entry in self.entries.items():
            rows[row][column] = rows[column][row] = entry
        return {name: dict(zip(self.names, row, strict=True)) for name, row in zip(self.names, rows, strict=True)}

    def pairs(self) -> Iterator[tuple[str, str, Any]]:
        """Yield the entries with their variables, the row's first."""
        for (row, column), entry in self.entries.items():
            yield self.names[row], self.names[column], entry

    @property
    def is_finite(self) -> bool:
        """Whether every second partial is finite."""
        return all(map(math.isfinite, self.entries.values()))


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
    program, _, entries = hessian(trace(key.script, inputs), wrt)
    return entries, last(program, len(entries))


@lru_cache(MAX_KNOWN)
def product_function(
    key: ScriptKey, inputs: tuple[str, ...], wrt: tuple[str, ...], moving: tuple[str, ...]
) -> FloatProgram:
    """Return a function of the values of the inputs and of a vector that computes products with Hessians."""
    program = hessian_vector(trace(key.script, inputs), wrt, {name: f"{MARK}{name}" for name in moving})
    return last(program, len(key.script.outputs) * len(wrt))


def last(program: Program, count: int) -> FloatProgram:
    """Return a function that computes the last outputs of a program."""
    return FloatProgram(prune(program.nodes, program.outputs[len(program.outputs) - count :]))
