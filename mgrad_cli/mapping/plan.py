"""What is computed of each row, and where the variables of the formula come from: columns, or the command line."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mgrad_cli.data.columns import missing_column_advice
from mgrad_cli.errors import MAX_NAMES, BindingError, UsageError, nearest
from mgrad_cli.evaluation.graph import check_names, constant_value, input_names
from mgrad_cli.language.lowering import Script
from mgrad_cli.program import Program, differentiate, substitute, trace
from mgrad_cli.text import name_list


class Job(NamedTuple):
    """What is computed of each row: the program over columns, and where its inputs come from.

    variables   the column of each variable that has one
    values      the numbers of the others
    wrt         the names of the partial derivatives, in the order of the outputs after the value
    """

    program: Program
    variables: dict[str, str]
    values: dict[str, float]
    wrt: tuple[str, ...]


def plan(
    unit: Script,
    columns: Sequence[str],
    renamed: Mapping[str, str],
    values: Mapping[str, float],
    wrt: Sequence[str] | None = None,
    of_values: bool = False,
    is_grid: bool = False,
) -> Job:
    """The job of a unit over data with these columns.

    renamed     the column for a variable, where it is not the one of its name
    values      the numbers of variables that are bound
    wrt         the variables to differentiate by; by default all, or with `of_values` those that are no columns
    is_grid     whether the columns are ranges, of which there could be more

    Raises: UsageError for a variable without a column or a value; BindingError for a name that is no variable.
    """
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
    chosen = tuple(wrt if wrt is not None else numbers if of_values else names)
    known, seen = set(names), set[str]()
    for name in chosen:
        if name in seen:
            raise UsageError(f"--wrt names '{name}' twice")
        seen.add(name)
        if name not in known:
            raise BindingError(f"no variable '{name}' in the expression{nearest(name, names)}")
    program = substitute(differentiate(trace(unit, names), chosen), numbers)
    return Job(program, variables, numbers, chosen)


def no_column(name: str, columns: Sequence[str], advice: str) -> UsageError:
    return UsageError(f"no column '{name}'; columns: {shown_columns(columns)}{advice}")


def shown_columns(columns: Sequence[str]) -> str:
    """The names of columns, as many as a message has room for."""
    return name_list(columns, MAX_NAMES) or "none"
