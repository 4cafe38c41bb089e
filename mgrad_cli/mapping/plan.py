"""The computation for each row: the program, its columns, and the names of its results."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mgrad_cli.errors import LimitError
from mgrad_cli.language.derivative_names import free_name
from mgrad_cli.language.lowering import CONSTANTS, Script
from mgrad_cli.mapping.computation import Preparation
from mgrad_cli.mapping.figures import PropagationPlan, RowFigures, are_derivatives, figures_of, width_names
from mgrad_cli.mapping.options import ResultOptions
from mgrad_cli.mapping.variables import Inputs, RowFormula, check_uncertain, check_wanted, inputs_of
from mgrad_cli.program import Program, substitute, trace
from mgrad_cli.program.recorder import Recorder
from mgrad_cli.script import unbound_constants

if TYPE_CHECKING:
    from mgrad_cli.exact.rows import RowCertifier
    from mgrad_cli.mapping.solving import Root

MAX_EFFORT = 50_000
"""The most operations times figures for which digits are estimated, which makes a program of some hundred thousand."""


class Job(NamedTuple):
    """The computation for each row.

    variables     the column of each variable that has one
    names         the names of the results, which are the first outputs of the program
    preparations  what is done to a block before the program runs
    certifier     proves the figures of rows of which doubles may have lost digits, which are further outputs
    """

    program: Program
    variables: dict[str, str]
    names: tuple[str, ...]
    preparations: tuple[Preparation, ...] = ()
    certifier: "RowCertifier | None" = None


def plan(formula: RowFormula, options: ResultOptions) -> Job:
    """Return the job of a formula over rows.

    Raises: UsageError for a variable without a column or a value; BindingError for a name that is not a variable.
    """
    script, columns, uncertain = formula.script, formula.columns, formula.uncertain
    root: Root | None = None
    if options.solve is not None:
        from mgrad_cli.mapping.solving import root_of

        root = root_of(options.solve, columns, options.limits)
    inputs = inputs_of(formula, None if root is None else root.unknown)
    wrt = differentiated(formula, inputs, options)
    check_wanted(wrt, inputs.names)
    preparations: tuple[Preparation, ...] = ()
    propagation = None
    if uncertain is not None:
        check_uncertain(uncertain, inputs.names, columns)
        propagation = uncertain.propagation(inputs.names)
        preparations = uncertain.preparations(inputs.columns)
        inputs = inputs._replace(
            columns=inputs.columns | uncertain.inputs,
            numbers=inputs.numbers | uncertain.numbers(inputs.numbers),
        )
    if root is None:
        return figures_job(formula, inputs, wrt, options, propagation, preparations)
    from mgrad_cli.mapping.solving import root_programs

    programs = root_programs(script, root, inputs.names, inputs.numbers, wrt, propagation, options.coverage)
    widths = [] if propagation is None else width_names([root.unknown], options.coverage)
    results = (root.unknown, *widths, *(f"{options.grad_prefix}{root.unknown}_{name}" for name in wrt))
    return Job(programs.program, inputs.columns | root.columns, results, (*preparations, programs.preparation))


def differentiated(formula: RowFormula, inputs: Inputs, options: ResultOptions) -> tuple[str, ...]:
    """Return the variables to differentiate with respect to."""
    if formula.wrt is not None:
        return tuple(formula.wrt)
    if gives_derivatives(formula.script, options):
        return ()
    return tuple(inputs.names if options.reduce is None else inputs.numbers)


def figures_job(
    formula: RowFormula,
    inputs: Inputs,
    wrt: tuple[str, ...],
    options: ResultOptions,
    propagation: PropagationPlan | None,
    preparations: tuple[Preparation, ...],
) -> Job:
    """Return the job that computes the values of a formula and what is derived from them, with proofs if wanted."""
    script, (names, columns, numbers) = formula.script, inputs
    with_digits = options.accuracy or options.certify
    rounded = unbound_constants(script, names) if with_digits else []

    def derived(program: Program, new_recorder: Callable[[], Recorder] = Recorder) -> RowFigures:
        return figures_of(program, script.outputs, wrt, options, propagation, new_recorder)

    figures = derived(trace(script, [*names, *rounded]))
    if not with_digits:
        return Job(substitute(figures.program, numbers), columns, figures.names, preparations)
    certifier = None
    if options.certify:
        from mgrad_cli.exact.rows import RowCertifier

        bound = [*columns, *formula.values]
        certifier = RowCertifier(script, names, numbers, bound, lambda *values: derived(*values).program)
    digits = digits_names(figures.names) if options.accuracy else ()
    program = substitute(digits_program(figures, rounded), numbers | {name: CONSTANTS[name] for name in rounded})
    return Job(program, columns, (*figures.names, *digits), preparations, certifier)


def gives_derivatives(script: Script, options: ResultOptions) -> bool:
    """Return whether the outputs of a script are derivatives, which are differentiated again only if that is asked."""
    return are_derivatives(script.outputs) and options.order == 1


def digits_names(names: Sequence[str]) -> list[str]:
    """Return the names of the columns that count the right digits of these columns."""
    taken = dict.fromkeys(names)
    for name in names:
        taken[free_name(f"digits_{name}", taken)] = None
    return list(taken)[len(names) :]


def digits_program(figures: RowFigures, rounded: Sequence[str]) -> Program:
    """Return the program of figures, and how many digits of each are right. The inputs `rounded` are not exact.

    Raises: LimitError where that takes too long.
    """
    from mgrad_cli.program.accuracy import with_digits

    program = figures.program
    effort = len(program) * len(program.outputs)
    if effort > MAX_EFFORT:
        raise LimitError(
            f"the right digits of {len(program.outputs):,} figures take {effort:,} derivatives, more than the maximum "
            f"of {MAX_EFFORT:,}; choose fewer variables with --wrt"
        )
    return with_digits(program, rounded, figures.values)
