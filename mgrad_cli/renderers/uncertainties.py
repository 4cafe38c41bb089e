"""The texts of propagated uncertainties that tables, Markdown and notebooks share, and the budget as CSV and TSV."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from mgrad_cli.analysis.budget import Propagation, UncertainOutput
from mgrad_cli.analysis.rounding import rounded, significant
from mgrad_cli.evaluation.results import Result
from mgrad_cli.renderers import View
from mgrad_cli.text import name_list, printable

if TYPE_CHECKING:
    from mgrad_cli.analysis.monte_carlo import Simulation
    from mgrad_cli.analysis.second_order import SecondOrder

HEADINGS = ("input", "value ± u", "sensitivity", "|c|·u", "share")
"""The headings of a budget for people; c is the sensitivity."""
CSV_HEADINGS = ("output", "name", "value", "uncertainty", "sensitivity", "contribution", "share")
MAX_KINDS = 4
CORRELATIONS = "correlations"
"""The name of the line for what correlations add."""


def propagation_of(result: Result) -> Propagation:
    """Return the uncertainties of a result that has some."""
    return cast("Propagation", result.uncertainty)


def measured(output: UncertainOutput) -> str:
    """Return an output with its standard uncertainty, as `g = 9.806 ± 0.039`."""
    return printable(str(output))


def expanded(output: UncertainOutput, coverage: float) -> str:
    """Return an output with its expanded uncertainty."""
    width = coverage * output.standard
    return f"{printable(output.name)} = {rounded(output.value, width)} (k = {coverage:g})"


def budget_rows(output: UncertainOutput) -> Iterator[tuple[str, str, str, str, float]]:
    """Yield the texts of each line of a budget, and its share of the variance."""
    for line in output.budget:
        pair = str(rounded(line.value, line.uncertainty))
        yield printable(line.name), pair, short(line.sensitivity), significant(line.contribution), line.share
    if output.correlation_share:
        yield CORRELATIONS, "", "", "", output.correlation_share


def short(number: float) -> str:
    """Return a number with four digits."""
    return f"{number:.4g}"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def notes(output: UncertainOutput) -> Iterator[str]:
    """Yield what the second order and the simulation of an output say."""
    if output.second_order is not None:
        yield from second_order_notes(output.second_order)
    if output.monte_carlo is not None:
        yield from simulation_notes(output.monte_carlo)


def second_order_notes(second: "SecondOrder") -> Iterator[str]:
    yield f"second order: {rounded(second.mean, second.standard)}, mean shifted by {second.shift:.2g}"
    yield "  of quadratic terms, for normal inputs (JCGM 100, 5.1.2)"


def simulation_notes(simulation: "Simulation") -> Iterator[str]:
    width = simulation.standard
    mean = rounded(simulation.mean, width)
    yield f"Monte Carlo: {mean} from {simulation.draws:,} draws, seed {simulation.seed}"
    if simulation.distributions:
        kinds = [f"{printable(name)} {kind}" for name, kind in simulation.distributions.items()]
        yield f"  {name_list(kinds, MAX_KINDS)}; others normal"
    symmetric, shortest, linear = (
        f"{rounded(each.low, width).texts[0]} to {rounded(each.high, width).texts[0]}"
        for each in (simulation.interval, simulation.shortest, simulation.linear)
    )
    yield f"  95 % of the draws: {symmetric}" + ("" if shortest == symmetric else f"; shortest {shortest}")
    yield f"  95 % by the law of propagation: {linear}"
    ends = f"to {simulation.tolerance:g} (JCGM 101, clause 8)"
    yield {
        True: f"  the ends agree {ends}",
        False: f"  the ends do not agree {ends}",
        None: f"  take more draws to see whether the ends agree {ends}",
    }[simulation.agrees]


def matrices(propagation: Propagation) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the covariance and the correlation matrix of several outputs: a title, and rows that begin with a name."""
    names = [printable(output.name) for output in propagation.outputs]
    if len(names) > 1:
        for title, matrix in (("covariance", propagation.covariance), ("correlation", propagation.correlation)):
            rows = [[name, *map(short, row)] for name, row in zip(names, matrix, strict=True)]
            yield title, [[title, *names], *rows]


def budget_csv(results: Iterable[Result], view: View) -> Iterator[str]:
    from mgrad_cli.renderers.delimited_text import delimited

    return delimited(cells, ",")(results, view)


def budget_tsv(results: Iterable[Result], view: View) -> Iterator[str]:
    from mgrad_cli.renderers.delimited_text import delimited

    return delimited(cells, "\t")(results, view)


def cells(results: Iterable[Result], view: View) -> Iterator[Sequence[Any]]:
    """Yield a row for each input of each output, then a row for the output itself."""
    for result in results:
        yield CSV_HEADINGS
        for output in propagation_of(result).outputs:
            for line in output.budget:
                figures = (line.value, line.uncertainty, line.sensitivity, line.contribution, line.share)
                yield [output.name, line.name, *map(repr, figures)]
            if output.correlation_share:
                yield [output.name, CORRELATIONS, "", "", "", "", repr(output.correlation_share)]
            yield [output.name, output.name, repr(output.value), repr(output.standard), "", "", ""]
