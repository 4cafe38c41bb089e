"""The options of uncertainties, and what verbs do with values that have one."""

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypedDict

import click

from mgrad_cli.cli.bindings import BINDINGS, parsed_bindings
from mgrad_cli.cli.evaluating import evaluated_as
from mgrad_cli.cli.options import Callback, GradientOptions, chosen_limits, wanted_names
from mgrad_cli.cli.verb import InputPath
from mgrad_cli.errors import ExpressionError, InputError, UsageError
from mgrad_cli.evaluation.results import Result
from mgrad_cli.evaluation.value_text import is_uncertain, parse_value
from mgrad_cli.language.parser import Limits
from mgrad_cli.library.expression import Expression
from mgrad_cli.text import name_list, normalised

if TYPE_CHECKING:
    from mgrad_cli.analysis.covariances import Covariances
    from mgrad_cli.analysis.propagation import PropagationOptions
    from mgrad_cli.evaluation.measurements import Measurement

MAX_NAMES = 5
MIN_DRAWS, MAX_DRAWS = 2, 100_000_000
OPTIONS = ("corr", "cov", "coverage", "second_order", "monte_carlo", "seed", "distribution")


class UncertaintyOptions(TypedDict):
    """The parameters that `uncertainty_options` adds."""

    corr: tuple[str, ...]
    cov: str | None
    coverage: float | None
    second_order: bool
    monte_carlo: int | None
    seed: int | None
    distribution: tuple[str, ...]


class DrawCount(click.IntRange):
    """The type of an option for a number of draws, as 1000000 or 1e6."""

    def __init__(self) -> None:
        super().__init__(MIN_DRAWS, MAX_DRAWS)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        with suppress(ValueError):
            if (number := float(value)).is_integer():
                value = int(number)
        return super().convert(value, param, ctx)


class UncertainGradientOptions(UncertaintyOptions, GradientOptions):
    """The parameters of a gradient with uncertainties."""


def uncertainty_options(function: Callback) -> Callback:
    """Add the options of uncertainties, which `propagation_options` reads."""
    for option in (
        click.option(
            "--distribution",
            multiple=True,
            metavar="NAME=KIND",
            help="Distribution in --monte-carlo: normal (default), uniform, triangular or arcsine; repeatable.",
        ),
        click.option("--seed", type=click.IntRange(min=0), metavar="S", help="Seed of --monte-carlo (default: 0)."),
        click.option(
            "--monte-carlo",
            type=DrawCount(),
            metavar="N",
            help="Compare the uncertainty with a simulation of N draws.",
        ),
        click.option("--second-order", is_flag=True, help="Add the second-order terms of the uncertainty."),
        click.option("--coverage", type=float, metavar="K", help="Show the expanded uncertainty K*u too."),
        click.option(
            "--cov",
            type=InputPath(),
            metavar="FILE",
            help="Read a covariance matrix of variables, with names, from CSV or JSON.",
        ),
        click.option(
            "--corr", multiple=True, metavar="A,B=R", help="Correlation of two variables, from -1 to 1; repeatable."
        ),
    ):
        function = option(function)
    return function


def given_options(options: UncertaintyOptions) -> list[str]:
    """Return the options of uncertainties that are given, as they are written."""
    given = dict(options)
    return [f"--{name.replace('_', '-')}" for name in OPTIONS if given[name] not in (None, False, ())]


def refuse_options(options: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise UsageError if one of these options is given, which cannot be combined with uncertainties."""
    for name in names:
        if options[name]:
            raise UsageError(f"--{name.replace('_', '-')} cannot be combined with uncertainties")


def asks_for_uncertainty(ctx: click.Context, options: UncertaintyOptions) -> bool:
    """Return whether an option of uncertainties is given, or a value has one."""
    return bool(given_options(options)) or any(map(is_uncertain, ctx.meta[BINDINGS].values()))


def uncertain_bindings(ctx: click.Context, limits: Limits) -> "dict[str, Measurement]":
    """Return the values bound on the command line with their uncertainties. Raises: BindingError for any other."""
    from mgrad_cli.evaluation.measurements import parse_measurement

    return parsed_bindings(ctx, limits, parse_measurement)


def propagation_options(options: UncertaintyOptions, limits: Limits) -> "PropagationOptions":
    """Return what the options say about the propagation of uncertainties.

    Raises: UsageError for a correlation that cannot be, or options that need another; InputError for a matrix file.
    """
    from mgrad_cli.analysis.correlations import Correlations
    from mgrad_cli.analysis.covariances import Covariances
    from mgrad_cli.analysis.propagation import PropagationOptions

    coverage = options["coverage"]
    if coverage is not None and not (coverage > 0 and math.isfinite(coverage)):
        raise UsageError(f"--coverage takes a number above 0, not {coverage:g}")
    if options["seed"] is not None and options["monte_carlo"] is None:
        raise UsageError("--seed needs --monte-carlo N")
    distributions = dict(map(read_distribution, options["distribution"]))
    if distributions and options["monte_carlo"] is None:
        raise UsageError("--distribution needs --monte-carlo N")
    if len(distributions) < len(options["distribution"]):
        raise UsageError("the distribution of a variable is given twice")
    pairs: dict[tuple[str, str], float] = {}
    for text in options["corr"]:
        names, coefficient = read_correlation(text, limits)
        if names in pairs or names[::-1] in pairs:
            raise UsageError(f"the correlation of '{names[0]}' and '{names[1]}' is given twice")
        pairs[names] = coefficient
    Correlations.of(pairs)
    covariances = Covariances({}, {}) if options["cov"] is None else read_covariances(options["cov"])
    return PropagationOptions(
        pairs,
        covariances,
        coverage,
        options["second_order"],
        options["monte_carlo"],
        options["seed"] or 0,
        distributions,
    )


def read_distribution(text: str) -> tuple[str, str]:
    """Return the name and the kind of a value of `--distribution`."""
    from mgrad_cli.language.names import name_and_value

    name, equals, kind = name_and_value(text)
    kind = kind.strip()
    if not (name and equals and kind):
        raise UsageError(f"--distribution needs NAME=KIND, as in --distribution x=uniform, not '{text}'")
    return name, kind


def read_correlation(text: str, limits: Limits) -> tuple[tuple[str, str], float]:
    """Return the names and the coefficient of a value of `--corr`."""
    from mgrad_cli.language.names import read_names

    names, equals, value = normalised(text).rpartition("=")
    one, other, *others = [*read_names(names), ""]
    if not (equals and one and other and value.strip()) or any(others):
        raise UsageError(f"--corr needs NAME,NAME=NUMBER, as in --corr a,b=0.3, not '{text}'")
    if one == other:
        raise UsageError(f"--corr {text}: a correlation is that of two variables")
    try:
        return (one, other), parse_value(value, limits)
    except ExpressionError as error:
        raise UsageError(f"the correlation in --corr {text} is not a number: {error.message}") from None


def read_covariances(path: str) -> "Covariances":
    """Return the uncertainties and correlations of a matrix file. Raises: InputError if it is not one."""
    from mgrad_cli.analysis.correlations import Correlations
    from mgrad_cli.analysis.covariances import split_covariance
    from mgrad_cli.data.matrices import read_matrix

    matrix = read_matrix(path)
    try:
        found = split_covariance(matrix.names, matrix.rows)._replace(is_of_fit=matrix.is_of_fit)
        Correlations.of(found.pairs)
    except UsageError as error:
        raise InputError(f"'{path}': {error.message}") from None
    return found


def uncertain_result(ctx: click.Context, options: UncertainGradientOptions, with_nodes: bool) -> Result:
    """Return the result of the expression that the options name, with its uncertainty.

    Raises: UsageError if no value has an uncertainty, and for correlations that do not fit; what `evaluated` raises.
    """
    from mgrad_cli.analysis.propagation import propagate_measurements
    from mgrad_cli.evaluation.measurements import Measurement, parse_measurement

    if options["cov"] == "-" and "-" in (options["expression"], options["file"]):
        raise UsageError("standard input cannot be both the expression and the matrix of --cov")
    settings = propagation_options(options, chosen_limits(options))
    given = given_options(options)
    if given and not settings.covariances.uncertainties and not any(map(is_uncertain, ctx.meta[BINDINGS].values())):
        raise UsageError(f"{given[0]} needs a value with an uncertainty, as in --x 1.2±0.1")
    wrt = wanted_names(options["wrt"]) or []

    def method(expression: Expression, measurements: dict[str, Measurement]) -> Result:
        point = {name: measured.value for name, measured in measurements.items()}
        result = expression.evaluate(point, wrt, with_nodes).result
        result.uncertainty = propagate_measurements(expression.script, measurements, settings)
        return result

    return evaluated_as(ctx, options, parse_measurement, method)


def uncertainty_warnings(result: Result) -> list[str]:
    """Return what to say where the law of propagation may not hold at the point of a result."""
    from mgrad_cli.renderers.uncertainties import propagation_of

    propagation = propagation_of(result)
    said = []
    for output in propagation.outputs:
        simulation = output.monte_carlo
        if simulation is not None and simulation.nonfinite:
            said.append(
                f"{simulation.nonfinite:,} of {simulation.draws:,} draws of {output.name} are not finite; mean, "
                "deviation and intervals are those of the others"
            )
        elif simulation is None and output.second_order is None and output.flat_inputs:
            names = name_list([f"'{name}'" for name in output.flat_inputs], MAX_NAMES)
            adds = "its uncertainty adds" if len(output.flat_inputs) == 1 else "their uncertainties add"
            said.append(
                f"the slope of {output.name} by {names} is 0 here, and {adds} nothing in first order; "
                "--second-order or --monte-carlo N shows more"
            )
    if result.conventions and propagation.budget and propagation.outputs[0].monte_carlo is None:
        said.append(
            f"the uncertainty rests on slopes by convention ({name_list(result.conventions, MAX_NAMES)}); "
            "--monte-carlo N shows more"
        )
    return said
