"""The computation for each row: the program, and where its variables take their values from."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mgrad_cli.data.columns import missing_column_advice
from mgrad_cli.errors import MAX_NAMES, BindingError, LimitError, UsageError, nearest, nearest_listed
from mgrad_cli.evaluation.graph import check_names, constant_value, input_names
from mgrad_cli.language.derivative_names import free_name
from mgrad_cli.language.lowering import CONSTANTS, Script
from mgrad_cli.mapping.computation import Preparation
from mgrad_cli.mapping.figures import RowFigures, are_derivatives, figures_of, width_names
from mgrad_cli.mapping.options import ResultOptions
from mgrad_cli.program import Program, substitute, trace
from mgrad_cli.program.recorder import Recorder
from mgrad_cli.script import unbound_constants
from mgrad_cli.text import name_list, normalised

if TYPE_CHECKING:
    from mgrad_cli.exact.rows import RowCertifier
    from mgrad_cli.mapping.solving import Root
    from mgrad_cli.mapping.uncertainties import Uncertainties

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


def plan(
    unit: Script,
    columns: Sequence[str],
    renamed: Mapping[str, str],
    values: Mapping[str, float],
    wrt: Sequence[str] | None,
    options: ResultOptions,
    is_grid: bool = False,
    uncertain: "Uncertainties | None" = None,
) -> Job:
    """Return the job of a script over data with these columns.

    renamed     the columns of variables whose column has another name
    values      the numbers of bound variables
    wrt         the variables to differentiate with respect to; by default all, in a reduction the bound ones, and none
                where the outputs are derivatives already
    is_grid     whether the columns are ranges
    uncertain   the standard uncertainties of variables

    Raises: UsageError for a variable without a column or a value; BindingError for a name that is not a variable.
    """
    available: dict[str, str] = {}
    twice: dict[str, str] = {}
    for column in columns:
        name = normalised(column)
        if name in available:
            twice[name] = column
        available[name] = column
    for name, column in renamed.items():
        if column not in columns:
            raise no_column(column, columns, nearest(column, columns))
        available[name] = column
    check_names(unit, [*values, *renamed])
    names, declared = input_names(unit, {*available, *values})
    root: Root | None = None
    if options.solve is not None:
        from mgrad_cli.mapping.solving import root_of

        root = root_of(options.solve, columns, options.limits)
        check_unknown(root.unknown, names, [*values, *renamed])
    variables, numbers = {}, {}
    for name in names:
        if root is not None and name == root.unknown:
            continue
        if name in values:
            if name in renamed:
                raise UsageError(f"'{name}' is bound, and --col gives it a column as well")
            if name in available:
                raise UsageError(
                    f"'{name}' has a value (--{name}) and a column in the data; leave out the value, or rename the "
                    "variable in the expression"
                )
            numbers[name] = values[name]
        elif name in twice and name not in renamed:
            raise UsageError(f"two columns are called '{name}', in other letters; name one with --col {name}=COLUMN")
        elif name in available:
            variables[name] = available[name]
        elif name in declared:
            numbers[name] = constant_value(declared[name])
        elif is_grid:
            raise UsageError(f"missing value for '{name}'; bind it with --{name} VALUE, or a range")
        else:
            raise no_column(name, columns, missing_column_advice(name, columns) or binding_advice(name))
    names = [name for name in names if root is None or name != root.unknown]
    by_default = () if gives_derivatives(unit, options) else numbers if options.reduce is not None else names
    chosen = tuple(by_default if wrt is None else wrt)
    known, seen = set(names), set[str]()
    for name in chosen:
        if name in seen:
            raise UsageError(f"--wrt names '{name}' twice")
        seen.add(name)
        if name not in known:
            raise BindingError(f"no variable '{name}' in the expression{nearest_listed(name, names)}")
    preparations: tuple[Preparation, ...] = ()
    propagation = None
    if uncertain is not None:
        check_uncertain(uncertain, names, columns)
        propagation, preparations = uncertain.propagation(names), uncertain.preparations(variables)
        variables |= uncertain.inputs
        numbers |= uncertain.numbers(numbers)
    if root is not None:
        from mgrad_cli.mapping.solving import root_programs

        programs = root_programs(unit, root, names, numbers, chosen, propagation, options.coverage)
        widths = [] if propagation is None else width_names([root.unknown], options.coverage)
        results = (root.unknown, *widths, *(f"{options.grad_prefix}{root.unknown}_{name}" for name in chosen))
        return Job(programs.program, variables | root.columns, results, (*preparations, programs.preparation))
    with_digits = options.accuracy or options.certify
    rounded = unbound_constants(unit, names) if with_digits else []

    def derived(program: Program, new_recorder: Callable[[], Recorder] = Recorder) -> RowFigures:
        return figures_of(program, unit.outputs, chosen, options, propagation, new_recorder)

    figures = derived(trace(unit, [*names, *rounded]))
    if not with_digits:
        return Job(substitute(figures.program, numbers), variables, figures.names, preparations)
    bound = [*variables, *values]
    certifier = None
    if options.certify:
        from mgrad_cli.exact.rows import RowCertifier

        certifier = RowCertifier(unit, names, numbers, bound, lambda *values: derived(*values).program)
    digits = digits_names(figures.names) if options.accuracy else ()
    program = substitute(digits_program(figures, rounded), numbers | {name: CONSTANTS[name] for name in rounded})
    return Job(program, variables, (*figures.names, *digits), preparations, certifier)


def check_unknown(unknown: str, names: Sequence[str], bound: Sequence[str]) -> None:
    """Check that the unknown of `--solve` is a variable of the expression that has no value.

    Raises: BindingError, UsageError.
    """
    if unknown not in names:
        raise BindingError(f"no variable '{unknown}' in the expression, for --solve{nearest(unknown, names)}")
    if unknown in bound:
        raise UsageError(f"'{unknown}' is the unknown of --solve and has a value as well; give one of the two")


def gives_derivatives(unit: Script, options: ResultOptions) -> bool:
    """Return whether the outputs of a script are derivatives, which are differentiated again only if that is asked."""
    return are_derivatives(unit.outputs) and options.order == 1


def check_uncertain(uncertain: "Uncertainties", names: Sequence[str], columns: Sequence[str]) -> None:
    """Raise BindingError for an uncertainty of what is no variable, UsageError for one in a column that is missing."""
    for name in uncertain.names:
        if name not in names:
            raise BindingError(f"no variable '{name}' in the expression, for --u{nearest(name, names)}")
    for column in uncertain.columns.values():
        if column not in columns:
            raise no_column(column, columns, nearest(column, columns))


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


def binding_advice(name: str) -> str:
    """Return how the command line gives a variable one value for all rows."""
    return f"; --{name} VALUE gives it one value" if name.isidentifier() else ""


def no_column(name: str, columns: Sequence[str], advice: str) -> UsageError:
    return UsageError(f"no column '{name}'; columns: {shown_columns(columns)}{advice}")


def shown_columns(columns: Sequence[str]) -> str:
    """Return the names of columns for a message, shortened if there are many."""
    return name_list(columns, MAX_NAMES) or "none"
