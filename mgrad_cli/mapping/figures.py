"""The figures of a row: values, their uncertainties and derivatives, as outputs of one program with a name for each."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mgrad_cli.errors import UsageError
from mgrad_cli.language.derivative_names import derivative_name, free_name, is_derivative
from mgrad_cli.language.names import read_names
from mgrad_cli.mapping.options import ResultOptions
from mgrad_cli.program import Program, differentiate, hessian, replay
from mgrad_cli.program.hessian import upper_triangle
from mgrad_cli.program.recorder import Recorder


class PropagationPlan(NamedTuple):
    """How the uncertainties of inputs pass to the values.

    widths    for each uncertain input, the input that holds its standard uncertainty
    factor    a factor of the correlation matrix, as `with_uncertainty` takes it
    """

    widths: Mapping[str, str]
    factor: Mapping[str, Sequence[float]]


class RowFigures(NamedTuple):
    """A program with the name of each output. The first outputs are the `values` of the expression."""

    program: Program
    names: tuple[str, ...]
    values: int


def figures_of(
    program: Program,
    outputs: Sequence[str],
    wrt: Sequence[str],
    options: ResultOptions,
    propagation: PropagationPlan | None = None,
    new_recorder: Callable[[], Recorder] = Recorder,
) -> RowFigures:
    """Return the figures of a program with these outputs.

    They are the values, the uncertainty of each, the partial derivatives of each by `wrt`, and with `--order 2` the
    second partial derivatives of each by every pair of variables, in the order of `wrt`. `new_recorder` makes the
    recorders of the derived programs.

    Raises: UsageError for `--value-name` with another number of names than there are outputs.
    """
    count = len(outputs)
    is_second = options.order > 1
    if is_second:
        program = upper_triangle(hessian(program, wrt, new_recorder=new_recorder), count)
    else:
        program = differentiate(program, wrt, new_recorder())
    values, derived = program.outputs[:count], program.outputs[count:]
    own = value_names(outputs, options.value_name)
    made = dict.fromkeys(own if options.value_name is None else [])  # two names that are both chosen are refused later
    widths: tuple[int, ...] = ()
    if propagation is not None:
        program = with_widths(program, propagation, count, options.coverage, new_recorder)
        derived, widths = program.outputs[count : count + len(derived)], program.outputs[count + len(derived) :]
        values = program.outputs[:count]
        for name in width_names(own, options.coverage):
            made[free_name(name, made)] = None
    variables = [(name,) for name in wrt]
    for by in (variables, pairs(wrt)) if is_second else (variables,):
        for owner in [()] if count == 1 else [(name,) for name in own]:
            for each in by:
                made[derivative_name((*owner, *each), made, options.grad_prefix)] = None
    names = made if options.value_name is None else (*own, *made)
    return RowFigures(Program(program.nodes, (*values, *widths, *derived)), tuple(names), count)


def with_widths(
    program: Program,
    propagation: PropagationPlan,
    values: int,
    coverage: float | None,
    new_recorder: Callable[[], Recorder],
) -> Program:
    """Return a program with the standard uncertainties of its values, then their products with the coverage factor."""
    from mgrad_cli.program.uncertainty import with_uncertainty

    program = with_uncertainty(program, propagation.widths, propagation.factor, values, new_recorder)
    if coverage is None:
        return program
    recorder = new_recorder()
    registers = replay(program, {name: recorder.input(name) for name in program.inputs}, recorder.constant)
    outputs = [registers[output] for output in program.outputs]
    return recorder.program([*outputs, *(coverage * width for width in outputs[-values:])])


def width_names(values: Sequence[str], coverage: float | None) -> list[str]:
    """Return the names of the uncertainties of values: the standard ones, then with a coverage factor the expanded."""
    return [f"{prefix}{name}" for prefix in (["u_"] if coverage is None else ["u_", "expanded_"]) for name in values]


def pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return every pair of names once, the one that comes first in front, and each name with itself."""
    return [(one, other) for index, one in enumerate(names) for other in names[index:]]


def value_names(outputs: Sequence[str], chosen: str | None) -> list[str]:
    """Return the names of the columns of values: `value`, the names of several outputs, or what `--value-name` lists.

    Raises: UsageError for another number of names than there are outputs.
    """
    if chosen is None:
        return ["value"] if len(outputs) == 1 else list(outputs)
    names = [chosen] if len(outputs) == 1 else read_names(chosen)
    if len(names) != len(outputs):
        raise UsageError(
            f"--value-name needs {len(outputs)} names, as in --value-name {','.join(outputs)}, for as many outputs"
        )
    return names


def are_derivatives(outputs: Sequence[str]) -> bool:
    """Return whether a program is several derivatives, as `mgrad diff` writes them."""
    return len(outputs) > 1 and all(map(is_derivative, outputs))
