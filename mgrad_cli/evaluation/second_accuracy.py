"""Estimate how many digits of second derivatives are right, as columns do."""

import math
from collections.abc import Iterator, Mapping, Sequence

from mgrad_cli.errors import FEWER_VARIABLES, LimitError
from mgrad_cli.evaluation.accuracy import MAX_EFFORT, WARNED_DIGITS
from mgrad_cli.evaluation.losses import Loss, Place
from mgrad_cli.evaluation.results import Result
from mgrad_cli.evaluation.second_order import ScriptKey, hessian_function
from mgrad_cli.language.lowering import CONSTANTS, Script
from mgrad_cli.operations.rounding import MAX_DIGITS
from mgrad_cli.program import Program, SecondPartial, hessian, trace
from mgrad_cli.program.accuracy import with_digits
from mgrad_cli.program.floats import FloatProgram
from mgrad_cli.script import unbound_constants

MAX_ASKED_EFFORT = 1_000_000
"""The most operations times figures for which digits are estimated if they are asked for; they take some seconds."""
REASON = "rounding is magnified in the second derivative"


def second_digits(
    script: Script, point: Mapping[str, float], wrt: Sequence[str], is_asked: bool
) -> dict[SecondPartial, float] | None:
    """Return the number of right digits, from 0 to 16, of each second partial that is not zero everywhere.

    Return `None` if that takes long, unless it is asked for.

    Raises: LimitError where it takes too long.

    >>> from mgrad_cli.language.lowering import read
    >>> second_digits(read("1 - cos(x)"), {"x": 1e-5}, ["x"], is_asked=True)
    {SecondPartial(output=0, row=0, column=0): 15.3}
    """
    entries, exact = hessian_function(ScriptKey(script), tuple(point), tuple(wrt))
    effort = len(exact.calls) * len(entries)
    if is_asked and effort > MAX_ASKED_EFFORT:
        raise LimitError(
            f"the right digits of {len(entries):,} second derivatives take {effort:,} operations, more than the "
            f"maximum of {MAX_ASKED_EFFORT:,}; {FEWER_VARIABLES}"
        )
    if not is_asked and effort > MAX_EFFORT:
        return None
    rounded = unbound_constants(script, point)
    program, _, entries = hessian(trace(script, [*point, *rounded]), wrt)
    values, start = len(script.outputs), len(program.outputs) - len(entries)
    chosen = Program(program.nodes, (*program.outputs[:values], *program.outputs[start:]))
    run = FloatProgram(with_digits(chosen, rounded, values))
    numbers = {**{name: CONSTANTS[name] for name in rounded}, **point}
    digits = run([numbers[name] for name in run.inputs])[len(chosen.outputs) + values :]
    return dict(zip(entries, digits, strict=True))


def add_second_digits(result: Result, digits: Mapping[SecondPartial, float]) -> None:
    """Add the right digits of second derivatives to those of the outputs of a result. A zero everywhere is right."""
    for number, part in enumerate(result.parts):
        if part.accuracy is not None and part.hessian is not None:
            places = {name: index for index, name in enumerate(part.hessian.names)}
            second = {
                (a, b): digits.get(SecondPartial(number, places[a], places[b]), MAX_DIGITS)
                for a, b, _ in part.hessian.triangle()
            }
            part.accuracy = part.accuracy._replace(second=second)


def second_losses(result: Result, digits: Mapping[SecondPartial, float]) -> Iterator[Loss]:
    """Yield the second derivatives of a result that have few right digits."""
    for (number, row, column), right in digits.items():
        part = result.parts[number]
        if part.hessian is not None and right < WARNED_DIGITS and math.isfinite(part.hessian.entry(row, column)):
            names = part.hessian.names
            name = "_".join([*([part.name] if part.name else []), names[row], names[column]])
            yield Loss(f"d_{name}", right, Place(REASON))
