"""Records of propagated uncertainties: the budget of each output, and all outputs together."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mgrad_cli.analysis.correlations import Correlations, Matrix
from mgrad_cli.analysis.rounding import rounded

if TYPE_CHECKING:
    from mgrad_cli.analysis.monte_carlo import Simulation
    from mgrad_cli.analysis.second_order import SecondOrder
    from mgrad_cli.evaluation.json_record import Strict

BUDGET_FIGURES = ("value", "uncertainty", "sensitivity", "contribution", "share")


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What one input adds to the uncertainty of an output.

    value, uncertainty      of the input
    sensitivity             the partial derivative of the output by the input
    contribution            |sensitivity| * uncertainty
    share                   the square of the contribution, as a part of the variance
    """

    name: str
    value: float
    uncertainty: float
    sensitivity: float
    contribution: float
    share: float


@dataclass(frozen=True, slots=True)
class UncertainOutput:
    """One output with its standard uncertainty, and where that comes from.

    value, standard         the value, and its standard uncertainty
    budget                  a line for each input with an uncertainty
    flat_inputs             inputs of the budget that the first order does not see, 100 at most: the output depends on
                            them, but its partial derivative is 0 at the point
    correlation_share       the part of the variance that correlations add; negative where they take from it
    second_order            the shift of the mean and the variance in second order, if asked for
    monte_carlo             the result of simulation, if asked for
    """

    name: str
    value: float
    standard: float
    budget: tuple[BudgetLine, ...]
    flat_inputs: tuple[str, ...] = ()
    correlation_share: float = 0.0
    second_order: "SecondOrder | None" = None
    monte_carlo: "Simulation | None" = None

    def __str__(self) -> str:
        return f"{self.name} = {rounded(self.value, self.standard)}"

    def members(self, finite: "Strict", path: str, coverage: float | None) -> dict[str, Any]:
        """Return the output as JSON members. `finite` converts numbers, and `path` is where they are."""
        members: dict[str, Any] = {"standard": finite(self.standard, f"{path}/standard")}
        if coverage is not None:
            members |= {"coverage": coverage, "expanded": finite(coverage * self.standard, f"{path}/expanded")}
        members["budget"] = {
            line.name: {
                name: finite(getattr(line, name), f"{path}/budget/{line.name}/{name}") for name in BUDGET_FIGURES
            }
            for line in self.budget
        }
        if self.correlation_share:
            members["correlation_share"] = finite(self.correlation_share, f"{path}/correlation_share")
        if self.second_order is not None:
            members["second_order"] = {
                name: finite(figure, f"{path}/second_order/{name}")
                for name, figure in asdict(self.second_order).items()
            }
        if self.monte_carlo is not None:
            members["monte_carlo"] = simulation_members(self.monte_carlo, finite, f"{path}/monte_carlo")
        return members


@dataclass(frozen=True, slots=True)
class Propagation:
    """The outputs of a script with their standard uncertainties.

    outputs         each output, with its budget
    correlations    the correlations of the inputs
    covariance      the covariance matrix of the outputs, JCGM 102:2011 equation 3
    correlation     their correlation coefficients; nan for an output without uncertainty
    coverage        the coverage factor k of the expanded uncertainties, or `None`

    `value`, `standard`, `expanded` and `budget` are those of the first output.
    """

    outputs: tuple[UncertainOutput, ...]
    correlations: Correlations
    covariance: Matrix
    correlation: Matrix
    coverage: float | None = None

    @property
    def value(self) -> float:
        return self.outputs[0].value

    @property
    def standard(self) -> float:
        """The standard uncertainty of the first output."""
        return self.outputs[0].standard

    @property
    def expanded(self) -> float | None:
        """The expanded uncertainty U = k u of the first output, if there is a coverage factor."""
        return None if self.coverage is None else self.coverage * self.standard

    def __str__(self) -> str:
        return "\n".join(map(str, self.outputs))

    @property
    def budget(self) -> tuple[BudgetLine, ...]:
        return self.outputs[0].budget

    def members(self, finite: "Strict", path: str) -> dict[str, Any]:
        """Return the member `uncertainty` of a JSON record: that of the first output, then of all if there are several.

        `finite` converts numbers for strict JSON, and `path` is where the member is.
        """
        members = self.outputs[0].members(finite, path, self.coverage)
        if len(self.outputs) > 1:
            names = [output.name for output in self.outputs]
            members["outputs"] = {
                output.name: {"value": finite(output.value, f"{path}/outputs/{output.name}/value")}
                | output.members(finite, f"{path}/outputs/{output.name}", self.coverage)
                for output in self.outputs
            }
            for title, matrix in (("covariance", self.covariance), ("correlation", self.correlation)):
                members[title] = {
                    one: {
                        other: finite(entry, f"{path}/{title}/{one}/{other}")
                        for other, entry in zip(names, row, strict=True)
                    }
                    for one, row in zip(names, matrix, strict=True)
                }
        return members


def simulation_members(simulation: "Simulation", finite: "Strict", path: str) -> dict[str, Any]:
    """Return a simulation as JSON members. An interval is a list of its ends."""
    members: dict[str, Any] = {}
    for name, figure in asdict(simulation).items():
        if name == "distributions":
            members |= {name: figure} if figure else {}
        elif isinstance(figure, dict):
            members[name] = [finite(end, f"{path}/{name}/{index}") for index, end in enumerate(figure.values())]
        else:
            members[name] = finite(figure, f"{path}/{name}")
    return members
