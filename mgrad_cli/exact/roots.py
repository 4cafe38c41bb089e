"""Prove roots: an interval Newton step in balls shows that a root exists and is the only one in its box.

The step is Krawczyk's (1969, Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken). If
m - Y F(m) + (I - Y F'(X)) (X - m) lies inside the box X around m, then F has exactly one zero in X. Y is near the
inverse of F'(m). F'(X) comes from Arb's power series over the whole box, which also notice where F is not smooth.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flint
from flint import arb, arb_mat

from mgrad_cli.errors import UndecidedError
from mgrad_cli.evaluation.diagnosis import number
from mgrad_cli.exact.ball import Ball, inputs_of, irrational_names
from mgrad_cli.exact.ball_series import BallSeries
from mgrad_cli.exact.certifying import exact_inputs
from mgrad_cli.exact.nearest import nearest, point
from mgrad_cli.exact.recording import ExactRecorder
from mgrad_cli.exact.series_primitives import NotDifferentiableError
from mgrad_cli.language.lowering import Script
from mgrad_cli.program import Program, differentiate, replay, trace

BOX_BITS = 128
"""The precision of the proof."""
MAX_BITS = 1 << 13
"""The highest precision for the figures."""
SMALLEST_BOX = 50
"""The smallest box is the root times this power of 1/2."""
MAX_STEPS = 60
NO_BOX = "the step does not stay inside any box, as near a multiple root"


@dataclass(frozen=True, slots=True)
class ProvenRoot:
    """A root that is proven to exist.

    root         of each unknown, the double nearest to the exact root
    derivatives  by unknown, the doubles nearest to its derivatives by the parameters
    box          of each unknown, the ends of an interval; the root is the only one in the box of these intervals
    bits         the precision that decided the figures
    """

    root: dict[str, float]
    derivatives: dict[str, dict[str, float]]
    box: dict[str, tuple[float, float]]
    bits: int


class BallEquations:
    """Equations in ball arithmetic.

    A parameter that the script declares, as in `a = pi/4`, is exactly its expression, unless it is among the `bound`.
    """

    def __init__(
        self,
        script: Script,
        unknowns: Sequence[str],
        parameters: Mapping[str, float],
        bound: Collection[str],
        is_slope: bool,
    ) -> None:
        self.script = script
        self.unknowns = tuple(unknowns)
        self.parameters = dict(parameters)
        self.bound = {name: parameters[name] for name in bound if name in parameters}
        names = [*unknowns, *parameters]
        program = trace(script, [*names, *irrational_names(script, names)], recorder=ExactRecorder())
        if is_slope:
            slopes = differentiate(program, unknowns, recorder=ExactRecorder())
            program = Program(slopes.nodes, slopes.outputs[1:])
        self.program = program
        self.partials = differentiate(program, names, recorder=ExactRecorder())

    def inputs(self, place: Sequence[Any]) -> dict[str, Ball]:
        """Return the balls of the inputs at the precision of `flint.ctx`, given intervals of the unknowns."""
        known = exact_inputs(self.script, self.bound, self.parameters)
        return {name: Ball(interval) for name, interval in zip(self.unknowns, place, strict=True)} | known

    def values(self, place: Sequence[Any]) -> list[Any]:
        """Return the intervals of the equations."""
        registers = replay(self.program, inputs_of(self.program, self.inputs(place)), Ball.of)
        return [Ball.of(registers[output]).interval for output in self.program.outputs]

    def derivatives(self, place: Sequence[Any]) -> tuple[arb_mat, arb_mat]:
        """Return the derivatives by the unknowns and by the parameters, as the rules give them."""
        registers = replay(self.partials, inputs_of(self.partials, self.inputs(place)), Ball.of)
        count, width = len(self.unknowns), len(self.unknowns) + len(self.parameters)
        entries = [Ball.of(registers[output]).interval for output in self.partials.outputs[count:]]
        rows = [entries[start : start + width] for start in range(0, count * width, width)]
        return arb_mat([row[:count] for row in rows]), matrix([row[count:] for row in rows])

    def slopes(self, place: Sequence[Any]) -> arb_mat:
        """Return the derivatives by the unknowns everywhere in a box.

        Raises: NotDifferentiableError unless the equations are smooth in the whole box.
        """
        inputs = inputs_of(self.program, self.inputs(place))
        columns = []
        for unknown in self.unknowns:
            series = {
                name: BallSeries.variable(ball) if name == unknown else BallSeries(ball)
                for name, ball in inputs.items()
            }
            try:
                registers = replay(self.program, series, BallSeries.of)
            except ValueError as error:  # of Arb: the series has no such inverse
                raise NotDifferentiableError("a division by an interval that contains 0") from error
            found = [BallSeries.of(registers[output]) for output in self.program.outputs]
            columns.append([each.slope if each.ball.is_known else arb.nan() for each in found])
        return arb_mat(columns).transpose()


def matrix(rows: Sequence[Sequence[Any]]) -> arb_mat:
    """Return a matrix, which may have no columns."""
    return arb_mat(rows) if rows and rows[0] else arb_mat(len(rows), 0)


def prove_root(equations: BallEquations, start: Sequence[float]) -> ProvenRoot:
    """Prove that there is a root near a point, find the largest box in which it is the only one, and its figures.

    Raises: UndecidedError, with what stands in the way.
    """
    with flint.ctx.workprec(BOX_BITS):
        box, enclosure = unique_box(equations, start)
    names = equations.unknowns
    bits = BOX_BITS
    while bits <= MAX_BITS:
        with flint.ctx.workprec(bits):
            enclosure = tightened(equations, enclosure)
            figures = figures_of(equations, enclosure)
        if figures is not None:
            root, moves = figures
            derivatives = {
                name: dict(zip(equations.parameters, row, strict=True)) for name, row in zip(names, moves, strict=True)
            }
            ends = dict(zip(names, box, strict=True))
            return ProvenRoot(dict(zip(names, root, strict=True)), derivatives, ends, bits)
        bits *= 2
    raise UndecidedError(f"the doubles nearest to the figures of the root at {place_of(names, start)}")


def unique_box(equations: BallEquations, start: Sequence[float]) -> tuple[list[tuple[float, float]], list[Any]]:
    """Return the largest box around a point in which a root exists and is the only one, and intervals around the root.

    Raises: UndecidedError.
    """
    middle = [arb(value) for value in start]
    reason = NO_BOX
    try:
        equations.slopes(middle)
        value = arb_mat([[each] for each in equations.values(middle)])
        inverse = midpoints(equations.derivatives(middle)[0].inv())
        if not all(entry.is_finite() for entry in inverse.entries()):
            raise ZeroDivisionError
        for ends in boxes(start):
            box = [arb(low).union(arb(high)) for low, high in ends]
            try:
                slopes = equations.slopes(box)
            except NotDifferentiableError as error:
                reason = str(error)
                continue
            reached = krawczyk(middle, box, value, slopes, inverse)
            if all(low < interval < high for interval, (low, high) in zip(reached, ends, strict=True)):
                return ends, reached
            reason = NO_BOX
    except NotDifferentiableError as error:
        reason = str(error)
    except ZeroDivisionError:
        reason = "the derivative may be 0 there, as at a multiple root"
    raise UndecidedError(f"whether a root is at {place_of(equations.unknowns, start)}: {reason}")


def boxes(start: Sequence[float]) -> Iterator[list[tuple[float, float]]]:
    """Yield boxes around a point, large ones first: as wide as each unknown is large, as the largest is, or as 1."""
    largest = max(map(abs, start))
    for sizes in ([abs(value) for value in start], [largest] * len(start), [1.0] * len(start)):
        for power in range(SMALLEST_BOX + 1 if all(sizes) else 0):
            widths = [size * 2.0**-power for size in sizes]
            ends = [(value - width, value + width) for value, width in zip(start, widths, strict=True)]
            if all(abs(end) < float("inf") for pair in ends for end in pair):
                yield ends


def krawczyk(middle: Sequence[Any], box: Sequence[Any], value: arb_mat, slopes: arb_mat, inverse: arb_mat) -> list[Any]:
    """Return the intervals m - Y F(m) + (I - Y F'(X)) (X - m)."""
    count = len(middle)
    identity = arb_mat([[int(row == column) for column in range(count)] for row in range(count)])
    away = arb_mat([[interval - point_] for interval, point_ in zip(box, middle, strict=True)])
    moved = (identity - inverse * slopes) * away - inverse * value
    return [point_ + moved[index, 0] for index, point_ in enumerate(middle)]


def midpoints(of: arb_mat) -> arb_mat:
    return arb_mat([[of[row, column].mid() for column in range(of.ncols())] for row in range(of.nrows())])


def tightened(equations: BallEquations, enclosure: list[Any]) -> list[Any]:
    """Return intervals around the root that further steps at the current precision lead to."""
    for _ in range(MAX_STEPS):
        exact = exact_root(equations, enclosure)
        if exact is not None:
            return exact
        middle = [interval.mid() for interval in enclosure]
        slopes = equations.derivatives(enclosure)[0]
        try:
            inverse = midpoints(equations.derivatives(middle)[0].inv())
        except ZeroDivisionError:
            return enclosure
        value = arb_mat([[each] for each in equations.values(middle)])
        reached = krawczyk(middle, enclosure, value, slopes, inverse)
        if not all(each.is_finite() for each in reached):
            return enclosure
        smaller = [one.intersection(other) for one, other in zip(enclosure, reached, strict=True)]
        if not any(one.rad() < other.rad() / 2 for one, other in zip(smaller, enclosure, strict=True)):
            return smaller
        enclosure = smaller
    return enclosure


def exact_root(equations: BallEquations, enclosure: list[Any]) -> list[Any] | None:
    """Return the point of doubles in the middle of intervals around the only root if it is that root exactly."""
    candidate = [arb(point(interval.mid())) for interval in enclosure]
    if not all(interval.contains(each) for interval, each in zip(enclosure, candidate, strict=True)):
        return None
    return candidate if all(value.is_zero() for value in equations.values(candidate)) else None


def figures_of(equations: BallEquations, enclosure: list[Any]) -> tuple[list[float], list[list[float]]] | None:
    """Return the nearest doubles to the root and to its derivatives, or `None` if the intervals do not decide them."""
    root = [nearest(Ball(interval)) for interval in enclosure]
    jacobian, by_parameters = equations.derivatives(enclosure)
    try:
        moves = jacobian.solve(by_parameters) if by_parameters.ncols() else by_parameters
    except ZeroDivisionError:
        return None
    rows = [[nearest(Ball(-moves[row, column])) for column in range(moves.ncols())] for row in range(moves.nrows())]
    if any(figure is None for figure in [*root, *(figure for row in rows for figure in row)]):
        return None
    return [float(each or 0.0) for each in root], [[float(each or 0.0) for each in row] for row in rows]


def place_of(names: Sequence[str], values: Sequence[float]) -> str:
    return ", ".join(f"{name} = {number(value)}" for name, value in zip(names, values, strict=True))
