"""Prove the value and the gradient of a formula, for `eval --certify`: compute the nearest doubles in balls."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import flint

from mgrad_cli.errors import UndecidedError
from mgrad_cli.evaluation.graph import declarations, input_values
from mgrad_cli.exact import decisions, primitives  # noqa: F401  what the primitive operations are on balls
from mgrad_cli.exact.ball import Ball, constant_ball, inputs_of, irrational_names
from mgrad_cli.exact.doubt import what_is_open
from mgrad_cli.exact.figures import Certified
from mgrad_cli.exact.nearest import nearest
from mgrad_cli.exact.recording import ExactRecorder
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.outputs import check_one_output
from mgrad_cli.program import Program, differentiate, hessian, replay, trace
from mgrad_cli.program.hessian import upper_triangle

MIN_BITS = 64
MAX_BITS = 1 << 16
"""The highest precision. A result that is still open then is reported."""

Figure = TypeVar("Figure")


def certified(script: Script, bindings: Mapping[str, float], wrt: Sequence[str] = (), order: int = 1) -> Certified:
    """Return the proven value and gradient of a script at the given values of its variables, for order 2 its Hessian.

    An input that the text declares, as in `a = pi/4`, is exactly its expression, not the nearest double.

    Raises: BindingError for a variable without a value; UndecidedError for a result that no precision decides.
    """
    check_one_output(script, "a certified evaluation")
    values = input_values(script, bindings)
    names = list(wrt or values)
    program = exact_program(script, list(values), names, order)
    (value, *partials), bits = decided(program, lambda: exact_inputs(script, bindings, values), nearest)
    grads, second = by_name(partials, names, order)
    return Certified(value, grads, bits, second)


def exact_inputs(script: Script, bindings: Mapping[str, float], values: Mapping[str, float]) -> dict[str, Ball]:
    """Return the balls of the inputs at the precision of `flint.ctx`: of doubles bound, or of what it declares."""
    declared = declared_inputs(script, bindings)
    return {
        name: constant_ball(declared[name]) if name in declared else Ball.of(number) for name, number in values.items()
    }


def declared_inputs(script: Script, bindings: Collection[str]) -> dict[str, Script]:
    """Return the inputs that the text declares, as in `a = pi/4`, and that are not bound, with their scripts."""
    return {
        block.name: Script(script.text, (block,), block.names, {})
        for block in declarations(script, bindings)
        if block.name is not None and block.name not in bindings
    }


def exact_program(script: Script, inputs: Sequence[str], wrt: Sequence[str], order: int = 1) -> Program:
    """Return the program of a script's value and partial derivatives, without any rounding.

    For order 2 the second ones follow, by each pair of variables once.
    """
    program = trace(script, [*inputs, *irrational_names(script, inputs)], recorder=ExactRecorder())
    if order > 1:
        return upper_triangle(hessian(program, wrt, 1, ExactRecorder))
    return differentiate(program, wrt, recorder=ExactRecorder())


def by_name(
    figures: Sequence[Figure], wrt: Sequence[str], order: int
) -> tuple[dict[str, Figure], dict[tuple[str, str], Figure] | None]:
    """Return the derivatives that an exact program computes by their variables, those of the second order apart."""
    grads = dict(zip(wrt, figures, strict=order == 1))
    pairs = [(a, b) for index, a in enumerate(wrt) for b in wrt[index:]]
    return grads, dict(zip(pairs, figures[len(wrt) :], strict=True)) if order > 1 else None


def decided(
    program: Program,
    inputs: Callable[[], Mapping[str, Ball]],
    read_off: Callable[[Ball], Figure | None],
    bits: int = 0,
) -> tuple[list[Figure], int]:
    """Return every output of a program as a figure, and the precision that decided them all.

    `inputs` returns the balls of the variables at the precision of `flint.ctx`. `read_off` returns the figure of a
    ball, or `None` if the ball does not decide it. The precision is `bits` plus a margin that is doubled until all are
    decided.

    Raises: UndecidedError, with what remained open.
    """
    figures: list[Figure | None] = []
    registers: list[Any] = []
    margin = MIN_BITS
    while margin <= MAX_BITS:
        with flint.ctx.workprec(bits + margin):
            registers = replay(program, inputs_of(program, inputs()), Ball.of)
            figures = [read_off(Ball.of(registers[output])) for output in program.outputs]
        known = [figure for figure in figures if figure is not None]
        if len(known) == len(figures):
            return known, bits + margin
        margin *= 2
    output = program.outputs[figures.index(None)]
    raise UndecidedError(f"{what_is_open(program, registers, output)} at {bits + MAX_BITS} bits")
