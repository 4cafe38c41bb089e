"""The sums over all rows of data that a fit needs, in balls.

Decimals are taken as written: a number of the data is the shortest decimal that reads back to its double.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flint import arb

from mgrad_cli.exact import decisions, primitives  # noqa: F401  what the primitive operations are on balls
from mgrad_cli.exact.ball import Ball, inputs_of, irrational_names
from mgrad_cli.exact.decimals import decimal_balls, of_decimal, with_names_for_decimals
from mgrad_cli.exact.recording import ExactRecorder
from mgrad_cli.language.lowering import Script
from mgrad_cli.program import Program, differentiate, replay, trace


class ExactProgram(NamedTuple):
    """The residual as a program of balls, with its first and second partial derivatives by the parameters.

    decimals    the literals of the formulas that are no doubles, by the names of their inputs
    """

    program: Program
    names: tuple[str, ...]
    decimals: dict[str, str]


class FitSums(NamedTuple):
    """Sums over all rows: of squares, the gradient of half of it, J^T J, and the Hessian."""

    squares: Any
    gradient: list[Any]
    products: list[list[Any]]
    hessian: list[list[Any]]


def exact_residual(scripts: Sequence[tuple[Script, Sequence[str]]], names: Sequence[str]) -> ExactProgram:
    """Return the residual and its partial derivatives by parameters, without any rounding.

    `scripts` are the model, the response and perhaps sigma, each with its inputs.
    """
    recorder = ExactRecorder()
    decimals: dict[str, str] = {}
    outputs: list[Any] = []
    for script, inputs in scripts:
        written, found = with_names_for_decimals(script)
        decimals |= found
        program = trace(written, [*inputs, *found, *irrational_names(script, inputs)], recorder=ExactRecorder())
        outputs += copied(program, recorder)
    model, response, *sigma = outputs
    residual = (model - response) / sigma[0] if sigma else model - response
    first = differentiate(recorder.program([residual]), names, recorder=ExactRecorder())
    second = differentiate(Program(first.nodes, first.outputs[1:]), names, recorder=ExactRecorder())
    count = len(names)
    upper = [second.outputs[count + row * count + column] for row in range(count) for column in range(row, count)]
    together = ExactRecorder()
    results = [*copied(first, together), *copied(Program(second.nodes, tuple(upper)), together)]
    return ExactProgram(together.program(results), tuple(names), decimals)


def copied(program: Program, recorder: ExactRecorder) -> list[Any]:
    """Record a program in a recorder, and return the operands of its outputs."""
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    return [registers[output] for output in program.outputs]


class ExactRows(NamedTuple):
    """The rows of the data, and the numbers of inputs that no row changes, as texts of decimals."""

    program: ExactProgram
    columns: Mapping[str, Sequence[str]]
    numbers: Mapping[str, str]
    rows: int

    def sums(self, point: Sequence[Any]) -> FitSums:
        """Return the sums at a point, a ball for each parameter, at the precision of `flint.ctx`."""
        program, names, decimals = self.program
        count = len(names)
        known = decimal_balls(decimals) | {name: of_decimal(text) for name, text in self.numbers.items()}
        known |= {name: Ball(interval) for name, interval in zip(names, point, strict=True)}
        known |= inputs_of(program, known | dict.fromkeys(self.columns, Ball(arb(0))))
        squares = arb(0)
        gradient = [arb(0)] * count
        products = [[arb(0)] * count for _ in names]
        hessian = [[arb(0)] * count for _ in names]
        for row in range(self.rows):
            inputs = known | {name: of_decimal(texts[row]) for name, texts in self.columns.items()}
            registers = replay(program, inputs, Ball.of)
            residual, *rest = [Ball.of(registers[output]).interval for output in program.outputs]
            partials, curvature = rest[:count], iter(rest[count:])
            squares += residual * residual
            for i in range(count):
                gradient[i] += residual * partials[i]
                for j in range(i, count):
                    product = partials[i] * partials[j]
                    products[i][j] += product
                    hessian[i][j] += product + residual * next(curvature)
        for i in range(count):
            for j in range(i):
                products[i][j], hessian[i][j] = products[j][i], hessian[j][i]
        return FitSums(squares, gradient, products, hessian)
