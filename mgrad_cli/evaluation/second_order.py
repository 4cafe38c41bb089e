"""Second derivatives of a script at a point: the Hessian of each output, and its product with a vector."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from mgrad_cli.errors import FEWER_VARIABLES, LimitError
from mgrad_cli.evaluation.hessian import Hessian
from mgrad_cli.language.lowering import Script
from mgrad_cli.program import HessianProgram, Program, SecondPartial, hessian, hessian_vector, trace
from mgrad_cli.program.budget import Budget
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.nodes import prune
from mgrad_cli.program.recorder import Recorder

MAX_KNOWN = 16
"""The most programs that are kept for further points."""
MAX_NODES = 2_000_000
"""The most operations of a program of second derivatives. They take a gigabyte, and most of a minute."""
MARK = "`"
"""The prefix of the inputs that are the components of a vector. No variable's name contains it."""


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
