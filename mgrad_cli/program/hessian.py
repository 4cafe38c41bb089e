"""Second derivatives of programs: all second partials as one program, or their product with a vector.

Both are forward mode over the gradient program, which is reverse mode over the original.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mgrad_cli.program.adjoint import differentiate
from mgrad_cli.program.masking import finalize
from mgrad_cli.program.nodes import ConstantNode, Program, replay
from mgrad_cli.program.recorder import Recorder, Recording
from mgrad_cli.program.tangent import Direction, ForwardSweeps, along, input_registers


class SecondPartial(NamedTuple):
    """A second partial derivative: the number of the output, and a row and a column of its Hessian, row <= column."""

    output: int
    row: int
    column: int


class HessianProgram(NamedTuple):
    """A program with second partial derivatives.

    Its outputs are those of the original program, the gradient of each by `wrt`, and the second partials in the order
    of `entries`. A pair of variables has one entry, for both places in the symmetric matrix, or none if it cannot be
    coupled: then the second partial is zero everywhere.
    """

    program: Program
    wrt: tuple[str, ...]
    entries: tuple[SecondPartial, ...]


def hessian(
    program: Program,
    wrt: Sequence[str],
    first: int | None = None,
    new_recorder: Callable[[], Recording] = Recorder,
) -> HessianProgram:
    """Return a program with the gradient and all second partial derivatives of its outputs, or of the `first` ones.

    Each pair of variables is computed once: the derivative by the variable that comes first among the program's inputs
    is differentiated by the other one. At an edge where the order matters this is the answer for both, and it does not
    depend on the order of `wrt`.

    A column of the matrix takes one forward pass over the gradient program. The pass visits only the registers that
    depend on its variable and that the gradient by an earlier variable needs, so pairs that are not coupled through any
    register cost nothing.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.program import trace
    >>> second = hessian(trace(read("x**2*y + z**3"), ["x", "y", "z"]), ["x", "y", "z"])
    >>> [(second.wrt[row], second.wrt[column]) for _, row, column in second.entries]
    [('x', 'x'), ('x', 'y'), ('z', 'z')]
    >>> registers = replay(second.program, {"x": 2.0, "y": 3.0, "z": 1.0})
    >>> [registers[output] for output in second.program.outputs[1 + len(second.wrt) :]]
    [6.0, 4.0, 6.0]
    """
    rank = {name: number for number, name in enumerate(program.inputs)}
    order = sorted(range(len(wrt)), key=lambda index: rank[wrt[index]])
    gradient = differentiate(program, wrt, new_recorder(), first=first)
    recorder = new_recorder()
    registers = replay(gradient, {name: recorder.input(name) for name in gradient.inputs}, recorder.constant)
    indices = input_registers(gradient)
    partials = gradient.outputs[len(program.outputs) :]
    places: dict[int, list[tuple[int, int]]] = {}  # the turn and the output of each partial derivative, by register
    for number in range(len(program.outputs[:first])):
        for turn, index in enumerate(order):
            places.setdefault(partials[number * len(wrt) + index], []).append((turn, number))
    sweeps = ForwardSweeps(gradient, registers, {output: min(found)[0] for output, found in places.items()})
    results = {}
    for turn, index in enumerate(order):
        for output, tangent in sweeps.sweep({indices[wrt[index]]: recorder.constant(1.0)}, turn).items():
            for before, number in places.get(output, ()):
                if before <= turn:
                    row, column = sorted((order[before], index))
                    results[SecondPartial(number, row, column)] = finalize(tangent)
    entries = tuple(sorted(results))
    outputs = [*(registers[output] for output in gradient.outputs), *(results[entry] for entry in entries)]
    return HessianProgram(recorder.program(outputs), tuple(wrt), entries)


def upper_triangle(second: HessianProgram, count: int = 1) -> Program:
    """Return a program with every pair row <= column of the Hessians of the first outputs, also those without an entry.

    Its outputs are those of the original program, the gradients, and the pairs of each output, row by row.
    """
    program, wrt, entries = second
    start = len(program.outputs) - len(entries)
    places = dict(zip(entries, program.outputs[start:], strict=True))
    zero = len(program.nodes)
    triangles = [
        places.get(SecondPartial(output, row, column), zero)
        for output in range(count)
        for row in range(len(wrt))
        for column in range(row, len(wrt))
    ]
    return Program((*program.nodes, ConstantNode(0.0)), (*program.outputs[:start], *triangles))


def hessian_vector(program: Program, wrt: Sequence[str], direction: Direction) -> Program:
    """Return a program with the product of a Hessian and a vector, without the matrix.

    Its outputs are those of `program`, the gradient of each by `wrt`, and for every element of a gradient its
    derivative along the direction. With all variables in `wrt` this is the product of the Hessian and the direction,
    in one forward pass over the gradient program.

    >>> from mgrad_cli.language.lowering import read
    >>> from mgrad_cli.program import trace
    >>> product = hessian_vector(trace(read("x**2*y"), ["x", "y"]), ["x", "y"], {"x": "u"})
    >>> registers = replay(product, {"x": 2.0, "y": 3.0, "u": 1.0})
    >>> [registers[output] for output in product.outputs]
    [12.0, 12.0, 4.0, 6.0, 4.0]
    """
    gradient = differentiate(program, wrt)
    recorder = Recorder()
    registers = replay(gradient, {name: recorder.input(name) for name in gradient.inputs}, recorder.constant)
    partials = gradient.outputs[len(program.outputs) :]
    products = along(gradient, registers, partials, direction, recorder)
    return recorder.program([*(registers[output] for output in gradient.outputs), *products])
