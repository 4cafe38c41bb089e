"""Second derivatives of an expression as functions of a point: its Hessian, and the product of that and a vector."""

from collections.abc import Sequence
from typing import Any

import numpy

from mgrad_cli.evaluation.second_order import hessian_program, product_program
from mgrad_cli.kernels.adaptive import AdaptiveKernel
from mgrad_cli.kernels.numpy_kernel import primitives
from mgrad_cli.program import Program
from mgrad_cli.program.nodes import prune
from mgrad_cli.script import Script


class HessianKernel:
    """The Hessian of a script with one output by the n variables in `wrt`, as a function of its inputs."""

    def __init__(self, script: Script, inputs: Sequence[str], wrt: Sequence[str], kind: str) -> None:
        program, _, entries = hessian_program(script, tuple(inputs), tuple(wrt))
        self.kernel = AdaptiveKernel(last(program, len(entries)), kind)
        self.shape = len(wrt), len(wrt)
        self.rows = numpy.array([entry.row for entry in entries], dtype=numpy.intp)
        self.columns = numpy.array([entry.column for entry in entries], dtype=numpy.intp)

    def __call__(self, numbers: Any) -> Any:
        """Return the matrix of shape (n, n) for the numbers of the inputs. Thread-safe."""
        matrix = numpy.zeros(self.shape)
        seconds = numpy.asarray(self.kernel.at_point(numbers))[1:]
        matrix[self.rows, self.columns] = matrix[self.columns, self.rows] = seconds
        return matrix


class ProductKernel:
    """The product of that Hessian and a vector of n numbers, without the matrix, as a function of both."""

    def __init__(self, script: Script, inputs: Sequence[str], wrt: Sequence[str], kind: str) -> None:
        program = product_program(script, tuple(inputs), tuple(wrt), tuple(wrt))
        self.kernel = AdaptiveKernel(last(program, len(wrt)), kind)

    def __call__(self, numbers: Any, vector: Any) -> Any:
        """Return the product, of shape (n,), for the numbers of the inputs. Thread-safe."""
        return numpy.asarray(self.kernel.at_point(numpy.concatenate([numbers, vector])))[1:]


def last(program: Program, count: int) -> Program:
    """Return a program in primitives of the value, which is always there, and of the last outputs."""
    return primitives(prune(program.nodes, [program.outputs[0], *program.outputs[len(program.outputs) - count :]]))
