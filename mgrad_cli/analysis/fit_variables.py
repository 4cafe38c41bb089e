"""Which names of a fit are parameters, which are columns of the data, and which are numbers."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from mgrad_cli.analysis.residuals import ModelScripts
from mgrad_cli.errors import BindingError, UsageError
from mgrad_cli.evaluation.graph import check_names, constant_value, input_names
from mgrad_cli.language.lowering import Assignment, Script, read
from mgrad_cli.language.parser import DEFAULT_LIMITS, Limits
from mgrad_cli.script import Step
from mgrad_cli.suggestions import nearest, nearest_name
from mgrad_cli.text import name_list, normalised

MAX_NAMES = 10


class FitVariables(NamedTuple):
    """The names of a fit.

    columns     the column of each variable
    numbers     the values of other names: bound, or declared in the formula
    """

    columns: dict[str, str]
    numbers: dict[str, float]


class UnknownNamesError(UsageError):
    """Names of a model that are neither columns nor parameters."""

    def __init__(self, names: Sequence[str], parameters: Collection[str], columns: Sequence[str]) -> None:
        shown = name_list([f"'{name}'" for name in names], MAX_NAMES)
        are = "is neither a column nor a parameter" if len(names) == 1 else "are neither columns nor parameters"
        like = nearest_name(names[0], [*columns, *parameters]) if len(names) == 1 else ""
        advice = f"did you mean '{like}'? " if like else ""
        starts = ",".join(f"{name}=1" for name in names)
        super().__init__(f"{shown} {are}{listed(columns)}; {advice}parameters have a start: --params {starts}")
        self.names = names


def script_of(text: str, columns: Collection[str], limits: Limits = DEFAULT_LIMITS) -> Script:
    """Return the script of a response or a sigma: of the column with that name, or of an expression of columns.

    Raises: ExpressionError.
    """
    if normalised(text) in columns:
        return column_script(normalised(text))
    return read(text, limits)


def column_script(name: str) -> Script:
    """Return the script that is nothing but a name."""
    return Script(name, (Assignment(None, (Step(None, (), None, name, None),), (name,), None),), (name,), {})


def logarithm(script: Script) -> Script:
    """Return the script of the natural logarithm of a script's output."""
    from mgrad_cli.operations import TABLE

    log = next(operation for operation in TABLE["log"] if len(operation.operands) == 1)
    *before, last = script.blocks
    steps = (*last.steps, Step(log, (len(last.steps) - 1,), None, "", None))
    return script._replace(text=f"log({script.text})", blocks=(*before, last._replace(name=None, steps=steps)))


def resolved(
    scripts: ModelScripts,
    parameters: Collection[str],
    values: Mapping[str, float],
    columns: Sequence[str],
    renamed: Mapping[str, str],
) -> FitVariables:
    """Return where the names of a fit take their values from.

    parameters  the names of the parameters
    values      the numbers of bound variables
    columns     the columns of the data
    renamed     the columns of variables whose column has another name

    Raises: BindingError for a parameter or a value that is not a variable of the model, or has a column as well;
    UsageError for a name that has neither a column nor a value.
    """
    available = {normalised(column): column for column in columns}
    for name, column in renamed.items():
        if column not in columns:
            raise UsageError(f"no column '{column}'{listed(columns)}{nearest(column, columns)}")
        available[name] = column
    check_names(scripts.model, [*parameters, *values])
    for name in (*parameters, *values):
        if name in parameters and name in values:
            raise BindingError(f"'{name}' is a parameter, and bound to {values[name]:g} as well")
        if name in available:
            what = "a parameter" if name in parameters else "bound to a number"
            raise BindingError(f"'{name}' is {what} and a column of the data; rename it in the model")
    found = FitVariables({}, {})
    given = {*available, *parameters, *values}
    missing: list[str] = []
    for script, is_model in ((scripts.model, True), (scripts.response, False), (scripts.sigma, False)):
        if script is None:
            continue
        names, declared = input_names(script, given)
        for name in names:
            if name in parameters:
                if not is_model:
                    raise BindingError(f"'{name}' is a parameter; '{script.text}' can use columns only")
            elif name in values:
                found.numbers[name] = values[name]
            elif name in available:
                found.columns[name] = available[name]
            elif name in declared:
                found.numbers[name] = constant_value(declared[name])
            elif is_model:
                missing.append(name)
            else:
                raise UsageError(f"no column '{name}'{listed(columns)}{nearest(name, columns)}")
    if missing:
        raise UnknownNamesError(missing, parameters, columns)
    return found


def listed(columns: Sequence[str]) -> str:
    return f"; columns: {name_list(columns, MAX_NAMES) or 'none'}"
