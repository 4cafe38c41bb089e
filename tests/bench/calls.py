"""Calls of `compile(...)` on a few numbers, CPU time: python -m tests.bench.calls.

The rivals are the NumPy kernel, called directly on arrays that are ready, SciPy's L-BFGS-B with gradients by hand, and
its own Hessian of Rosenbrock's function.
A function is called before until it has become machine code, but for the first search of L-BFGS-B.
"""

import os
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its idle threads would count as CPU time

import numpy
from scipy.optimize import minimize, rosen_hess, rosen_hess_prod

import mgrad_cli
from mgrad_cli.kernels.numpy_kernel import NumpyKernel
from tests.bench import report

ROUNDS = 15
MAX_CALLS = 200_000
"""The most calls before a measurement."""
VARIABLES = 50
NAMES = [f"x{index}" for index in range(VARIABLES)]
LONG = " + ".join(f"100*({after} - {name}**2)**2 + (1 - {name})**2" for name, after in pairwise(NAMES))
FORMULAS = {
    "Rosenbrock's function": "100*(y - x**2)**2 + (1 - x)**2",
    "sin(x)*exp(y)": "sin(x)*exp(y)",
    f"Rosenbrock's function of {VARIABLES} variables": LONG,
}


def lowest(*functions: Callable[[], Any], calls: int) -> list[float]:
    """The CPU seconds of a call of each function, the lowest of rounds that take turns."""
    found = [[cpu_seconds(function, calls) for function in functions] for _ in range(ROUNDS)]
    return [min(column) for column in zip(*found, strict=True)]


def cpu_seconds(function: Callable[[], Any], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - start) / calls


def beside_the_kernel(what: str, function: mgrad_cli.Compiled, rows: int | None) -> tuple[str, str, str, str, str]:
    kernel = NumpyKernel(function.program)
    inputs = [numpy.full(rows or 1, 0.5) for _ in function.inputs]
    outputs = list(numpy.empty((len(function.program.outputs), rows or 1)))
    given = dict(zip(function.inputs, [0.5] * len(inputs) if rows is None else inputs, strict=True))
    until_native(function, lambda: function(**given), MAX_CALLS // len(inputs))
    ours, theirs = lowest(lambda: function(**given), lambda: kernel(inputs, outputs), calls=100)
    where = "numbers" if rows is None else f"arrays of {rows}"
    return f"{what}, {where}", f"{ours * 1e6:.1f} µs", f"{theirs * 1e6:.1f} µs", f"{ours / theirs:.2f}", "<= 1.1"


def until_native(function: mgrad_cli.Compiled, call: Callable[[], Any], most: int) -> None:
    """Call until machine code has paid, or often."""
    for _ in range(most):
        if not function.kernel.can_change:
            break
        call()


def by_floats(point: Any) -> tuple[float, Any]:
    """The value and the gradient of the long formula by hand, in a loop over Python's floats."""
    x: Sequence[float] = point.tolist()
    value, gradient = 0.0, [0.0] * len(x)
    for index, (a, b) in enumerate(pairwise(x)):
        step, rest = b - a * a, 1 - a
        value += 100 * step * step + rest * rest
        gradient[index] -= 400 * a * step + 2 * rest
        gradient[index + 1] += 200 * step
    return value, numpy.array(gradient)


def by_arrays(point: Any) -> tuple[float, Any]:
    """The same, in NumPy calls on whole arrays."""
    a, b = point[:-1], point[1:]
    step, rest = b - a * a, 1 - a
    gradient = numpy.zeros_like(point)
    gradient[:-1] = -400 * a * step - 2 * rest
    gradient[1:] += 200 * step
    return float((100 * step * step + rest * rest).sum()), gradient


def minima() -> list[tuple[str, str, str, str, str]]:
    start = numpy.array([-1.2, 1.0] * (VARIABLES // 2))

    def search(function: Callable[[Any], tuple[float, Any]]) -> Callable[[], Any]:
        return lambda: minimize(function, start, jac=True, method="L-BFGS-B")

    def once() -> Any:
        return search(functions.pop().value_and_gradient)()

    def made() -> Any:
        return mgrad_cli.compile(LONG, wrt=NAMES)

    functions = [made() for _ in range(ROUNDS)]
    again = made()
    until_native(again, lambda: again.value_and_gradient(start), MAX_CALLS)
    ways = (made, once, search(again.value_and_gradient), search(by_floats), search(by_arrays))
    compiling, first, later, loop, arrays = lowest(*ways, calls=1)
    searches = (
        ("the first search", first, "<= 1"),
        ("compile(...) and the first search", compiling + first, ""),
        ("one by machine code", later, "<= 1"),
    )
    return [
        (
            f"L-BFGS-B, {VARIABLES} variables, {which}; gradient by hand in {how}",
            f"{mine * 1e3:.1f} ms",
            f"{other * 1e3:.1f} ms",
            f"{mine / other:.2f}",
            goal,
        )
        for which, mine, goal in searches
        for how, other in (("a loop", loop), ("NumPy", arrays))
    ]


def second_derivatives() -> list[tuple[str, str, str, str, str]]:
    """The Hessian and its product with a vector, before machine code has paid; SciPy has both by hand, in NumPy."""
    point = numpy.array([-1.2, 1.0] * (VARIABLES // 2))
    function = mgrad_cli.compile(LONG, wrt=NAMES, kernel="numpy")
    pairs = {
        "Hessian": (lambda: function.hessian(point), lambda: rosen_hess(point)),
        "product of the Hessian and a vector": (
            lambda: function.hvp(point, point),
            lambda: rosen_hess_prod(point, point),
        ),
    }
    rows = []
    for what, ways in pairs.items():
        ours, theirs = lowest(*ways, calls=100)
        name = f"{what}, {VARIABLES} variables, on floats; by hand in NumPy"
        rows.append((name, f"{ours * 1e6:.1f} µs", f"{theirs * 1e6:.1f} µs", f"{ours / theirs:.2f}", "<= 1.1"))
    return rows


def main() -> None:
    rows = [
        beside_the_kernel(what, mgrad_cli.compile(text), count)
        for what, text in FORMULAS.items()
        for count in (None, 1, 10, 1000)
    ]
    report("compile(...) called on a few numbers, value and derivatives", [*rows, *minima(), *second_derivatives()])


if __name__ == "__main__":
    main()
