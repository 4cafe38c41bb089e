"""Where the variables of a formula take their values from: a column, a number, or the unknown of an equation."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mgrad_cli.data.columns import missing_column_advice
from mgrad_cli.errors import MAX_NAMES, BindingError, UsageError
from mgrad_cli.evaluation.graph import check_names, constant_value, input_names
from mgrad_cli.language.lowering import Script
from mgrad_cli.suggestions import nearest, nearest_listed
from mgrad_cli.text import name_list, normalised

if TYPE_CHECKING:
    from mgrad_cli.mapping.uncertainties import Uncertainties


class RowFormula(NamedTuple):
    """A formula, and what the command line and the data give its variables.

    columns     the columns of the data, with the members of those that are objects
    renamed     the columns of variables whose column has another name
    values      the numbers of bound variables
    wrt         the variables to differentiate with respect to; by default all, in a reduction the bound ones, and none
                where the outputs are derivatives already
    uncertain   the standard uncertainties of variables
    is_grid     whether the columns are ranges
    """

    script: Script
    columns: Sequence[str]
    renamed: Mapping[str, str]
    values: Mapping[str, float]
    wrt: Sequence[str] | None
    uncertain: "Uncertainties | None" = None
    is_grid: bool = False


class Inputs(NamedTuple):
    """The variables of a formula, in order of appearance, without the unknown of an equation.

    columns   the column of each variable that has one
    numbers   the number of each other variable
    """

    names: list[str]
    columns: dict[str, str]
    numbers: dict[str, float]


def inputs_of(formula: RowFormula, unknown: str | None = None) -> Inputs:
    """Return where the variables of a formula take their values from.

    Raises: UsageError for a variable without a column or a value, or with both; BindingError for a name that is not a
    variable.
    """
    script, columns, renamed, values = formula.script, formula.columns, formula.renamed, formula.values
    available, twice = columns_by_name(columns)
    for name, column in renamed.items():
        if column not in columns:
            raise no_column(column, columns, nearest(column, columns))
        available[name] = column
    check_names(script, [*values, *renamed])
    names, declared = input_names(script, {*available, *values})
    if unknown is not None:
        check_unknown(unknown, names, [*values, *renamed])
    found = Inputs([name for name in names if name != unknown], {}, {})
    for name in found.names:
        if name in values:
            check_bound_once(name, renamed, available)
            found.numbers[name] = values[name]
        elif name in twice and name not in renamed:
            raise UsageError(f"two columns are called '{name}', in other letters; name one with --col {name}=COLUMN")
        elif name in available:
            found.columns[name] = available[name]
        elif name in declared:
            found.numbers[name] = constant_value(declared[name])
        elif formula.is_grid:
            raise UsageError(f"missing value for '{name}'; bind it with --{name} VALUE, or a range")
        else:
            raise no_column(name, columns, missing_column_advice(name, columns) or binding_advice(name))
    return found


def columns_by_name(columns: Sequence[str]) -> tuple[dict[str, str], set[str]]:
    """Return the column that each variable would read, and the names that several columns have in other letters."""
    available: dict[str, str] = {}
    twice: set[str] = set()
    for column in columns:
        name = normalised(column)
        if name in available:
            twice.add(name)
        available[name] = column
    return available, twice


def check_bound_once(name: str, renamed: Mapping[str, str], available: Mapping[str, str]) -> None:
    """Raise UsageError for a bound variable that has a column as well."""
    if name in renamed:
        raise UsageError(f"'{name}' is bound, and --col gives it a column as well")
    if name in available:
        raise UsageError(
            f"'{name}' has a value (--{name}) and a column in the data; leave out the value, or rename the "
            "variable in the expression"
        )


def check_wanted(wrt: Sequence[str], names: Sequence[str]) -> None:
    """Raise UsageError for a name in `wrt` that is given twice, BindingError for one that is not a variable."""
    known, seen = set(names), set[str]()
    for name in wrt:
        if name in seen:
            raise UsageError(f"--wrt names '{name}' twice")
        seen.add(name)
        if name not in known:
            raise BindingError(f"no variable '{name}' in the expression{nearest_listed(name, names)}")


def check_unknown(unknown: str, names: Sequence[str], bound: Sequence[str]) -> None:
    """Check that the unknown of `--solve` is a variable of the expression that has no value.

    Raises: BindingError, UsageError.
    """
    if unknown not in names:
        raise BindingError(f"no variable '{unknown}' in the expression, for --solve{nearest(unknown, names)}")
    if unknown in bound:
        raise UsageError(f"'{unknown}' is the unknown of --solve and has a value as well; give one of the two")


def check_uncertain(uncertain: "Uncertainties", names: Sequence[str], columns: Sequence[str]) -> None:
    """Raise BindingError for an uncertainty of what is no variable, UsageError for one in a column that is missing."""
    for name in uncertain.names:
        if name not in names:
            raise BindingError(f"no variable '{name}' in the expression, for --u{nearest(name, names)}")
    for column in uncertain.columns.values():
        if column not in columns:
            raise no_column(column, columns, nearest(column, columns))


def binding_advice(name: str) -> str:
    """Return how the command line gives a variable one value for all rows."""
    return f"; --{name} VALUE gives it one value" if name.isidentifier() else ""


def no_column(name: str, columns: Sequence[str], advice: str) -> UsageError:
    return UsageError(f"no column '{name}'; columns: {shown_columns(columns)}{advice}")


def shown_columns(columns: Sequence[str]) -> str:
    """Return the names of columns for a message, shortened if there are many."""
    return name_list(columns, MAX_NAMES) or "none"
