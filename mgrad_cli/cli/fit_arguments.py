"""Read the names in the options of `mgrad fit`: parameters, columns, and other variables."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import click

from mgrad_cli.analysis.fit_problem import FitProblem
from mgrad_cli.analysis.fit_variables import FitVariables, UnknownNamesError, logarithm, resolved, script_of
from mgrad_cli.analysis.residuals import ModelScripts
from mgrad_cli.cli.assignments import assignments, number_for
from mgrad_cli.cli.bindings import option_names, read_bindings
from mgrad_cli.cli.bounds import parse_bounds
from mgrad_cli.cli.fit_options import FitArguments
from mgrad_cli.cli.map_arguments import renamed
from mgrad_cli.data.blocks import Source
from mgrad_cli.errors import ExpressionError, UsageError
from mgrad_cli.evaluation.graph import constant_value, input_names
from mgrad_cli.evaluation.value_text import parse_value
from mgrad_cli.language.lowering import Script
from mgrad_cli.language.names import name_and_value, split_list
from mgrad_cli.language.parser import Limits
from mgrad_cli.mapping.loading import LoadedRows
from mgrad_cli.mapping.local_run import check_separator
from mgrad_cli.storage.streams import log

DEFAULT_START = 1.0


def parse_starts(
    texts: Iterable[str], model: Script, bounds: Mapping[str, tuple[float, float]], limits: Limits
) -> tuple[dict[str, float], list[str]]:
    """Return the start of each parameter, and the names of those that were given none.

    Each text is `NAME=START`, or several of these separated by commas. As in `mgrad map`, a name without a value has
    that of the next name. At the end of the text it has the value that the model declares, or 1, or the
    nearest end of its bound.

    Raises: UsageError for a start that is not a number, or a name that is given twice.
    """
    starts: dict[str, float] = {}
    without: list[str] = []
    _, declared = input_names(model, ())
    for text in texts:
        waiting: list[str] = []
        for item in split_list(text):
            name, equals, value = name_and_value(item)
            if not name:
                raise UsageError(f"--params needs NAME=START, separated by commas, not '{text}'")
            if name in starts or name in waiting:
                raise UsageError(f"--params gives '{name}' twice")
            waiting.append(name)
            if equals:
                starts |= dict.fromkeys(waiting, start_value(name, value.strip(), limits))
                waiting = []
        for name in waiting:
            starts[name] = constant_value(declared[name]) if name in declared else default_start(bounds.get(name))
            without.append(name)
    return starts, [name for name in without if name not in declared]


def start_value(name: str, text: str, limits: Limits) -> float:
    try:
        return parse_value(text, limits)
    except ExpressionError as error:
        raise UsageError(f"the start of '{name}', '{text}', is not a number: {error.message}") from None


def default_start(bound: tuple[float, float] | None) -> float:
    """Return 1, or the nearest end of a bound that excludes it."""
    low, high = bound or (DEFAULT_START, DEFAULT_START)
    return min(max(DEFAULT_START, low), high)


def hold(texts: Iterable[str], starts: dict[str, float], without: list[str], limits: Limits) -> list[str]:
    """Return the names of the parameters to hold, and set the starts of those that are held at a value.

    Each text is `NAME` or `NAME=VALUE`, or several of these separated by commas. `without` has the names that were
    given no start.

    Raises: UsageError for a text of another form, or a value beside a start in `--params`.
    """
    fixed: dict[str, None] = {}
    for text in texts:
        for name, value in assignments(text, "--fix", "NAME or NAME=VALUE", allows_names=True).items():
            fixed[name] = None
            if not value:
                continue
            if name in starts and name not in without:
                raise UsageError(f"'{name}' has two values, {starts[name]:g} in --params and {value} in --fix")
            starts[name] = number_for(name, value, "value", limits)
    return list(fixed)


def chosen_response(y: str | None, model: Script, columns: Collection[str]) -> str:
    """Return the text of the response: `--y`, or the column with the name of the model's output, as in `y = a*x`.

    Raises: UsageError if there is neither.
    """
    if y is not None:
        return y
    name = model.blocks[-1].name
    if name is not None and name in columns:
        return name
    raise UsageError("--y is missing: the column that the model describes")


class NamedProblem(NamedTuple):
    """A fit whose names are known, before its data are read."""

    scripts: ModelScripts
    starts: dict[str, float]
    fixed: list[str]
    bounds: dict[str, tuple[float, float]]
    variables: FitVariables

    def problem(self, loaded: LoadedRows) -> FitProblem:
        """Return the problem with its data."""
        return FitProblem(
            scripts=self.scripts,
            starts=self.starts,
            columns=loaded.columns,
            rows=loaded.rows,
            fixed=self.fixed,
            bounds=self.bounds,
            numbers=self.variables.numbers,
            skipped=loaded.skipped,
            at_row=loaded.message,
        )


def named_problem(ctx: click.Context, options: FitArguments, model: Script, first: Source) -> NamedProblem:
    """Return what the names of the command line mean for data with these columns."""
    limits, columns = options.limits, (*first.columns, *first.members)
    if options.loss == "linear" and options.loss_scale != 1:
        raise UsageError("--loss-scale needs --loss: least squares count all residuals alike")
    bounds = parse_bounds(options.bound, "--bound", limits)
    starts, without = parse_starts(options.params, model, bounds, limits)
    fixed = hold(options.fix, starts, without, limits)
    without = [name for name in without if name not in fixed]
    values = read_bindings(ctx, limits, model.names)
    response = script_of(chosen_response(options.y, model, columns), columns, limits)
    needed = {*renamed(options.col).values(), *model.names, *response.names} - {*starts, *values}
    check_separator(first, needed)
    sigma = None if options.sigma is None else script_of(options.sigma, columns, limits)
    scripts = ModelScripts(model, logarithm(response) if options.log_y else response, sigma)
    try:
        variables = resolved(scripts, starts, values, columns, renamed(options.col))
    except UnknownNamesError as error:
        hidden = [name for name in error.names if f"--{name}" in option_names(ctx.command, ctx)]
        if hidden:
            raise UsageError(
                f"{error.message}; '{hidden[0]}' is an option, bind it with --var {hidden[0]}=VALUE"
            ) from None
        raise
    if not starts:
        shown = ",".join(f"{name}={value:g}" for name, value in values.items()) or "a=1,b=1"
        raise UsageError(f"--params is missing: the parameters to fit and their starts, as in --params {shown}")
    if without and not options.quiet:
        begin = "starts" if len(without) == 1 else "start"
        log(f"note: {', '.join(without)} {begin} at {starts[without[0]]:g}; --params {without[0]}=START sets another")
    for name in ("tau", "τ"):
        if name in model.names and name not in {*starts, *variables.columns, *variables.numbers, *model.assigned}:
            log(f"note: {name} is the constant 2*pi here; to fit it, name it in --params")
    return NamedProblem(scripts, starts, fixed, bounds, variables)
