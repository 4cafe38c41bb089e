"""The Hessian of a chain of variables, each coupled to the next, and its product with a vector: python -m tests.bench.second_order.

The rivals are the gradient of the same formula, the same Hessian of a tenth of the variables, and all n columns by products with a vector.
"""

from itertools import pairwise

from mgrad_cli.language.lowering import read
from mgrad_cli.program import Program, differentiate, hessian, hessian_vector, trace
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.program.nodes import prune
from tests.bench import paired, report

LENGTH = 1000


def chain(count: int) -> Program:
    """Rosenbrock's function of so many variables."""
    names = [f"x{index}" for index in range(count)]
    terms = (f"100*({after} - {name}**2)**2 + (1 - {name})**2" for name, after in pairwise(names))
    return trace(read(" + ".join(terms)), names)


def function_of(program: Program, first: int) -> FloatProgram:
    """Return the outputs of a program from the `first` on, as a function."""
    return FloatProgram(prune(program.nodes, program.outputs[first:]))


def main() -> None:
    program, tenth = chain(LENGTH), chain(LENGTH // 10)
    names = program.inputs
    point = [1.1] * LENGTH
    gradient = function_of(differentiate(program, names), 1)
    matrix = function_of(hessian(program, names).program, 1 + LENGTH)
    product = function_of(hessian_vector(program, names, {name: f"v_{name}" for name in names}), 1 + LENGTH)
    vector = [0.5] * LENGTH
    rows = []
    for what, figures, goal in (
        (
            f"making the Hessian of {LENGTH:,} variables, to that of {LENGTH // 10}",
            paired(lambda: hessian(program, names), lambda: hessian(tenth, tenth.inputs)),
            "11",
        ),
        ("all second partials, to the gradient", paired(lambda: matrix(point), lambda: gradient(point)), "4"),
        (
            "a product with a vector, to the gradient",
            paired(lambda: product(point + vector), lambda: gradient(point)),
            "4",
        ),
    ):
        ours, theirs, ratio = figures
        rows.append((what, f"{ours * 1e3:.1f} ms", f"{theirs * 1e3:.1f} ms", f"{ratio:.1f}", goal))
    report("Second derivatives of a chain", rows)


if __name__ == "__main__":
    main()
