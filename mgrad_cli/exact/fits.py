"""Prove a fit: enclose the parameters of a least sum of squares, and their standard errors, in balls.

Decimals are taken as written: a number of the data is the shortest decimal that reads back to its double.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import flint
from flint import arb, arb_mat

from mgrad_cli.errors import LimitError, UndecidedError
from mgrad_cli.exact import decisions, primitives  # noqa: F401  what the primitive operations are on balls
from mgrad_cli.exact.ball import Ball, inputs_of, irrational_names
from mgrad_cli.exact.decimals import decimal_balls, of_decimal, with_names_for_decimals
from mgrad_cli.exact.nearest import nearest
from mgrad_cli.exact.recording import ExactRecorder
from mgrad_cli.language.lowering import Script
from mgrad_cli.program import Program, differentiate, replay, trace

MAX_OPERATIONS = 20_000_000
"""The most operations on balls for one pass over the rows; each takes some microseconds."""
BITS = (192, 384, 768, 1536)
"""The precisions to try."""
DIGITS_OF_BIT = math.log10(2)
STEPS = 12
"""The most Newton steps at one precision."""
RADII = (1e-3, 1e-5, 1e-8, 1e-11, 1e-15, 1e-20)
"""The sizes to try of the box in which the solution is proven to be the only one, in standard errors."""


class ExactProgram(NamedTuple):
    """The residual as a program of balls, with its first and second partial derivatives by the parameters.

    decimals    the literals of the formulas that are no doubles, by the names of their inputs
    """

    program: Program
    names: tuple[str, ...]
    decimals: dict[str, str]


class FitProof(NamedTuple):
    """A fit proven: the doubles nearest to the estimates, the standard errors and the sum of squares.

    unscaled_errors  the standard errors for residuals of deviation 1
    digits      how many digits of each estimate the enclosures decide
    radius      the half-width of the box in which there is no other stationary point, in standard errors
    """

    estimates: tuple[float, ...]
    errors: tuple[float, ...]
    unscaled_errors: tuple[float, ...]
    rss: float
    bits: int
    digits: int
    radius: float


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


def proven_fit(
    rows: ExactRows,
    start: Sequence[float],
    limit: int = MAX_OPERATIONS,
    on_pass: Callable[[], None] = lambda: None,
) -> FitProof:
    """Return the proven solution near a point that doubles have found.

    The proof is Krawczyk's: in a box X around b, with C near the inverse of the Hessian H and g the gradient,
    |1 - C H(X)| <= q < 1 leaves no more than one zero of g in X, and it is within |C g(b)|/(1 - q) of b.

    `limit` is the most operations on balls for one pass over the rows, before each of which `on_pass` is called.

    Raises: LimitError for more than that; UndecidedError if no precision proves it.
    """
    operations = rows.rows * len(rows.program.program)
    if operations > limit:
        raise LimitError(
            f"--certify takes {operations:,} operations on balls for each pass, more than the maximum of {limit:,}; "
            "fit fewer rows"
        )
    for bits in BITS:
        with flint.ctx.workprec(bits):
            found = attempt(rows, [arb(number) for number in start], bits, on_pass)
        if found is not None:
            return found
    raise UndecidedError(f"the fit at {BITS[-1]} bits: no box around the estimates is proven to hold one minimum")


def attempt(rows: ExactRows, point: list[Any], bits: int, on_pass: Callable[[], None]) -> FitProof | None:
    """Return the proof at one precision, or `None`."""
    for _ in range(STEPS):
        on_pass()
        sums = rows.sums(blurred(point, bits))
        inverse = inverted(sums.hessian)
        lengths = units(sums, point, rows.rows)
        if inverse is None or lengths is None:
            return None
        step = times(inverse, sums.gradient)
        if not all(each.is_finite() for each in step):
            return None
        if all(abs(each.mid()) <= length * arb(2) ** (-bits // 3) for each, length in zip(step, lengths, strict=True)):
            break
        point = [(each - change).mid() for each, change in zip(point, step, strict=True)]
    else:
        return None
    if not is_positive_definite(sums.hessian):
        return None
    for radius in RADII:
        on_pass()
        widths = [length * arb(radius).mid() for length in lengths]
        box = [arb(each, width) for each, width in zip(point, widths, strict=True)]
        contraction = contraction_of(inverse, rows.sums(box).hessian, widths)
        if contraction is None or not contraction < 1:
            continue
        reach = maximum([abs(change) / width for change, width in zip(step, widths, strict=True)]) / (1 - contraction)
        if not reach < 1:
            continue
        on_pass()
        solution = [arb(each, (width * reach).upper()) for each, width in zip(point, widths, strict=True)]
        return read_off(rows, solution, bits, radius)
    return None


def read_off(rows: ExactRows, solution: list[Any], bits: int, radius: float) -> FitProof | None:
    """Return the doubles nearest to the solution, its standard errors and the sum of squares, if they are decided."""
    sums = rows.sums(solution)
    unscaled, errors = standard_errors(sums, 0), standard_errors(sums, rows.rows - len(solution))
    if errors is None or unscaled is None:
        return None
    estimates, scaled, plain, squares = map(doubles, (solution, errors, unscaled, [sums.squares]))
    if estimates is None or scaled is None or plain is None or squares is None:
        return None
    accuracies = [each.rel_accuracy_bits() for each, estimate in zip(solution, estimates, strict=True) if estimate]
    digits = int(min(accuracies, default=bits) * DIGITS_OF_BIT)
    return FitProof(estimates, scaled, plain, squares[0], bits, digits, radius)


def doubles(balls: Sequence[Any]) -> tuple[float, ...] | None:
    """Return the doubles nearest to the numbers in balls, or `None` if one is not decided."""
    found = [nearest(Ball(each)) for each in balls]
    known = [figure for figure in found if figure is not None]
    return tuple(known) if len(known) == len(found) else None


def blurred(point: Sequence[Any], bits: int) -> list[Any]:
    """Return balls around exact numbers, so small that they do not matter: exact products would grow without end."""
    return [arb(each, abs(each) * arb(2) ** -bits) for each in point]


def standard_errors(sums: FitSums, dof: int) -> list[Any] | None:
    """Return the standard errors of the parameters, unscaled without degrees of freedom; `None` if they are unknown."""
    inverse = inverted(sums.products)
    if inverse is None:
        return None
    variance = sums.squares / dof if dof > 0 else arb(1)
    squares = [variance * inverse[index, index] for index in range(len(sums.gradient))]
    return [root(each) for each in squares] if all(each.is_finite() for each in squares) else None


def root(square: Any) -> Any:
    """Return the square root of a number that is not negative, though its ball may reach below zero."""
    if square > 0:
        return square.sqrt()
    half = square.upper().sqrt().upper() / 2
    return arb(half.mid(), half.upper())


def units(sums: FitSums, point: Sequence[Any], rows: int) -> list[Any] | None:
    """Return a length for each parameter, or `None`: its standard error, but not less than rounding to doubles makes.

    That is 2**-60 of the model, measured by what the parameters contribute to it, instead of the residual deviation.
    """
    unscaled, errors = standard_errors(sums, 0), standard_errors(sums, rows - len(point))
    if unscaled is None or errors is None:
        return None
    squares = [sums.products[index][index] * each * each for index, each in enumerate(point)]
    influence = max(root(sum(squares, arb(0))).upper(), arb(2) ** -1000)
    least = [(each * influence * arb(2) ** -60).upper() for each in unscaled]
    return [max(error.upper(), small) for error, small in zip(errors, least, strict=True)]


def inverted(matrix: list[list[Any]]) -> Any:
    """Return the enclosure of an inverse, or `None`. Rows and columns are scaled first, to a diagonal near 1."""
    scales = [abs(row[index].mid()) for index, row in enumerate(matrix)]
    if any(not scale > 0 for scale in scales):
        return None
    roots = [scale.sqrt().mid() for scale in scales]
    count = len(matrix)
    scaled = arb_mat(count, count, [matrix[i][j] / (roots[i] * roots[j]) for i in range(count) for j in range(count)])
    try:
        inverse = scaled.inv()
    except ZeroDivisionError:
        return None
    entries = [inverse[i, j] / (roots[i] * roots[j]) for i in range(count) for j in range(count)]
    return arb_mat(count, count, entries)


def times(matrix: Any, vector: Sequence[Any]) -> list[Any]:
    product = matrix * arb_mat(len(vector), 1, list(vector))
    return [product[index, 0] for index in range(len(vector))]


def contraction_of(inverse: Any, hessian: list[list[Any]], widths: Sequence[Any]) -> Any:
    """Return a bound of 1 - C H in the norm of a box with these widths, or `None` if there is none."""
    count = len(widths)
    product = inverse.mid() * arb_mat(count, count, [entry for row in hessian for entry in row])
    rows = []
    for i in range(count):
        terms = [abs((1 if i == j else 0) - product[i, j]) * widths[j] for j in range(count)]
        rows.append(sum(terms, arb(0)) / widths[i])
    return None if any(not row.is_finite() for row in rows) else maximum(rows)


def maximum(balls: Sequence[Any]) -> Any:
    """Return an upper bound of all of these, as an exact number."""
    largest = arb(0)
    for ball in balls:
        upper = ball.upper()
        largest = max(largest, upper)
    return largest


def is_positive_definite(matrix: list[list[Any]]) -> bool:
    """Return whether elimination proves all pivots of a symmetric matrix positive."""
    work = [list(row) for row in matrix]
    for index in range(len(work)):
        if not work[index][index] > 0:
            return False
        for row in range(index + 1, len(work)):
            factor = work[row][index] / work[index][index]
            for column in range(index, len(work)):
                work[row][column] -= factor * work[index][column]
    return True
