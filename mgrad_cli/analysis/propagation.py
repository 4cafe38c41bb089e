"""Propagate measured values to the outputs of a script, with correlations and the checks that are asked for."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from mgrad_cli.analysis.budget import Propagation
from mgrad_cli.analysis.correlations import Correlations
from mgrad_cli.analysis.covariances import Covariances, merged
from mgrad_cli.analysis.uncertainty import propagate
from mgrad_cli.errors import InputError, UsageError
from mgrad_cli.evaluation.graph import input_names
from mgrad_cli.evaluation.measurements import Measurement
from mgrad_cli.language.lowering import Script
from mgrad_cli.suggestions import nearest


class PropagationOptions(NamedTuple):
    """What is known about the inputs beside their own uncertainties, and what to compute.

    pairs               correlation coefficients of pairs of inputs
    covariances         those of a covariance matrix, with the uncertainties in its diagonal
    coverage            the coverage factor of an expanded uncertainty
    with_second_order   whether to compute the second order
    draws, seed         the draws of a simulation, if any, and their seed
    distributions       those of inputs in the simulation that are not normal
    """

    pairs: Mapping[tuple[str, str], float] = {}
    covariances: Covariances = Covariances({}, {})
    coverage: float | None = None
    with_second_order: bool = False
    draws: int | None = None
    seed: int = 0
    distributions: Mapping[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs in the correlations, in the matrix and among the distributions."""
        paired = (name for pair in self.pairs for name in pair)
        return tuple(dict.fromkeys([*paired, *self.covariances.uncertainties, *self.distributions]))


def propagate_measurements(
    script: Script, measurements: Mapping[str, Measurement], options: PropagationOptions, drops_others: bool = False
) -> Propagation:
    """Return the outputs of a script with their uncertainties, at measured values of its variables.

    `drops_others` leaves out correlations of names that are not variables of the script or have no uncertainty.

    Raises: UsageError for such names otherwise, or InputError if they are in the matrix; UsageError for an input with
    two uncertainties, and for correlations that cannot hold together; BindingError for a variable without a value, or a
    value without a variable.
    """
    known, _ = input_names(script, measurements)
    if options.covariances.is_of_fit and not options.covariances.uncertainties.keys().isdisjoint(known):
        options = options._replace(covariances=options.covariances.among(known))
    if not drops_others:
        check_known(options, known)
    own = {name: measured.uncertainty for name, measured in measurements.items() if measured.uncertainty}
    uncertainties, pairs = merged(own, options.covariances)
    for pair, coefficient in options.pairs.items():
        other = pairs.get(pair, pairs.get((pair[1], pair[0]), 0.0))
        if {*pair} <= options.covariances.uncertainties.keys() and coefficient != other:
            raise UsageError(f"the correlation of '{pair[0]}' and '{pair[1]}' is given twice: also by the matrix")
    pairs = pairs | dict(options.pairs)
    if not drops_others:
        check_uncertain(pairs, uncertainties)
    present = set(known)
    kept = {
        (one, other): coefficient
        for (one, other), coefficient in pairs.items()
        if {one, other} <= present and uncertainties.get(one) and uncertainties.get(other)
    }
    distributions = {
        name: kind
        for name, kind in options.distributions.items()
        if not drops_others or (name in present and uncertainties.get(name))
    }
    return propagate(
        script,
        {name: measured.value for name, measured in measurements.items()},
        {name: uncertainty for name, uncertainty in uncertainties.items() if name in present},
        Correlations.of(kept),
        options.coverage,
        options.with_second_order,
        options.draws,
        options.seed,
        distributions,
    )


def check_known(options: PropagationOptions, known: Collection[str]) -> None:
    """Raise UsageError for a correlated name that is not a variable, InputError for one in the matrix."""
    for name in options.names:
        if name in known:
            continue
        if name in options.covariances.uncertainties:
            raise InputError(f"the matrix has '{name}', which is no variable of the expression{nearest(name, known)}")
        what = "a distribution" if name in options.distributions else "a correlation"
        raise UsageError(f"{what} has '{name}', which is no variable of the expression{nearest(name, known)}")


def check_uncertain(pairs: Mapping[tuple[str, str], float], uncertainties: Mapping[str, float]) -> None:
    """Raise UsageError for the correlation of an input without uncertainty."""
    for pair in pairs:
        for name in pair:
            if not uncertainties.get(name):
                raise UsageError(
                    f"the correlation of '{pair[0]}' and '{pair[1]}' needs an uncertainty of '{name}', as in 1.2±0.1"
                )
