"""Compute proven figures to any number of digits. Decimals in the text are exact: 0.1 is a tenth."""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from flint import arb, fmpq

from mgrad_cli.evaluation.graph import input_values
from mgrad_cli.evaluation.value_text import is_numeral, parse_value
from mgrad_cli.exact.ball import Ball, constant_ball, of_fraction
from mgrad_cli.exact.certifying import by_name, decided, declared_inputs, exact_program
from mgrad_cli.exact.nearest import decimal, nearest
from mgrad_cli.exact.recording import FORMULA_MARK
from mgrad_cli.language.lowering import Assignment, Script, read
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits
from mgrad_cli.operations.operand import ClosedForm
from mgrad_cli.script import Step

BITS_OF_DIGIT = math.log2(10)
MAX_FRACTION = 4_000
"""The largest exponent of ten of a decimal that is held as a fraction."""


class DecimalFigure(NamedTuple):
    """A figure to some digits, and the double nearest to it."""

    text: str
    double: float


def digits_of(
    script: Script,
    bindings: Mapping[str, str],
    count: int,
    wrt: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    order: int = 1,
) -> tuple[DecimalFigure, dict[str, DecimalFigure], dict[tuple[str, str], DecimalFigure] | None]:
    """Return the value and the gradient of a script to this many significant digits, all of them proven.

    For order 2, return the second derivatives too, by each pair of variables once.

    `bindings` are the texts of the values of variables. Decimals in them and in the script are taken as written.

    Raises: BindingError for a variable without a value; UndecidedError for digits that no precision decides, such as
    those of a number that may be zero.
    """
    bound = {name: binding(text, limits) for name, text in bindings.items()}
    inputs = {name: constant(each) for name, each in declared_inputs(script, bindings).items()} | bound
    names = list(input_values(script, {name: parse_value(text, limits) for name, text in bindings.items()}))
    written, decimals = with_names_for_decimals(script)
    program = exact_program(written, [*names, *decimals], wrt or names, order)

    def balls() -> dict[str, Ball]:
        return {name: inputs[name]() for name in names} | decimal_balls(decimals)

    def read_off(ball: Ball) -> DecimalFigure | None:
        text, double = decimal(ball, count), nearest(ball)
        return None if text is None or double is None else DecimalFigure(text, double)

    (value, *partials), _ = decided(program, balls, read_off, int(count * BITS_OF_DIGIT) + 1)
    return value, *by_name(partials, wrt or names, order)


def binding(text: str, limits: Limits) -> Callable[[], Ball]:
    """Return a function that makes the ball of a value, given as text, at the precision of `flint.ctx`."""
    if is_numeral(text):
        return lambda: of_decimal(text.strip())
    return constant(read(text, limits))


def constant(script: Script) -> Callable[[], Ball]:
    """Return the value of a script without variables, as a ball at the precision of `flint.ctx`."""
    written, decimals = with_names_for_decimals(script)
    return lambda: constant_ball(written, decimal_balls(decimals))


def with_names_for_decimals(script: Script) -> tuple[Script, dict[str, str]]:
    """Return the script with names for literals that are not doubles, and the decimals of these names."""
    decimals: dict[str, str] = {}

    def named(step: Step) -> Step:
        number = step.number
        if number is None or isinstance(number, ClosedForm) or not math.isfinite(number):
            return step
        text = script.text[step.span.start : step.span.end] if step.span else ""
        is_literal = is_numeral(text) and float(text) == step.number
        text = text if is_literal else repr(step.number)  # a default of an operand, which is not written
        if Decimal(text) == Decimal(number):
            return step
        decimals[FORMULA_MARK + text] = text
        return step._replace(number=None, name=FORMULA_MARK + text)

    blocks = [
        Assignment(block.name, tuple(map(named, block.steps)), block.names, block.span) for block in script.blocks
    ]
    return script._replace(blocks=tuple(blocks)), decimals


def decimal_balls(decimals: Mapping[str, str]) -> dict[str, Ball]:
    return {name: of_decimal(text) for name, text in decimals.items()}


def of_decimal(text: str) -> Ball:
    """Return the ball of a decimal, exactly as written."""
    double = float(text)
    if not math.isfinite(double) or Decimal(text) == Decimal(double):
        return Ball.of(double)
    if abs(Decimal(text).adjusted()) > MAX_FRACTION:
        return Ball(arb(text))
    return of_fraction(fmpq(*Fraction(text).as_integer_ratio()))
