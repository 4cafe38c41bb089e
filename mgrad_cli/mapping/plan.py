"""The computation for each row: the program, and where its variables take their values from."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mgrad_cli.data.columns import missing_column_advice
from mgrad_cli.errors import MAX_NAMES, BindingError, LimitError, UsageError, nearest
from mgrad_cli.evaluation.graph import check_names, constant_value, input_names
from mgrad_cli.exact.rows import RowCertifier
from mgrad_cli.language.lowering import CONSTANTS, FIXED, Script, check_one_output
from mgrad_cli.mapping.computation import Preparation
from mgrad_cli.mapping.options import ResultOptions
from mgrad_cli.program import Program, differentiate, substitute, trace
from mgrad_cli.text import name_list

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
    certifier: RowCertifier | None = None


def plan(
    unit: Script,
    columns: Sequence[str],
    renamed: Mapping[str, str],
    values: Mapping[str, float],
    wrt: Sequence[str] | None,
    options: ResultOptions,
    is_grid: bool = False,
) -> Job:
    """Return the job of a script over data with these columns.

    renamed     the columns of variables whose column has another name
    values      the numbers of bound variables
    wrt         the variables to differentiate with respect to; by default all, or in a reduction the bound ones
    is_grid     whether the columns are ranges

    Raises: UsageError for a variable without a column or a value; BindingError for a name that is not a variable.
    """
    check_one_output(unit, "map")
    available: dict[str, str] = {}
    twice: dict[str, str] = {}
    for column in columns:
        name = unicodedata.normalize("NFC", column)
        if name in available:
            twice[name] = column
        available[name] = column
    for name, column in renamed.items():
        if column not in columns:
            raise no_column(column, columns, nearest(column, columns))
        available[name] = column
    check_names(unit, [*values, *renamed])
    names, declared = input_names(unit, {*available, *values})
    variables, numbers = {}, {}
    for name in names:
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
            raise no_column(name, columns, missing_column_advice(name, columns))
    chosen = tuple(wrt if wrt is not None else numbers if options.reduce is not None else names)
    known, seen = set(names), set[str]()
    for name in chosen:
        if name in seen:
            raise UsageError(f"--wrt names '{name}' twice")
        seen.add(name)
        if name not in known:
            raise BindingError(f"no variable '{name}' in the expression{nearest(name, names)}")
    figures = [options.value_name, *(f"{options.grad_prefix}{name}" for name in chosen)]
    digits = [f"digits_{name}" for name in figures] if options.accuracy else []
    if not (options.accuracy or options.certify):
        program = substitute(differentiate(trace(unit, names), chosen), numbers)
        return Job(program, variables, tuple(figures))
    bound = [*variables, *values]
    certifier = RowCertifier(unit, names, numbers, bound, chosen) if options.certify else None
    program = digits_program(unit, names, chosen, numbers)
    return Job(program, variables, (*figures, *digits), certifier=certifier)


def digits_program(unit: Script, names: Sequence[str], wrt: Sequence[str], numbers: Mapping[str, float]) -> Program:
    """Return the program of a value, its partial derivatives, and how many digits of each are right.

    Raises: LimitError where that takes too long.
    """
    from mgrad_cli.program.accuracy import with_digits

    taken = {*names, *unit.assigned, *FIXED}
    rounded = [name for name in unit.names if name in CONSTANTS and name not in taken]
    program = differentiate(trace(unit, [*names, *rounded]), wrt)
    effort = len(program) * len(program.outputs)
    if effort > MAX_EFFORT:
        raise LimitError(
            f"the right digits of {len(program.outputs):,} figures take {effort:,} derivatives, more than the maximum "
            f"of {MAX_EFFORT:,}; choose fewer variables with --wrt"
        )
    constants = {name: CONSTANTS[name] for name in rounded}
    return substitute(with_digits(program, rounded), {**numbers, **constants})


def no_column(name: str, columns: Sequence[str], advice: str) -> UsageError:
    return UsageError(f"no column '{name}'; columns: {shown_columns(columns)}{advice}")


def shown_columns(columns: Sequence[str]) -> str:
    """Return the names of columns for a message, shortened if there are many."""
    return name_list(columns, MAX_NAMES) or "none"
