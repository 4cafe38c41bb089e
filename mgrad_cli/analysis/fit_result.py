"""The result of a fit: a frozen record of estimates, their errors, and how well the model describes the data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mgrad_cli.analysis.bands import Band

if TYPE_CHECKING:
    from mgrad_cli.exact.fits import FitProof


class FitParameter(NamedTuple):
    """A parameter of a fit.

    estimate    its value at the least sum of squares, or the one at which it is held
    error       its standard error; nan if it is held, or the data leave no degrees of freedom
    t, p        estimate over standard error, and the probability of such a t or a larger one if the parameter were 0
    low, high   the 95 % confidence interval by Student's t
    start       the value at which the search began
    held        why it is held: `fixed`, `at bound`, or an empty text
    """

    name: str
    estimate: float
    error: float
    t: float
    p: float
    low: float
    high: float
    start: float
    held: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class FitResult:
    """A fitted model.

    expr, y         the texts of the model and of the response
    parameters      all parameters, in their order
    free            the names of those that were fitted
    covariance      of the free parameters, by name and name
    correlation     likewise
    rows, dof       the number of rows, and of degrees of freedom: rows less free parameters
    skipped         the number of rows left out
    rss             the sum of squared residuals, weighted with sigma if there is one; twice the cost of another loss
    deviation       the residual standard deviation, (rss/dof)**0.5; with sigma the root of the reduced chi-square
    r2              the share of the response's variance that the model explains
    condition       of the Jacobian, with its columns scaled to length 1
    method          what found the solution
    evaluations     how often the model was computed over all rows
    sigma           the text of the standard deviations, if given
    is_absolute     whether standard errors rest on sigma alone, and are not scaled by the residual deviation
    loss            the name of the loss
    digits          about how many digits of the residual deviation are right, if fewer than 7
    proof           of the solution in exact arithmetic, if it was asked for or needed
    is_certified    whether it was asked for
    notes           what a reader should know

    >>> from mgrad_cli import Expression
    >>> fit = Expression("a*x + b").fit({"x": [0, 1, 2, 3], "y": [1.1, 2.9, 5.2, 6.8]}, y="y", params={"a": 1, "b": 0})
    >>> {name: round(value, 3) for name, value in fit.params.items()}
    {'a': 1.94, 'b': 1.09}
    >>> {name: round(value, 3) for name, value in fit.errors.items()}
    {'a': 0.091, 'b': 0.169}
    """

    expr: str
    y: str
    parameters: tuple[FitParameter, ...]
    free: tuple[str, ...]
    covariance: Mapping[str, Mapping[str, float]]
    correlation: Mapping[str, Mapping[str, float]]
    rows: int
    dof: int
    skipped: int
    rss: float
    deviation: float
    r2: float
    condition: float
    method: str
    evaluations: int
    sigma: str
    is_absolute: bool
    loss: str
    digits: float | None
    proof: "FitProof | None"
    is_certified: bool
    notes: tuple[str, ...]
    band: Band = field(repr=False)

    @property
    def params(self) -> dict[str, float]:
        """The estimates by name, those of held parameters too."""
        return {each.name: each.estimate for each in self.parameters}

    @property
    def errors(self) -> dict[str, float]:
        """The standard errors of the free parameters, by name."""
        return {each.name: each.error for each in self.parameters if not each.held}
