"""Balls as operands: real numbers enclosed in intervals of any precision, by Arb.

A ball is the result of an operation on exact numbers, with a bound on its error. The precision is that of
`flint.ctx`. A program is run again at twice the precision until its balls are small enough.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import flint
from flint import arb, fmpq

from mgrad_cli.exact.recording import FORMULA_MARK, ExactRecorder
from mgrad_cli.language.lowering import Script, read
from mgrad_cli.operations import Operand, Operation
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.program import Program, replay, trace

MAX_RATIONAL_BITS = 4096
MAX_EXPONENT = 1 << 14
"""Beyond these limits a number has no fraction beside its ball."""

Primitive: TypeAlias = Callable[[Operation, "tuple[Ball, ...]"], "Ball"]

PRIMITIVES: dict[str, Primitive] = {}
"""The primitive operations on balls, by the name of the row."""


class Ball(Operand):
    """A real number in an interval of Arb, or one of the doubles that no interval holds.

    value        an interval; if it is not finite, the number is unknown and may not exist.
                 Or a float: nan, an infinity, or minus zero, which is then the exact result of the operation
    fraction     the exact number, if it is known to be rational and the interval is not exact
    is_overflow  of an infinity: whether the number is finite, and only too large for Arb
    """

    __slots__ = ("fraction", "is_overflow", "value")

    def __init__(self, value: Any, fraction: fmpq | None = None, is_overflow: bool = False) -> None:
        self.value = value
        self.fraction = fraction
        self.is_overflow = is_overflow

    @staticmethod
    def of(number: Any) -> "Ball":
        """Return the ball of a plain number. A constant with a closed form is exactly what its formula says."""
        if isinstance(number, Ball):
            return number
        if isinstance(number, ClosedForm):
            return closed_form(number.formula, flint.ctx.prec)
        number = float(number)
        if number - number != 0 or (number == 0 and str(number) == "-0.0"):
            return Ball(number)
        return Ball(arb(number))

    @staticmethod
    def apply(operation: Operation, *operands: Any) -> "Ball":
        balls = tuple(map(Ball.of, operands))
        primitive = PRIMITIVES.get(operation.name)
        if primitive is not None:
            return primitive(operation, balls)
        assert operation.mathematics is not None, operation.name
        return Ball.of(operation.mathematics(*balls))

    def __repr__(self) -> str:
        return f"Ball({self.value})"

    @property
    def interval(self) -> Any:
        """The interval of the number, infinities included; zero for minus zero."""
        return arb(self.value) if isinstance(self.value, float) else self.value

    @property
    def is_special(self) -> bool:
        """Whether it is nan or an infinity, exactly."""
        return isinstance(self.value, float) and self.value != 0

    @property
    def is_nan(self) -> bool:
        return isinstance(self.value, float) and self.value != self.value

    @property
    def is_known(self) -> bool:
        """Whether the number is enclosed, or is exactly one of the doubles that intervals cannot hold."""
        return not self.is_overflow if isinstance(self.value, float) else bool(self.value.is_finite())

    @property
    def rational(self) -> Any:
        """The number as a fraction, if it is known to be one of moderate size, or `None`."""
        if self.fraction is not None or self.is_special:
            return self.fraction
        interval = self.interval
        if not interval.is_exact() or not interval.is_finite():
            return None
        mantissa, exponent = interval.man_exp()
        if abs(exponent) > MAX_EXPONENT or mantissa.bit_length() > MAX_EXPONENT:
            return None
        return interval.fmpq()

    @property
    def truth(self) -> bool | None:
        """Whether the number is not zero, or `None` if that is open; True for nan."""
        if isinstance(self.value, float):
            return self.value != 0
        if self.value.is_zero():
            return False
        if self.fraction is not None:
            return bool(self.fraction != 0)
        return None if not self.value.is_finite() or self.value.contains(0) else True


def indeterminate() -> Ball:
    """Return the ball of an unknown number."""
    return Ball(arb.nan())


def of_fraction(number: fmpq) -> Ball:
    """Return the ball of a fraction."""
    interval = arb(number)
    return Ball(interval, None if interval.is_exact() else number)


def fitting(number: fmpq) -> fmpq | None:
    """Return a fraction, or `None` if it is too long."""
    return number if max(number.p.bit_length(), number.q.bit_length()) <= MAX_RATIONAL_BITS else None


IRRATIONAL: dict[str, Callable[[], Any]] = {
    "pi": arb.pi, "π": arb.pi, "tau": lambda: 2 * arb.pi(), "τ": lambda: 2 * arb.pi(), "e": arb.const_e,
}  # fmt: skip
"""The irrational constants of the language."""


def irrational_names(script: Script, inputs: Collection[str] = ()) -> list[str]:
    """Return the irrational constants that a script uses, given its inputs."""
    return [name for name in script.names if name in IRRATIONAL and name not in inputs and name not in script.assigned]


def inputs_of(program: Program, given: Mapping[str, Ball]) -> dict[str, Ball]:
    """Return the balls of a program's inputs at the current precision: the given variables, and constants."""
    return {name: given[name] if name in given else constant(name) for name in program.inputs}


def constant(name: str) -> Ball:
    if name.startswith(FORMULA_MARK):
        return closed_form(name.removeprefix(FORMULA_MARK), flint.ctx.prec)
    return Ball(IRRATIONAL[name]())


@lru_cache(maxsize=256)
def closed_form(formula: str, bits: int) -> Ball:
    """Return the ball of a constant expression at the precision `bits`, which is that of `flint.ctx`."""
    return constant_ball(read(formula))


def constant_ball(script: Script, given: Mapping[str, Ball] | None = None) -> Ball:
    """Return the ball of a script without variables, at the current precision."""
    given = given or {}
    program = trace(script, [*given, *irrational_names(script)], recorder=ExactRecorder())
    registers = replay(program, inputs_of(program, given), Ball.of)
    return Ball.of(registers[program.outputs[0]])
